package pipelinestatus

import (
	"fmt"
	"testing"

	"github.com/codesuite-go/codesuite/events"
)

func TestMemoryIsBounded(t *testing.T) {
	t.Parallel()
	var m memory
	for i := range 3 * maxRemembered {
		m.observe(executionKey{id: fmt.Sprint(i)}, func(o *observation) { o.comments = fmt.Sprint(i) })
	}
	if len(m.observations) != maxRemembered || len(m.order) != maxRemembered || cap(m.order) > 3*maxRemembered {
		t.Errorf("%d executions, %d in order, room for %d", len(m.observations), len(m.order), cap(m.order))
	}
	if got := m.recall(executionKey{id: fmt.Sprint(3*maxRemembered - 1)}).comments; got != fmt.Sprint(3*maxRemembered-1) {
		t.Errorf("the last execution has the comments %q", got)
	}
}

// What is recalled does not change with what is told later.
func TestMemoryRecall(t *testing.T) {
	t.Parallel()
	var m memory
	key := executionKey{pipeline: "app", id: "1"}
	observe := func(state events.StageState, attempt int) {
		m.observe(key, func(o *observation) {
			o.stageEvent(&events.StageExecutionStateChange{Pipeline: "app", ExecutionID: "1", Stage: "Build", State: state, Attempt: attempt})
		})
	}
	observe(events.StageStarted, 1)
	before := m.recall(key)
	observe(events.StageResumed, 2)
	observe(events.StageFailed, 1) // late
	if before.stages["Build"].State != events.StageStarted {
		t.Errorf("it changed to %s", before.stages["Build"].State)
	}
	if got := m.recall(key).stages["Build"].State; got != events.StageResumed {
		t.Errorf("it is %s, want RESUMED", got)
	}
}
