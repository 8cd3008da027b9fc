// Package customaction runs the job worker of a custom action of CodePipeline: it
// polls for jobs, acknowledges them, runs them with a handler of package
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
//			return nil, action.Failf(action.FailureTypeJobFailed, "%d problems: %v", len(problems), problems)
//		}
//		return &action.Result{Summary: "no problems"}, nil
//	}), func(o *customaction.Options) { o.Concurrency = 4 })
//	ctx, stop := signal.NotifyContext(ctx, syscall.SIGTERM)
//	defer stop()
//	return worker.Run(ctx)
//
// # The life of a job
//
//  1. A poll asks for as many jobs as slots are free. Polls get rarer while no jobs
//     come.
//  2. The worker acknowledges the job with the nonce of the poll. It drops a job
//     that is another worker's or has ended.
//  3. The handler runs. Its context ends when the worker has to stop
//     ([ErrStopped]), when CodePipeline stops waiting for the job
//     ([ErrAbandoned]), or after [Options].JobTimeout ([ErrTimeout]).
//  4. The worker puts the result until CodePipeline takes it or answers that the
//     job has ended.
//
// A result with a continuation token ends the job. CodePipeline then makes another
// one, with another ID and the token, for any worker of the action type. [Worker]
// describes the steps in detail, also for replies that are lost.
//
// # Stopped pipelines
//
// A worker hears of stopped pipelines from the events of actions and executions: see
// [Worker.HandleAction] and [Worker.HandlePipeline]. Without events it asks, see
// [Options].WatchInterval.
//
// # Tests
//
// Package pipelinetest has a server for the tests of a worker: Open takes its Config.
// See the example of [Worker.Run].
//
// # Permissions
//
// The IAM actions are named after the API operations:
//
//   - owner Custom: codepipeline:PollForJobs, AcknowledgeJob, GetJobDetails,
//     PutJobSuccessResult and PutJobFailureResult, as in the managed policy
//     AWSCodePipelineCustomActionAccess. PollForJobs can be limited to an action
//     type; see [actiontype.Type.ARN]. To hear of stopped pipelines without
//     events: codepipeline:ListActionExecutions on the pipelines.
//   - owner ThirdParty: codepipeline:PollForThirdPartyJobs,
//     GetThirdPartyJobDetails, AcknowledgeThirdPartyJob,
//     PutThirdPartyJobSuccessResult and PutThirdPartyJobFailureResult.
//
// Artifacts are read and written with the credentials that come with the job.
//
// # Limits
//
// A custom action has 24 hours in all, with its continuations. CodePipeline does not
// know which worker has a job: the jobs of a worker that was killed wait until their
// action times out, or until the pipeline is stopped. Concurrency bounds memory: each
// job may hold what [action.Limits] allows.
package customaction
