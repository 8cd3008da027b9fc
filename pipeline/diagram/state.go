package diagram

import (
	"github.com/codesuite-go/codesuite/internal/svg"
	"github.com/codesuite-go/codesuite/pipeline"
)

// state is the state of an execution, a stage, an action, a condition or a rule, in
// the words of the picture. "" is that of a structure without an execution. One that
// this package does not know is in the API's spelling.
type state string

const (
	notStarted state = "Not started"
	inProgress state = "In progress"
	waiting    state = "Needs approval"
	succeeded  state = "Succeeded"
	failed     state = "Failed"
	errored    state = "Errored"
	stopping   state = "Stopping"
	stopped    state = "Stopped"
	abandoned  state = "Abandoned"
	cancelled  state = "Cancelled"
	superseded state = "Superseded"
	skipped    state = "Skipped"
	overridden state = "Overridden"
)

// look is the colour and shape of a state: no two states have the same shape.
type look struct {
	tone svg.Tone
	icon string // in a square of 16 by 16
}

// The classes of icons: f is filled, s is a line, and k is a line in the colour of
// the ground.
var looks = map[state]look{
	notStarted: {svg.ToneQuiet, `<circle class="s" cx="8" cy="8" r="6.25" stroke-dasharray="2.4 2.5"/>`},
	inProgress: {svg.ToneBusy, `<path class="s" d="M14.25 8A6.25 6.25 0 1 1 8 1.75" stroke-width="2"/><circle class="f" cx="8" cy="8" r="2.75"/>`},
	waiting:    {svg.ToneWarn, `<circle class="f" cx="8" cy="8" r="7"/><path class="k" d="M6.25 5.25v5.5M9.75 5.25v5.5"/>`},
	succeeded:  {svg.ToneGood, `<circle class="f" cx="8" cy="8" r="7"/><path class="k" d="M4.75 8.25l2.25 2.25 4.25-4.75"/>`},
	failed:     {svg.ToneBad, `<path class="f" d="M5.1 1h5.8L15 5.1v5.8L10.9 15H5.1L1 10.9V5.1z"/><path class="k" d="M5.5 5.5l5 5M10.5 5.5l-5 5"/>`},
	errored:    {svg.ToneBad, `<path class="f" d="M8 1l7.25 13.5H.75z"/><path class="k" d="M8 5.75v4M8 11.2v1.6"/>`},
	stopping:   {svg.ToneWarn, `<rect class="s" x="2" y="2" width="12" height="12" rx="2" stroke-dasharray="3 2"/><rect class="f" x="5.25" y="5.25" width="5.5" height="5.5" rx=".5"/>`},
	stopped:    {svg.ToneQuiet, `<rect class="f" x="1.25" y="1.25" width="13.5" height="13.5" rx="2.5"/><path class="k" d="M5.5 6.25h5M5.5 9.75h5"/>`},
	abandoned:  {svg.ToneQuiet, `<circle class="s" cx="8" cy="8" r="6.25"/><path class="s" d="M3.6 12.4l8.8-8.8"/>`},
	cancelled:  {svg.ToneQuiet, `<circle class="f" cx="8" cy="8" r="7"/><path class="k" d="M4.5 8h7"/>`},
	superseded: {svg.ToneSpecial, `<path class="s" d="M3 3.5L7.5 8 3 12.5M8.5 3.5L13 8l-4.5 4.5" stroke-width="2.2"/>`},
	skipped:    {svg.ToneSpecial, `<path class="f" d="M2.5 2.5L10 8l-7.5 5.5z"/><path class="s" d="M12.5 3v10" stroke-width="2.4"/>`},
	overridden: {svg.ToneSpecial, `<path class="f" d="M8 .75L15.25 8 8 15.25.75 8z"/><path class="k" d="M5.25 8.25l2 2L11 6"/>`},
}

// unknownLook is the look of states that this package does not know.
var unknownLook = look{svg.ToneQuiet, `<circle class="s" cx="8" cy="8" r="6.25"/><path class="s" d="M6.2 6.4a1.85 1.85 0 1 1 2.6 1.7c-.6.3-.8.6-.8 1.2M8 11.2v.9"/>`}

func (s state) look() look {
	if l, ok := looks[s]; ok {
		return l
	}
	return unknownLook
}

// stateOf returns the state for a status in the spelling of the API.
func stateOf[S ~string](status S) state {
	switch status {
	case "InProgress":
		return inProgress
	case "":
		return notStarted
	}
	return state(clean(string(status)))
}

// actionState returns the state of a run of an action, which may be nil.
func actionState(a *pipeline.ActionExecution) state {
	switch {
	case a == nil:
		return notStarted
	case a.Waiting():
		return waiting
	}
	return stateOf(a.Status)
}

// stageState returns the state of a stage from those of its actions.
func stageState(actions []state, execution pipeline.Status) state {
	count := make(map[state]int, 4)
	for _, s := range actions {
		count[s]++
	}
	running := count[inProgress] + count[waiting]
	switch {
	case len(actions) == 0 || count[notStarted] == len(actions):
		return notStarted
	case running > 0 && execution == pipeline.StatusStopping:
		return stopping
	case count[inProgress] > 0:
		return inProgress
	case running > 0:
		return waiting
	case count[failed] > 0:
		return failed
	case count[succeeded] == len(actions):
		return succeeded
	case count[abandoned] > 0:
		return stopped
	case count[succeeded]+count[notStarted] == len(actions) && execution.Terminal():
		return stateOf(execution)
	case count[succeeded]+count[notStarted] == len(actions):
		return inProgress
	}
	return state("Unknown")
}
