// Package pipelineapproval reads on GitHub what the rules of package
// pipeline/approval ask for: the status checks of a commit, the pull request that
// brought it, and its reviews.
//
//	github := pipelineapproval.New(map[string]*githubstatus.Client{"github.com": client})
//	rule := &approval.Reviews{Readers: []approval.PullRequestReader{github}, Reviewers: []string{"octo/owners"}}
//
// # Permissions
//
// The token of a client needs the permissions "Commit statuses: read", "Checks: read"
// and "Pull requests: read" of the repositories, for [Reader.Author] "Contents: read",
// and for teams "Members: read" of the organization. The package calls nothing on AWS.
//
// # Limits
//
// A source on a host without a client is an error, and so is one whose host
// CodePipeline did not tell: the approval waits then.
package pipelineapproval
