package pipelinetest

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/codesuite-go/codesuite/internal/logstest"
)

// approvalTimeout is how long an approval waits by default.
const approvalTimeout = 7 * 24 * time.Hour

// run is one run of an action. Server.mu guards it.
type run struct {
	execution *execution
	stage     string
	action    *Action // with defaults; not to be changed
	id        string  // the action execution ID
	attempt   int     // of the execution when the run started
	number    int     // the n-th run of the action
	job       bool    // a job ends it

	status    string // InProgress, Succeeded, Failed or Abandoned
	started   time.Time
	updated   time.Time
	updatedBy string

	configuration   map[string]string // with variables resolved, secrets in the clear; not to be changed
	problem         string            // why the configuration cannot be resolved
	inputs, outputs []Artifact        // not to be changed

	summary, externalID, url string
	errorCode, errorMessage  string
	percent                  *int32
	variables                map[string]string // output variables
	revision                 *Revision         // what a source action found

	due     time.Time        // when the server ends it, if nobody decides
	log     *logstest.Stream // of a Commands action
	logged  bool
	targets []Target // nil for those that are made up

	asking bool // a function is being called
	passed bool // Simulation.Run does not decide
	calls  int  // of the function
}

// ended reports whether the run is in progress no more. mu is held.
func (r *run) ended() bool { return r.status != "InProgress" }

func (a *Action) isSource() bool { return a.Type.Category == "Source" }

func (a *Action) isApproval() bool { return a.Type.Category == "Approval" }

// needsJob reports whether a job ends the run that starts.
func (r *run) needsJob() bool {
	a, s := r.action, r.execution.server()
	if a.Run != nil || r.problem != "" || s.simulation.Alone {
		return false
	}
	_, builtIn := s.provider(a.Type)
	return a.Type.Owner != "AWS" && !builtIn || a.Type.Category == "Invoke" && a.Type.Provider == "Lambda"
}

// function returns what decides about the run, nil if nothing does. It is called
// without Server.mu.
func (r *run) function() func(ActionRun) (Outcome, bool) {
	s := r.execution.server()
	p, _ := s.provider(r.action.Type)
	switch run := r.action.Run; {
	case r.problem != "":
		return nil
	case run != nil:
		return func(view ActionRun) (Outcome, bool) { return run(view), true }
	case s.simulation.Run != nil && !r.passed:
		return s.simulation.Run
	case p.run != nil && !s.clock().Before(r.due):
		return func(view ActionRun) (Outcome, bool) { return p.run(s, view), true }
	}
	return nil
}

func (r *run) approvalTimeout() time.Duration { return cmp.Or(r.action.Timeout, approvalTimeout) }

// waits reports whether there is something to ask or a time to wait for.
func (r *run) waits() bool { return r.action.isApproval() || !r.job || r.function() != nil }

// unattended returns how a run ends that needs nobody, with the next step.
func (r *run) unattended() (o Outcome, ok bool) {
	switch {
	case r.problem != "":
		return Outcome{State: StateFailed, Summary: r.problem, ErrorCode: "ConfigurationError"}, true
	case r.function() != nil || r.job:
		return Outcome{}, false
	case r.action.isApproval():
		timeout := r.approvalTimeout()
		late := r.execution.server().clock().Sub(r.started) >= timeout
		return Outcome{State: StateFailed, Summary: fmt.Sprintf("The approval was not given within %s", timeout)}, late
	}
	return Outcome{}, !r.execution.server().clock().Before(r.due)
}

// finish ends the run, or notes its progress if the outcome is in progress,
// and emits the event. It does nothing if the run has ended. Empty fields of
// the outcome keep what the run has, and what it has not is what is usual for
// the provider. The stage goes on with the next Advance. mu is held.
func (r *run) finish(o Outcome) {
	if r.ended() {
		return
	}
	r.updated = r.execution.touch()
	r.writeLog(o.Log, 0)
	r.setTargets(o.Targets)
	if o.State == StateInProgress {
		r.progress(o.Summary, o.ExternalID, nil)
		r.url = cmp.Or(o.URL, r.url)
		return
	}
	if r.log != nil && !r.logged {
		r.usualLog(0, o.State == StateFailed)
	}
	usual := r.usual(o)
	r.summary = cmp.Or(o.Summary, r.summary, usual.summary)
	r.externalID = cmp.Or(o.ExternalID, r.externalID, usual.externalID)
	r.url = cmp.Or(o.URL, r.url, usual.url)
	if o.State == StateFailed {
		r.errorCode = cmp.Or(o.ErrorCode, "JobFailed")
		r.errorMessage = cmp.Or(o.ErrorMessage, r.summary)
		r.end("Failed", "FAILED")
		return
	}
	r.revision = usual.revision
	r.variables = usual.variables
	if len(o.Variables) > 0 {
		r.variables = maps.Clone(r.variables)
		if r.variables == nil {
			r.variables = make(map[string]string)
		}
		maps.Copy(r.variables, o.Variables)
	}
	e := r.execution
	if r.revision != nil {
		e.sources = slices.DeleteFunc(e.sources, func(f foundRevision) bool { return f.action.Name == r.action.Name })
		e.sources = append(e.sources, foundRevision{r.action, *r.revision})
	}
	r.putOutputs(o)
	for _, output := range r.outputs {
		if r.revision != nil {
			output.Revision = r.revision.ID
		} else if len(r.inputs) > 0 {
			output.Revision = r.inputs[0].Revision
		}
		e.artifacts[output.Name] = output
	}
	if r.action.Namespace != "" {
		e.outputs[r.action.Namespace] = r.variables
	}
	r.end("Succeeded", "SUCCEEDED")
}

// progress tells how far the run is; empty and nil keep what the run has. mu is
// held.
func (r *run) progress(summary, externalID string, percent *int32) {
	if r.ended() {
		return
	}
	r.updated = r.execution.touch()
	r.summary = cmp.Or(summary, r.summary)
	r.externalID = cmp.Or(externalID, r.externalID)
	if percent != nil {
		p := *percent
		r.percent = &p
	}
}

// abandon ends the run, whatever is behind it goes on. mu is held.
func (r *run) abandon(event string) {
	if !r.ended() {
		r.updated = r.execution.touch()
		r.end("Abandoned", event)
	}
}

func (r *run) end(status, event string) {
	r.status = status
	if r.log != nil {
		r.log.Cut(r.updated)
	}
	r.emit(event)
	if r.job {
		r.execution.server().jobs.ended(r)
	}
	r.execution.wake()
}

// ask calls the function that decides about the run, and reports whether something
// has changed by that. mu is held, but not while the function runs.
func (r *run) ask(function func(ActionRun) (Outcome, bool)) bool {
	o, ok := r.call(function)
	switch {
	case r.ended():
		return false
	case !ok:
		r.passed = true
		if r.execution.move() {
			return true
		}
		next := r.function()
		return next != nil && r.ask(next)
	}
	r.finish(o)
	return r.ended() || o.moved
}

func (r *run) call(function func(ActionRun) (Outcome, bool)) (o Outcome, ok bool) {
	view := r.view()
	r.calls++
	r.asking = true
	s := r.execution.server()
	s.mu.Unlock()
	defer func() { // also when the function ends the test
		s.mu.Lock()
		r.asking = false
	}()
	return function(view)
}

// view returns what Action.Run gets to see.
func (r *run) view() ActionRun {
	e := r.execution
	return ActionRun{
		Pipeline:          e.definition.Name,
		ExecutionID:       e.id,
		Stage:             r.stage,
		Action:            r.action.Name,
		ActionExecutionID: r.id,
		Type:              r.action.Type,
		Attempt:           r.attempt,
		Calls:             r.calls,
		ExternalID:        r.externalID,
		Stopping:          e.stopping(),
		Configuration:     maps.Clone(r.configuration),
		Inputs:            slices.Clone(r.inputs),
		Outputs:           slices.Clone(r.outputs),
	}
}
