package pipelinetest

import (
	"fmt"
	"time"
)

// Advance makes the next state change of a pipeline execution, a stage or an
// action, and reports whether there was one. Each is one event. Executions take
// turns; if IDs are given, only these executions advance. Within a stage, all
// actions of one run order start before the first of them ends.
func (s *Server) Advance(executionIDs ...string) bool {
	defer s.deliver()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.jobs.expire(s.clock()) {
		return true
	}
	if len(executionIDs) == 0 {
		return s.advanceAny()
	}
	for _, id := range executionIDs {
		if e := s.execution(id); e != nil && e.advance() {
			e.wake()
			return true
		}
	}
	return false
}

// advanceAny advances the execution whose turn it is.
func (s *Server) advanceAny() bool {
	for n := len(s.ready); n > 0 && len(s.ready) > 0; n-- {
		e := s.ready[0]
		s.ready = s.ready[1:]
		e.queued = false
		moved := func() bool {
			defer e.wakeToAskAgain() // also when Action.Run ends the test
			return e.advance()
		}()
		if moved {
			e.wake()
			return true
		}
	}
	return false
}

// advance makes the next state change of the execution.
func (e *execution) advance() bool {
	if e.move() {
		return true
	}
	for _, r := range e.inProgress() {
		if r.ended() || r.asking {
			continue
		}
		if function := r.function(); function != nil && r.ask(function) {
			return true
		}
	}
	if e.check != nil {
		for _, r := range e.check.rules {
			if r.ended() || r.asking {
				continue
			}
			if function := r.function(); function != nil && r.ask(function) {
				return true
			}
		}
	}
	return false
}

// wakeToAskAgain keeps the execution in the queue if an Action.Run or a Rule.Run
// is to be called again, or an approval may time out.
func (e *execution) wakeToAskAgain() {
	if e.check != nil {
		e.wake()
	}
	for _, r := range e.inProgress() {
		if r.waits() {
			e.wake()
			return
		}
	}
}

// execution returns the execution with the ID, nil if there is none.
func (s *Server) execution(id string) *execution {
	for _, p := range s.pipelines {
		if e := p.byID[id]; e != nil {
			return e
		}
	}
	return nil
}

// Settle advances until nothing moves without help: all executions, or those
// with the IDs, have ended, or wait for an approval, a job's result, a stage
// that is occupied, a transition that is disabled, or an [Action.Run] or a [Rule.Run]
// that answers [StateInProgress]. Then Settle delivers the events that were held back.
func (s *Server) Settle(executionIDs ...string) {
	for s.Advance(executionIDs...) {
	}
	s.FlushEvents()
}

// AutoAdvance lets the server advance by itself, one step each interval, until
// it is closed; 0 ends it. If nothing moves, the events that were held back are
// delivered.
func (s *Server) AutoAdvance(every time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stopAuto != nil {
		close(s.stopAuto)
		s.stopAuto = nil
	}
	if every <= 0 || s.closed {
		return
	}
	stop := make(chan struct{})
	s.stopAuto = stop
	s.auto.Add(1)
	go func() {
		defer s.auto.Done()
		ticker := time.NewTicker(every)
		defer ticker.Stop()
		for {
			select {
			case <-stop:
				return
			case <-ticker.C:
			}
			if !s.Advance() {
				s.FlushEvents()
			}
		}
	}()
}

// StartExecution starts an execution as a trigger does, and returns its ID.
// The revisions are what source actions find, for this execution only. StartExecution
// fails if the server has no such pipeline, source action or type of trigger, if a
// variable has no default, or if 50 executions of a pipeline in QUEUED or PARALLEL mode
// are in progress.
func (s *Server) StartExecution(pipeline string, trigger Trigger, revisions ...SourceRevision) (id string, err error) {
	defer s.deliver()
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.pipelines[pipeline]
	if p == nil {
		return "", fmt.Errorf("pipelinetest: there is no pipeline %q", pipeline)
	}
	overrides := make(map[string]Revision)
	for _, r := range revisions {
		if p.definition.Stages[0].action(r.Action) == nil {
			return "", fmt.Errorf("pipelinetest: start of %s: there is no source action %q", pipeline, r.Action)
		}
		overrides[r.Action] = r.Revision
	}
	if id, err = p.startBy(trigger, overrides); err != nil {
		return "", fmt.Errorf("pipelinetest: start of %s: %w", pipeline, err)
	}
	return id, nil
}

// Finish ends the run of an action that is in progress, whatever the action waits for.
// An [Outcome] with [StateInProgress] does not end the run, but changes its summary,
// external execution, log and targets. Finish fails if the action has no run in progress.
func (s *Server) Finish(executionID, stage, action string, outcome Outcome) error {
	defer s.deliver()
	s.mu.Lock()
	defer s.mu.Unlock()
	e := s.execution(executionID)
	if e == nil {
		return fmt.Errorf("pipelinetest: there is no execution %q", executionID)
	}
	i := e.definition.stageIndex(stage)
	if i < 0 {
		return fmt.Errorf("pipelinetest: pipeline %s has no stage %q", e.definition.Name, stage)
	}
	r := e.stages[i].runs[action]
	if r == nil || r.ended() {
		return fmt.Errorf("pipelinetest: execution %s of %s has no run of %s in stage %s in progress", e.id, e.definition.Name, action, stage)
	}
	r.finish(outcome)
	return nil
}
