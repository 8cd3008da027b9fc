package customaction_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/codepipeline/types"
	"github.com/google/go-cmp/cmp"

	"github.com/codesuite-go/codesuite/customaction"
	"github.com/codesuite-go/codesuite/events"
	"github.com/codesuite-go/codesuite/pipeline/action"
)

func at(t time.Time) events.Timestamp { return events.Timestamp(t.UTC().Format(time.RFC3339)) }

// An event about a job's action or pipeline ends the job, and no other.
func TestAbandonByEvent(t *testing.T) {
	t.Parallel()
	build := events.ActionType{Owner: "Custom", Category: "Build", Provider: "Make", Version: "1"}
	ended := func(state events.ActionState) events.ActionExecutionStateChange {
		return events.ActionExecutionStateChange{Pipeline: "pipeline", ExecutionID: "execution-job-1", Stage: "Build", Action: "Make",
			ActionExecutionID: "action-job-1", State: state, Type: build}
	}
	pipeline := func(state events.PipelineState) events.PipelineExecutionStateChange {
		return events.PipelineExecutionStateChange{Pipeline: "pipeline", ExecutionID: "execution-job-1", State: state}
	}
	tests := map[string]struct {
		event  any
		change func(e *events.ActionExecutionStateChange)
		before bool // the event is of before the job
		late   bool // the event has the time of now
		want   bool
	}{
		"abandoned":           {event: ended(events.ActionAbandoned), want: true},
		"timed out":           {event: ended(events.ActionFailed), want: true},
		"canceled":            {event: ended(events.ActionCanceled), want: true},
		"started":             {event: ended(events.ActionStarted)},
		"another type":        {event: ended(events.ActionAbandoned), change: func(e *events.ActionExecutionStateChange) { e.Type.Version = "2" }},
		"another run":         {event: ended(events.ActionAbandoned), change: func(e *events.ActionExecutionStateChange) { e.ActionExecutionID = "earlier" }},
		"no ID":               {event: ended(events.ActionAbandoned), change: func(e *events.ActionExecutionStateChange) { e.ActionExecutionID = "" }, late: true, want: true},
		"no ID, earlier run":  {event: ended(events.ActionAbandoned), change: func(e *events.ActionExecutionStateChange) { e.ActionExecutionID = "" }, before: true},
		"no ID, other action": {event: ended(events.ActionAbandoned), change: func(e *events.ActionExecutionStateChange) { e.ActionExecutionID = ""; e.Action = "Other" }, late: true},
		"pipeline stopped":    {event: pipeline(events.PipelineStopped), late: true, want: true},
		"pipeline superseded": {event: pipeline(events.PipelineSuperseded), late: true, want: true},
		"pipeline canceled":   {event: pipeline(events.PipelineCanceled), late: true, want: true},
		"pipeline stopping":   {event: pipeline(events.PipelineStopping), late: true},
		"pipeline failed":     {event: pipeline(events.PipelineFailed), late: true},
		"earlier attempt":     {event: pipeline(events.PipelineStopped), before: true},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := new(service)
				s.add(2)
				var mu sync.Mutex
				causes := make(map[string]error)
				long := func(ctx context.Context, j *action.Job) (*action.Result, error) {
					<-ctx.Done()
					mu.Lock()
					defer mu.Unlock()
					causes[j.ID()] = context.Cause(ctx)
					return nil, ctx.Err()
				}
				pass(time.Hour)
				b := start(t, s, long, func(o *customaction.Options) { o.Concurrency = 2; o.GracePeriod = -1 })
				pass(300 * time.Millisecond) // less than an event can tell
				var when events.Timestamp
				switch {
				case test.before:
					when = at(time.Now().Add(-time.Minute))
				case test.late:
					when = at(time.Now())
				}
				// As an event arrives: through a Mux.
				var mux events.Mux
				if err := errors.Join(events.On(&mux, b.HandleAction), events.On(&mux, b.HandlePipeline)); err != nil {
					t.Fatal(err)
				}
				var err error
				switch e := test.event.(type) {
				case events.ActionExecutionStateChange:
					e.Time = when
					if test.change != nil {
						test.change(&e)
					}
					err = mux.Handle(t.Context(), &e)
				case events.PipelineExecutionStateChange:
					e.Time = when
					err = mux.Handle(t.Context(), &e)
				}
				if err != nil {
					t.Error(err)
				}
				if test.want {
					s.end("job-1", types.JobStatusFailed) // as CodePipeline has it
				}
				synctest.Wait()
				want := map[string]error{}
				if test.want {
					want["job-1"] = customaction.ErrAbandoned
				}
				if diff := cmp.Diff(want, causes, cmp.Comparer(func(a, b error) bool { return a == b })); diff != "" {
					t.Errorf("mismatch of ended contexts (-want +got):\n%s", diff)
				}
				b.mustStop()
				if test.want {
					equal(t, "puts", len(s.get("job-1").results), 1)
				} else {
					equal(t, "result", s.get("job-1").result, "SystemUnavailable: the job worker was stopped")
				}
			})
		})
	}
}

// An event that was wrong does not make a result get lost.
func TestAbandonedInError(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := new(service)
		s.add(1)
		b := start(t, s, untilDone)
		b.HandlePipeline(t.Context(), &events.PipelineExecutionStateChange{Pipeline: "pipeline", ExecutionID: "execution-job-1", State: events.PipelineStopped})
		synctest.Wait()
		equal(t, "result", s.get("job-1").result, "SystemUnavailable: the job was abandoned in CodePipeline")
		if err := b.HandlePipeline(t.Context(), nil); err != nil {
			t.Error(err)
		}
		b.mustStop()
	})
}

func TestWatch(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		interval time.Duration
		forgets  bool
		lists    bool
		errors   []error // of the calls that count
		calls    int     // after 31 minutes
		gone     bool
	}{
		// Runs of actions are listed in two pages.
		"run":         {lists: true, calls: 4, gone: true},
		"run, rarely": {lists: true, interval: 20 * time.Minute, calls: 2, gone: true},
		"run, errors": {lists: true, errors: []error{errServer, errThrottled}, calls: 4, gone: true},

		"default":          {forgets: true, calls: 2, gone: true},
		"rarely":           {interval: 20 * time.Minute, forgets: true, calls: 1, gone: true},
		"off":              {interval: -1, forgets: true},
		"tells nothing":    {calls: 6},
		"errors":           {forgets: true, errors: []error{errServer, errDenied, errThrottled}, calls: 4, gone: true},
		"not found at all": {forgets: true, errors: []error{apiError("JobNotFoundException")}, calls: 1, gone: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				operation := "GetJobDetails"
				if test.lists {
					operation = "ListActionExecutions"
				}
				s := &service{forgets: test.forgets, lists: test.lists, fault: faults(operation, test.errors, nil)}
				s.add(1)
				var cause error
				b := start(t, s, func(ctx context.Context, _ *action.Job) (*action.Result, error) {
					<-ctx.Done()
					cause = context.Cause(ctx)
					return nil, nil
				}, func(o *customaction.Options) { o.WatchInterval = test.interval; o.GracePeriod = -1 })
				pass(7 * time.Minute)
				s.end("job-1", types.JobStatusFailed)
				pass(24 * time.Minute)
				equal(t, "gone", errors.Is(cause, customaction.ErrAbandoned), test.gone)
				// Waits are shortened at random, so that one more may fit.
				if calls := s.count(operation); calls != test.calls && (test.gone || test.calls == 0 || calls != test.calls+1) {
					t.Errorf("%d calls of %s, want %d", calls, operation, test.calls)
				}
				if denied := s.count("ListActionExecutions"); !test.lists && denied > 1 {
					t.Errorf("%d calls of ListActionExecutions, which is denied", denied)
				}
				b.mustStop()
			})
		})
	}
}

// An event that comes before the handler runs is not forgotten.
func TestAbandonWhileAcknowledging(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &service{fault: func(operation, _ string) (error, error) {
			if operation == "AcknowledgeJob" {
				time.Sleep(5 * time.Second)
			}
			return nil, nil
		}}
		s.add(1)
		b := start(t, s, untilDone)
		pass(time.Second)
		b.HandleAction(t.Context(), &events.ActionExecutionStateChange{ActionExecutionID: "action-job-1", State: events.ActionAbandoned,
			Type: events.ActionType{Owner: "Custom", Category: "Build", Provider: "Make", Version: "1"}})
		pass(time.Minute)
		equal(t, "result", s.get("job-1").result, "SystemUnavailable: the job was abandoned in CodePipeline")
		b.mustStop()
	})
}
