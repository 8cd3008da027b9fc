package pipelinetest

import (
	"slices"

	"github.com/codesuite-go/codesuite/internal/awsjson"
)

type listPipelineExecutionsInput struct {
	PipelineName *string `json:"pipelineName"`
	MaxResults   *int32  `json:"maxResults"`
	NextToken    *string `json:"nextToken"`
	Filter       *struct {
		SucceededInStage *struct {
			StageName *string `json:"stageName"`
		} `json:"succeededInStage"`
	} `json:"filter"`
}

type listPipelineExecutionsOutput struct {
	Summaries []executionSummaryJSON `json:"pipelineExecutionSummaries"`
	NextToken *string                `json:"nextToken,omitempty"`
}

type executionSummaryJSON struct {
	ExecutionID     string               `json:"pipelineExecutionId"`
	Status          string               `json:"status"`
	StartTime       *awsjson.Timestamp   `json:"startTime"`
	LastUpdateTime  *awsjson.Timestamp   `json:"lastUpdateTime"`
	SourceRevisions []sourceRevisionJSON `json:"sourceRevisions"`
	Trigger         *triggerJSON         `json:"trigger"`
	StopTrigger     *stopTriggerJSON     `json:"stopTrigger,omitempty"`
	ExecutionMode   string               `json:"executionMode"`
	ExecutionType   string               `json:"executionType"`
	Rollback        *rollbackJSON        `json:"rollbackMetadata,omitempty"`
}

type sourceRevisionJSON struct {
	Action  string `json:"actionName"`
	ID      string `json:"revisionId"`
	Summary string `json:"revisionSummary,omitempty"`
	URL     string `json:"revisionUrl,omitempty"`
}

type stopTriggerJSON struct {
	Reason string `json:"reason,omitempty"`
}

func (s *Server) listPipelineExecutions(in *listPipelineExecutionsInput) (*listPipelineExecutionsOutput, error) {
	var v validation
	v.name("pipelineName", in.PipelineName)
	v.Page(in.MaxResults, 100, in.NextToken)
	stage := ""
	if in.Filter != nil && in.Filter.SucceededInStage != nil && in.Filter.SucceededInStage.StageName != nil {
		v.name("filter.succeededInStage.stageName", in.Filter.SucceededInStage.StageName)
		stage = *in.Filter.SucceededInStage.StageName
	}
	if err := v.Err(); err != nil {
		return nil, err
	}
	p, err := s.pipelineNamed(in.PipelineName)
	if err != nil {
		return nil, err
	}
	var list []*execution
	for _, e := range slices.Backward(p.executions) {
		if stage == "" || e.succeededIn(stage) {
			list = append(list, e)
		}
	}
	part, next, err := awsjson.Page(list, in.NextToken, pageSize(in.MaxResults, 100), invalidToken, "executions", p.definition.Name, stage)
	if err != nil {
		return nil, err
	}
	out := &listPipelineExecutionsOutput{Summaries: make([]executionSummaryJSON, 0, len(part)), NextToken: next}
	for _, e := range part {
		out.Summaries = append(out.Summaries, e.summary())
	}
	return out, nil
}

func (e *execution) succeededIn(stage string) bool {
	i := e.definition.stageIndex(stage)
	return i >= 0 && e.stages[i].status == "Succeeded"
}

func (e *execution) summary() executionSummaryJSON {
	summary := executionSummaryJSON{
		ExecutionID:     e.id,
		Status:          e.status,
		StartTime:       awsjson.At(e.started),
		LastUpdateTime:  awsjson.At(e.updated),
		SourceRevisions: []sourceRevisionJSON{},
		Trigger:         e.triggerJSON(),
		ExecutionMode:   e.definition.ExecutionMode,
		ExecutionType:   e.executionType,
		Rollback:        e.rollbackJSON(),
	}
	if e.stopRequested {
		summary.StopTrigger = &stopTriggerJSON{e.stopReason}
	}
	for _, f := range e.found() {
		summary.SourceRevisions = append(summary.SourceRevisions, sourceRevisionJSON{
			f.action.Name, f.revision.ID, f.revision.Summary, told(f.revision.URL)})
	}
	return summary
}
