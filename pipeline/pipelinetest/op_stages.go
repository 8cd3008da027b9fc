package pipelinetest

import (
	"maps"
	"slices"

	"github.com/codesuite-go/codesuite/internal/awsjson"
)

type stageTransitionInput struct {
	PipelineName *string `json:"pipelineName"`
	StageName    *string `json:"stageName"`
	Type         *string `json:"transitionType"`
	Reason       *string `json:"reason"`
}

// transition returns the stage that the transition leads to.
func (s *Server) transition(in *stageTransitionInput, disable bool) (*stageRecord, error) {
	var v validation
	v.name("pipelineName", in.PipelineName)
	v.name("stageName", in.StageName)
	v.Enum("transitionType", in.Type, "Inbound", "Outbound")
	if disable {
		v.Text("reason", in.Reason, true, 1, 300, reasonPattern)
	}
	if err := v.Err(); err != nil {
		return nil, err
	}
	p, i, err := s.stageNamed(in.PipelineName, in.StageName)
	if err != nil {
		return nil, err
	}
	if *in.Type == "Outbound" {
		i++
	}
	if i == 0 || i == len(p.stages) {
		return nil, awsjson.Invalid("Stage '%s' of pipeline '%s' has no %s transition", *in.StageName, p.definition.Name, *in.Type)
	}
	return p.stages[i], nil
}

func (s *Server) disableStageTransition(in *stageTransitionInput) (nothing, error) {
	st, err := s.transition(in, true)
	if err != nil {
		return nothing{}, err
	}
	st.disabled, st.changed = &disabledTransition{*in.Reason}, s.clock()
	return nothing{}, nil
}

func (s *Server) enableStageTransition(in *stageTransitionInput) (nothing, error) {
	st, err := s.transition(in, false)
	if err != nil {
		return nothing{}, err
	}
	if st.disabled != nil {
		st.disabled, st.changed = nil, s.clock()
		st.admitNext()
	}
	return nothing{}, nil
}

type retryStageExecutionInput struct {
	PipelineName *string `json:"pipelineName"`
	StageName    *string `json:"stageName"`
	ExecutionID  *string `json:"pipelineExecutionId"`
	RetryMode    *string `json:"retryMode"`
}

func (s *Server) retryStageExecution(in *retryStageExecutionInput) (*executionIDOutput, error) {
	var v validation
	v.name("pipelineName", in.PipelineName)
	v.name("stageName", in.StageName)
	v.UUID("pipelineExecutionId", in.ExecutionID, true)
	v.Enum("retryMode", in.RetryMode, "FAILED_ACTIONS", "ALL_ACTIONS")
	if err := v.Err(); err != nil {
		return nil, err
	}
	p, i, err := s.stageNamed(in.PipelineName, in.StageName)
	if err != nil {
		return nil, err
	}
	e := p.byID[*in.ExecutionID]
	if err := p.checkRetry(e, i, *in.StageName); err != nil {
		return nil, err
	}
	e.retry(i, *in.RetryMode == "ALL_ACTIONS")
	return &executionIDOutput{e.id}, nil
}

// checkRetry returns why the stage of the execution cannot be retried.
func (p *pipelineRecord) checkRetry(e *execution, i int, stage string) error {
	notRetryable := func(reason string) error {
		return awsjson.Errorf("StageNotRetryableException", "Stage '%s' of pipeline '%s' cannot be retried: %s", stage, p.definition.Name, reason)
	}
	switch {
	case e == nil:
		return notRetryable("the pipeline has no such execution")
	case e.definition != p.definition:
		return notRetryable("the pipeline was changed since the execution started")
	case e.phase != ended:
		return notRetryable("the execution is in progress")
	case e.stages[i].status != "Failed" && e.stages[i].status != "Stopped":
		return notRetryable("it has neither failed nor been stopped")
	case !e.parallel() && p.stages[i].latest != e:
		return awsjson.Errorf("NotLatestPipelineExecutionException", "Execution '%s' is not the latest in stage '%s' of pipeline '%s'", e.id, stage, p.definition.Name)
	case p.stages[i].occupant != nil:
		return awsjson.Errorf("ConflictException", "Stage '%s' of pipeline '%s' is occupied", stage, p.definition.Name)
	case p.full():
		return tooManyExecutions(p)
	}
	return nil
}

// retry lets the execution go on with the stage that failed: with the actions
// that have not succeeded, or with all.
func (e *execution) retry(i int, all bool) {
	e.resume(i)
	s := e.stage()
	s.retries++
	s.automatic = 0
	e.restart("ManualStageRetry", all)
	e.emit("RESUMED")
	e.emitStage(i, "RESUMED")
	if c := s.checks[beforeEntry]; c != nil && c.status == "Failed" {
		e.look(beforeEntry)
	}
}

// resume brings an execution that has ended back into a stage.
func (e *execution) resume(i int) {
	e.attempt++
	e.status, e.phase, e.position = "InProgress", inside, i
	e.stopRequested, e.stopReason, e.abandoned = false, "", false
	e.pipeline.running++
	if !e.parallel() {
		e.pipeline.stages[i].occupant = e
	}
	e.wake()
}

// restart forgets the runs of the stage that are to run again: those that have
// not succeeded, or all.
func (e *execution) restart(trigger string, all bool) {
	s := e.stage()
	s.status, s.retried, s.lastRetry = "InProgress", e.touch(), trigger
	for name, r := range s.runs {
		if all || r.status != "Succeeded" {
			delete(s.runs, name)
		}
	}
	e.wake()
}

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
