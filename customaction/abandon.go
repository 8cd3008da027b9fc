package customaction

import (
	"context"
	"strings"
	"time"

	"github.com/codesuite-go/codesuite/events"
	"github.com/codesuite-go/codesuite/internal/backoff"
)

// watch asks every WatchInterval whether CodePipeline still waits for the job, and
// cancels the job if not.
func (r *run) watch(ctx context.Context, p *polledJob, cancel context.CancelCauseFunc) {
	for backoff.Sleep(ctx, backoff.Jitter(r.options.WatchInterval)) == nil {
		ended, err := r.service.ended(ctx, p)
		switch {
		case ctx.Err() != nil:
			return
		case ended:
			r.options.Logger.WarnContext(ctx, "customaction: CodePipeline does not wait for the job any more", "job", p.id)
			cancel(ErrAbandoned)
			return
		case err != nil:
			r.options.Logger.WarnContext(ctx, "customaction: cannot ask for the job", "job", p.id, "error", err)
		}
	}
}

// HandleAction handles the events of actions; register it with [events.On], and let a
// rule of EventBridge pass on the state changes of actions. CodePipeline sends workers
// no message when a pipeline is stopped, but it emits events.
//
// When an action of the worker's type has started, the worker polls at once, as after
// [Worker.Notify]. When an action has ended without the result of its job, because the
// pipeline was stopped or the action timed out, the job's context ends with
// [ErrAbandoned]. HandleAction ignores all other events. It never returns an error.
func (w *Worker) HandleAction(ctx context.Context, e *events.ActionExecutionStateChange) error {
	if e == nil || !w.isType(e.Type) {
		return nil
	}
	switch {
	case e.State == events.ActionStarted:
		w.Notify()
	case e.State.Terminal():
		w.abandon(ctx, string(e.State), func(p *polledJob) bool {
			d := &p.details
			if e.ActionExecutionID != "" && d.ActionExecutionID != "" {
				return e.ActionExecutionID == d.ActionExecutionID
			}
			// The event may be late and about an earlier run of the action.
			return d.Pipeline == e.Pipeline && (d.ExecutionID == "" || d.ExecutionID == e.ExecutionID) &&
				d.Stage == e.Stage && d.Action == e.Action && p.polledBefore(e.Time)
		})
	}
	return nil
}

// HandlePipeline handles the events of pipeline executions; register it with
// [events.On], and let the rule pass on the state changes of these, too. When an execution was stopped, canceled or superseded, the contexts
// of its jobs end with [ErrAbandoned]. HandlePipeline ignores all other events. It
// never returns an error.
func (w *Worker) HandlePipeline(ctx context.Context, e *events.PipelineExecutionStateChange) error {
	if e == nil {
		return nil
	}
	switch e.State {
	case events.PipelineStopped, events.PipelineCanceled, events.PipelineSuperseded:
		w.abandon(ctx, string(e.State), func(p *polledJob) bool {
			d := &p.details
			return d.Pipeline == e.Pipeline && d.ExecutionID != "" && d.ExecutionID == e.ExecutionID && p.polledBefore(e.Time)
		})
	}
	return nil
}

func (w *Worker) isType(t events.ActionType) bool {
	return t.Owner == w.actionType.Owner && t.Category == w.actionType.Category &&
		t.Provider == w.actionType.Provider && t.Version == w.actionType.Version
}

// abandon ends the contexts of the jobs that match.
func (w *Worker) abandon(ctx context.Context, state string, match func(*polledJob) bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for id, j := range w.jobs {
		if !j.prepared || !match(j.polled) {
			continue
		}
		w.options.Logger.WarnContext(ctx, "customaction: job abandoned", "job", id, "state", strings.ToLower(state))
		if j.abandoned = true; j.cancel != nil {
			j.cancel(ErrAbandoned)
		}
	}
}

// polledBefore reports whether the job was polled before the time of an event,
// which may be cut to the second. An event without a time counts as new.
func (p *polledJob) polledBefore(at events.Timestamp) bool {
	t, err := at.Time()
	return err != nil || !t.Before(p.polledAt.Truncate(time.Second))
}
