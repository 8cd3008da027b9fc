package pipeline

import (
	"context"
	"iter"
	"slices"
	"strings"
	"time"
)

// WatchOptions say what to watch. The zero value watches everything.
type WatchOptions struct {
	// ActionsOnly leaves out rules, conditions, retries of stages and targets. Watch
	// then makes the calls of [Client.Execution], and needs no other permissions.
	ActionsOnly bool
}

// Watch polls an execution and yields its changes until the execution has ended:
// the last one is ChangeExecution with a terminal status. It begins with all that
// has happened before, so that no change between the start and the watch is
// missed. It yields both the start and the end of an action or a rule that ran
// between two polls. It does not follow a retry by hand, or an override, after the
// terminal status: watch again.
//
// The changes of one poll come in the order of the service's times, and behind them
// those that only have the time of the poll: see [Change].Time. A terminal status is the
// last.
//
// A poll makes the calls of [Client.Execution], and of the further calls of
// [Client.Details] those that the execution needs. The structure is read once.
// ListRuleExecutions and GetPipelineState are called with each poll if the structure
// has conditions or stages that retry themselves, and ListDeployActionExecutionTargets
// for the runs of EC2 deployments until they have ended. A poll of a pipeline without
// these costs two calls, one with conditions four, or three in the mode PARALLEL.
//
// In the mode PARALLEL the status of a condition follows from its rules: the API
// tells neither an override nor what retried a stage.
//
// [Options].PollInterval sets the pace. Watch retries the errors that [Client.Wait]
// retries. The first other error ends the sequence; it wraps ctx's error if ctx has
// ended.
func (c *Client) Watch(ctx context.Context, pipeline, id string, optFns ...func(*WatchOptions)) iter.Seq2[Change, error] {
	var o WatchOptions
	for _, fn := range optFns {
		fn(&o)
	}
	return func(yield func(Change, error) bool) {
		p := c.poller("WatchExecution", pipeline, id)
		w := newWatcher()
		d := c.details()
		for {
			l, err := c.load(ctx, pipeline, id)
			if err == nil && !o.ActionsOnly {
				err = d.add(ctx, l)
			}
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
	status     Status
	runs       map[string]ActionStatus // by the run's ID
	streams    map[string]bool         // likewise
	targets    map[targetKey]DeployTarget
	rules      map[string]RuleStatus // by the run's ID
	conditions map[conditionKey]conditionLook
	attempts   map[string]int // by the stage's name
	revisions  map[revisionKey]bool
}

// The keys tell targets, conditions and revisions apart.
type (
	targetKey    struct{ run, target string }
	conditionKey struct {
		stage string
		kind  ConditionType
		index int
	}
	revisionKey struct{ stage, action, artifact, id string }
)

// conditionLook is the status of a condition for the runs of its rules.
type conditionLook struct {
	runs   string // their IDs
	status ConditionStatus
}

func newWatcher() *watcher {
	return &watcher{
		runs:       make(map[string]ActionStatus),
		streams:    make(map[string]bool),
		targets:    make(map[targetKey]DeployTarget),
		rules:      make(map[string]RuleStatus),
		conditions: make(map[conditionKey]conditionLook),
		attempts:   make(map[string]int),
		revisions:  make(map[revisionKey]bool),
	}
}

// changes returns the changes since the last call.
func (w *watcher) changes(l *loaded) []Change {
	e, now := l.execution, time.Now()
	t := new(timeline)
	first, status := w.status == "", e.Status != w.status
	w.status = e.Status
	attempts := stageAttempts(l.runs)
	for i := range e.Stages {
		s := &e.Stages[i]
		if s.Attempt > max(1, w.attempts[s.Name]) {
			w.attempts[s.Name] = s.Attempt
			var at time.Time
			if last := attempts[s.Name]; last.number == s.Attempt {
				at = last.began
			}
			t.add(at, Change{Type: ChangeStageRetried, Stage: s})
		}
	}
	for i := range l.runs {
		w.run(t, &l.runs[i])
	}
	for i := range l.rules {
		w.rule(t, &l.rules[i])
	}
	for i := range e.Stages {
		w.lookAt(t, &e.Stages[i])
	}
	for i := range e.Revisions {
		r := &e.Revisions[i]
		key := revisionKey{r.Stage, r.Action, r.Artifact, r.ID}
		if !w.revisions[key] {
			w.revisions[key] = true
			t.add(t.ended(r.Stage, r.Action), Change{Type: ChangeRevisionKnown, Revision: r})
		}
	}
	changes := t.changes()
	if status {
		change := Change{Type: ChangeExecution}
		if first && e.Status == StatusInProgress {
			change.Time = e.Started
			changes = slices.Insert(changes, 0, change)
		} else {
			changes = append(changes, change)
		}
	}
	for i := range changes {
		changes[i].Execution = e
		if changes[i].Time.IsZero() {
			changes[i].Time = now
		}
	}
	return changes
}

// timeline collects the changes of one poll.
type timeline struct {
	dated   []Change // with a time of the service
	undated []Change
}

// add adds a change with a time of the service, or none.
func (t *timeline) add(at time.Time, change Change) {
	if change.Time = at; at.IsZero() {
		t.undated = append(t.undated, change)
	} else {
		t.dated = append(t.dated, change)
	}
}

// ended returns the newest end of an action, zero if it is not among the changes.
func (t *timeline) ended(stage, action string) (at time.Time) {
	for _, c := range t.dated {
		if c.Type == ChangeActionEnded && c.Action.Stage == stage && c.Action.Action == action {
			at = latest(at, c.Time)
		}
	}
	return at
}

// changes returns the changes in their order.
func (t *timeline) changes() []Change {
	slices.SortStableFunc(t.dated, func(a, b Change) int { return a.Time.Compare(b.Time) })
	return append(t.dated, t.undated...)
}

// span returns the start and the end of a run, whose end is not before its start.
func span(started, updated time.Time) (start, end time.Time) {
	if started.IsZero() {
		started = updated
	}
	return started, latest(started, updated)
}

// run adds the changes of a run of an action.
func (w *watcher) run(t *timeline, run *ActionExecution) {
	told, known := w.runs[run.ID]
	if !told.Terminal() { // an older state may come late
		w.runs[run.ID] = run.Status
	}
	start, end := span(run.Started, run.Updated)
	if !known {
		t.add(start, Change{Type: ChangeActionStarted, Action: run})
		if run.Waiting() {
			t.add(start, Change{Type: ChangeApprovalWaiting, Action: run})
		}
	}
	if !run.Status.Terminal() {
		end = time.Time{}
	}
	if _, ok := run.LogStream(); ok && !w.streams[run.ID] {
		w.streams[run.ID] = true
		t.add(end, Change{Type: ChangeLogStreamKnown, Action: run})
	}
	for i := range run.Targets {
		target := &run.Targets[i]
		key := targetKey{run.ID, target.ID}
		if told, known := w.targets[key]; !known || target.after(&told) {
			w.targets[key] = *target
			t.add(end, Change{Type: ChangeTarget, Action: run, Target: target})
		}
	}
	if run.Status.Terminal() && !told.Terminal() {
		t.add(end, Change{Type: ChangeActionEnded, Action: run})
	}
}

// after reports whether the target is another than was told, and not an older one.
func (t *DeployTarget) after(told *DeployTarget) bool {
	if t.Ended.IsZero() && !told.Ended.IsZero() {
		return t.Started.After(told.Ended)
	}
	return t.Status != told.Status || !slices.Equal(t.Events, told.Events)
}

// rule adds the changes of a run of a rule.
func (w *watcher) rule(t *timeline, run *RuleExecution) {
	told, known := w.rules[run.ID]
	if !told.Terminal() {
		w.rules[run.ID] = run.Status
	}
	start, end := span(run.Started, run.Updated)
	if !known {
		t.add(start, Change{Type: ChangeRuleStarted, Rule: run})
	}
	if run.Status.Terminal() && !told.Terminal() {
		t.add(end, Change{Type: ChangeRuleEnded, Rule: run})
	}
}

// lookAt adds the changes of the conditions of a stage. While the runs of the
// rules are the same, a condition does not go back from its end, and only an
// override follows.
func (w *watcher) lookAt(t *timeline, s *StageExecution) {
	for i := range s.Conditions {
		c := &s.Conditions[i]
		key := conditionKey{s.Name, c.Type, i}
		told, look := w.conditions[key], conditionLook{c.runIDs(), c.Status}
		if c.Status == "" || look == told {
			continue
		}
		if told.runs == look.runs && told.status.Terminal() && look.status != ConditionOverridden {
			continue
		}
		w.conditions[key] = look
		at := c.Updated
		for _, r := range c.Rules {
			_, end := span(r.Started, r.Updated)
			at = latest(at, end)
		}
		t.add(at, Change{Type: ChangeCondition, Condition: c})
	}
}

// runIDs returns the IDs of the rules' runs.
func (c *ConditionExecution) runIDs() string {
	ids := make([]string, len(c.Rules))
	for i, r := range c.Rules {
		ids[i] = r.ID
	}
	return strings.Join(ids, " ")
}

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
	// ChangeLogStreamKnown is a Commands action whose [ActionExecution.LogStream] is
	// known.
	ChangeLogStreamKnown ChangeType = "log stream known"
	// ChangeTarget is a new target of an EC2 deployment, or a new status of one or of
	// one of its events.
	ChangeTarget ChangeType = "target changed"
	// ChangeRevisionKnown is the revision of a source action, or another one after a
	// retry.
	ChangeRevisionKnown ChangeType = "revision known"
	// ChangeRuleStarted is a new run of a rule.
	ChangeRuleStarted ChangeType = "rule started"
	// ChangeRuleEnded is the end of a run: succeeded, failed or abandoned.
	ChangeRuleEnded ChangeType = "rule ended"
	// ChangeCondition is a new Status of a condition. It follows the changes of its
	// rules.
	ChangeCondition ChangeType = "condition changed"
	// ChangeStageRetried is another attempt of a stage, by itself or by hand.
	ChangeStageRetried ChangeType = "stage retried"
)

// Change is one change of an execution.
type Change struct {
	Type ChangeType
	// Time is the service's time of
	//   - the start of an action or a rule, of the first action for the first
	//     ChangeExecution, and of the first action that ran again for
	//     ChangeStageRetried,
	//   - the end of an action or a rule, also for a log stream, a target or a revision
	//     that is known from the same poll as the end of the action,
	//   - the change of a condition,
	// and for other changes the time of the poll.
	Time time.Time
	// Execution is the whole execution at the poll. The changes of one poll share
	// it.
	Execution *Execution
	// Action is the run of ChangeActionStarted, ChangeActionEnded,
	// ChangeApprovalWaiting, ChangeLogStreamKnown and ChangeTarget; nil for others. It
	// may be an older run than that in Execution.
	Action *ActionExecution
	// Target is that of ChangeTarget; nil for others.
	Target *DeployTarget
	// Rule is the run of ChangeRuleStarted and ChangeRuleEnded; nil for others. It may
	// be an older run than that in Execution.
	Rule *RuleExecution
	// Condition is that of ChangeCondition; nil for others.
	Condition *ConditionExecution
	// Stage is that of ChangeStageRetried; nil for others.
	Stage *StageExecution
	// Revision is that of ChangeRevisionKnown; nil for others.
	Revision *Revision
}
