// Package pipelinetest is a CodePipeline server for tests: the SDK's own client
// talks to it over HTTP, pipelines advance step by step, and each state change
// emits the event that EventBridge would deliver.
//
//	func TestReport(t *testing.T) {
//		server := pipelinetest.NewServer(t, pipelinetest.Pipeline{
//			Name: "app",
//			Stages: []pipelinetest.Stage{
//				{Name: "Source", Actions: []pipelinetest.Action{pipelinetest.GitHubSource("Source", "octo", "app", "main")}},
//				{Name: "Build", Actions: []pipelinetest.Action{pipelinetest.CodeBuildAction("Build", "app", "SourceArtifact")}},
//			},
//		})
//		server.OnEvent(func(payload []byte) {
//			// Hand the event to the code under test.
//		})
//		id, err := server.StartExecution("app", pipelinetest.Trigger{Type: "CloudWatchEvent"})
//		if err != nil {
//			t.Fatal(err)
//		}
//		server.Settle() // run it to its end
//
//		client := awscodepipeline.NewFromConfig(server.Config())
//		out, err := client.GetPipelineExecution(t.Context(), &awscodepipeline.GetPipelineExecutionInput{
//			PipelineName: aws.String("app"), PipelineExecutionId: aws.String(id),
//		})
//		if err != nil {
//			t.Fatal(err)
//		}
//		t.Log(out.PipelineExecution.Status)
//	}
//
// [Start] serves programs other than tests. The server needs no AWS account: it
// does not check signatures, and Faults.Deny takes the place of a missing
// permission.
//
// # Time
//
// Nothing moves by itself. [Server.Advance] makes one state change, which is one
// event. [Server.Settle] makes all state changes that need no help.
// [Server.AutoAdvance] makes them in the background; a test that waits meanwhile, with
// the Wait of package pipeline, gives its Options.PollInterval a millisecond. All times
// come from the clock of [Server.SetClock].
//
// [Action.Run] and [Server.Finish] decide how an action ends, and [Rule.Run] how a rule
// of a condition does. Without them actions of all types in package actiontype succeed
// with their usual results, but approvals and jobs wait. [Server.SetSimulation] gives
// actions their usual time, and lets a pipeline run without workers and functions.
//
// # Starts and events
//
// [Server.Push], [Server.PullRequest], [Server.Upload] and [Server.PushImage] change a
// source, and start the pipelines that such a change starts. [Server.OnEvent] receives
// the events as they happen, and [Server.OnNotify] the messages that ask for approvals.
// [Server.SetDelivery] delivers some twice or late, as EventBridge may.
//
// # Jobs and artifacts
//
// Workers poll for jobs through the API; [Server.OnInvoke] invokes functions.
// [Server.AddJob] adds a job without a pipeline. [Server.Jobs] returns what happened to
// each job.
//
// The server is the S3 of its artifacts, too; see [Server.PutObject] and
// [Server.Object]. It answers GetLogEvents of CloudWatch Logs for the logs of Commands
// actions.
//
// # What the server checks
//
// The server has all operations of CodePipeline. It checks structures and inputs by
// the service's model and fails with the model's exceptions: a call that the server
// accepts, the service accepts. [Server] lists what the server does where AWS's documentation leaves a choice, and
// [JobOptions] does so for jobs.
//
// # Faults
//
// [Server.SetFaults] switches latency, throttling, errors before and after a call
// takes effect, and dropped connections on and off while the server runs.
// [Server.Calls] and [Server.Count] count every call.
//
// # Limits
//
// There is one account and one Region. No build, deployment or scan takes place, and
// nothing polls a source by itself. JsonPath of webhooks is without functions and
// filters. The server keeps all history in memory, about a kilobyte for each event and
// a few for each job, the newest 10,000 logs, and objects in a temporary folder until it
// is closed.
package pipelinetest
