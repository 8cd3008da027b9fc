package pipelinestatus

import (
	"slices"
	"time"

	"github.com/codesuite-go/codesuite/events"
	"github.com/codesuite-go/codesuite/pipeline"
)

// snapshot is an execution at one moment: the API's reply and the newest events
// that this process has seen. Its methods return the true state in the spelling
// of events, and "" if the state is not certain.
//
// The rules make the last state right in whatever order events come. An end that
// the API reports is an end. An event overrules the API only with an end that is
// newer than each start, as the API may lag behind its events. Reporter.proved holds
// a success back until the API has it as well.
type snapshot struct {
	key       executionKey
	execution *pipeline.Execution // nil if the API does not have it
	events    observation
}

func (s *snapshot) rollback() bool {
	return s.execution != nil && s.execution.Type == pipeline.ExecutionRollback
}

// withoutEvents is the snapshot as the API alone has it.
func (s *snapshot) withoutEvents() *snapshot {
	return &snapshot{key: s.key, execution: s.execution}
}

// state is the state of the execution, a stage or an action.
func (s *snapshot) state(key subjectKey) string {
	switch {
	case !s.reached(key):
		return ""
	case key.stage == "":
		return string(s.pipelineState())
	case key.action == "":
		return string(s.stageState(key.stage))
	default:
		return string(s.actionState(key))
	}
}

// pipelineState is the state of the execution.
func (s *snapshot) pipelineState() events.PipelineState {
	seen := s.events.pipeline
	if s.execution == nil {
		if seen == nil {
			return ""
		}
		return seen.State
	}
	is, known := events.PipelineStateOf(string(s.execution.Status))
	switch {
	case known && is.Terminal():
		return is
	case seen != nil && seen.State.Terminal() && !startedSince(s.execution.Actions, seen.Time):
		return seen.State
	case !known: // a status of the future, which may be an end
		return ""
	case seen == nil || seen.State.Terminal() || is == events.PipelineStopping:
		return is
	}
	return seen.State
}

// ended is the state in which the execution has ended, "" if it has not or if
// that is not known.
func (s *snapshot) ended() events.PipelineState {
	if state := s.pipelineState(); state.Terminal() {
		return state
	}
	return ""
}

// stageState is the state of a stage that was reached. It is worked out of the runs
// of the stage's actions, as the API has no state of a stage in an execution. One
// case stays open: if all runs have succeeded and no other stage has started, the
// stage may be over, or have actions that are still to start or never will.
func (s *snapshot) stageState(stage string) events.StageState {
	seen := s.events.stages[stage]
	runs, passed := s.stageRuns(stage)
	ended := s.ended()
	if seen != nil && seen.State.Terminal() && !startedSince(runs, seen.Time) {
		if seen.State == events.StageFailed && !passed && ended != "" {
			return events.StageState(ended) // it was retried, if not failed
		}
		return seen.State
	}
	resumed := seen != nil && seen.State == events.StageResumed && !startedSince(runs, seen.Time)
	running, failed, abandoned := false, false, false
	for _, run := range runs {
		running = running || run.Status == pipeline.ActionInProgress
		failed = failed || run.Status == pipeline.ActionFailed
		abandoned = abandoned || run.Status == pipeline.ActionAbandoned
	}
	switch {
	case passed, ended == events.PipelineSucceeded:
		return events.StageSucceeded
	case ended == events.PipelineSuperseded && len(runs) > 0 && !running:
		return events.StageSucceeded // executions are overtaken between stages
	case ended != "" && (running || failed || abandoned || len(runs) == 0):
		return events.StageState(ended) // the stage ended with the execution
	case ended != "":
		return ""
	case running || resumed || len(runs) == 0:
		switch {
		case seen == nil:
			return events.StageStarted
		case seen.State.Terminal():
			return events.StageResumed
		}
		return seen.State
	case failed:
		return events.StageFailed
	case abandoned:
		return events.StageStopped
	}
	return ""
}

// stageRuns returns the newest runs of the stage's actions, and whether the
// execution has gone on to another stage since.
func (s *snapshot) stageRuns(stage string) (runs []pipeline.ActionExecution, passed bool) {
	if s.execution == nil {
		return nil, false
	}
	for _, a := range s.execution.Actions { // in the order of their start
		if a.Stage == stage {
			runs = append(runs, a)
		}
		passed = len(runs) > 0 && a.Stage != stage
	}
	return runs, passed
}

// allSucceeded reports whether the API has runs of the stage's actions, all of
// which have succeeded.
func (s *snapshot) allSucceeded(stage string) bool {
	runs, _ := s.stageRuns(stage)
	return len(runs) > 0 && !slices.ContainsFunc(runs, func(run pipeline.ActionExecution) bool { return run.Status != pipeline.ActionSucceeded })
}

// actionState is the state of an action that was reached.
func (s *snapshot) actionState(key subjectKey) events.ActionState {
	seen := s.events.actions[key]
	run := s.run(key)
	switch {
	case run == nil && !seen.State.Terminal() && s.ended() != "":
		return events.ActionAbandoned
	case run == nil:
		return seen.State
	}
	if seen != nil && seen.State.Terminal() {
		sameRun := seen.ActionExecutionID != "" && seen.ActionExecutionID == run.ID
		if sameRun || !startedSince([]pipeline.ActionExecution{*run}, seen.Time) {
			return seen.State
		}
	}
	is, known := events.ActionStateOf(string(run.Status))
	switch {
	case !known:
		return ""
	case !is.Terminal() && s.ended() != "":
		return events.ActionAbandoned // no event will observe its end
	}
	return is
}

// run returns the newest run of the action, nil if there is none.
func (s *snapshot) run(key subjectKey) *pipeline.ActionExecution {
	if s.execution == nil {
		return nil
	}
	for i, a := range s.execution.Actions {
		if a.Stage == key.stage && a.Action == key.action {
			return &s.execution.Actions[i]
		}
	}
	return nil
}

// reached reports whether the execution has come to the stage or action.
func (s *snapshot) reached(key subjectKey) bool {
	if key.stage == "" || len(s.runsOf(key)) > 0 {
		return true
	}
	if key.action == "" {
		return s.events.stages[key.stage] != nil
	}
	return s.events.actions[key] != nil
}

// subjects are the execution itself and, if they are asked for, its stages
// and actions.
func (s *snapshot) subjects(stages, actions bool) subjects {
	var all subjects
	all.add("", "")
	add := func(stage, action string) {
		if stages {
			all.add(stage, "")
		}
		if actions && action != "" {
			all.add(stage, action)
		}
	}
	if s.execution != nil {
		for _, a := range s.execution.Actions {
			add(a.Stage, a.Action)
		}
	}
	for stage := range s.events.stages {
		add(stage, "")
	}
	for key := range s.events.actions {
		add(key.stage, key.action)
	}
	return all
}

// startedSince reports whether a run began after the time of an event, which
// has the precision of a second. It is false if the event has no time.
func startedSince(runs []pipeline.ActionExecution, event events.Timestamp) bool {
	t, err := event.Time()
	if err != nil {
		return false
	}
	for _, run := range runs {
		if !run.Started.Before(t.Add(time.Second)) {
			return true
		}
	}
	return false
}
