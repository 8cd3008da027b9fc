package pipelinetest

import "github.com/codesuite-go/codesuite/internal/awsjson"

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
