package pipelinetest

import (
	"maps"
	"slices"

	"github.com/codesuite-go/codesuite/internal/awsjson"
)

type rollbackStageInput struct {
	PipelineName *string `json:"pipelineName"`
	StageName    *string `json:"stageName"`
	Target       *string `json:"targetPipelineExecutionId"`
}

func (s *Server) rollbackStage(in *rollbackStageInput) (*executionIDOutput, error) {
	var v validation
	v.name("pipelineName", in.PipelineName)
	v.name("stageName", in.StageName)
	v.UUID("targetPipelineExecutionId", in.Target, true)
	if err := v.Err(); err != nil {
		return nil, err
	}
	p, i, err := s.stageNamed(in.PipelineName, in.StageName)
	if err != nil {
		return nil, err
	}
	target := p.byID[*in.Target]
	if target == nil {
		return nil, executionNotFound(p, *in.Target)
	}
	if err := p.checkRollback(target, i, *in.StageName); err != nil {
		return nil, err
	}
	e := newRollback(target, Trigger{Type: "ManualRollback", Detail: user})
	p.add(e, i, i)
	return &executionIDOutput{e.id}, nil
}

func newRollback(target *execution, trigger Trigger) *execution {
	return &execution{
		executionType:  "ROLLBACK",
		rollbackTarget: target.id,
		trigger:        trigger,
		variables:      target.variables,
		artifacts:      maps.Clone(target.artifacts),
		outputs:        maps.Clone(target.outputs),
		sources:        slices.Clone(target.sources),
	}
}

// checkRollback returns why the stage cannot be rolled back to the target.
func (p *pipelineRecord) checkRollback(target *execution, i int, stage string) error {
	unable := func(reason string) error {
		return awsjson.Errorf("UnableToRollbackStageException", "Stage '%s' of pipeline '%s' cannot be rolled back: %s", stage, p.definition.Name, reason)
	}
	switch {
	case target.parallel():
		return unable("the pipeline is in PARALLEL mode")
	case i == 0:
		return unable("it is the source stage")
	case target.definition != p.definition:
		return awsjson.Errorf("PipelineExecutionOutdatedException", "Pipeline '%s' was changed since execution '%s' started", p.definition.Name, target.id)
	case target.rollbackTarget != "":
		return unable("the target is a rollback itself")
	case target.stages[i].status != "Succeeded":
		return unable("the target has not succeeded in it")
	case p.stages[i].occupant != nil:
		return awsjson.Errorf("ConflictException", "Stage '%s' of pipeline '%s' is occupied", stage, p.definition.Name)
	}
	return nil
}
