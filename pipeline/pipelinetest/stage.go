package pipelinetest

import (
	"slices"
	"time"
)

// stageRecord is a stage of a pipeline and who is in it: one execution at a time,
// but in PARALLEL mode any number. Server.mu guards it.
type stageRecord struct {
	occupant *execution      // nil in PARALLEL mode
	waiting  []*execution    // in order of arrival
	latest   *execution      // that entered
	runs     map[string]*run // of each action the newest
	disabled *disabledTransition
	changed  time.Time // when the transition was enabled or disabled, zero if never
}

type disabledTransition struct{ reason string }

// arrive lets the execution wait for the stage with the index, or go in next
// if it is free. Of those that wait in SUPERSEDED mode the newest stays.
func (p *pipelineRecord) arrive(e *execution, i int) {
	e.position = i
	st := p.stages[i]
	if st.disabled == nil && (e.parallel() || st.occupant == nil) {
		st.admit(e)
		return
	}
	e.phase = waiting
	if e.definition.ExecutionMode == "SUPERSEDED" {
		for _, w := range slices.Clone(st.waiting) {
			switch {
			case w.stopping():
			case w.number > e.number:
				e.end("Superseded")
				return
			default:
				st.forget(w)
				w.end("Superseded")
			}
		}
	}
	st.waiting = append(st.waiting, e)
}

func (st *stageRecord) admit(e *execution) {
	e.phase = entering
	if !e.parallel() {
		st.occupant = e
	}
	e.wake()
}

// ran notes a run of an action.
func (st *stageRecord) ran(r *run) {
	if st.runs == nil {
		st.runs = make(map[string]*run)
	}
	st.runs[r.action.Name] = r
}

// release tells that the execution has left the stage.
func (st *stageRecord) release(e *execution) {
	if st.occupant == e {
		st.occupant = nil
	}
	st.admitNext()
}

// forget tells that the execution will not enter the stage.
func (st *stageRecord) forget(e *execution) {
	st.waiting = slices.DeleteFunc(st.waiting, func(w *execution) bool { return w == e })
	st.release(e)
}

// admitNext lets in who may enter.
func (st *stageRecord) admitNext() {
	for st.disabled == nil && st.occupant == nil && len(st.waiting) > 0 {
		e := st.waiting[0]
		st.waiting = st.waiting[1:]
		st.admit(e)
	}
}
