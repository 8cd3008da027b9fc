// Package approval answers manual approvals of CodePipeline by rules: in a change
// window, when all statuses of the commit are green, when the pull request that
// brought the commit was approved by its reviewers.
//
//	policies := []approval.Policy{{
//		Pipeline: "shop", Stage: "Production", Action: "Release",
//		Rules: []approval.Rule{
//			&approval.Window{Location: berlin, From: 9 * time.Hour, To: 16 * time.Hour},
//			&approval.Reviews{Readers: readers, Approvals: 2, Reviewers: []string{"octo/owners"}},
//		},
//	}}
//	approver := approval.New(pipeline.Open(cfg), policies)
//	err := approver.Register(&mux) // notifications, answers, and a schedule
//
// An approval is approved when all its rules approve at one time. It waits otherwise,
// and people can answer it as before. A rule rejects only if its OnFailure says so.
// Whatever a rule cannot find out, or does not know, lets the approval wait: a failed
// call, a source that no reader knows, a rollback, a custom source action.
//
// The rules look up the source revisions of the execution that waits, by their IDs,
// and the token that answers belongs to that execution. [Approver] has more on events
// that are forged, come twice or come late.
//
// # Readers
//
// [CodeCommit] reads pull requests of CodeCommit. Package
// githubstatus/pipelineapproval reads statuses and pull requests of GitHub. Implement
// [StatusReader] or [PullRequestReader] to read others.
//
// # Tests
//
// Package pipelinetest has a server for tests: hand the events of its OnEvent, and the
// Message of each notification of its OnNotify, to the Mux. Only an approval with a
// NotificationArn sends one; others are found by [Approver.Sweep]. Options.Now sets the
// time.
//
// # Permissions
//
// [Approver.Request] and [Approver.Sweep] need the permissions of
// [pipeline.Client.FindApproval], [pipeline.Client.Approvals],
// [pipeline.Client.Approve] and [pipeline.Client.Reject]. [Approver.Answered] needs
// those of [pipeline.Client.Execution].
//
// [CodeCommit] needs codecommit:ListPullRequests, codecommit:GetPullRequest,
// codecommit:GetPullRequestApprovalStates and
// codecommit:EvaluatePullRequestApprovalRules.
//
// # Limits
//
// A rule is about the revision of a source alone, and not about the commits between
// it and what was deployed before: protect the branch. Approvals of a commit other
// than the last of the pull request do not count. A status or an approval that
// changes after the rules have read it changes nothing.
package approval
