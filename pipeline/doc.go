// Package pipeline reads and controls the executions of pipelines in
// CodePipeline: it tells what started them, their source revisions and how their
// actions went, and it starts, stops, retries and rolls back.
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
// An execution may have several sources, and the API returns their revisions in
// any order, by the artifacts' names and only once they are fetched.
// [Client.Execution] joins them with the runs of the source actions, so that
// each [Revision] tells action, provider, repository, commit and branch, for
// CodeCommit, S3, ECR, the older GitHub action and connections to GitHub, GitHub
// Enterprise Server, Bitbucket, GitLab, self-managed GitLab and Azure DevOps.
// [events.ParseRevision] does what is possible with a URL and a summary alone, as they
// stand in events.
//
// # Errors
//
// Failed calls are an [*Error] that names the operation and its object.
// errors.Is tells [io/fs.ErrNotExist] (no such pipeline, execution or stage),
// [io/fs.ErrPermission] (the error then names the IAM action that is missing),
// [ErrNotStoppable], [ErrNotRetryable], [ErrNotRollbackable], [ErrConflict],
// [ErrTooManyExecutions], and the error of a context that has ended; errors.As
// gives the SDK's error. Calls are tried again by the SDK's retryer alone; only
// [Client.Wait] and [Client.Watch] go on after throttling and errors of the
// server until their context ends.
//
// # Limits
//
// The service keeps executions for 12 months, cuts summaries at 2048 characters,
// and does not tell when an execution was started except in its list
// ([Client.Executions]). It says nothing about the attempts of an execution:
// they are counted from the runs of its actions. Manual approvals are seen by
// [Client.Watch], but not answered by this package.
//
// # Permissions
//
// The IAM actions are named after the API operations:
//
//   - Execution, Wait, Watch: codepipeline:GetPipelineExecution and
//     codepipeline:ListActionExecutions
//   - Executions: codepipeline:ListPipelineExecutions
//   - Start: codepipeline:StartPipelineExecution
//   - Stop: codepipeline:StopPipelineExecution; with GetPipelineExecution it
//     also tells an execution that is stopped already
//   - Retry: codepipeline:RetryStageExecution
//   - Rollback: codepipeline:RollbackStage
//   - the host of a connection to GitHub Enterprise Server or a self-managed
//     GitLab, and the provider of a connection whose summary a long commit
//     message has cut: codeconnections:GetConnection and
//     codeconnections:GetHost, or codestar-connections:GetConnection and
//     codestar-connections:GetHost for connections whose ARN has that name.
//     Without them Host and Provider are empty, and HostErr says why.
package pipeline
