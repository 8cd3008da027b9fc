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

type getPipelineExecutionInput struct {
	PipelineName *string `json:"pipelineName"`
	ExecutionID  *string `json:"pipelineExecutionId"`
}

type getPipelineExecutionOutput struct {
	Execution executionJSON `json:"pipelineExecution"`
}

type executionJSON struct {
	PipelineName      string         `json:"pipelineName"`
	PipelineVersion   int            `json:"pipelineVersion"`
	ExecutionID       string         `json:"pipelineExecutionId"`
	Status            string         `json:"status"`
	ArtifactRevisions []revisionJSON `json:"artifactRevisions"`
	Variables         []variableJSON `json:"variables,omitempty"`
	Trigger           *triggerJSON   `json:"trigger"`
	ExecutionMode     string         `json:"executionMode"`
	ExecutionType     string         `json:"executionType"`
	Rollback          *rollbackJSON  `json:"rollbackMetadata,omitempty"`
}

type revisionJSON struct {
	Name     string             `json:"name"`
	ID       string             `json:"revisionId"`
	ChangeID string             `json:"revisionChangeIdentifier,omitempty"`
	Summary  string             `json:"revisionSummary,omitempty"`
	Created  *awsjson.Timestamp `json:"created,omitempty"`
	URL      string             `json:"revisionUrl,omitempty"`
}

type variableJSON struct {
	Name  string `json:"name"`
	Value string `json:"resolvedValue"`
}

func (s *Server) getPipelineExecution(in *getPipelineExecutionInput) (*getPipelineExecutionOutput, error) {
	var v validation
	v.name("pipelineName", in.PipelineName)
	v.UUID("pipelineExecutionId", in.ExecutionID, true)
	if err := v.Err(); err != nil {
		return nil, err
	}
	p, err := s.pipelineNamed(in.PipelineName)
	if err != nil {
		return nil, err
	}
	e := p.byID[*in.ExecutionID]
	if e == nil {
		return nil, executionNotFound(p, *in.ExecutionID)
	}
	out := executionJSON{
		PipelineName:      p.definition.Name,
		PipelineVersion:   e.definition.Version,
		ExecutionID:       e.id,
		Status:            e.status,
		ArtifactRevisions: []revisionJSON{},
		Trigger:           e.triggerJSON(),
		ExecutionMode:     e.definition.ExecutionMode,
		ExecutionType:     e.executionType,
		Rollback:          e.rollbackJSON(),
	}
	for _, f := range e.found() {
		out.ArtifactRevisions = append(out.ArtifactRevisions, revisionJSON{
			Name:     f.action.Outputs[0],
			ID:       f.revision.ID,
			ChangeID: f.revision.ChangeID,
			Summary:  f.revision.Summary,
			Created:  awsjson.At(f.revision.Created),
			URL:      told(f.revision.URL),
		})
	}
	for _, v := range e.variables {
		out.Variables = append(out.Variables, variableJSON{v.name, v.value})
	}
	return &getPipelineExecutionOutput{out}, nil
}

// foundRevision is what a source action has found.
type foundRevision struct {
	action   *Action
	revision Revision
}

// found returns what the source actions have found, in an order that varies,
// as that of the service does.
func (e *execution) found() []foundRevision {
	list := slices.Clone(e.sources)
	e.server().random.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
	return list
}

type stopPipelineExecutionInput struct {
	PipelineName *string `json:"pipelineName"`
	ExecutionID  *string `json:"pipelineExecutionId"`
	Abandon      *bool   `json:"abandon"`
	Reason       *string `json:"reason"`
}

func (s *Server) stopPipelineExecution(in *stopPipelineExecutionInput) (*executionIDOutput, error) {
	var v validation
	v.name("pipelineName", in.PipelineName)
	v.UUID("pipelineExecutionId", in.ExecutionID, true)
	v.Text("reason", in.Reason, false, 0, 200, nil)
	if err := v.Err(); err != nil {
		return nil, err
	}
	p, err := s.pipelineNamed(in.PipelineName)
	if err != nil {
		return nil, err
	}
	abandon := in.Abandon != nil && *in.Abandon
	e := p.byID[*in.ExecutionID]
	switch {
	case e == nil || e.phase == ended:
		return nil, awsjson.Errorf("PipelineExecutionNotStoppableException", "Pipeline '%s' has no execution '%s' in progress", p.definition.Name, *in.ExecutionID)
	case e.stopping() && (!abandon || e.abandoned):
		return nil, awsjson.Errorf("DuplicatedStopRequestException", "Execution '%s' of pipeline '%s' is already stopping", e.id, p.definition.Name)
	}
	if !e.stopping() {
		reason := ""
		if in.Reason != nil {
			reason = *in.Reason
		}
		e.stop(reason, abandon)
	}
	if abandon {
		e.abandoned = true
		for _, r := range e.inProgress() {
			r.abandon("ABANDONED")
		}
		if e.check != nil {
			for _, r := range e.check.rules {
				r.abandon()
			}
		}
		e.wake()
	}
	return &executionIDOutput{e.id}, nil
}

// stop lets the execution start no more actions.
func (e *execution) stop(reason string, abandon bool) {
	e.touch()
	e.status, e.stopRequested, e.stopReason = "Stopping", true, reason
	e.emit("STOPPING")
	if e.phase == inside {
		e.stage().status = "Stopping"
		e.emitStage(e.position, "STOPPING")
		for _, r := range e.inProgress() {
			if !abandon && r.needsJob() {
				e.server().jobs.stopping(r)
			}
		}
	}
	e.wake()
}
