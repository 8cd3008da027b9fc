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
// # Operations
//
// The server has GetPipeline, ListPipelines, GetPipelineState,
// StartPipelineExecution, StopPipelineExecution, GetPipelineExecution,
// ListPipelineExecutions, ListActionExecutions, RetryStageExecution,
// RollbackStage, PutApprovalResult, PutActionRevision, EnableStageTransition and
// DisableStageTransition, and of CodeConnections GetConnection and GetHost.
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
//   - [Server.Update] cancels all executions in progress, at once.
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
// rollback and retry, triggers of a pipeline's structure, webhooks, tags and
// changes of pipelines through the API are not there; nothing polls a source.
// Artifacts are names and keys: the server has no S3. IDs follow from the names
// and the order of calls, so that a test sees the same ones in every run, and
// two servers may use the same. All history is kept in memory, about a kilobyte
// for each event.
package pipelinetest
