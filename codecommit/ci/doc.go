// Package ci builds the pull requests, branches and tags of CodeCommit repositories
// with CodeBuild, also at set times and on demand, and tells the results on the pull
// requests.
//
//	handler := ci.Open(cfg, []ci.Flow{
//		{Name: "review", Kind: ci.KindReview, Repositories: []string{"app"}, Project: "app-review"},
//		{Name: "main", Kind: ci.KindBranch, Repositories: []string{"app"}, Branches: []string{"main"}, Project: "app-main"},
//	})
//	var mux events.Mux
//	if err := handler.Register(&mux); err != nil {
//		return err
//	}
//	lambda.Start(&mux)
//
// One function serves all flows of many repositories. [Handler.Patterns] has the rules
// of EventBridge that invoke it, [ParseFlows] reads flows from JSON.
//
// # Builds
//
// A build has the commit of its event and the variables FLOW_..., see
// [VariablePullRequestID]. The [Handler] keeps nothing: all that it knows of a build
// are these variables. They are in the events of the build, so that no secret belongs
// into a plaintext variable.
//
// A push to a pull request stops the running builds of its older revisions, and so
// does closing or merging it. What CodeBuild refuses to start is told on the pull
// request, and is the error of the event, a [*StartError].
//
// # Results
//
// Each flow has one comment for each revision of the pull request, which changes with
// the state of the build: duration, failed phase, the end of the log, test cases that
// have failed, coverage. [CommentMode] has other ways, [Flow].Approve and [Flow].Merge
// act on the result, and [Options].Report gets it as a [Report].
//
// Events come more than once and in any order: [Handler] says how each revision is
// built once. Return the error of the Mux from the function, so that Lambda delivers
// the event again.
//
// With [Options].CommandAuthors, the comments "/rerun" and "/stop" are commands.
//
// # Tests
//
// A test has two servers, of the packages codecommittest and citest: give New the
// clients of both, and hand the events of both to the Mux; see the example of
// [Handler.Register].
//
// # Permissions
//
//   - builds: codebuild:StartBuild, codebuild:StopBuild, codebuild:BatchGetBuilds and
//     codebuild:ListBuildsForProject on the projects; for batch builds also
//     codebuild:StartBuildBatch, codebuild:StopBuildBatch,
//     codebuild:BatchGetBuildBatches and codebuild:ListBuildBatchesForProject
//   - reviews: codecommit:GetPullRequest, codecommit:GetCommentsForPullRequest,
//     codecommit:PostCommentForPullRequest and codecommit:UpdateComment on the
//     repositories; codecommit:DeleteCommentContent for doubles and for
//     Flow.DeleteOnSuccess; logs:GetLogEvents on the log groups of the projects
//   - test reports: codebuild:BatchGetReports and codebuild:DescribeTestCases
//   - Flow.Paths: codecommit:GetDifferences; several repositories with one project:
//     codecommit:GetRepository
//   - Flow.Superseded of a branch: codecommit:GetBranch and codecommit:GetCommit
//   - Flow.Approve: codecommit:UpdatePullRequestApprovalState and
//     codecommit:EvaluatePullRequestApprovalRules; Flow.Merge: the latter and
//     codecommit:MergePullRequestByFastForward, codecommit:MergePullRequestBySquash or
//     codecommit:MergePullRequestByThreeWay
//   - commands: codecommit:GetComment and codecommit:PutCommentReaction
//
// # Limits
//
// CodeCommit has no reference to the result of a merge: a review builds the tip of the
// source branch. It has no event for a changed title or description. A batch build has
// no event of its own: the handler waits up to 20 seconds for its end when the last of
// its builds has ended, and as long for an automatic retry. A comment has at most 10,240
// characters. The handler reads the comments of a pull request with up to 100 calls,
// 50,000 comments: with more it may not find its own again, and post another.
package ci
