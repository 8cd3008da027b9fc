package pipelinetest

import "github.com/codesuite-go/codesuite/internal/awsjson"

type overrideStageConditionInput struct {
	PipelineName  *string `json:"pipelineName"`
	StageName     *string `json:"stageName"`
	ExecutionID   *string `json:"pipelineExecutionId"`
	ConditionType *string `json:"conditionType"`
}

func (s *Server) overrideStageCondition(in *overrideStageConditionInput) (nothing, error) {
	var v validation
	v.name("pipelineName", in.PipelineName)
	v.name("stageName", in.StageName)
	v.UUID("pipelineExecutionId", in.ExecutionID, true)
	v.Enum("conditionType", in.ConditionType, "BEFORE_ENTRY", "ON_SUCCESS")
	if err := v.Err(); err != nil {
		return nothing{}, err
	}
	p, i, err := s.stageNamed(in.PipelineName, in.StageName)
	if err != nil {
		return nothing{}, err
	}
	kind := beforeEntry
	if *in.ConditionType == "ON_SUCCESS" {
		kind = onSuccess
	}
	e := p.byID[*in.ExecutionID]
	c, err := p.overridable(e, i, kind, *in.StageName)
	if err != nil {
		return nothing{}, err
	}
	if e.check != c { // The condition has ended the execution.
		e.resume(i)
		e.stage().status = "InProgress"
		e.stage().retried = e.touch()
		e.emit("RESUMED")
		e.emitStage(i, "RESUMED")
	}
	c.end(e, "Overridden")
	e.decide(c, true)
	e.wake()
	return nothing{}, nil
}

// overridable returns the condition that the execution waits for or has failed
// for, or why it cannot be overridden.
func (p *pipelineRecord) overridable(e *execution, i int, kind conditionKind, stage string) (*check, error) {
	not := func(reason string) error {
		return awsjson.Errorf("ConditionNotOverridableException", "The condition of stage '%s' of pipeline '%s' cannot be overridden: %s", stage, p.definition.Name, reason)
	}
	switch {
	case e == nil:
		return nil, not("the pipeline has no such execution")
	case e.definition != p.definition:
		return nil, not("the pipeline was changed since the execution started")
	case !e.parallel() && p.stages[i].latest != e:
		return nil, awsjson.Errorf("NotLatestPipelineExecutionException", "Execution '%s' is not the latest in stage '%s' of pipeline '%s'", e.id, stage, p.definition.Name)
	}
	c := e.stages[i].checks[kind]
	switch {
	case c == nil:
		return nil, not("it was not looked at")
	case e.check == c && !e.stopping():
		return c, nil
	case c.status != "Failed" || c.condition.Result != "FAIL" || e.phase != ended || e.status != "Failed" || e.position != i:
		return nil, not("the execution neither waits nor has failed for it")
	case p.stages[i].occupant != nil:
		return nil, awsjson.Errorf("ConflictException", "Stage '%s' of pipeline '%s' is occupied", stage, p.definition.Name)
	case p.full():
		return nil, tooManyExecutions(p)
	}
	return c, nil
}
