package pipelinetest

import (
	"errors"
	"time"
)

// StartExecution starts an execution as a trigger does, and returns its ID.
// The revisions are what source actions find, for this execution only.
func (s *Server) StartExecution(pipeline string, trigger Trigger, revisions ...SourceRevision) (id string, err error) {
	return "", errors.ErrUnsupported
}

// Advance makes the next state change of a pipeline execution, a stage or an
// action, and reports whether there was one. Each is one event. Executions take
// turns; if IDs are given, only these executions advance. Within a stage, all
// actions of one run order start before the first of them ends.
func (s *Server) Advance(executionIDs ...string) bool { return false }

// Settle advances until nothing moves without help: all executions, or those
// with the IDs, have ended, or wait for an approval, a job's result, a stage
// that is occupied, a transition that is disabled, or an [Action.Run] that
// answers InProgress. Then it delivers the events that were held back.
func (s *Server) Settle(executionIDs ...string) {}

// AutoAdvance lets the server advance by itself, one step each interval, until
// it is closed; 0 ends it. If nothing moves, the events that were held back are
// delivered.
func (s *Server) AutoAdvance(every time.Duration) {}

// Finish ends a run of an action that is in progress, whatever it waits for, or
// with an Outcome in progress tells of it.
func (s *Server) Finish(executionID, stage, action string, outcome Outcome) error {
	return errors.ErrUnsupported
}
