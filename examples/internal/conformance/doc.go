// Package conformance checks the assumptions about AWS that the library's code and
// its test servers rest on although AWS does not document them: sizes and orders of
// pages, error codes, nonces, the life of tokens, the form of revisions. It has
// tests only. "go test" checks the test servers. Whoever has an account can check
// AWS:
//
//	CODESUITE_AWS_TEST=1 go test -count=1 -timeout 40m -v -run TestAWS ./examples/internal/conformance
//
// The end of the output is a report in Markdown, for an issue. It has no account
// ID, no ARN and no key. Region and credentials come from where the AWS CLI takes
// them.
//
// # Variables
//
// CODESUITE_AWS_TEST lets the checks run against AWS.
//
// CODESUITE_AWS_ROLE is the ARN of a role for the pipeline and the build project
// that some checks need; these are skipped without it. Both
// codepipeline.amazonaws.com and codebuild.amazonaws.com must be trusted to assume
// it. It needs, on resources whose names begin with codesuite-test-,
// codecommit:GetBranch, GetCommit, GetRepository, UploadArchive,
// GetUploadArchiveStatus and CancelUploadArchive, s3:GetObject, GetObjectVersion,
// GetBucketVersioning and PutObject, and logs:CreateLogGroup, CreateLogStream and
// PutLogEvents.
//
// CODESUITE_AWS_REPORT is a file that the report is written to besides.
//
// # Resources and cost
//
// A run makes two repositories with 8 MB, and an SNS topic, custom action types
// and a pull request, and with the role a bucket, a pipeline, a build project with
// one build of at most ten minutes, which is stopped early, and its log. All are
// called codesuite-test- and a random suffix, and are removed at the end, also when
// a check fails. What a run has left behind that was killed is named by the next
// run, which does not touch it.
//
// The calls are some hundreds. The caller becomes an active user of CodeCommit for
// the month; the pipeline is of type V2 and runs one CodeCommit action. All of it is
// below two US dollars a run, nearly all of that the user's month if the account has
// used up the free ones.
//
// # Permissions
//
// The caller needs, for names that begin with codesuite-test-: all of codecommit
// (GitPush included), sns:CreateTopic and DeleteTopic, codepipeline, codebuild and s3
// on these resources, logs:DeleteLogGroup and GetLogEvents, iam:PassRole for the role, and
// on all resources events:TestEventPattern and the List actions of these services.
//
// # Not checked
//
// Connections to GitHub, GitLab and Bitbucket, Lambda invoke actions, third-party
// jobs, batches and test reports of builds, EC2, Systems Manager and Step Functions,
// the delivery of events, and limits that need thousands of resources.
package conformance
