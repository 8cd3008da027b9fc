package events_test

import (
	"testing"

	"github.com/codesuite-go/codesuite/events"
)

func TestStates(t *testing.T) {
	t.Parallel()
	type state interface {
		Terminal() bool
		APIStatus() (string, bool)
	}
	for _, test := range []struct {
		state    state
		terminal bool
		api      string // "" for none
	}{
		{events.PipelineStarted, false, "InProgress"},
		{events.PipelineResumed, false, "InProgress"},
		{events.PipelineStopping, false, "Stopping"},
		{events.PipelineStopped, true, "Stopped"},
		{events.PipelineSucceeded, true, "Succeeded"},
		{events.PipelineFailed, true, "Failed"},
		{events.PipelineCanceled, true, "Cancelled"},
		{events.PipelineSuperseded, true, "Superseded"},
		{events.PipelineState("ABANDONED"), false, ""},
		{events.PipelineState("Failed"), false, ""},
		{events.PipelineState(""), false, ""},
		{events.StageStarted, false, "InProgress"},
		{events.StageResumed, false, "InProgress"},
		{events.StageStopping, false, "Stopping"},
		{events.StageStopped, true, "Stopped"},
		{events.StageSucceeded, true, "Succeeded"},
		{events.StageFailed, true, "Failed"},
		{events.StageCanceled, true, "Cancelled"},
		{events.StageState("SUPERSEDED"), false, ""},
		{events.ActionStarted, false, "InProgress"},
		{events.ActionSucceeded, true, "Succeeded"},
		{events.ActionFailed, true, "Failed"},
		{events.ActionAbandoned, true, "Abandoned"},
		{events.ActionCanceled, true, ""},
		{events.ActionState("STOPPED"), false, ""},
	} {
		if got := test.state.Terminal(); got != test.terminal {
			t.Errorf("%T %q: Terminal is %t", test.state, test.state, got)
		}
		api, ok := test.state.APIStatus()
		if api != test.api || ok != (test.api != "") {
			t.Errorf("%T %q: APIStatus is %q, %t", test.state, test.state, api, ok)
		}
		if !ok {
			continue
		}
		back := state(nil)
		switch s := test.state.(type) {
		case events.PipelineState:
			if s == events.PipelineResumed {
				s = events.PipelineStarted // the API has one status for both
			}
			back, ok = events.PipelineStateOf(api)
			test.state = s
		case events.StageState:
			continue // nothing leads back
		case events.ActionState:
			back, ok = events.ActionStateOf(api)
		}
		if !ok || back != test.state {
			t.Errorf("%T %q: back from %q is %q, %t", test.state, test.state, api, back, ok)
		}
	}
	for _, api := range []string{"Skipped", "STARTED", "", "Errored"} {
		if s, ok := events.PipelineStateOf(api); ok {
			t.Errorf("PipelineStateOf(%q) is %q", api, s)
		}
	}
	if s, ok := events.ActionStateOf("Cancelled"); ok {
		t.Errorf("ActionStateOf(Cancelled) is %q", s)
	}
	for s, want := range map[interface{ Terminal() bool }]bool{
		events.BuildInProgress: false, events.BuildSucceeded: true, events.BuildFailed: true, events.BuildFault: true,
		events.BuildTimedOut: true, events.BuildStopped: true, events.BuildStatus("NEW"): false,
		events.ExecutionRunning: false, events.ExecutionSucceeded: true, events.ExecutionFailed: true,
		events.ExecutionTimedOut: true, events.ExecutionAborted: true, events.ExecutionPendingRedrive: false,
	} {
		if s.Terminal() != want {
			t.Errorf("%T %q: Terminal is %t", s, s, !want)
		}
	}
}

func TestSupersedes(t *testing.T) {
	t.Parallel()
	const early, late = events.Timestamp("2026-03-02T10:15:42Z"), events.Timestamp("2026-03-02T10:15:43Z")
	type state = events.PipelineExecutionStateChange
	at := func(s events.PipelineState, attempt int, time events.Timestamp) *state {
		return &state{Header: events.Header{Time: time}, Pipeline: "p", ExecutionID: "x", State: s, Attempt: attempt}
	}
	for _, test := range []struct {
		name       string
		newer, old *state
		back       bool // whether old supersedes newer too
	}{
		{"nothing", at(events.PipelineStarted, 1, early), nil, false},
		{"same second", at(events.PipelineSucceeded, 1, early), at(events.PipelineStarted, 1, early), false},
		{"rank before time", at(events.PipelineFailed, 1, early), at(events.PipelineStopping, 1, late), false},
		{"stopping", at(events.PipelineStopping, 1, early), at(events.PipelineResumed, 1, early), false},
		{"attempt before rank", at(events.PipelineResumed, 2, early), at(events.PipelineFailed, 1, late), false},
		{"unknown attempt, time before rank", at(events.PipelineResumed, 0, late), at(events.PipelineFailed, 0, early), false},
		{"unknown attempt, same second", at(events.PipelineFailed, 0, early), at(events.PipelineStarted, 0, early), false},
		{"one unknown attempt", at(events.PipelineFailed, 1, late), at(events.PipelineStarted, 0, early), false},
		{"two ends", at(events.PipelineStopped, 1, late), at(events.PipelineFailed, 1, early), false},
		{"no times", at(events.PipelineFailed, 1, ""), at(events.PipelineStarted, 1, "TimeStamp"), false},
		{"attempt before time", at(events.PipelineStarted, 1, early), at(events.PipelineFailed, 0, late), false},
		{"unknown attempt, one time", at(events.PipelineStarted, 0, early), at(events.PipelineFailed, 0, "TimeStamp"), false},
		{"unknown state", at(events.PipelineStarted, 1, early), at("NEW", 1, early), false},
	} {
		if !test.newer.Supersedes(test.old) {
			t.Errorf("%s: the newer does not supersede the old", test.name)
		}
		if test.old != nil && test.old.Supersedes(test.newer) {
			t.Errorf("%s: the old supersedes the newer", test.name)
		}
	}
	e := at(events.PipelineStarted, 1, early)
	if e.Supersedes(e) {
		t.Error("an event supersedes itself")
	}
	other := at(events.PipelineFailed, 1, late)
	other.ExecutionID = "y"
	if other.Supersedes(e) {
		t.Error("an event of another execution supersedes")
	}
	if !(&events.StageExecutionStateChange{Stage: "a", State: events.StageFailed}).Supersedes(&events.StageExecutionStateChange{Stage: "a", State: events.StageStarted}) {
		t.Error("stage: failed does not supersede started")
	}
	if (&events.StageExecutionStateChange{Stage: "a", State: events.StageFailed}).Supersedes(&events.StageExecutionStateChange{Stage: "b", State: events.StageStarted}) {
		t.Error("stage: another stage supersedes")
	}
	if !(&events.ActionExecutionStateChange{State: events.ActionAbandoned}).Supersedes(&events.ActionExecutionStateChange{State: events.ActionStarted}) ||
		(&events.ActionExecutionStateChange{Action: "a", State: events.ActionAbandoned}).Supersedes(&events.ActionExecutionStateChange{State: events.ActionStarted}) {
		t.Error("action")
	}
	if !(&events.BuildStateChange{Status: events.BuildFailed}).Supersedes(&events.BuildStateChange{Status: events.BuildInProgress}) {
		t.Error("build")
	}
	if !(&events.StateMachineExecutionStatusChange{Status: events.ExecutionRunning, RedriveCount: 1}).Supersedes(&events.StateMachineExecutionStatusChange{Status: events.ExecutionFailed}) {
		t.Error("state machine: redrive")
	}
	if !(&events.StageExecutionStateChange{}).Supersedes(nil) || !(&events.ActionExecutionStateChange{}).Supersedes(nil) ||
		!(&events.BuildStateChange{}).Supersedes(nil) || !(&events.StateMachineExecutionStatusChange{}).Supersedes(nil) {
		t.Error("nil is not superseded")
	}
}

// TestSupersedesOrder goes through all triples of events that differ in what
// counts: nothing may supersede itself, also not by way of others.
func TestSupersedesOrder(t *testing.T) {
	t.Parallel()
	var all []*events.StageExecutionStateChange
	for attempt := range 3 {
		for _, state := range []events.StageState{events.StageStarted, events.StageResumed, events.StageFailed, "NEW"} {
			for _, time := range []events.Timestamp{"2026-03-02T10:15:42Z", "2026-03-02T10:15:43Z", "TimeStamp"} {
				all = append(all, &events.StageExecutionStateChange{Header: events.Header{Time: time}, State: state, Attempt: attempt})
			}
		}
	}
	for _, a := range all {
		for _, b := range all {
			if !a.Supersedes(b) {
				continue
			}
			if b.Supersedes(a) {
				t.Errorf("%d %s %s and %d %s %s supersede each other", a.Attempt, a.State, a.Time, b.Attempt, b.State, b.Time)
			}
			for _, c := range all {
				if b.Supersedes(c) && !a.Supersedes(c) {
					t.Errorf("%d %s %s supersedes %d %s %s, that %d %s %s, but the first does not supersede the last",
						a.Attempt, a.State, a.Time, b.Attempt, b.State, b.Time, c.Attempt, c.State, c.Time)
				}
			}
		}
	}
}
