package ci

import (
	"context"

	awslogs "github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	awscodebuild "github.com/aws/aws-sdk-go-v2/service/codebuild"
	awscodecommit "github.com/aws/aws-sdk-go-v2/service/codecommit"

	"github.com/codesuite-go/codesuite/codecommit"
)

// CodeCommitAPI is what a [Handler] calls of the AWS SDK's CodeCommit client.
// Embed the interface in a fake, as it may grow.
type CodeCommitAPI interface {
	codecommit.API
	DeleteCommentContent(context.Context, *awscodecommit.DeleteCommentContentInput, ...func(*awscodecommit.Options)) (*awscodecommit.DeleteCommentContentOutput, error)
	EvaluatePullRequestApprovalRules(context.Context, *awscodecommit.EvaluatePullRequestApprovalRulesInput, ...func(*awscodecommit.Options)) (*awscodecommit.EvaluatePullRequestApprovalRulesOutput, error)
	GetComment(context.Context, *awscodecommit.GetCommentInput, ...func(*awscodecommit.Options)) (*awscodecommit.GetCommentOutput, error)
	GetCommentsForPullRequest(context.Context, *awscodecommit.GetCommentsForPullRequestInput, ...func(*awscodecommit.Options)) (*awscodecommit.GetCommentsForPullRequestOutput, error)
	GetPullRequest(context.Context, *awscodecommit.GetPullRequestInput, ...func(*awscodecommit.Options)) (*awscodecommit.GetPullRequestOutput, error)
	MergePullRequestByFastForward(context.Context, *awscodecommit.MergePullRequestByFastForwardInput, ...func(*awscodecommit.Options)) (*awscodecommit.MergePullRequestByFastForwardOutput, error)
	MergePullRequestBySquash(context.Context, *awscodecommit.MergePullRequestBySquashInput, ...func(*awscodecommit.Options)) (*awscodecommit.MergePullRequestBySquashOutput, error)
	MergePullRequestByThreeWay(context.Context, *awscodecommit.MergePullRequestByThreeWayInput, ...func(*awscodecommit.Options)) (*awscodecommit.MergePullRequestByThreeWayOutput, error)
	PostCommentForPullRequest(context.Context, *awscodecommit.PostCommentForPullRequestInput, ...func(*awscodecommit.Options)) (*awscodecommit.PostCommentForPullRequestOutput, error)
	PutCommentReaction(context.Context, *awscodecommit.PutCommentReactionInput, ...func(*awscodecommit.Options)) (*awscodecommit.PutCommentReactionOutput, error)
	UpdateComment(context.Context, *awscodecommit.UpdateCommentInput, ...func(*awscodecommit.Options)) (*awscodecommit.UpdateCommentOutput, error)
	UpdatePullRequestApprovalState(context.Context, *awscodecommit.UpdatePullRequestApprovalStateInput, ...func(*awscodecommit.Options)) (*awscodecommit.UpdatePullRequestApprovalStateOutput, error)
}

// CodeBuildAPI is what a [Handler] calls of the AWS SDK's CodeBuild client.
// Embed the interface in a fake, as it may grow.
type CodeBuildAPI interface {
	BatchGetBuildBatches(context.Context, *awscodebuild.BatchGetBuildBatchesInput, ...func(*awscodebuild.Options)) (*awscodebuild.BatchGetBuildBatchesOutput, error)
	BatchGetBuilds(context.Context, *awscodebuild.BatchGetBuildsInput, ...func(*awscodebuild.Options)) (*awscodebuild.BatchGetBuildsOutput, error)
	BatchGetReports(context.Context, *awscodebuild.BatchGetReportsInput, ...func(*awscodebuild.Options)) (*awscodebuild.BatchGetReportsOutput, error)
	DescribeTestCases(context.Context, *awscodebuild.DescribeTestCasesInput, ...func(*awscodebuild.Options)) (*awscodebuild.DescribeTestCasesOutput, error)
	ListBuildBatchesForProject(context.Context, *awscodebuild.ListBuildBatchesForProjectInput, ...func(*awscodebuild.Options)) (*awscodebuild.ListBuildBatchesForProjectOutput, error)
	ListBuildsForProject(context.Context, *awscodebuild.ListBuildsForProjectInput, ...func(*awscodebuild.Options)) (*awscodebuild.ListBuildsForProjectOutput, error)
	StartBuild(context.Context, *awscodebuild.StartBuildInput, ...func(*awscodebuild.Options)) (*awscodebuild.StartBuildOutput, error)
	StartBuildBatch(context.Context, *awscodebuild.StartBuildBatchInput, ...func(*awscodebuild.Options)) (*awscodebuild.StartBuildBatchOutput, error)
	StopBuild(context.Context, *awscodebuild.StopBuildInput, ...func(*awscodebuild.Options)) (*awscodebuild.StopBuildOutput, error)
	StopBuildBatch(context.Context, *awscodebuild.StopBuildBatchInput, ...func(*awscodebuild.Options)) (*awscodebuild.StopBuildBatchOutput, error)
}

// LogsAPI is what a [Handler] calls of the AWS SDK's CloudWatch Logs client. Embed
// the interface in a fake, as it may grow.
type LogsAPI interface {
	GetLogEvents(context.Context, *awslogs.GetLogEventsInput, ...func(*awslogs.Options)) (*awslogs.GetLogEventsOutput, error)
}

// Clients are the clients that a [Handler] calls.
type Clients struct {
	CodeCommit CodeCommitAPI
	CodeBuild  CodeBuildAPI
	Logs       LogsAPI // nil leaves the log out of comments
}

var (
	_ CodeCommitAPI = (*awscodecommit.Client)(nil)
	_ CodeBuildAPI  = (*awscodebuild.Client)(nil)
	_ LogsAPI       = (*awslogs.Client)(nil)
)
