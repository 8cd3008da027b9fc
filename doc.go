// Package codesuite is the root of a module of building blocks for CI/CD on
// the AWS code suite, CodeCommit, CodePipeline and CodeBuild, on top of
// aws-sdk-go-v2. It holds no code of its own; import the packages below it.
//
//   - [github.com/codesuite-go/codesuite/codecommit] reads one CodeCommit
//     repository through the API: references, commits, folders, files, changes,
//     and a commit as an [io/fs.FS].
//   - [github.com/codesuite-go/codesuite/codecommit/archive] makes of a commit
//     what git archive makes, as zip, tar or tar.gz.
//   - [github.com/codesuite-go/codesuite/codecommit/codecommittest] is a
//     CodeCommit server for tests.
//   - [github.com/codesuite-go/codesuite/customaction] is the job worker of a
//     custom action.
//   - [github.com/codesuite-go/codesuite/events] decodes and routes the events
//     of CI/CD on AWS.
//   - [github.com/codesuite-go/codesuite/githubstatus] sets GitHub commit
//     statuses, also from the events of pipelines.
//   - [github.com/codesuite-go/codesuite/pipeline] reads and controls pipeline
//     executions, with the source revisions of every provider.
//   - [github.com/codesuite-go/codesuite/pipeline/action] runs the jobs of
//     actions, also as a Lambda invoke action.
//   - [github.com/codesuite-go/codesuite/pipeline/pipelinetest] is a CodePipeline
//     server for tests.
//
// # In all packages
//
// Options are functions on a struct whose zero value is the documented default.
// What does I/O takes a context first. Sequences are iterators. Errors name the
// operation and the object, wrap the SDK's, and answer errors.Is and errors.As.
// The packages log to a [log/slog.Logger] if they are given one. Interfaces
// named API list the methods of the SDK's client that a package calls, and grow
// when it calls more.
//
// The commands and apps built of these packages are in the folder examples, a
// module of its own.
package codesuite
