package githubstatus

import (
	"context"
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

// keyLocks are locks by name, which exist as long as somebody holds or wants
// them.
type keyLocks struct {
	mu   sync.Mutex
	held map[string]*keyLock
}

type keyLock struct {
	token chan struct{} // holds one element while the lock is taken
	users int
}

// lock takes the lock of that name, unless ctx ends before.
func (l *keyLocks) lock(ctx context.Context, name string) (unlock func(), err error) {
	l.mu.Lock()
	k, ok := l.held[name]
	if !ok {
		k = &keyLock{token: make(chan struct{}, 1)}
		if l.held == nil {
			l.held = map[string]*keyLock{}
		}
		l.held[name] = k
	}
	k.users++
	l.mu.Unlock()
	leave := func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		if k.users--; k.users == 0 {
			delete(l.held, name)
		}
	}
	select {
	case k.token <- struct{}{}:
		return func() { <-k.token; leave() }, nil
	case <-ctx.Done():
		leave()
		return nil, ctx.Err()
	}
}
