package pipelinestatus

import (
	"maps"
	"strings"
	"sync"

	"github.com/codesuite-go/codesuite/events"
)

// Bounds of a memory. A forgotten execution costs nothing but the protection from
// an API that lags behind its events.
const (
	maxRemembered = 1000 // executions
	maxSubjects   = 1000 // stages and actions of an execution, and commits
	maxText       = 2048 // bytes of a text; those of AWS are shorter
)

// memory holds the newest events of executions. The texts in it are copies: those
// of an event may share the memory of its whole payload.
type memory struct {
	mu           sync.Mutex
	observations map[executionKey]*observation
	order        []executionKey // oldest first
}

// observation is the newest events of one execution, with the fields that count.
type observation struct {
	pipeline *events.PipelineExecutionStateChange
	stages   map[string]*events.StageExecutionStateChange
	actions  map[subjectKey]*events.ActionExecutionStateChange
	// comments is the reason given for a stop, which not all events have.
	comments string
	// reported are the commits that were given a status.
	reported map[commitKey]source
}

// observe changes the observation of the execution.
func (m *memory) observe(key executionKey, change func(*observation)) {
	m.mu.Lock()
	defer m.mu.Unlock()
	o, ok := m.observations[key]
	if !ok {
		if len(m.order) >= maxRemembered {
			delete(m.observations, m.order[0])
			m.order = m.order[1:]
		}
		o = &observation{
			stages:   map[string]*events.StageExecutionStateChange{},
			actions:  map[subjectKey]*events.ActionExecutionStateChange{},
			reported: map[commitKey]source{},
		}
		if m.observations == nil {
			m.observations = map[executionKey]*observation{}
		}
		key = executionKey{keep(key.account), keep(key.region), keep(key.pipeline), keep(key.id)}
		m.observations[key] = o
		m.order = append(m.order, key)
	}
	change(o)
}

// recall returns a copy of the observation of the execution.
func (m *memory) recall(key executionKey) observation {
	m.mu.Lock()
	defer m.mu.Unlock()
	o, ok := m.observations[key]
	if !ok {
		return observation{}
	}
	copied := *o
	copied.stages, copied.actions, copied.reported = maps.Clone(o.stages), maps.Clone(o.actions), maps.Clone(o.reported)
	return copied
}

// keep returns a copy of a text of an event, cut to a bound.
func keep(text string) string {
	return strings.Clone(text[:min(len(text), maxText)])
}

func keepHeader(h events.Header) events.Header {
	return events.Header{Account: keep(h.Account), Region: keep(h.Region), Time: events.Timestamp(keep(string(h.Time)))}
}

func keepFailed(actions []events.FailedAction) []events.FailedAction {
	var kept []events.FailedAction
	for _, a := range actions[:min(len(actions), 1)] { // only the first is used
		kept = append(kept, events.FailedAction{Action: keep(a.Action), AdditionalInformation: keep(a.AdditionalInformation)})
	}
	return kept
}

func (o *observation) comment(text string) {
	if text != "" {
		o.comments = keep(text)
	}
}

func (o *observation) pipelineEvent(e *events.PipelineExecutionStateChange) {
	o.comment(e.StopComments)
	if !e.Supersedes(o.pipeline) {
		return
	}
	o.pipeline = &events.PipelineExecutionStateChange{
		Header:   keepHeader(e.Header),
		Pipeline: keep(e.Pipeline), ExecutionID: keep(e.ExecutionID), State: events.PipelineState(keep(string(e.State))), Attempt: e.Attempt,
		FailedActions: keepFailed(e.FailedActions), FailedStage: keep(e.FailedStage),
	}
}

func (o *observation) stageEvent(e *events.StageExecutionStateChange) {
	o.comment(e.StopComments)
	known, ok := o.stages[e.Stage]
	if !e.Supersedes(known) || !ok && len(o.stages) >= maxSubjects || len(e.Stage) > maxText {
		return
	}
	stage := keep(e.Stage)
	o.stages[stage] = &events.StageExecutionStateChange{
		Header:   keepHeader(e.Header),
		Pipeline: keep(e.Pipeline), ExecutionID: keep(e.ExecutionID), Stage: stage, State: events.StageState(keep(string(e.State))), Attempt: e.Attempt,
		FailedActions: keepFailed(e.FailedActions),
	}
}

func (o *observation) actionEvent(e *events.ActionExecutionStateChange) {
	known, ok := o.actions[subjectKey{e.Stage, e.Action}]
	if !e.Supersedes(known) || !ok && len(o.actions) >= maxSubjects || len(e.Stage)+len(e.Action) > maxText {
		return
	}
	key := subjectKey{keep(e.Stage), keep(e.Action)}
	var result *events.ExecutionResult
	if e.Result != nil {
		result = &events.ExecutionResult{Summary: keep(e.Result.Summary), ErrorCode: keep(e.Result.ErrorCode)}
	}
	o.actions[key] = &events.ActionExecutionStateChange{
		Header:   keepHeader(e.Header),
		Pipeline: keep(e.Pipeline), ExecutionID: keep(e.ExecutionID), Stage: key.stage, Action: key.action,
		State: events.ActionState(keep(string(e.State))), Attempt: e.Attempt,
		ActionExecutionID: keep(e.ActionExecutionID), Result: result, AdditionalInformation: keep(e.AdditionalInformation),
	}
}

// report remembers that the commit was given a status.
func (o *observation) report(t target) {
	if _, ok := o.reported[t.key]; ok || len(o.reported) >= maxSubjects {
		return
	}
	key := commitKey{keep(t.key.host), keepCommit(t.key.Commit)}
	s := t.source
	o.reported[key] = source{
		host: keep(s.host), commit: keepCommit(s.commit), branch: keep(s.branch), stage: keep(s.stage), action: keep(s.action),
	}
}
