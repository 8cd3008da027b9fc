package conformance_test

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awscodebuild "github.com/aws/aws-sdk-go-v2/service/codebuild"
	codebuildtypes "github.com/aws/aws-sdk-go-v2/service/codebuild/types"
	awscodecommit "github.com/aws/aws-sdk-go-v2/service/codecommit"
	codecommittypes "github.com/aws/aws-sdk-go-v2/service/codecommit/types"
	awscodepipeline "github.com/aws/aws-sdk-go-v2/service/codepipeline"
	"github.com/aws/aws-sdk-go-v2/service/codepipeline/types"
	"github.com/aws/smithy-go"

	"github.com/codesuite-go/codesuite/codecommit/codecommittest"
)

// twists are those of the checks that do not look at error codes alone.
var twists = map[string]twist{
	"unknown builds":       replies(func(out *awscodebuild.BatchGetBuildsOutput) { out.BuildsNotFound = nil }),
	"stopped twice":        eachBuild(func(b *codebuildtypes.Build) { b.BuildStatus = codebuildtypes.StatusTypeFailed }),
	"variables of a build": replies(func(out *awscodebuild.StartBuildOutput) { out.Build.Environment.EnvironmentVariables = nil }),
	"batch token": repliesFrom(1, func(out *awscodebuild.StartBuildBatchOutput) {
		out.BuildBatch.Id = aws.String("another:" + unknownID)
	}),
	"log of a build":    eachBuild(func(b *codebuildtypes.Build) { b.Logs.StreamName = aws.String("a stream") }),
	"automatic retry":   eachBuild(func(b *codebuildtypes.Build) { b.AutoRetryConfig = nil }),
	"report of a build": replies(func(out *awscodebuild.BatchGetReportsOutput) { out.Reports = nil }),
	"batch": replies(func(out *awscodebuild.BatchGetBuildBatchesOutput) {
		out.BuildBatches[0].BuildBatchStatus = codebuildtypes.StatusTypeStopped
	}),

	"empty repository: default branch": replies(func(out *awscodecommit.GetRepositoryOutput) {
		out.RepositoryMetadata.DefaultBranch = aws.String("main")
	}),
	"GetDifferences: largest page": replies(func(out *awscodecommit.GetDifferencesOutput) { out.Differences = out.Differences[:100] }),
	"GetDifferences: usual page":   replies(func(out *awscodecommit.GetDifferencesOutput) { out.Differences = out.Differences[:50] }),
	"GetDifferences: order":        replies(func(out *awscodecommit.GetDifferencesOutput) { slices.Reverse(out.Differences) }),
	"GetDifferences: completeness": replies(func(out *awscodecommit.GetDifferencesOutput) { out.Differences = out.Differences[1:] }),
	"GetDifferences: modes":        eachDifference(func(d *codecommittypes.Difference) { d.AfterBlob.Mode = aws.String("100644") }),
	"GetDifferences: two commits":  eachDifference(func(d *codecommittypes.Difference) { d.ChangeType = codecommittypes.ChangeTypeEnumModified }),
	"GetDifferences: folder":       eachDifference(func(d *codecommittypes.Difference) { d.AfterBlob.Path = aws.String("file") }),
	"Git's protocol: single files": func(_ *world, s *servers) func(*testing.T) {
		s.commits.SetGitProtocol(codecommittest.GitProtocol{TipsOnly: true})
		return func(*testing.T) { s.commits.SetGitProtocol(codecommittest.GitProtocol{}) }
	},
	"names that are not UTF-8": replies(func(out *awscodecommit.GetFolderOutput) { out.Files = nil }),
	"folder without files":     replies(func(out *awscodecommit.GetFolderOutput) { out.SubFolders = nil }),
	"headers of a commit":      replies(func(out *awscodecommit.GetCommitOutput) { out.Commit.AdditionalData = nil }),
	"dates of commits":         replies(func(out *awscodecommit.GetCommitOutput) { out.Commit.Message = aws.String("another") }),
	"annotated tag":            replies(func(out *awscodecommit.GetFolderOutput) { out.CommitId = aws.String(strings.Repeat("ab", 20)) }),
	"branch and tag of one name": replies(func(out *awscodecommit.GetFolderOutput) {
		out.CommitId = aws.String(strings.Repeat("ab", 20))
	}),

	"new pull request": replies(func(out *awscodecommit.CreatePullRequestOutput) {
		out.PullRequest.PullRequestTargets[0].SourceReference = aws.String("topic")
	}),
	"triggers: configuration ID": replies(func(out *awscodecommit.GetRepositoryTriggersOutput) { out.ConfigurationId = aws.String("another") }),
	"order of comments": replies(func(out *awscodecommit.GetCommentsForPullRequestOutput) {
		for _, data := range out.CommentsForPullRequestData {
			slices.Reverse(data.Comments)
		}
		slices.Reverse(out.CommentsForPullRequestData)
	}),
	"nothing to take back": refused[awscodecommit.DeleteBranchOutput],
	"merge by a push": replies(func(out *awscodecommit.GetPullRequestOutput) {
		out.PullRequest.PullRequestTargets[0].MergeMetadata = nil
	}),
	"squash merge": replies(func(out *awscodecommit.GetMergeCommitOutput) { out.MergedCommitId = nil }),
	"deleted source branch": replies(func(out *awscodecommit.GetPullRequestOutput) {
		out.PullRequest.PullRequestTargets[0].MergeMetadata = &codecommittypes.MergeMetadata{IsMerged: true}
	}),

	"poll without jobs": replies(func(out *awscodepipeline.PollForJobsOutput) { out.Jobs = append(out.Jobs, types.Job{}) }),
	"start token": func(w *world, _ *servers) func(*testing.T) {
		n := 0
		w.twist = func(out any, err error) (any, error) {
			if out, ok := out.(*awscodepipeline.StartPipelineExecutionOutput); ok && n == 0 {
				out.PipelineExecutionId = aws.String(unknownID)
				n++
			}
			return out, err
		}
		return nil
	},
	"revision of CodeCommit": replies(func(out *awscodepipeline.GetPipelineExecutionOutput) {
		for i := range out.PipelineExecution.ArtifactRevisions {
			out.PipelineExecution.ArtifactRevisions[i].RevisionUrl = aws.String("https://example.com")
		}
	}),
	"continued job": replies(func(out *awscodepipeline.PollForJobsOutput) {
		for i := range out.Jobs {
			out.Jobs[i].Data.ContinuationToken = nil
		}
	}),
	"details of a job": replies(func(out *awscodepipeline.GetJobDetailsOutput) { out.JobDetails.Data.ArtifactCredentials = nil }),
	"details of an ended job": replies(func(out *awscodepipeline.GetJobDetailsOutput) {
		out.JobDetails.Data.ArtifactCredentials = &types.AWSSessionCredentials{SecretAccessKey: aws.String("secret")}
	}),
	"poll without a size": replies(func(out *awscodepipeline.PollForJobsOutput) { out.Jobs = append(out.Jobs, out.Jobs...) }),
	"failed job": eachRun(func(d *types.ActionExecutionDetail) {
		if d.Output != nil && d.Output.ExecutionResult != nil {
			d.Output.ExecutionResult.ErrorDetails = nil
		}
	}),

	"new pipeline": replies(func(out *awscodepipeline.ListPipelineExecutionsOutput) {
		for i := range out.PipelineExecutionSummaries {
			out.PipelineExecutionSummaries[i].Trigger = nil
		}
	}),
	"token of an approval": replies(func(out *awscodepipeline.GetPipelineStateOutput) {
		for _, s := range out.StageStates {
			for _, a := range s.ActionStates {
				if a.LatestExecution != nil {
					a.LatestExecution.Token = aws.String(unknownID)
				}
			}
		}
	}),
	"message of an approval":       replaced(`"token":"`, `"token":"0`),
	"superseded":                   statuses(types.PipelineExecutionStatusSuperseded, types.PipelineExecutionStatusCancelled),
	"failure of a parallel action": statuses(types.PipelineExecutionStatusFailed, types.PipelineExecutionStatusCancelled),
	"retry of a stage":             statuses(types.PipelineExecutionStatusSucceeded, types.PipelineExecutionStatusCancelled),
	"condition of a stage":         replies(func(out *awscodepipeline.ListRuleExecutionsOutput) { out.RuleExecutionDetails = nil }),
	"overridden condition":         overridden,
	"rollback":                     replies(func(out *awscodepipeline.GetPipelineExecutionOutput) { out.PipelineExecution.RollbackMetadata = nil }),
	"transitions":                  replies(func(out *awscodepipeline.GetPipelineStateOutput) { enableAll(out.StageStates) }),
	"put revision":                 replies(func(out *awscodepipeline.PutActionRevisionOutput) { out.NewRevision = true }),
	"changed pipeline":             statuses(types.PipelineExecutionStatusCancelled, types.PipelineExecutionStatusStopped),
	"variable without a default":   replies(func(out *awscodepipeline.ListPipelineExecutionsOutput) { double(out) }),
	"variable of nothing":          eachRun(func(d *types.ActionExecutionDetail) { d.Status = types.ActionExecutionStatusSucceeded }),
	"log of commands":              eachRun(func(d *types.ActionExecutionDetail) { d.ActionExecutionId = aws.String(unknownID) }),
	"nested pipeline":              statuses(types.PipelineExecutionStatusFailed, types.PipelineExecutionStatusSucceeded),
	"invoke action":                eachRun(func(d *types.ActionExecutionDetail) { d.Output = &types.ActionExecutionOutput{} }),
	"two sources of one push":      replies(func(out *awscodepipeline.ListPipelineExecutionsOutput) { double(out) }),
	"first branch":                 replies(func(out *awscodecommit.GetRepositoryOutput) { out.RepositoryMetadata.DefaultBranch = nil }),
	"revision of a connection": replies(func(out *awscodepipeline.ListPipelineExecutionsOutput) {
		for _, x := range out.PipelineExecutionSummaries {
			for i := range x.SourceRevisions {
				x.SourceRevisions[i].RevisionUrl = nil
			}
		}
	}),

	"state machine": func(w *world, _ *servers) func(*testing.T) {
		validate := w.validate
		w.validate = func(context.Context, string) ([]string, error) { return []string{"WARNING"}, nil }
		return func(*testing.T) { w.validate = validate }
	},
	"documents of builds": func(w *world, _ *servers) func(*testing.T) {
		document := w.document
		w.document = func(ctx context.Context, name, content string) error {
			return document(ctx, name, strings.Replace(content, `"2.2"`, `"1.2"`, 1))
		}
		return func(*testing.T) { w.document = document }
	},
	"action type of builds": replies(func(out *awscodepipeline.ListActionTypesOutput) {
		for i := range out.ActionTypes {
			out.ActionTypes[i].ActionConfigurationProperties = nil
		}
	}),
	"errors of EC2":                                faults,
	"errors of Systems Manager: command":           faults,
	"errors of Systems Manager: invocation":        faults,
	"errors of CodePipeline":                       faults,
	"errors of S3":                                 faults,
	"pattern: numbers":                             matches,
	"pattern: lists and null":                      matches,
	"pattern: texts":                               matches,
	"pattern: or":                                  matches,
	"pattern: numbers out of the documented range": matches,
	"pattern: addresses":                           matches,
	"pattern: objects":                             matches,
	"pattern: complexity":                          matches,
	"pattern: refused": func(w *world, _ *servers) func(*testing.T) {
		match := w.match
		w.match = func(context.Context, string, string) (bool, error) { return true, nil }
		return func(*testing.T) { w.match = match }
	},
	"action types": replies(func(out *awscodepipeline.ListActionTypesOutput) {
		for i := range out.ActionTypes {
			out.ActionTypes[i].InputArtifactDetails = &types.ArtifactDetails{MaximumCount: 7}
		}
	}),
	"rule types":         replies(func(out *awscodepipeline.ListRuleTypesOutput) { out.RuleTypes = out.RuleTypes[1:] }),
	"refused structures": refusedNothing,

	"event of a stopped execution": replaced("ABORTED", "TIMED_OUT"),
	"event of a branch":            replaced("refs/heads/topic", "refs/heads/other"),
	"event of an annotated tag":    replaced("referenceCreated", "referenceUpdated"),
	"events of a pull request":     replaced("pullRequestSourceBranchUpdated", "pullRequestUpdated"),
	"record of a trigger":          replaced(`"deleted":true`, `"deleted":false`),
	"events of an execution":       replaced(`"pipeline-execution-attempt":2.0`, `"pipeline-execution-attempt":1.0`),
	"events of a build":            replaced(`"completed-phase":"COMPLETED"`, `"completed-phase":"FINALIZING"`),
	"events of a batch":            told(func(*world, [][]byte) [][]byte { return nil }),
	"keys of events": told(func(_ *world, messages [][]byte) [][]byte {
		again := slices.Clone(messages)
		for _, m := range messages { // the same event, with another ID
			again = append(again, bytes.Replace(m, []byte(`"id":"`), []byte(`"id":"0`), 1))
		}
		return again
	}),
	"all messages": told(func(_ *world, messages [][]byte) [][]byte {
		return append(slices.Clone(messages), []byte(`{"source":"aws.codepipeline","detail-type":"Another","detail":{}}`))
	}),
}

// overridden lets OverrideStageCondition seem to fail. The approval that waits then
// is answered afterwards.
func overridden(w *world, s *servers) func(*testing.T) {
	refused[awscodepipeline.OverrideStageConditionOutput](w, s)
	return func(t *testing.T) {
		id := w.flow.conditional
		if err := w.settle(t.Context(), w.flow.name, id, "Gate", "C", types.ApprovalStatusRejected); err != nil {
			t.Error(err)
		}
		if _, err := w.end(t.Context(), w.flow.name, id); err != nil {
			t.Error(err)
		}
	}
}

func enableAll(stages []types.StageState) {
	for _, s := range stages {
		if s.InboundTransitionState != nil {
			s.InboundTransitionState.Enabled = true
		}
	}
}

func double(out *awscodepipeline.ListPipelineExecutionsOutput) {
	out.PipelineExecutionSummaries = append(out.PipelineExecutionSummaries, out.PipelineExecutionSummaries...)
	if len(out.PipelineExecutionSummaries) == 0 {
		out.PipelineExecutionSummaries = make([]types.PipelineExecutionSummary, 1)
	}
}

// refusedNothing lets CreatePipeline seem to take every structure.
func refusedNothing(w *world, _ *servers) func(*testing.T) {
	w.twist = func(out any, err error) (any, error) {
		if fault := smithy.APIError(nil); errors.As(err, &fault) && strings.Contains(fault.ErrorCode(), "Structure") {
			return new(awscodepipeline.CreatePipelineOutput), nil
		}
		return out, err
	}
	return nil
}
