// Package pipelinestatus turns the events of CodePipeline and CodeBuild into GitHub
// statuses or check runs.
//
//	reporter := pipelinestatus.New(pipeline.Open(cfg), githubstatus.New(githubstatus.TokenSource(secret)))
//	var mux events.Mux
//	if err := reporter.Register(&mux); err != nil {
//		return err
//	}
//	lambda.Start(&mux)
//
// [Reporter.Pattern] is the pattern of the rule that invokes the function, and
// [Reporter.BuildPattern] that for builds. The events must be those of EventBridge,
// directly or through SNS or SQS: notification rules do not send all states. With
// client.Checks() in place of the client, commits get check runs.
//
// For repositories of several organizations, give the client a token for each with
// [githubstatus.ByOwner], or a GitHub App with [githubstatus.App].
//
// # Tests
//
// Package pipelinetest has a server for tests: give its Config to pipeline.Open, and
// hand the events of its OnEvent to the Mux; see the example of [New]. A
// [githubstatus.Setter] of the test's own, or a server of net/http/httptest, stands for
// GitHub.
//
// # Permissions
//
// The role of the function needs
//
//   - codepipeline:GetPipelineExecution, codepipeline:ListActionExecutions and
//     codepipeline:ListPipelineExecutions on the pipelines
//
//   - codeconnections:GetConnection on the connection of each source, also on
//     github.com: a long commit message cuts off the provider of the source, and
//     without the permission nothing is reported
//
//   - codeconnections:GetHost on the host of each connection to GitHub Enterprise
//     Server
//
//   - codebuild:ListBuildsForProject and codebuild:BatchGetBuilds on the projects,
//     if [Options].Builds is set
//
// ARNs of codestar-connections need the same actions of codestar-connections.
// Connections listed in [Options].Connections need these permissions only for
// commits with a long message. Package githubstatus lists what the token needs.
//
// # Limits
//
// Reading an execution takes three calls. It takes more if the execution has over
// 100 action runs or is older than the 100 newest. The Reporter reads the
// execution for each event, and again after each status that it has set: an
// execution with one source makes 14 calls. With [Options].Stages and Actions
// each event of a stage or an action counts as well.
//
// GitHub takes 1,000 statuses of a commit and context. An execution takes two or
// three of them. A check run takes two calls of GitHub where a status takes one.
package pipelinestatus
