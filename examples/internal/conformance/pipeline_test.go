package conformance_test

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awscodepipeline "github.com/aws/aws-sdk-go-v2/service/codepipeline"
	"github.com/aws/aws-sdk-go-v2/service/codepipeline/types"

	"github.com/codesuite-go/codesuite/events"
)

// work is what the checks of the pipeline share.
type work struct {
	execution string // the ID of the one that the jobs belong to
	job       *types.Job
	oldNonce  string
	last      string // the ID of the job that has ended last
	pair      string // the ID of the execution with two jobs at once
}

// pipelineChecks are those of executions.
var pipelineChecks = []check{
	{
		name:      "start token",
		assumes:   "StartPipelineExecution with a token that was used returns the execution that it has started.",
		rests:     []string{"pipeline.Client.Start", "pipeline/pipelinetest.Server"},
		want:      "the same execution",
		otherwise: "An event that arrives twice may start two executions.",
		needs:     []need{needRole, needContent},
		run: func(ctx context.Context, w *world) (string, error) {
			if err := w.createPipeline(ctx); err != nil {
				return "", err
			}
			var ids []string
			for range 2 {
				out, err := w.codepipeline.StartPipelineExecution(ctx, &awscodepipeline.StartPipelineExecutionInput{
					Name: &w.name, ClientRequestToken: aws.String(w.name + "-token"),
				})
				if err != nil {
					return answer(err)
				}
				ids = append(ids, aws.ToString(out.PipelineExecutionId))
			}
			w.work.execution = ids[1]
			return yes(ids[0] == ids[1], "the same execution", "another execution")
		},
	},
	{
		name:      "start token: other parameters",
		assumes:   "A start token with other parameters is a ValidationException.",
		rests:     []string{"pipeline/pipelinetest.Server"},
		choices:   []string{"pipeline/pipelinetest.Server: A clientRequestToken stands for"},
		want:      "ValidationException",
		otherwise: "Only the test server differs.",
		needs:     []need{needRole, needContent},
		run: func(ctx context.Context, w *world) (string, error) {
			if w.work.execution == "" {
				return "", errMissing
			}
			_, err := w.codepipeline.StartPipelineExecution(ctx, &awscodepipeline.StartPipelineExecutionInput{
				Name: &w.name, ClientRequestToken: aws.String(w.name + "-token"),
				SourceRevisions: []types.SourceRevisionOverride{{ActionName: aws.String("Source"), RevisionType: types.SourceRevisionTypeCommitId, RevisionValue: aws.String(w.source.Git("rev-parse", "light~1"))}},
			})
			return answer(err)
		},
	},
	{
		name:      "revision of CodeCommit",
		assumes:   "An execution shows the commit of its source: the ID, the message, and a URL of the console that names Region and repository.",
		rests:     []string{"events.ParseRevision", "pipeline.Client.Execution"},
		want:      "the repository, the Region, the commit, the message",
		otherwise: "Statuses and pictures of an execution lack what the revision does not show.",
		needs:     []need{needRole, needContent},
		run: func(ctx context.Context, w *world) (string, error) {
			if w.work.execution == "" {
				return "", errMissing
			}
			var revision types.ArtifactRevision
			_, err := w.until(ctx, 5*time.Second, func() (bool, error) {
				out, err := w.codepipeline.GetPipelineExecution(ctx, &awscodepipeline.GetPipelineExecutionInput{PipelineName: &w.name, PipelineExecutionId: &w.work.execution})
				if err != nil {
					return false, err
				}
				x := out.PipelineExecution
				if len(x.ArtifactRevisions) == 0 {
					return false, w.going(ctx, w.name, w.work.execution)
				}
				revision = x.ArtifactRevisions[0]
				return true, nil
			})
			if err != nil {
				w.work.execution = "" // no job comes
				return "", err
			}
			parsed := events.ParseRevision(events.ActionType{Owner: "AWS", Category: "Source", Provider: "CodeCommit", Version: "1"},
				aws.ToString(revision.RevisionUrl), aws.ToString(revision.RevisionSummary), aws.ToString(revision.RevisionId))
			var found []string
			for _, f := range []struct{ name, got, want string }{
				{"the repository", parsed.Repository, w.name},
				{"the Region", parsed.Region, w.region},
				{"the commit", parsed.ID, w.source.Git("rev-parse", "main")},
				{"the message", strings.TrimSpace(parsed.Message), strings.TrimSpace(message)},
			} {
				if f.got != f.want {
					f.name = fmt.Sprintf("%q instead of %q", f.got, f.want)
				}
				found = append(found, f.name)
			}
			return strings.Join(found, ", "), nil
		},
	},
}

// createPipeline creates the pipeline: a source, a custom action, an approval. Its
// first execution is stopped.
func (w *world) createPipeline(ctx context.Context) error {
	err := w.makePipeline(ctx, w.name, nil,
		types.StageDeclaration{Name: aws.String("Work"), Actions: []types.ActionDeclaration{{
			Name:           aws.String("Work"),
			ActionTypeId:   w.actionType("1"),
			Configuration:  map[string]string{"Text": "conformance"},
			InputArtifacts: []types.InputArtifact{{Name: aws.String("Source")}},
		}}},
		types.StageDeclaration{Name: aws.String("Approve"), Actions: []types.ActionDeclaration{approvalAction("Approve", nil)}},
	)
	if err != nil {
		return err
	}
	// The jobs that follow are to be those of one execution.
	return w.stopExecutions(ctx, w.name)
}

// stopExecutions stops what is in progress of a pipeline, at the least the execution
// that its creation has started.
func (w *world) stopExecutions(ctx context.Context, name string) error {
	_, err := w.until(ctx, 5*time.Second, func() (bool, error) {
		out, err := w.codepipeline.ListPipelineExecutions(ctx, &awscodepipeline.ListPipelineExecutionsInput{PipelineName: &name})
		if err != nil || len(out.PipelineExecutionSummaries) == 0 {
			return false, err
		}
		ended := true
		for _, x := range out.PipelineExecutionSummaries {
			switch x.Status {
			case types.PipelineExecutionStatusInProgress:
				ended = false
				_, err := w.codepipeline.StopPipelineExecution(ctx, &awscodepipeline.StopPipelineExecutionInput{
					PipelineName: &name, PipelineExecutionId: x.PipelineExecutionId, Abandon: true, Reason: aws.String("conformance"),
				})
				// It may end between the calls.
				if a, err := answer(err); err != nil || a != "success" && a != "PipelineExecutionNotStoppableException" {
					return false, fmt.Errorf("stop an execution: %s: %w", a, err)
				}
			case types.PipelineExecutionStatusStopping:
				ended = false
			}
		}
		return ended, nil
	})
	return err
}
