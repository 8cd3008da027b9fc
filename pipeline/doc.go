// Package pipeline reads and controls the executions of pipelines in
// CodePipeline. It reads their triggers, source revisions and actions, starts,
// stops, retries and rolls back executions, overrides conditions, enables and disables
// transitions, and answers manual approvals.
//
//	client := pipeline.Open(cfg)
//	id, err := client.Start(ctx, "web")
//	if err != nil {
//		return err
//	}
//	execution, err := client.Wait(ctx, "web", id)
//	if err != nil {
//		return err
//	}
//	for _, revision := range execution.Revisions {
//		fmt.Println(execution.Status, revision.Provider, revision.Repository, revision.ID)
//	}
//
// # Source revisions
//
// An execution may have several sources. The API returns their revisions in any
// order, under the names of artifacts. [Client.Execution] joins them with the
// runs of the source actions. Each [Revision] then has action, provider,
// repository, commit and branch, for CodeCommit, S3, ECR, the older GitHub action
// and connections to GitHub, GitHub Enterprise Server, Bitbucket, GitLab,
// self-managed GitLab and Azure DevOps. [events.ParseRevision] reads the URL and the
// summary of a revision, which is all that an event has.
//
// # Watching
//
// [Client.Watch] yields each change of an execution: its status, the runs of actions,
// rules and conditions, retries of stages, revisions, the log streams of Commands
// actions and the targets of EC2 deployments. [Client.Details] reads the same once. A
// poll costs two calls, four if the structure has conditions, and one for each hundred
// targets of a deployment that runs. In the mode PARALLEL the API has neither the
// status of stages nor overrides nor the reasons of retries.
//
// # Approvals
//
// [Client.Approvals] lists the manual approvals of a pipeline that wait, and
// [Client.Approve] and [Client.Reject] answer one. For a request that came by SNS:
//
//	approval, err := client.FindApproval(ctx, pipeline.ApprovalOf(request))
//	if err != nil {
//		return err
//	}
//	return client.Approve(ctx, approval, "All checks are green")
//
// [Client.ApprovalMessage] returns what a reviewer wants to know, as plain text or
// Markdown: the commits, links to their changes since the stage last succeeded, who
// started the execution, and where to approve it. Authors come from
// [MessageOptions].Author, as CodePipeline does not have them.
//
// The same answer may be given again. An [*AnsweredError] has an answer that was
// given before, and [ErrApprovalOver] is an approval that waits no longer.
//
// # Errors
//
// Each error is an [*Error] with the operation and its object. errors.Is finds
// [io/fs.ErrNotExist] (no such pipeline, execution, stage or action),
// [io/fs.ErrPermission] (the text names the missing IAM action),
// [ErrNotStoppable], [ErrNotRetryable], [ErrNotRollbackable], [ErrNotOverridable],
// [ErrApprovalOver], [ErrConflict], [ErrTooManyExecutions] and the context's error;
// errors.As finds the SDK's error. The SDK's retryer repeats calls. [Client.Wait] and
// [Client.Watch] repeat polls as well, for as long as [Options].MaxElapsed says.
//
// # Limits
//
// The service keeps executions for 12 months and cuts summaries at 2048
// characters. Only the list of executions ([Client.Executions]) has the time at
// which an execution was started. The attempts of an execution are counted from
// the runs of its actions, as the API does not have their number. The service may
// not show the token of an approval after its answer, outside the mode PARALLEL: then
// the newest run of the action counts as the answered one.
//
// # Permissions
//
// The IAM actions are named after the API operations:
//
//   - Execution, Wait: codepipeline:GetPipelineExecution and
//     codepipeline:ListActionExecutions
//   - Watch, Details: those of Execution and codepipeline:GetPipeline;
//     codepipeline:ListRuleExecutions and codepipeline:GetPipelineState if the
//     structure has conditions, the latter also if stages retry themselves;
//     codepipeline:ListDeployActionExecutionTargets if it deploys to EC2. With
//     [WatchOptions].ActionsOnly, Watch needs those of Execution alone
//   - Executions: codepipeline:ListPipelineExecutions
//   - Approvals, FindApproval: those of Execution and codepipeline:GetPipeline, and
//     codepipeline:GetPipelineState, or codepipeline:ListPipelineExecutions for a
//     pipeline in the mode PARALLEL
//   - ApprovalMessage: those of FindApproval and codepipeline:ListPipelineExecutions
//   - Approve, Reject: codepipeline:PutApprovalResult, of the action's ARN, and
//     ListActionExecutions to read an earlier answer
//   - Start: codepipeline:StartPipelineExecution
//   - Stop: codepipeline:StopPipelineExecution, and GetPipelineExecution to
//     recognise an execution that is stopped already
//   - Retry: codepipeline:RetryStageExecution
//   - Rollback: codepipeline:RollbackStage
//   - Override: codepipeline:OverrideStageCondition, and those of Details to
//     recognise a condition that is overridden already
//   - Transitions: codepipeline:GetPipelineState
//   - EnableTransition, DisableTransition: codepipeline:EnableStageTransition and
//     codepipeline:DisableStageTransition, of the stage's ARN
//   - hosts of connections, and providers that a long commit message has cut
//     off: codeconnections:GetConnection and codeconnections:GetHost, or the same
//     of codestar-connections for ARNs with that name. Without them Host and
//     Provider are empty, and HostErr has the reason.
package pipeline
