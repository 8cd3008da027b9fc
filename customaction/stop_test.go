package customaction_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/codesuite-go/codesuite/customaction"
	"github.com/codesuite-go/codesuite/pipeline/action"
)

func TestStop(t *testing.T) {
	t.Parallel()
	sleeping := func(d time.Duration) action.HandlerFunc {
		return func(ctx context.Context, _ *action.Job) (*action.Result, error) {
			select {
			case <-time.After(d):
				return nil, nil
			case <-ctx.Done():
				return nil, ctx.Err()
			}
		}
	}
	const sec = time.Second
	for name, test := range map[string]struct {
		handler action.HandlerFunc
		option  func(*customaction.Options)
		want    string
		took    time.Duration
	}{
		"within the grace period": {sleeping(10 * sec), nil, "success", 10 * sec},
		"after it":                {sleeping(time.Hour), nil, "SystemUnavailable: the job worker was stopped", 15 * sec},
		"longer grace": {sleeping(10 * time.Minute), func(o *customaction.Options) { o.GracePeriod = time.Hour },
			"success", 10 * time.Minute},
		"no grace": {sleeping(sec), func(o *customaction.Options) { o.GracePeriod = -1 },
			"SystemUnavailable: the job worker was stopped", 0},
		"with an error of its own": {func(ctx context.Context, _ *action.Job) (*action.Result, error) {
			<-ctx.Done()
			return nil, errors.New("make was killed")
		}, nil, "SystemUnavailable: the job worker was stopped: make was killed", 15 * sec},
		"with a continuation": {func(ctx context.Context, _ *action.Job) (*action.Result, error) {
			<-ctx.Done()
			if context.Cause(ctx) != customaction.ErrStopped {
				return nil, errors.New("another cause")
			}
			return &action.Result{ContinuationToken: "go on"}, nil
		}, nil, "success token go on", 15 * sec},
		"slow to return": {func(ctx context.Context, _ *action.Job) (*action.Result, error) {
			<-ctx.Done()
			time.Sleep(4 * sec)
			return nil, nil
		}, nil, "success", 19 * sec},
		"without regard": {sleepWithoutRegard, nil, "SystemUnavailable: the job worker was stopped while the job ran", 20 * sec},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := new(service)
				s.add(2)
				option := test.option
				if option == nil {
					option = func(*customaction.Options) {}
				}
				b := start(t, s, test.handler, option)
				begin := time.Now()
				b.mustStop()
				equal(t, "time to stop", time.Since(begin), test.took)
				j := s.get("job-1")
				equal(t, "result", j.result, test.want)
				pass(time.Hour) // what a handler returns now is reported no more
				equal(t, "results", len(s.get("job-1").results), 1)
				equal(t, "acknowledged", s.get("job-2").acked, 0)
			})
		})
	}
}

func sleepWithoutRegard(context.Context, *action.Job) (*action.Result, error) {
	time.Sleep(30 * time.Minute)
	return nil, nil
}

// What cannot be reported in time is the error of Run.
func TestStopUnreported(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &service{fault: func(operation, id string) (error, error) {
			if operation == "PutJobSuccessResult" && id == "job-1" {
				return errServer, nil
			}
			return nil, nil
		}}
		s.add(2)
		b := start(t, s, succeed, func(o *customaction.Options) { o.Concurrency = 2 })
		pass(time.Hour) // it does not give up before
		equal(t, "other job", s.get("job-2").result, "success")
		begin := time.Now()
		err := b.stop()
		equal(t, "time to stop", time.Since(begin), 25*time.Second)
		var unreported *customaction.UnreportedError
		if !errors.As(err, &unreported) {
			t.Fatalf("error %v", err)
		}
		if diff := cmp.Diff([]string{"job-1"}, unreported.JobIDs); diff != "" {
			t.Errorf("mismatch (-want +got):\n%s", diff)
		}
		if !errors.Is(err, errServer) {
			t.Errorf("error %v", err)
		}
		if diff := cmp.Diff([]string{"Unreported job-1 Succeeded"}, b.of(customaction.EventUnreported)); diff != "" {
			t.Errorf("mismatch (-want +got):\n%s", diff)
		}
	})
}

// While one worker drains, another one takes the jobs that come.
func TestHandOver(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := new(service)
		s.add(1)
		slow := func(context.Context, *action.Job) (*action.Result, error) {
			time.Sleep(10 * time.Second)
			return &action.Result{Summary: "old"}, nil
		}
		old := start(t, s, slow)
		old.cancel()
		s.add(1)
		next := start(t, s, func(context.Context, *action.Job) (*action.Result, error) {
			return &action.Result{Summary: "new"}, nil
		})
		equal(t, "new result", s.get("job-2").result, "success new")
		equal(t, "old result", s.get("job-1").result, "")
		old.mustStop()
		next.mustStop()
		equal(t, "old result", s.get("job-1").result, "success old")
	})
}

func TestJobTimeout(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := new(service)
		s.add(2)
		var causes []error
		handler := func(ctx context.Context, _ *action.Job) (*action.Result, error) {
			<-ctx.Done()
			causes = append(causes, context.Cause(ctx))
			return nil, ctx.Err()
		}
		b := start(t, s, handler, func(o *customaction.Options) { o.JobTimeout = time.Hour; o.GracePeriod = -1 })
		pass(time.Hour + time.Minute)
		b.mustStop()
		equal(t, "result", s.get("job-1").result, "JobFailed: the job ran out of time")
		equal(t, "result", s.get("job-2").result, "SystemUnavailable: the job worker was stopped")
		if causes[0] != customaction.ErrTimeout || causes[1] != customaction.ErrStopped {
			t.Errorf("causes %v", causes)
		}

		s.add(1)
		b = start(t, s, handler) // 24 hours
		pass(24*time.Hour - time.Minute)
		equal(t, "result", s.get("job-3").result, "")
		pass(2 * time.Minute)
		equal(t, "result", s.get("job-3").result, "JobFailed: the job ran out of time")
		s.add(1)
		b.mustStop()

		b = start(t, s, handler, func(o *customaction.Options) { o.JobTimeout = -1 })
		pass(100 * 24 * time.Hour)
		equal(t, "result", s.get("job-4").result, "")
		b.mustStop()
	})
}
