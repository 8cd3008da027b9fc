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

// maxRounds bounds how often one event makes the Reporter look. Each round but the
// last is for a change that happened during the round before.
const maxRounds = 10

// statusKey names a status: GitHub keeps the newest one of each key.
type statusKey struct {
	commit  commitKey
	context string // lower case, as GitHub compares it
}

// desiredStatus is a status that a commit should have.
type desiredStatus struct {
	key    statusKey
	target target
	status githubstatus.Status
	// unless are states that may be true as well, for a status that is not
	// certain. The status is not set if GitHub has one of them.
	unless []githubstatus.State
	// ifPending is for a status that ends a pending one, and is set only if GitHub
	// has one.
	ifPending bool
}

// look finds the desired statuses at this moment. The errors are those of statuses
// that cannot be found.
type look func(context.Context) ([]desiredStatus, []error)

// update sets the desired statuses and looks again, until it has set those that it
// finds. What one instance sets last is then not older than what it knew when
// another one was done: an update that was overtaken is repaired.
func (r *Reporter) update(ctx context.Context, look look, reported func(target), attrs []any) error {
	done := map[statusKey]githubstatus.State{}
	failed := map[statusKey]bool{}
	var failures, errs []error
	for range maxRounds {
		var todo []desiredStatus
		todo, errs = look(ctx)
		progress := false
		for _, d := range todo {
			if state, ok := done[d.key]; failed[d.key] || ok && state == d.status.State {
				continue
			}
			set, err := r.set(ctx, d, reported, attrs)
			if err != nil {
				failed[d.key] = true
				failures = append(failures, err)
				continue
			}
			done[d.key] = d.status.State
			progress = progress || set
		}
		if !progress {
			return errors.Join(append(failures, errs...)...)
		}
	}
	failures = append(failures, errors.New("the state changes faster than it is reported"))
	return errors.Join(append(failures, errs...)...)
}

// set sets one status, and reports whether it did.
func (r *Reporter) set(ctx context.Context, d desiredStatus, reported func(target), attrs []any) (bool, error) {
	due, err := due(ctx, d)
	if err != nil || !due {
		return false, err
	}
	reported(d.target) // before the call, which may succeed although it seems to fail
	commit, host := d.target.source.commit, d.target.key.host
	if err := d.target.statuses.Set(ctx, commit, d.status); err != nil {
		if of := (*githubstatus.Error)(nil); errors.As(err, &of) { // which names the rest
			return false, fmt.Errorf("%s: %w", host, err)
		}
		return false, fmt.Errorf("%s of %v on %s: %w", d.status.Context, commit, host, err)
	}
	r.options.Logger.InfoContext(ctx, "status was set", append(slices.Clone(attrs), "host", host, "commit", commit.String(),
		"context", d.status.Context, "state", d.status.State, "description", d.status.Description)...)
	return true, nil
}

// due reports whether the status that GitHub has lets d be set.
func due(ctx context.Context, d desiredStatus) (bool, error) {
	if d.unless == nil && !d.ifPending {
		return true, nil
	}
	reader, ok := d.target.statuses.(githubstatus.NewestStatus)
	if !ok {
		// Without a way to find out, nothing may stay pending that this Reporter
		// has set.
		return !d.ifPending || d.target.reported, nil
	}
	newest, ok, err := reader.Newest(ctx, d.target.source.commit, d.status.Context)
	switch {
	case err != nil || !ok:
		return false, err
	case d.ifPending:
		return newest.State == githubstatus.StatePending, nil
	}
	return !slices.Contains(d.unless, newest.State), nil
}

// desired finds the statuses that the commits of an execution should have.
func (r *Reporter) desired(ctx context.Context, task *task) ([]desiredStatus, []error) {
	s, err := r.snapshot(ctx, task.execution)
	if err != nil {
		return nil, []error{err}
	}
	if s.rollback() && !r.options.Rollbacks {
		r.options.Logger.InfoContext(ctx, "rollbacks are not reported", task.attrs()...)
		return nil, nil
	}
	targets, errs := r.targets(ctx, s, task)
	if len(targets) == 0 {
		if len(errs) == 0 {
			r.options.Logger.InfoContext(ctx, "no commit on GitHub to report on", task.attrs()...)
		}
		return nil, errs
	}
	later, err := r.history(ctx, s, targets)
	if err != nil {
		return nil, append(errs, err)
	}
	keys := task.subjects
	if slices.Contains(keys, subjectKey{}) && s.ended() != "" {
		keys = s.subjects(r.options.Stages, r.options.Actions)
	}
	var todo []desiredStatus
	taken := map[statusKey]bool{} // by the first of the subjects that share a context
	for _, key := range keys {
		for _, t := range targets {
			d, err := r.newest(ctx, s, later[t.key], key, t)
			if err != nil {
				errs = append(errs, err)
				continue
			}
			if d != nil && !taken[d.key] {
				taken[d.key] = true
				todo = append(todo, *d)
			}
		}
	}
	return todo, errs
}

// snapshot asks for the execution. Only the events are left of one that does not
// exist any more, because the pipeline was deleted.
func (r *Reporter) snapshot(ctx context.Context, key executionKey) (*snapshot, error) {
	executions, err := r.executionsOf(key)
	if err != nil {
		return nil, err
	}
	execution, err := executions.Execution(ctx, key.pipeline, key.id)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		r.options.Logger.WarnContext(ctx, "execution does not exist (any more)", key.attrs()...)
		execution = nil
	case err != nil:
		return nil, err
	case execution == nil:
		return nil, fmt.Errorf("Executions returned neither an execution nor an error for %v", key)
	}
	s := &snapshot{key: key, execution: execution, events: r.memory.recall(key)}
	if execution != nil && !r.options.TrustEvents && s.ended() == events.PipelineSucceeded && s.withoutEvents().ended() == "" {
		return nil, unproved(subjectKey{}) // nor are its stages and actions over
	}
	return s, nil
}

// newest returns the status that the subject should have: that of the newest
// execution on the commit in which it has a state. It is nil for none.
func (r *Reporter) newest(ctx context.Context, s *snapshot, later []*laterExecution, key subjectKey, t target) (*desiredStatus, error) {
	for _, l := range later {
		other, err := r.later(ctx, s, l)
		if err != nil {
			return nil, err
		}
		if other.reached(key) {
			s = other
			break
		}
	}
	return r.status(s, key, t)
}

// certain returns the state that the subject should be shown in, "" for none, and
// the states that may be true as well.
func (r *Reporter) certain(s *snapshot, key subjectKey) (state string, unless []githubstatus.State) {
	if state = s.state(key); state != "" {
		return state, nil
	}
	// If GitHub shows it as pending, no event will end that.
	ended := s.ended()
	if ended == "" || key.stage == "" || !s.reached(key) {
		return "", nil
	}
	state = string(ended)
	if key.action != "" { // with a status that this package does not know
		return state, []githubstatus.State{githubstatus.StateSuccess, githubstatus.StateFailure, githubstatus.StateError}
	}
	return state, []githubstatus.State{r.options.States[string(events.StageSucceeded)], r.options.States[state]}
}

// proved is certain for a subject whose events make it a success. Anybody may have
// made them up, so the API decides. It is an error if the API may lag behind.
func (r *Reporter) proved(s *snapshot, key subjectKey) (state string, unless []githubstatus.State, err error) {
	api := s.withoutEvents()
	ended := api.ended()
	if key.stage != "" && key.action == "" && (ended == events.PipelineSucceeded || ended == "" && api.allSucceeded(key.stage)) {
		return string(events.StageSucceeded), nil, nil
	}
	state, unless = r.certain(api, key)
	if r.options.States[state] != githubstatus.StateSuccess && (ended == "" || !api.reached(key)) {
		return "", nil, unproved(key)
	}
	return state, unless, nil
}

// unproved is the error of a success that the API does not have.
func unproved(key subjectKey) error {
	return fmt.Errorf("CodePipeline does not say yet that %v has succeeded, although it has by its event", key)
}

func (r *Reporter) status(s *snapshot, key subjectKey, t target) (*desiredStatus, error) {
	state, unless := r.certain(s, key)
	is := r.options.States[state]
	if is == Skip || is == "" || !t.fetched && r.options.WaitForSource && !terminal(state) {
		return nil, nil
	}
	subject := subjectOf(s, key, t)
	name := r.options.Context(subject)
	if name == "" {
		return nil, nil
	}
	if is == githubstatus.StateSuccess && s.execution != nil && !r.options.TrustEvents {
		var err error
		if state, unless, err = r.proved(s, key); err != nil {
			return nil, fmt.Errorf("commit %v: %w", t.source.commit, err)
		}
		if is = r.options.States[state]; is == Skip || is == "" {
			return nil, nil
		}
	}
	text := s.describe(key, state)
	ifPending := false
	switch {
	case r.options.TrustEvents:
	case s.execution == nil:
		// Anybody may have made up the event: it ends a pending status at most.
		if !terminal(state) {
			return nil, nil
		}
		ifPending = true
		if is == githubstatus.StateSuccess {
			is, text = githubstatus.StateError, "Ended, with an unknown result: the execution does not exist any more"
		}
	case is == githubstatus.StateSuccess && !t.confirmed:
		if !s.execution.Status.Terminal() {
			return nil, fmt.Errorf("commit %v: CodePipeline does not know yet whether the execution is about it", t.source.commit)
		}
		ifPending = true
		is, text = githubstatus.StateError, "Ended: the execution was about another commit"
	}
	return &desiredStatus{
		key:    statusKey{t.key, strings.ToLower(name)},
		target: t,
		status: githubstatus.Status{
			State:       is,
			TargetURL:   r.options.TargetURL(subject, s.execution),
			Description: r.options.Description(subject, text),
			Context:     name,
			Details:     s.details(key),
			ExternalID:  s.key.id,
			Started:     s.started(key),
		},
		unless:    unless,
		ifPending: ifPending,
	}, nil
}
