// Package pipelinetest is a CodePipeline server for tests: the SDK's own client
// talks to it over HTTP, pipelines advance step by step, and each state change
// is the event that EventBridge would deliver.
//
//	func TestReport(t *testing.T) {
//		server := pipelinetest.NewServer(t, pipelinetest.Pipeline{
//			Name: "app",
//			Stages: []pipelinetest.Stage{
//				{Name: "Source", Actions: []pipelinetest.Action{pipelinetest.GitHubSource("Source", "octo", "app", "main")}},
//				{Name: "Build", Actions: []pipelinetest.Action{pipelinetest.CodeBuildAction("Build", "app", "SourceArtifact")}},
//			},
//		})
//		client := awscodepipeline.NewFromConfig(server.Config())
//		server.OnEvent(func(payload []byte) {
//			// Hand the event to the code under test.
//		})
//		id, err := server.StartExecution("app", pipelinetest.Trigger{Type: "CloudWatchEvent"})
//		...
//		server.Settle() // run it to its end
//	}
//
// [Start] serves programs that are no tests. No AWS account is needed:
// signatures are not checked, and Faults.Deny plays a missing permission.
//
// # Time
//
// Nothing moves by itself. [Server.Advance] makes one state change, which is one
// event, and [Server.Settle] makes them until nothing moves without help.
// [Server.AutoAdvance] does it in the background, and a function of
// [Server.OnCall] that calls Advance does it with each API call. Times come from
// the clock of [Server.SetClock].
//
// How an action ends is told by [Action.Run] or [Server.Finish]. Without them it
// succeeds, but a manual approval waits for PutApprovalResult, and an action
// that needs a job worker or a function for its job's result.
//
// # Events
//
// [Server.OnEvent] gets the events of executions, stages and actions as they
// happen, and [Server.Events] lists them. [Server.SetDelivery] delivers some
// twice or late, as EventBridge may.
//
// # Jobs
//
// An action of the owner Custom or ThirdParty and a Lambda invoke action have a
// job, and so has [Server.AddJob], which needs no pipeline. Workers poll for jobs
// through the API; functions are invoked by [Server.OnInvoke].
// [Server.Jobs] tells all that happened to each job and who did it, also the
// calls that were refused, and [Server.WaitIdle] waits for their end.
//
// Artifacts are names, keys and credentials: the server has no S3. Handlers of
// package action find them in a test server of S3 of your choice, to which
// JobOptions.S3 leads; [Job] tells bucket and key of each. Such a server may ask
// [Server.CredentialsValid] which credentials are good.
//
//	s3 := server.Config()
//	s3.BaseEndpoint = aws.String(s3URL)
//	artifacts := action.S3(s3, func(o *awss3.Options) { o.UsePathStyle = true })
//	worker := customaction.Open(server.Config(), lint, handler, func(o *customaction.Options) {
//		o.Job = func(o *action.JobOptions) { o.S3 = artifacts }
//	})
//
// An action type that a pipeline or AddJob names can be polled for without
// further ado; ListActionTypes does not tell of it, and CreateCustomActionType
// creates it. Action types of the service are listed without their properties.
//
// Where the documentation leaves open what the service does about jobs, the
// server chooses so; the option of [JobOptions] in brackets changes it:
//
//   - A job that nobody acknowledged is offered again after a minute
//     (ReofferAfter), behind those that wait, with another nonce (SameNonce). Only
//     the newest is good; until the next offer, that is the last one.
//   - A nonce that was accepted is accepted again, with the status that the job
//     has by then (AcknowledgeOnce). Any other nonce of an acknowledged job is an
//     InvalidNonceException, also once it has ended.
//   - A result of a job that was not acknowledged is an
//     InvalidJobStateException, like the second one of a job, or one that comes
//     after its action timed out, was abandoned or ended by [Server.Finish]. An
//     abandoned job tells workers that it Failed.
//   - The job that continues another can be had at once (ContinuationDelay). Its
//     action execution is the same.
//   - Artifact credentials last an hour (CredentialsLifetime). A job without
//     artifacts has none, unless it is one of a function.
//   - The details of a job that has ended come without credentials
//     (ForgetEnded).
//   - A poll without maxBatchSize returns one job. One without queryParam returns
//     jobs with any value of the queryable property.
//   - An action that times out, after 24 hours or after 20 minutes without a reply
//     of its function (Timeout, ReplyTimeout), fails with JobFailed.
//   - A third-party job of a pipeline is that of DefaultClientID.
//     GetThirdPartyJobDetails is an InvalidJobException for jobs of other owners;
//     all other calls do not find the jobs of the other kind.
//   - To delete an action type that does not exist is a ValidationException, and to
//     create one that was deleted with another definition, whatever its tags, an
//     ActionTypeAlreadyExistsException. There are no custom action types of the
//     categories Approval and Compute.
//
// An action of a pipeline is not checked against the definition of its type, and
// Action.Secrets, not the type, says what the API shows as ****.
//
// # Operations
//
// The server has CreatePipeline, UpdatePipeline, DeletePipeline, GetPipeline,
// ListPipelines, TagResource, UntagResource, ListTagsForResource, GetPipelineState,
// StartPipelineExecution, StopPipelineExecution, GetPipelineExecution,
// ListPipelineExecutions, ListActionExecutions, RetryStageExecution,
// RollbackStage, PutApprovalResult, PutActionRevision, EnableStageTransition and
// DisableStageTransition; of jobs PollForJobs, AcknowledgeJob, GetJobDetails,
// PutJobSuccessResult, PutJobFailureResult, PollForThirdPartyJobs,
// GetThirdPartyJobDetails, AcknowledgeThirdPartyJob,
// PutThirdPartyJobSuccessResult, PutThirdPartyJobFailureResult, ListActionTypes,
// CreateCustomActionType and DeleteCustomActionType; and of CodeConnections
// GetConnection and GetHost.
// Others fail with UnknownOperationException. Structures and inputs are checked
// by the limits and patterns of the service's model, with the names of its
// exceptions: what the server accepts, the service accepts. Where the model and
// the documentation leave a choice, the server chooses so:
//
//   - The revisions of an execution are there once their source action has
//     succeeded, and come in another order with each call.
//   - A parallel action that fails lets the others of its run order end before
//     the stage fails.
//   - In SUPERSEDED mode, of the executions that wait for a stage the one that
//     started last stays. In QUEUED mode they enter in the order of their
//     arrival. An execution of QUEUED or PARALLEL mode that would be the 51st in
//     progress is a ConcurrentPipelineExecutionsLimitExceededException.
//   - An execution that is stopped while it waits for a stage ends without
//     entering it and cannot be retried. One that is told to stop ends as
//     Stopped, even if the last of its actions fails; its stage as well.
//   - The attempt in events starts at 1; each retry of a stage adds one. With
//     latestInPipelineExecution and Latest, ListActionExecutions has the newest
//     run of each action.
//   - A rollback runs its stage alone, with the artifacts and variables of its
//     target. GetPipelineExecution tells the target's revisions for it.
//   - The token of an approval is the ID of its action execution. An approval
//     that waits too long fails.
//   - The event STARTED of an execution tells type and detail of its trigger. If
//     the trigger has a commit, later events tell that; if not, they tell none.
//   - A clientRequestToken stands for its execution for as long as the server
//     runs; with other parameters it is a ValidationException.
//   - To stop an execution that does not exist is a
//     PipelineExecutionNotStoppableException, to retry it a
//     StageNotRetryableException.
//   - An Outbound transition is the Inbound transition of the next stage.
//   - PutActionRevision starts an execution unless its revision is the one that
//     was put last.
//   - A variable such as #{namespace.key} that has no value fails its action.
//   - [Server.Update], UpdatePipeline and DeletePipeline cancel all executions in
//     progress, at once. A pipeline that is created again under the name of a
//     deleted one has other execution IDs.
//   - CreatePipeline starts an execution, unless a variable has no default. An
//     error in a structure is an InvalidStructureException, and so is the update
//     of a pipeline that does not exist. What the server does not act on
//     (triggers, conditions, blockers, commands) is shown as it was given.
//
// # Faults
//
// [Server.SetFaults] switches latency, throttling, errors before and after a call
// takes effect, and dropped connections on and off while the server runs. Every
// call is counted ([Server.Calls], [Server.Count]).
//
// # Limits
//
// There is one account and one Region. Stage conditions and rules, automatic
// rollback and retry, triggers of a pipeline's structure and webhooks are not
// there; nothing polls a source.
// IDs follow from the names and the order of calls, so that a test sees the same
// ones in every run, and two servers may use the same. All history is kept in
// memory: about a kilobyte for each event, and a few for each job.
package pipelinetest
