// Package codesuite is the root of a module of building blocks for CI/CD on
// the AWS code suite, CodeCommit, CodePipeline and CodeBuild, on top of
// aws-sdk-go-v2. It holds no code of its own; import the packages below it:
//
//   - [github.com/codesuite-go/codesuite/codecommit] reads one CodeCommit
//     repository through the API: references, commits, folders, files,
//     changes, and a commit as an [io/fs.FS].
//   - [github.com/codesuite-go/codesuite/codecommit/archive] makes the
//     archives of git archive from a commit, as zip, tar or tar.gz.
//   - [github.com/codesuite-go/codesuite/codecommit/ci] builds pull requests,
//     branches and tags with CodeBuild, and tells the results on the pull request.
//   - [github.com/codesuite-go/codesuite/codecommit/ci/citest] is a CodeBuild and
//     CloudWatch Logs server for tests.
//   - [github.com/codesuite-go/codesuite/codecommit/codecommittest] is a
//     CodeCommit server for tests.
//   - [github.com/codesuite-go/codesuite/codecommit/gitfetch] gets files over 6 MB
//     by Git's own protocol, signed with AWS credentials.
//   - [github.com/codesuite-go/codesuite/codecommit/trigger] keeps the
//     triggers of a repository, one by one.
//   - [github.com/codesuite-go/codesuite/customaction] is the job worker of a
//     custom action.
//   - [github.com/codesuite-go/codesuite/customaction/ec2build] builds on EC2
//     instances as a custom action.
//   - [github.com/codesuite-go/codesuite/events] decodes and routes the events
//     of CI/CD on AWS.
//   - [github.com/codesuite-go/codesuite/events/dynamostore] remembers handled
//     events in a DynamoDB table.
//   - [github.com/codesuite-go/codesuite/events/pattern] builds, checks and
//     matches the patterns of EventBridge rules.
//   - [github.com/codesuite-go/codesuite/githubstatus] sets GitHub commit
//     statuses and check runs.
//   - [github.com/codesuite-go/codesuite/githubstatus/pipelineapproval] reads
//     statuses and reviews of GitHub for the rules of pipeline/approval.
//   - [github.com/codesuite-go/codesuite/githubstatus/pipelineapproval] reads on
//     GitHub what the rules of approvals ask for.
//   - [github.com/codesuite-go/codesuite/githubstatus/pipelinestatus] reports
//     pipelines as commit statuses.
//   - [github.com/codesuite-go/codesuite/pipeline] reads and controls pipeline
//     executions, with the source revisions of every provider.
//   - [github.com/codesuite-go/codesuite/pipeline/action] runs the jobs of
//     actions, also as a Lambda invoke action.
//   - [github.com/codesuite-go/codesuite/pipeline/actiontype] declares custom
//     action types, and has the built-in ones as data.
//   - [github.com/codesuite-go/codesuite/pipeline/approval] answers manual approvals
//     by rules.
//   - [github.com/codesuite-go/codesuite/pipeline/approval] answers manual approvals
//     by rules.
//   - [github.com/codesuite-go/codesuite/pipeline/definition] has the structures of
//     pipelines as Go types, and checks them.
//   - [github.com/codesuite-go/codesuite/pipeline/diagram] draws pipelines and their
//     executions, as SVG and for Mermaid.
//   - [github.com/codesuite-go/codesuite/pipeline/multibranch] keeps one pipeline
//     for many branches.
//   - [github.com/codesuite-go/codesuite/pipeline/pipelinetest] is a
//     CodePipeline server for tests.
//
// # In all packages
//
// A constructor New takes the SDK's client, and Open an aws.Config. Options are
// functions on a struct whose zero value is the documented default; they run
// after the package has set its own values. An option that is out of range is the
// error of the first call. Methods that do I/O take a context first. Sequences are
// iterators. Errors name the operation and the object, wrap the SDK's error, and
// answer errors.Is and errors.As. Loops of retries have a limit in time. The
// packages log to a [log/slog.Logger] if they are given one, and behave the same
// without it. Interfaces named API list the methods of the SDK's client that a
// package calls, and grow when it calls more.
//
// # Tests
//
// Code that uses these packages is tested with the three servers: their method Config
// has the aws.Config for Open and the SDK's clients, and OnEvent hands over the events
// for events.Mux. Pipelines, jobs, approvals and artifacts are those of pipelinetest,
// repositories and pull requests those of codecommittest, builds those of citest. For
// GitHub, a server of net/http/httptest is enough; its address is the BaseURL of
// githubstatus.Options.
//
// The folder examples, a module of its own, has the commands and apps built of
// these packages.
package codesuite
