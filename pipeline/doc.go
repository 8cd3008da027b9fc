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
// # Reading
//
// [Client.Execution] returns an execution with its actions, and with one [Revision] for
// each source action of every provider: repository, commit, branch and message.
// [Client.Details] adds conditions, retries and the targets of EC2 deployments.
// [Client.Watch] yields each change of these until the execution has ended, and
// [Client.Executions] lists the executions of a pipeline. Package events has the
// events of executions.
//
// # Approvals
//
// [Client.Approvals] lists the manual approvals that wait, and [Client.Approve] and
// [Client.Reject] answer one. For a request that came by SNS:
//
//	approval, err := client.FindApproval(ctx, pipeline.ApprovalOf(request))
//	if err != nil {
//		return err
//	}
//	return client.Approve(ctx, approval, "All checks are green")
//
// [Client.ApprovalMessage] returns what a reviewer wants to know, as plain text or
// Markdown. Package approval answers approvals by rules.
//
// # Errors
//
// Each error is an [*Error] with the operation and its object. errors.Is finds
// [io/fs.ErrNotExist] (no such pipeline, execution, stage or action),
// [io/fs.ErrPermission] (the text names the missing IAM action), the Err variables of
// this package and the context's error; errors.As finds the SDK's error. The SDK's
// retryer repeats calls. [Client.Wait] and [Client.Watch] repeat polls as well, for as
// long as [Options].MaxElapsed says.
//
// # Permissions
//
// The IAM actions are named after the API operations, which the comment of each method
// names. Most programs read:
//
//   - Execution, Wait: codepipeline:GetPipelineExecution and
//     codepipeline:ListActionExecutions
//   - Details, Watch: also codepipeline:GetPipeline, and for what the structure has:
//     codepipeline:ListRuleExecutions and codepipeline:GetPipelineState for
//     conditions, the latter also for stages that retry themselves, and
//     codepipeline:ListDeployActionExecutionTargets for EC2 deployments
//   - Approvals, FindApproval: those of Execution, codepipeline:GetPipeline, and
//     codepipeline:GetPipelineState, or codepipeline:ListPipelineExecutions in the
//     mode PARALLEL
//
// Connections are looked up with the permissions of [Options].Connections.
//
// # Limits
//
// The service keeps executions for 12 months, and cuts summaries at 2048
// characters.
package pipeline
