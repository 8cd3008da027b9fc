// Package citest is a CodeBuild server for tests, with the CloudWatch Logs and the
// reports of its builds: the SDK's own clients talk to it over HTTP, builds run
// for a while and end as the test says, and each state change emits the event that
// EventBridge would deliver.
//
//	func TestBuild(t *testing.T) {
//		server := citest.NewServer(t, citest.Project{
//			Name: "app",
//			Run: func(b citest.Build) citest.Outcome {
//				return citest.Outcome{
//					Status:  citest.StatusFailed,
//					Message: "Error while executing command: make test. Reason: exit status 2",
//					Log:     []string{"--- FAIL: TestAdd"},
//				}
//			},
//		})
//		server.OnEvent(func(payload []byte) {
//			// Hand the event to the code under test.
//		})
//		client := awscodebuild.NewFromConfig(server.Config())
//		_, err := client.StartBuild(t.Context(), &awscodebuild.StartBuildInput{ProjectName: aws.String("app")})
//		if err != nil {
//			t.Fatal(err)
//		}
//		server.Settle() // run the build to its end
//	}
//
// [Start] serves programs other than tests. The server needs no AWS account: it
// does not check signatures, and Faults.Deny takes the place of a missing
// permission.
//
// # Time
//
// A build goes through the phases of the service, which take seconds each; the
// phase BUILD takes Outcome.Duration. The server's time is the clock of
// [Server.SetClock] and what [Server.Advance], [Server.Settle] and [Server.Pass] have
// added: a test does not wait. Tokens, reports and logs follow the same time.
//
// # Outcomes
//
// [Project.Run] decides how a build goes: its status, the phase in which it ends so,
// its log, its reports, and what it does meanwhile. A build without Run succeeds. A
// build with Outcome.Hold runs until [Server.Finish] or StopBuild ends it.
//
// # Operations
//
// CodeBuild has BatchGetBuildBatches, BatchGetBuilds, BatchGetProjects,
// BatchGetReports, DescribeTestCases, ListBuildBatchesForProject,
// ListBuildsForProject, RetryBuild, StartBuild, StartBuildBatch, StopBuild and
// StopBuildBatch; CloudWatch Logs has GetLogEvents. Others fail with
// UnknownOperationException. The server checks inputs by the services' models and
// fails with their exceptions: the service accepts each call that the server
// accepts. [Server] lists what the server does where model and documentation leave a
// choice.
//
// # Faults
//
// [Server.SetFaults] switches latency, throttling, errors before and after a call
// takes effect, and dropped connections on and off while the server runs.
// [Server.SetDelivery] delivers events twice or late, as EventBridge may.
// [Server.Calls] and [Server.Count] count every call.
//
// # Limits
//
// There is one account and one Region. Builds do not run commands. The server keeps
// all builds, logs and events in memory until it is closed.
package citest
