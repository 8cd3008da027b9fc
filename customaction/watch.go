package customaction

import (
	"context"
	"strings"
	"time"

	"github.com/codesuite-go/codesuite/events"
	"github.com/codesuite-go/codesuite/internal/backoff"
)

// watch asks now and then whether CodePipeline still waits for the job, and
// cancels it if not.
func (r *run) watch(ctx context.Context, o *offer, cancel context.CancelCauseFunc) {
	for backoff.Sleep(ctx, backoff.Jitter(r.options.WatchInterval)) == nil {
		ended, err := r.service.ended(ctx, o)
		switch {
		case ctx.Err() != nil:
			return
		case ended:
			r.options.Logger.WarnContext(ctx, "customaction: CodePipeline does not wait for the job any more", "job", o.id)
			cancel(ErrAbandoned)
			return
		case err != nil:
			r.options.Logger.WarnContext(ctx, "customaction: cannot ask for the job", "job", o.id, "error", err)
		}
	}
}

// HandleAction takes an event about an action, for [events.On]. When an action
// of the worker's type has started, the worker polls at once, as with
// [Worker.Notify]. When an action has ended without its job's result, because
// the pipeline was stopped or its time is up, the context of its job ends with
// [ErrAbandoned]. Events about anything else are ignored. It never fails.
func (w *Worker) HandleAction(ctx context.Context, e *events.ActionExecutionStateChange) error {
	if e == nil || !w.isType(e.Type) {
		return nil
	}
	switch {
	case e.State == events.ActionStarted:
		w.Notify()
	case e.State.Terminal():
		w.abandon(ctx, string(e.State), func(o *offer) bool {
			d := &o.details
			if e.ActionExecutionID != "" && d.ActionExecutionID != "" {
				return e.ActionExecutionID == d.ActionExecutionID
			}
			// The event may be late and about an earlier run of the action.
			return d.Pipeline == e.Pipeline && (d.ExecutionID == "" || d.ExecutionID == e.ExecutionID) &&
				d.Stage == e.Stage && d.Action == e.Action && o.polledBefore(e.Time)
		})
	}
	return nil
}

// HandlePipeline takes an event about a pipeline execution, for [events.On].
// When an execution was stopped, canceled or superseded, the contexts of its
// jobs end with [ErrAbandoned]. Events about anything else are ignored. It
// never fails.
func (w *Worker) HandlePipeline(ctx context.Context, e *events.PipelineExecutionStateChange) error {
	if e == nil {
		return nil
	}
	switch e.State {
	case events.PipelineStopped, events.PipelineCanceled, events.PipelineSuperseded:
		w.abandon(ctx, string(e.State), func(o *offer) bool {
			d := &o.details
			return d.Pipeline == e.Pipeline && d.ExecutionID != "" && d.ExecutionID == e.ExecutionID && o.polledBefore(e.Time)
		})
	}
	return nil
}

func (w *Worker) isType(t events.ActionType) bool {
	return t.Owner == w.actionType.Owner && t.Category == w.actionType.Category &&
		t.Provider == w.actionType.Provider && t.Version == w.actionType.Version
}

// abandon ends the contexts of the jobs that match.
func (w *Worker) abandon(ctx context.Context, state string, match func(*offer) bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for id, h := range w.held {
		if !h.prepared || !match(h.offer) {
			continue
		}
		w.options.Logger.WarnContext(ctx, "customaction: job abandoned", "job", id, "state", strings.ToLower(state))
		if h.abandoned = true; h.cancel != nil {
			h.cancel(ErrAbandoned)
		}
	}
}

// polledBefore reports whether the job was there already at the time of an
// event, which may be cut to the second. An event without time is taken for a
// new one.
func (o *offer) polledBefore(at events.Timestamp) bool {
	t, err := at.Time()
	return err != nil || !t.Before(o.polled.Truncate(time.Second))
}
