package pipelinestatus

import (
	"time"

	"github.com/codesuite-go/codesuite/events"
	"github.com/codesuite-go/codesuite/pipeline"
)

// view is what is known of an execution at one moment: what the API says, and
// the newest events that this process has seen. Its methods say which state is
// true, in the spelling of events, and "" if that is not certain.
//
// The rules are made so that the last word is always right, whatever order
// events come in: what the API says has ended has ended. An event is believed
// against the API only if it says that something has ended, for which the API
// may lag behind, and nothing has started since.
type view struct {
	key       executionKey
	execution *pipeline.Execution // nil if the API does not have it
	told      told
}

func (v *view) rollback() bool {
	return v.execution != nil && v.execution.Type == pipeline.ExecutionRollback
}

// state is the state of the execution, a stage or an action.
func (v *view) state(key subjectKey) string {
	switch {
	case !v.reached(key):
		return ""
	case key.stage == "":
		return string(v.pipelineState())
	case key.action == "":
		return string(v.stageState(key.stage))
	default:
		return string(v.actionState(key))
	}
}

// pipelineState is the state of the execution.
func (v *view) pipelineState() events.PipelineState {
	told := v.told.pipeline
	if v.execution == nil {
		if told == nil {
			return ""
		}
		return told.State
	}
	is, known := events.PipelineStateOf(string(v.execution.Status))
	switch {
	case known && is.Terminal():
		return is
	case told != nil && told.State.Terminal() && !startedSince(v.execution.Actions, told.Time):
		return told.State
	case !known: // a status of the future, which may be an end
		return ""
	case told == nil || told.State.Terminal() || is == events.PipelineStopping:
		return is
	}
	return told.State
}

// ended is the state in which the execution has ended, "" if it has not or if
// that is not known.
func (v *view) ended() events.PipelineState {
	if s := v.pipelineState(); s.Terminal() {
		return s
	}
	return ""
}

// stageState works the state of a stage that was reached out of its actions'
// runs, as the API does not tell it for an execution. That is enough but for one
// case: when all runs have succeeded and no other stage has started, the stage
// may be over, or have actions that are still to start or never will.
func (v *view) stageState(stage string) events.StageState {
	told := v.told.stages[stage]
	runs, passed := v.stageRuns(stage)
	ended := v.ended()
	if told != nil && told.State.Terminal() && !startedSince(runs, told.Time) {
		if told.State == events.StageFailed && !passed && ended != "" {
			return events.StageState(ended) // it was retried, if not failed
		}
		return told.State
	}
	resumed := told != nil && told.State == events.StageResumed && !startedSince(runs, told.Time)
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
		case told == nil:
			return events.StageStarted
		case told.State.Terminal():
			return events.StageResumed
		}
		return told.State
	case failed:
		return events.StageFailed
	case abandoned:
		return events.StageStopped
	}
	return ""
}

// stageRuns returns the newest runs of the stage's actions, and whether the
// execution has gone on to another stage since.
func (v *view) stageRuns(stage string) (runs []pipeline.ActionExecution, passed bool) {
	if v.execution == nil {
		return nil, false
	}
	for _, a := range v.execution.Actions { // in the order of their start
		if a.Stage == stage {
			runs = append(runs, a)
		}
		passed = len(runs) > 0 && a.Stage != stage
	}
	return runs, passed
}

// actionState is the state of an action that was reached.
func (v *view) actionState(key subjectKey) events.ActionState {
	told := v.told.actions[key]
	run := v.run(key)
	switch {
	case run == nil && !told.State.Terminal() && v.ended() != "":
		return events.ActionAbandoned
	case run == nil:
		return told.State
	}
	if told != nil && told.State.Terminal() {
		sameRun := told.ActionExecutionID != "" && told.ActionExecutionID == run.ID
		if sameRun || !startedSince([]pipeline.ActionExecution{*run}, told.Time) {
			return told.State
		}
	}
	is, known := events.ActionStateOf(string(run.Status))
	switch {
	case !known:
		return ""
	case !is.Terminal() && v.ended() != "":
		return events.ActionAbandoned // no event will tell its end
	}
	return is
}

// run returns the newest run of the action, nil if there is none.
func (v *view) run(key subjectKey) *pipeline.ActionExecution {
	if v.execution == nil {
		return nil
	}
	for i, a := range v.execution.Actions {
		if a.Stage == key.stage && a.Action == key.action {
			return &v.execution.Actions[i]
		}
	}
	return nil
}

// reached reports whether the execution has come to the stage or action.
func (v *view) reached(key subjectKey) bool {
	if key.stage == "" || len(v.runsOf(key)) > 0 {
		return true
	}
	if key.action == "" {
		return v.told.stages[key.stage] != nil
	}
	return v.told.actions[key] != nil
}

// all are the execution itself and, as far as they are asked for, its stages
// and actions.
func (v *view) all(stages, actions bool) subjects {
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
	if v.execution != nil {
		for _, a := range v.execution.Actions {
			add(a.Stage, a.Action)
		}
	}
	for stage := range v.told.stages {
		add(stage, "")
	}
	for key := range v.told.actions {
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
