// Package customaction runs the job worker of a custom action of CodePipeline:
// it polls for jobs, acknowledges them, runs them with a handler of package
// pipeline/action, and reports their results. Package pipeline/actiontype declares
// the action types of workers.
//
//	lint := actiontype.Type{Category: "Test", Provider: "Lint", Version: "1",
//		Inputs: actiontype.ArtifactCount{Min: 1, Max: 1}}
//	if _, err := lint.Ensure(ctx, awscodepipeline.NewFromConfig(cfg)); err != nil {
//		return err
//	}
//	worker := customaction.Open(cfg, lint, action.HandlerFunc(func(ctx context.Context, job *action.Job) (*action.Result, error) {
//		source, err := job.Input(ctx, job.Inputs()[0].Name)
//		if err != nil {
//			return nil, err
//		}
//		problems := check(source)
//		if len(problems) > 0 {
//			return nil, action.Failf(action.JobFailed, "%d problems: %v", len(problems), problems)
//		}
//		return &action.Result{Summary: "no problems"}, nil
//	}), func(o *customaction.Options) { o.Concurrency = 4 })
//	ctx, stop := signal.NotifyContext(ctx, syscall.SIGTERM)
//	defer stop()
//	return worker.Run(ctx)
//
// # The life of a job
//
//  1. A poll asks for as many jobs as slots are free. After a poll that found
//     as many, the next follows as soon as a slot is free; otherwise polls get
//     rarer, from every second to every 30 seconds by default.
//     [Worker.Notify] and [Worker.HandleAction] end the wait.
//  2. The worker acknowledges the job with the nonce of the poll, and goes on
//     only if its status is then InProgress. Another status, a nonce that is not
//     valid or a job that is not found say that the job is another worker's:
//     it is dropped, and nothing is reported.
//  3. The handler runs. Its context ends, with a cause that [context.Cause]
//     tells, when the worker has to stop ([ErrStopped]), when CodePipeline does
//     not wait for the job any more ([ErrAbandoned]), or after
//     [Options].JobTimeout ([ErrTimeout]). A handler that does not heed it keeps
//     its slot. Credentials for artifacts are refreshed with GetJobDetails.
//  4. The result is put until CodePipeline takes it or says that the job is
//     finished or not there; the end of the context that [Worker.Run] got does
//     not end that. All attempts put the same result. If CodePipeline refuses it
//     as not valid, the job is reported as failed for that reason. The result of
//     an abandoned job is put as well: mostly it is not wanted any more, and if
//     it was abandoned in error it is not lost.
//
// A result with a continuation token ends the job. CodePipeline then offers
// another one, with another ID and the token, to any worker of the action type.
//
// # Lost replies
//
// Acknowledgements and results are sent without the SDK's retries, which would
// hide what became of the first attempt. After an attempt that may have taken
// effect, because its reply was lost or was an error of the server:
//
//   - a result that is then refused since the job is finished has arrived;
//   - an acknowledgement is repeated until it is answered. AWS does not document
//     how it answers one that it has accepted already, so the worker repeats its
//     first undisputed one to see. If the answer is InProgress again, then a
//     nonce that is not valid surely says that another worker has the job. If
//     it is not, the worker takes the job for its own: dropping it might leave it
//     to nobody for up to 24 hours. Only when, in the same moment, a call was
//     lost before it took effect and another worker got the same job would both
//     run it; CodePipeline takes the result of the first. Handlers whose effects
//     must not happen twice can tell by the job's ID. A job that is offered
//     again meanwhile, to the same worker, is acknowledged with the new nonce.
//
// CodePipeline keeps no record of which worker has a job. The jobs of a worker
// that was killed wait until their action times out, after 24 hours, or until
// the pipeline is stopped.
//
// # Stopped pipelines
//
// CodePipeline does not tell workers that a pipeline was stopped. It emits
// events: let a rule of EventBridge pass on the action and pipeline execution
// state changes, and register [Worker.HandleAction] and [Worker.HandlePipeline]
// with [events.On]. Besides, the worker asks every 5 minutes for the run of the
// action that each of its jobs is of (ListActionExecutions), and ends a job
// whose run has ended. Without that permission, and for third-party jobs, which
// do not tell their execution, it asks for the job (GetJobDetails) and ends one
// that is not found; AWS does not document that of an abandoned job.
//
// # Third-party actions
//
// For partners' action types (owner ThirdParty) polls tell only the IDs of jobs
// and of the clients they are of; the rest needs the client's token, see
// [Options].ClientToken. Such jobs have no output variables.
//
// # Permissions
//
// The IAM actions are named after the API operations:
//
//   - a worker of the owner Custom: codepipeline:PollForJobs and AcknowledgeJob,
//     GetJobDetails, PutJobSuccessResult and PutJobFailureResult. The managed
//     policy AWSCodePipelineCustomActionAccess has these. PollForJobs can be
//     limited to an action type, see [actiontype.Type.ARN]. To hear of stopped
//     pipelines without events: codepipeline:ListActionExecutions on them.
//   - a worker of the owner ThirdParty: codepipeline:PollForThirdPartyJobs,
//     GetThirdPartyJobDetails, AcknowledgeThirdPartyJob,
//     PutThirdPartyJobSuccessResult and PutThirdPartyJobFailureResult
//
// Artifacts are read and written with the credentials that come with the job.
//
// # Limits
//
// A custom action has 24 hours in all, with its continuations.
package customaction
