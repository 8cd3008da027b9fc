package pipeline

import (
	"context"
	"iter"
	"time"
)

// ChangeType is the kind of a [Change].
type ChangeType string

// The types of changes.
const (
	// ChangeExecution is a new Status of the execution.
	ChangeExecution ChangeType = "execution changed"
	// ChangeActionStarted is a new run of an action.
	ChangeActionStarted ChangeType = "action started"
	// ChangeActionEnded is the end of a run: succeeded, failed or abandoned.
	ChangeActionEnded ChangeType = "action ended"
	// ChangeApprovalWaiting is a manual approval that waits for its reviewer. It
	// follows the ChangeActionStarted of the same run.
	ChangeApprovalWaiting ChangeType = "approval waiting"
	// ChangeRevisionKnown is the revision of a source action, or another one after a
	// retry.
	ChangeRevisionKnown ChangeType = "revision known"
)

// Change is one change of an execution.
type Change struct {
	Type ChangeType
	// Time is the service's time of an action's start or end, and for other
	// changes the time of the poll.
	Time time.Time
	// Execution is the whole execution at the poll. The changes of one poll share
	// it.
	Execution *Execution
	// Action is the run of ChangeActionStarted, ChangeActionEnded and ChangeApprovalWaiting; nil
	// for others. It may be an older run than that in Execution.
	Action *ActionExecution
	// Revision is that of ChangeRevisionKnown; nil for others.
	Revision *Revision
}

// Watch polls an execution and yields its changes until the execution has ended:
// the last one is ChangeExecution with a terminal status. It begins with all that
// has happened before, so that no change between the start and the watch is
// missed. It yields both the start and the end of an action that ran between two
// polls. It does not follow a retry after the terminal status: watch again.
//
// Changes come in this order: the execution's status if it is not terminal, the
// runs of actions in the order of their start, revisions, a terminal status.
//
// A poll makes the calls of [Client.Execution]. [Options].PollInterval sets the
// pace. Watch retries the errors that [Client.Wait] retries. The first other error
// ends the sequence; it wraps ctx's error if ctx has ended.
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

// watcher keeps the last yielded state of an execution.
type watcher struct {
	status    Status
	runs      map[string]ActionStatus // by the run's ID
	revisions map[revisionKey]bool
}

// revisionKey tells revisions apart.
type revisionKey struct{ stage, action, artifact, id string }

// changes returns the changes since the last call.
func (w *watcher) changes(l *loaded) []Change {
	e, now := l.execution, time.Now()
	var changes []Change
	status := e.Status != w.status
	w.status = e.Status
	if status && !e.Status.Terminal() {
		changes = append(changes, Change{Type: ChangeExecution, Time: now, Execution: e})
	}
	for i := range l.runs {
		run := &l.runs[i]
		told, known := w.runs[run.ID]
		w.runs[run.ID] = run.Status
		if !known {
			changes = append(changes, Change{Type: ChangeActionStarted, Time: run.Started, Execution: e, Action: run})
			if run.Waiting() {
				changes = append(changes, Change{Type: ChangeApprovalWaiting, Time: now, Execution: e, Action: run})
			}
		}
		if run.Status.Terminal() && !told.Terminal() {
			changes = append(changes, Change{Type: ChangeActionEnded, Time: run.Updated, Execution: e, Action: run})
		}
	}
	for i := range e.Revisions {
		r := &e.Revisions[i]
		key := revisionKey{r.Stage, r.Action, r.Artifact, r.ID}
		if !w.revisions[key] {
			w.revisions[key] = true
			changes = append(changes, Change{Type: ChangeRevisionKnown, Time: now, Execution: e, Revision: r})
		}
	}
	if status && e.Status.Terminal() {
		changes = append(changes, Change{Type: ChangeExecution, Time: now, Execution: e})
	}
	return changes
}
