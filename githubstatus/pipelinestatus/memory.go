package pipelinestatus

import (
	"maps"
	"sync"

	"github.com/codesuite-go/codesuite/events"
)

// maxRemembered is how many executions a memory holds. A forgotten one costs
// nothing but the protection from an API that lags behind.
const maxRemembered = 1000

// memory holds what events have told of executions, the newest of each.
type memory struct {
	mu    sync.Mutex
	told  map[executionKey]*told
	order []executionKey // oldest first
}

// told is what the events of one execution have told, in events that hold
// nothing but what is needed.
type told struct {
	pipeline *events.PipelineExecutionStateChange
	stages   map[string]*events.StageExecutionStateChange
	actions  map[subjectKey]*events.ActionExecutionStateChange
	// comments is the reason given for a stop, which is not in all events.
	comments string
	// reported are the commits that were given a status.
	reported map[place]bool
}

// tell changes what is known of the execution.
func (m *memory) tell(key executionKey, change func(*told)) {
	m.mu.Lock()
	defer m.mu.Unlock()
	t, ok := m.told[key]
	if !ok {
		if len(m.order) >= maxRemembered {
			delete(m.told, m.order[0])
			m.order = m.order[1:]
		}
		t = &told{
			stages:   map[string]*events.StageExecutionStateChange{},
			actions:  map[subjectKey]*events.ActionExecutionStateChange{},
			reported: map[place]bool{},
		}
		if m.told == nil {
			m.told = map[executionKey]*told{}
		}
		m.told[key] = t
		m.order = append(m.order, key)
	}
	change(t)
}

// recall returns a copy of what is known of the execution.
func (m *memory) recall(key executionKey) told {
	m.mu.Lock()
	defer m.mu.Unlock()
	t, ok := m.told[key]
	if !ok {
		return told{}
	}
	copied := *t
	copied.stages, copied.actions, copied.reported = maps.Clone(t.stages), maps.Clone(t.actions), maps.Clone(t.reported)
	return copied
}

func (t *told) pipelineEvent(e *events.PipelineExecutionStateChange) {
	if e.StopComments != "" {
		t.comments = e.StopComments
	}
	if !e.Supersedes(t.pipeline) {
		return
	}
	t.pipeline = &events.PipelineExecutionStateChange{
		Header:   events.Header{Account: e.Account, Region: e.Region, Time: e.Time},
		Pipeline: e.Pipeline, ExecutionID: e.ExecutionID, State: e.State, Attempt: e.Attempt,
		FailedActions: e.FailedActions, FailedStage: e.FailedStage,
	}
}

func (t *told) stageEvent(e *events.StageExecutionStateChange) {
	if e.StopComments != "" {
		t.comments = e.StopComments
	}
	if !e.Supersedes(t.stages[e.Stage]) {
		return
	}
	t.stages[e.Stage] = &events.StageExecutionStateChange{
		Header:   events.Header{Account: e.Account, Region: e.Region, Time: e.Time},
		Pipeline: e.Pipeline, ExecutionID: e.ExecutionID, Stage: e.Stage, State: e.State, Attempt: e.Attempt,
		FailedActions: e.FailedActions,
	}
}

func (t *told) actionEvent(e *events.ActionExecutionStateChange) {
	key := subjectKey{e.Stage, e.Action}
	if !e.Supersedes(t.actions[key]) {
		return
	}
	t.actions[key] = &events.ActionExecutionStateChange{
		Header:   events.Header{Account: e.Account, Region: e.Region, Time: e.Time},
		Pipeline: e.Pipeline, ExecutionID: e.ExecutionID, Stage: e.Stage, Action: e.Action, State: e.State, Attempt: e.Attempt,
		ActionExecutionID: e.ActionExecutionID, Result: e.Result, AdditionalInformation: e.AdditionalInformation,
	}
}
