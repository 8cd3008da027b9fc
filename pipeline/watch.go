package pipeline

import (
	"context"
	"iter"
	"time"
)

// ChangeType says what a [Change] is.
type ChangeType string

// The types of changes.
const (
	// ExecutionChanged is a new Status of the execution.
	ExecutionChanged ChangeType = "execution changed"
	// ActionStarted is a new run of an action.
	ActionStarted ChangeType = "action started"
	// ActionEnded is the end of a run: succeeded, failed or abandoned.
	ActionEnded ChangeType = "action ended"
	// ApprovalWaiting is a manual approval that waits for its reviewer. It
	// follows the ActionStarted of the same run.
	ApprovalWaiting ChangeType = "approval waiting"
	// RevisionKnown is the revision of a source action, or another one after a
	// retry.
	RevisionKnown ChangeType = "revision known"
)

// Change is one change of an execution.
type Change struct {
	Type ChangeType
	// Time is when an action started or ended as the service tells it, and for
	// other changes when they were seen.
	Time time.Time
	// Execution is the whole execution as of the poll that saw the change. The
	// changes of one poll share it.
	Execution *Execution
	// Action is the run of ActionStarted, ActionEnded and ApprovalWaiting; nil
	// for others. It may be an older run than that in Execution.
	Action *ActionExecution
	// Revision is that of RevisionKnown; nil for others.
	Revision *Revision
}

// Watch polls an execution and yields what changes, until the execution has
// ended: the last change is ExecutionChanged with a terminal status. At the
// beginning it yields all that has happened before, so that nothing is missed
// between a start and the watch. Of an action that runs and ends between two
// polls it yields both. A retry after the terminal state is not followed: watch
// again.
//
// Changes come in this order: the execution's status if it is not terminal, the
// runs of actions in the order of their start, revisions, a terminal status.
//
// A poll is the calls of [Client.Execution]; see [Options.PollInterval] and, for
// what errors end it, [Client.Wait]. The first error ends the sequence; that of
// a context that has ended wraps its.
func (c *Client) Watch(ctx context.Context, pipeline, id string) iter.Seq2[Change, error] {
	return func(yield func(Change, error) bool) {
		p := c.poller("WatchExecution", pipeline, id)
		w := watcher{runs: make(map[string]ActionStatus), revisions: make(map[revisionKey]bool)}
		for {
			l, err := c.load(ctx, pipeline, id)
			if err == nil {
				changes := w.changes(l)
				for _, change := range changes {
					if !yield(change, nil) {
						return
					}
				}
				if l.execution.Status.Terminal() {
					return
				}
				err = p.next(ctx, len(changes) > 0)
			} else {
				err = p.failed(ctx, err)
			}
			if err != nil {
				yield(Change{}, err)
				return
			}
		}
	}
}

// watcher is what a watch has told.
type watcher struct {
	status    Status
	runs      map[string]ActionStatus // by the run's ID
	revisions map[revisionKey]bool
}

// revisionKey is what makes a revision another one.
type revisionKey struct{ stage, action, artifact, id string }

// changes returns what is new since the last call.
func (w *watcher) changes(l *loaded) []Change {
	e, now := l.execution, time.Now()
	var changes []Change
	status := e.Status != w.status
	w.status = e.Status
	if status && !e.Status.Terminal() {
		changes = append(changes, Change{Type: ExecutionChanged, Time: now, Execution: e})
	}
	for i := range l.runs {
		run := &l.runs[i]
		told, known := w.runs[run.ID]
		w.runs[run.ID] = run.Status
		if !known {
			changes = append(changes, Change{Type: ActionStarted, Time: run.Started, Execution: e, Action: run})
			if run.Waiting() {
				changes = append(changes, Change{Type: ApprovalWaiting, Time: now, Execution: e, Action: run})
			}
		}
		if run.Status.Terminal() && !told.Terminal() {
			changes = append(changes, Change{Type: ActionEnded, Time: run.Updated, Execution: e, Action: run})
		}
	}
	for i := range e.Revisions {
		r := &e.Revisions[i]
		key := revisionKey{r.Stage, r.Action, r.Artifact, r.ID}
		if !w.revisions[key] {
			w.revisions[key] = true
			changes = append(changes, Change{Type: RevisionKnown, Time: now, Execution: e, Revision: r})
		}
	}
	if status && e.Status.Terminal() {
		changes = append(changes, Change{Type: ExecutionChanged, Time: now, Execution: e})
	}
	return changes
}
