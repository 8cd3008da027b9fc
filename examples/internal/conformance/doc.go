// Package conformance checks the assumptions about AWS that the library's code and
// its test servers rest on although AWS does not document them: sizes and orders of
// pages, error codes, nonces, the life of tokens, the form of revisions and events,
// what follows a retry or a rollback. It has tests only. "go test" checks the test
// servers. Whoever has an account can check AWS:
//
//	CODESUITE_AWS_TEST=1 go test -count=1 -timeout 60m -v -run TestAWS ./examples/internal/conformance
//
// The end of the output is a report in Markdown. Paste it into an issue as it is: it
// has no account ID, no ARN and no key. Region and credentials come from where the
// AWS CLI takes them; without them the run ends at once and says so.
//
// # The role
//
// Most rows need a role for pipelines, builds, functions and state machines. The
// template role.yaml of this folder has it, and a policy for the user who starts the
// run, unless that is an administrator. For the stack of the name codesuite:
//
//	aws cloudformation deploy --stack-name codesuite --template-file role.yaml --capabilities CAPABILITY_IAM
//	aws cloudformation describe-stacks --stack-name codesuite --query 'Stacks[0].Outputs'
//
// # Variables
//
// CODESUITE_AWS_TEST lets the checks run against AWS.
//
// CODESUITE_AWS_ROLE is the ARN of the role. The rows that need it are skipped
// without.
//
// CODESUITE_AWS_CONNECTION is the ARN of a connection to GitHub, GitLab, Bitbucket
// or Azure DevOps, which is the parameter Connection of the template, too.
// CODESUITE_AWS_CONNECTION_REPOSITORY is a repository that it may read, such as
// octo/app, and CODESUITE_AWS_CONNECTION_BRANCH a branch of that, main by default.
// One row needs them. Nothing is written there.
//
// CODESUITE_AWS_REPORT is a file that the report is written to besides.
//
// # Resources, time and cost
//
// A run makes two repositories with 8 MB, custom action types, pull requests, an
// SNS topic, an SQS queue, a rule of EventBridge and documents of Systems Manager;
// with the role also a bucket, pipelines, two build projects with some builds of a
// minute, a Lambda function and a state machine. All are called codesuite-test-
// and a random suffix, have the tag codesuite where they can have one, and are
// removed at the end: also when a check fails, after Ctrl-C, and before the
// -timeout. What could not be removed is in the report. What a run has left behind
// that was killed is named by the next run, which does not touch it.
//
// A run takes about half an hour. Pipelines, builds and
// calls are some cents. The caller becomes an active user of CodeCommit for the
// month, which is a dollar if the account has used up its free users.
//
// # Rows
//
// What follows from a row that DIFFERS stands below the table. A row that failed, such
// as one that lacks a permission, says nothing of its assumption. A row that is not
// checked says why, and how to do so by hand.
//
// Tests hold that each choice that the comments of the test servers list, and each
// comment that says that AWS does not document something, has a row.
package conformance
