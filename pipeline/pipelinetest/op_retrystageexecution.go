package pipelinetest

import "github.com/codesuite-go/codesuite/internal/awsjson"

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
