package pipeline

import (
	"context"
	"iter"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awscodepipeline "github.com/aws/aws-sdk-go-v2/service/codepipeline"
	"github.com/aws/aws-sdk-go-v2/service/codepipeline/types"

	"github.com/codesuite-go/codesuite/events"
)

// ExecutionSummary is an execution in the list of a pipeline's executions.
type ExecutionSummary struct {
	Pipeline, ID   string
	Status         Status
	StatusSummary  string
	Trigger        Trigger
	Mode           Mode
	Type           ExecutionType
	RollbackTarget string // ID of the execution that a rollback goes back to
	// Started is when the execution was started, and Updated when it last
	// changed.
	Started, Updated time.Time
	StopReason       string // given to StopPipelineExecution
	// Revisions are the revisions that the source actions fetched, in the order
	// of the actions' names. They have Action and the fields that
	// [events.ParseRevision] fills. [Client.Execution] has Stage, Artifact and the hosts
	// of connections as well.
	Revisions []Revision
}

// ListOptions say which executions to list. The zero value lists all.
type ListOptions struct {
	// SucceededInStage lists only the executions that succeeded in this stage.
	// [Client.Rollback] can go back to them.
	SucceededInStage string
}

// Executions lists the executions of a pipeline of the last 12 months, the newest
// first. It calls ListPipelineExecutions once for each hundred. The first error
// ends the sequence.
func (c *Client) Executions(ctx context.Context, pipeline string, optFns ...func(*ListOptions)) iter.Seq2[*ExecutionSummary, error] {
	var o ListOptions
	for _, fn := range optFns {
		fn(&o)
	}
	return func(yield func(*ExecutionSummary, error) bool) {
		if err := c.need(opListExecutions, pipeline, "", "the name of the pipeline", pipeline); err != nil {
			yield(nil, err)
			return
		}
		var filter *types.PipelineExecutionFilter
		if o.SucceededInStage != "" {
			filter = &types.PipelineExecutionFilter{SucceededInStage: &types.SucceededInStageFilter{StageName: &o.SucceededInStage}}
		}
		err := pages(func(token *string) (*string, int, error) {
			out, err := call(ctx, opListExecutions, pipeline, "", c.api.ListPipelineExecutions, &awscodepipeline.ListPipelineExecutionsInput{
				PipelineName: &pipeline, Filter: filter, MaxResults: aws.Int32(pageSize), NextToken: token,
			})
			if err != nil {
				return nil, 0, err
			}
			for _, s := range out.PipelineExecutionSummaries {
				if !yield(summaryOf(pipeline, s), nil) {
					return nil, 0, nil
				}
			}
			return out.NextToken, len(out.PipelineExecutionSummaries), nil
		}, func(err error) error {
			return &Error{Operation: opListExecutions, Pipeline: pipeline, Err: err}
		})
		if err != nil {
			yield(nil, err)
		}
	}
}

func summaryOf(pipeline string, s types.PipelineExecutionSummary) *ExecutionSummary {
	e := &ExecutionSummary{
		Pipeline:       pipeline,
		ID:             aws.ToString(s.PipelineExecutionId),
		Status:         Status(s.Status),
		StatusSummary:  aws.ToString(s.StatusSummary),
		Trigger:        triggerOf(s.Trigger),
		Mode:           Mode(s.ExecutionMode),
		Type:           ExecutionType(s.ExecutionType),
		RollbackTarget: rollbackTarget(s.RollbackMetadata),
		Started:        timeOf(s.StartTime),
		Updated:        timeOf(s.LastUpdateTime),
	}
	if s.StopTrigger != nil {
		e.StopReason = aws.ToString(s.StopTrigger.Reason)
	}
	for _, source := range s.SourceRevisions {
		r := revisionFrom(events.ActionType{}, aws.ToString(source.RevisionUrl), aws.ToString(source.RevisionSummary), aws.ToString(source.RevisionId))
		r.Action = aws.ToString(source.ActionName)
		e.Revisions = append(e.Revisions, r)
	}
	slices.SortStableFunc(e.Revisions, func(a, b Revision) int { return strings.Compare(a.Action, b.Action) })
	return e
}
