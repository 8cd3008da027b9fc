package diagram

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/codepipeline/types"

	"github.com/codesuite-go/codesuite/events"
	"github.com/codesuite-go/codesuite/pipeline"
)

// TestKnownStates checks that each status that the SDK knows has a shape.
func TestKnownStates(t *testing.T) {
	t.Parallel()
	known := func(status string) {
		if _, ok := looks[stateOf(status)]; !ok {
			t.Errorf("the status %s has no look", status)
		}
	}
	for _, s := range types.PipelineExecutionStatus("").Values() {
		known(string(s))
	}
	for _, s := range types.StageExecutionStatus("").Values() {
		known(string(s))
	}
	for _, s := range types.ActionExecutionStatus("").Values() {
		known(string(s))
	}
	for _, s := range types.ConditionExecutionStatus("").Values() {
		known(string(s))
	}
	for _, s := range types.RuleExecutionStatus("").Values() {
		known(string(s))
	}
	shapes := map[string]state{unknownLook.icon: "an unknown one"}
	for s, l := range looks {
		if other, ok := shapes[l.icon]; ok {
			t.Errorf("the states %s and %s have the same shape", s, other)
		}
		shapes[l.icon] = s
	}
	if got := stateOf("Pausing\x1b[1m\u202e"); got != "Pausing" || got.look() != unknownLook {
		t.Errorf("an unknown status is the state %q, want Pausing with the unknown look", got)
	}
}

func TestStageState(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name      string
		actions   []state
		execution pipeline.Status
		want      state
	}{
		{"no action", nil, pipeline.StatusInProgress, notStarted},
		{"none has started", []state{notStarted, notStarted}, pipeline.StatusFailed, notStarted},
		{"one runs", []state{succeeded, inProgress, notStarted}, pipeline.StatusInProgress, inProgress},
		{"one runs beside an approval", []state{waiting, inProgress}, pipeline.StatusInProgress, inProgress},
		{"an approval waits", []state{succeeded, waiting, notStarted}, pipeline.StatusInProgress, waiting},
		{"one runs beside a failed one", []state{failed, inProgress}, pipeline.StatusInProgress, inProgress},
		{"one runs while the execution stops", []state{succeeded, inProgress}, pipeline.StatusStopping, stopping},
		{"one failed", []state{succeeded, failed, notStarted}, pipeline.StatusFailed, failed},
		{"all succeeded", []state{succeeded, succeeded}, pipeline.StatusInProgress, succeeded},
		{"between two", []state{succeeded, notStarted}, pipeline.StatusInProgress, inProgress},
		{"stopped between two", []state{succeeded, notStarted}, pipeline.StatusStopped, stopped},
		{"cancelled between two", []state{succeeded, notStarted}, pipeline.StatusCancelled, cancelled},
		{"abandoned", []state{succeeded, abandoned}, pipeline.StatusStopped, stopped},
		{"unknown", []state{succeeded, "Pausing"}, pipeline.StatusInProgress, "Unknown"},
	} {
		if got := stageState(test.actions, test.execution); got != test.want {
			t.Errorf("%s: the stage is %q, want %q", test.name, got, test.want)
		}
	}
}

func TestWaiting(t *testing.T) {
	t.Parallel()
	a := &pipeline.ActionExecution{Status: pipeline.ActionInProgress, Type: events.ActionType{Category: "Approval"}}
	if got := actionState(a); got != waiting {
		t.Errorf("an approval in progress is %q, want %q", got, waiting)
	}
}
