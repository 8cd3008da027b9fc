package pipelinestatus

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/codesuite-go/codesuite/events"
	"github.com/codesuite-go/codesuite/githubstatus"
)

// maxRounds bounds how often one event makes the Reporter look. Each round but
// the last is for a change that happened while the one before was reported.
const maxRounds = 10

// slot is one place for a status.
type slot struct {
	place   place
	context string // lower case, as GitHub compares it
}

// wanted is a status that should be set.
type wanted struct {
	slot   slot
	target target
	status githubstatus.Status
	// maybe is for a status that is not certain: what else may be true, and is
	// left alone if it is set already. What is neither is wrong.
	maybe []githubstatus.State
}

// reconcile sets what is true, and looks again, until that is what it has set.
// So what one instance sets last is not older than what it knew when another
// one was done: whatever was set in between, by whomever, is set right again.
func (r *Reporter) reconcile(ctx context.Context, rep *report) error {
	done := map[slot]githubstatus.State{}
	failed := map[slot]bool{}
	var failures, errs []error
	for range maxRounds {
		var todo []wanted
		todo, errs = r.look(ctx, rep)
		progress := false
		for _, w := range todo {
			if state, ok := done[w.slot]; failed[w.slot] || ok && state == w.status.State {
				continue
			}
			set, err := r.set(ctx, rep, w)
			if err != nil {
				failed[w.slot] = true
				failures = append(failures, err)
				continue
			}
			done[w.slot] = w.status.State
			progress = progress || set
		}
		if !progress {
			return errors.Join(append(failures, errs...)...)
		}
	}
	failures = append(failures, errors.New("the execution changes faster than it is reported"))
	return errors.Join(append(failures, errs...)...)
}

// set sets one status, and reports whether it did.
func (r *Reporter) set(ctx context.Context, rep *report, w wanted) (bool, error) {
	attrs := append(rep.attrs(), "host", w.target.place.host, "commit", w.target.commit.String(), "context", w.status.Context, "state", w.status.State)
	if newest, ok := w.target.statuses.(githubstatus.NewestStatus); ok && w.maybe != nil {
		status, ok, err := newest.Newest(ctx, w.target.commit, w.status.Context)
		if err != nil {
			return false, err
		}
		if !ok || slices.Contains(w.maybe, status.State) {
			return false, nil
		}
	}
	// Before the call, which may succeed although it seems to fail.
	r.memory.tell(rep.execution, func(t *told) { t.reported[w.target.place] = true })
	if err := w.target.statuses.Set(ctx, w.target.commit, w.status); err != nil {
		if of := (*githubstatus.Error)(nil); errors.As(err, &of) { // which names the rest
			return false, fmt.Errorf("%s: %w", w.target.place.host, err)
		}
		return false, fmt.Errorf("%s of %v on %s: %w", w.status.Context, w.target.commit, w.target.place.host, err)
	}
	r.options.Logger.InfoContext(ctx, "status was set", append(attrs, "description", w.status.Description)...)
	return true, nil
}

// look finds out what is true now. The errors are of what cannot be told.
func (r *Reporter) look(ctx context.Context, rep *report) ([]wanted, []error) {
	v, err := r.view(ctx, rep.execution)
	if err != nil {
		return nil, []error{err}
	}
	if v.rollback() && !r.options.Rollbacks {
		r.options.Logger.InfoContext(ctx, "rollbacks are not reported", rep.attrs()...)
		return nil, nil
	}
	targets, errs := r.targets(ctx, v, rep)
	if len(targets) == 0 {
		if len(errs) == 0 {
			r.options.Logger.InfoContext(ctx, "no commit on GitHub to report on", rep.attrs()...)
		}
		return nil, errs
	}
	sharing, err := r.history(ctx, v, targets)
	if err != nil {
		return nil, append(errs, err)
	}
	keys := rep.subjects
	if slices.Contains(keys, subjectKey{}) && v.ended() != "" {
		keys = v.all(r.options.Stages, r.options.Actions)
	}
	var todo []wanted
	taken := map[slot]bool{} // by the first of the subjects that share a context
	for _, key := range keys {
		for _, t := range targets {
			w, ok, err := r.want(ctx, v, sharing[t.place], key, t)
			if err != nil {
				return nil, append(errs, err)
			}
			if ok && !taken[w.slot] {
				taken[w.slot] = true
				todo = append(todo, w)
			}
		}
	}
	return todo, errs
}

// view asks for the execution. One that does not exist any more, because the
// pipeline was deleted, is what the events tell.
func (r *Reporter) view(ctx context.Context, key executionKey) (*view, error) {
	execution, err := r.executions.Execution(ctx, key.pipeline, key.id)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		r.options.Logger.WarnContext(ctx, "execution does not exist (any more, or in this account and Region)", "pipeline", key.pipeline, "execution", key.id)
		execution = nil
	case err != nil:
		return nil, err
	case execution == nil:
		return nil, fmt.Errorf("Executions returned neither an execution nor an error for %v", key)
	}
	return &view{key: key, execution: execution, told: r.memory.recall(key)}, nil
}

// want returns the status that the subject is to have: that of the newest
// execution on the commit in which it has a state.
func (r *Reporter) want(ctx context.Context, v *view, sharing []*newer, key subjectKey, t target) (wanted, bool, error) {
	for _, n := range sharing {
		other, err := r.viewOf(ctx, v, n)
		if err != nil {
			return wanted{}, false, err
		}
		if other.reached(key) {
			v = other
			break
		}
	}
	w, ok := r.status(v, key, t)
	return w, ok, nil
}

func (r *Reporter) status(v *view, key subjectKey, t target) (wanted, bool) {
	state := v.state(key)
	var maybe []githubstatus.State
	if state == "" {
		// If it is pending, it will be so for ever.
		ended := v.ended()
		if ended == "" || key.stage == "" || !v.reached(key) {
			return wanted{}, false
		}
		state = string(ended)
		maybe = []githubstatus.State{r.options.States[string(events.StageSucceeded)], r.options.States[state]}
		if key.action != "" { // a status of the future
			maybe = []githubstatus.State{githubstatus.StateSuccess, githubstatus.StateFailure, githubstatus.StateError}
		}
	}
	is := r.options.States[state]
	if is == Skip || is == "" || !t.fetched && r.options.WaitForSource && !terminal(state) {
		return wanted{}, false
	}
	subject := r.subject(v, key)
	name := r.options.Context(subject)
	if name == "" {
		return wanted{}, false
	}
	return wanted{
		slot:   slot{t.place, strings.ToLower(name)},
		target: t,
		status: githubstatus.Status{
			State:       is,
			TargetURL:   r.options.TargetURL(subject, v.execution),
			Description: r.options.Description(subject, v.describe(key, state)),
			Context:     name,
		},
		maybe: maybe,
	}, true
}
