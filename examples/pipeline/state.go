package main

import (
	"cmp"
	"strings"

	"github.com/codesuite-go/codesuite/pipeline"
)

// state is how the view shows the state of a stage, an action or an execution: by a
// sign and a word besides the color.
type state struct{ sign, word, color string }

var (
	stateNone      = state{"○", "", faint}
	stateRunning   = state{"●", "running", blue}
	stateWaiting   = state{"?", "waits", yellow}
	stateSucceeded = state{"✓", "succeeded", green}
	stateFailed    = state{"✗", "failed", red}
	stateSkipped   = state{"»", "skipped", faint}
)

// stateOf returns the state of an execution, a stage or an action whose status is not
// special.
func stateOf(status string) state {
	switch status {
	case "":
		return stateNone
	case "InProgress":
		return stateRunning
	case "Succeeded", "Overridden":
		return state{stateSucceeded.sign, lower(status), green}
	case "Failed", "Errored":
		return state{stateFailed.sign, lower(status), red}
	case "Skipped":
		return stateSkipped
	case "Stopping":
		return state{"●", "stopping", yellow}
	}
	return state{"■", lower(status), yellow} // Stopped, Superseded, Cancelled, Abandoned
}

func lower(status string) string { return strings.ToLower(shown(status)) }

// actionState returns the state of a run of an action, nil if it has not started.
func actionState(a *pipeline.ActionExecution) state {
	switch {
	case a == nil:
		return stateNone
	case a.Waiting():
		return stateWaiting
	}
	return stateOf(string(a.Status))
}

// actionWord returns the state of a run in a word.
func actionWord(a *pipeline.ActionExecution) string {
	return cmp.Or(actionState(a).word, "not started")
}
