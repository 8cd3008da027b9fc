package customaction_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/codesuite-go/codesuite/customaction"
	"github.com/codesuite-go/codesuite/events"
	"github.com/codesuite-go/codesuite/pipeline/action"
	"github.com/codesuite-go/codesuite/pipeline/actiontype"
)

// checkWaits compares the waits between polls with those wanted, which are
// shortened by up to a fifth.
func checkWaits(t *testing.T, polls []poll, want ...time.Duration) {
	t.Helper()
	if len(polls) <= len(want) {
		t.Fatalf("%d polls, want more than %d", len(polls), len(want))
	}
	for i, w := range want {
		if got := polls[i+1].at - polls[i].at; got > w || got < w*4/5 {
			t.Errorf("wait %d is %s, want %s less up to a fifth", i+1, got, w)
		}
	}
}

func TestIdleWaits(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := new(service)
		b := start(t, s, succeed)
		pass(5 * time.Minute)
		const sec = time.Second
		checkWaits(t, s.history(), sec, 2*sec, 4*sec, 8*sec, 16*sec, 30*sec, 30*sec, 30*sec)
		// A job makes the waits short again.
		s.add(1)
		pass(30 * time.Second)
		pass(time.Minute)
		b.mustStop()
		equal(t, "result", s.get("job-1").result, "success")
		polls := s.history()
		polls = polls[slices.IndexFunc(polls, func(p poll) bool { return p.got > 0 }):]
		// The poll that found one was full: the next follows at once.
		if polls[1].at != polls[0].at {
			t.Errorf("a poll %s after a full one", polls[1].at-polls[0].at)
		}
		checkWaits(t, polls[1:], sec, 2*sec, 4*sec)
	})
}

func TestWaitOptions(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := new(service)
		b := start(t, s, succeed, func(o *customaction.Options) { o.MinWait, o.MaxWait = time.Minute, 3*time.Minute })
		pass(time.Hour)
		b.mustStop()
		checkWaits(t, s.polls, time.Minute, 2*time.Minute, 3*time.Minute, 3*time.Minute)
	})
}

func TestNotify(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := new(service)
		b := start(t, s, succeed, func(o *customaction.Options) { o.MaxWait = time.Hour })
		pass(3 * time.Hour)
		event := events.ActionExecutionStateChange{State: events.ActionStarted,
			Type: events.ActionType{Owner: "Custom", Category: "Build", Provider: "Make", Version: "1"}}
		for i, wake := range []func(){
			b.Notify,
			func() { b.Notify(); b.Notify() },
			func() { b.HandleAction(t.Context(), &event) },
		} {
			s.add(1)
			n := len(s.history())
			wake()
			synctest.Wait()
			equal(t, fmt.Sprintf("result %d", i), s.get(fmt.Sprintf("job-%d", i+1)).result, "success")
			if len(s.history()) == n {
				t.Errorf("%d: no poll", i)
			}
			pass(3 * time.Hour)
		}
		// Events about others do not wake it.
		for _, e := range []events.ActionExecutionStateChange{
			{State: events.ActionSucceeded, Type: event.Type},
			{State: events.ActionStarted, Type: events.ActionType{Owner: "Custom", Category: "Build", Provider: "Make", Version: "2"}},
			{State: events.ActionStarted},
		} {
			n := len(s.history())
			if err := b.HandleAction(t.Context(), &e); err != nil {
				t.Error(err)
			}
			synctest.Wait()
			equal(t, "polls", len(s.history()), n)
		}
		if err := b.HandleAction(t.Context(), nil); err != nil {
			t.Error(err)
		}
		b.mustStop()
	})
}

// A storm of events makes no storm of polls, but none is forgotten.
func TestNotifyStorm(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := new(service)
		b := start(t, s, succeed)
		for range 60_000 {
			b.Notify()
			time.Sleep(time.Millisecond)
		}
		if n := len(s.history()); n < 500 || n > 610 {
			t.Errorf("%d polls in a minute, want about 10 a second", n)
		}
		s.add(1)
		b.Notify()
		pass(time.Second / 10)
		equal(t, "result", s.get("job-1").result, "success")
		b.cancel()
		begin := time.Now()
		b.Notify()
		b.mustStop()
		equal(t, "time to stop", time.Since(begin), 0)
	})
}

// As long as batches are full, polls follow as soon as slots are free.
func TestFullBatches(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := new(service)
		s.add(20)
		b := start(t, s, func(_ context.Context, j *action.Job) (*action.Result, error) {
			time.Sleep(time.Minute)
			return nil, nil
		}, func(o *customaction.Options) { o.Concurrency = 4 })
		pass(5*time.Minute - time.Second)
		ended := 0
		for _, j := range s.all() {
			if j.result != "" {
				ended++
			}
		}
		equal(t, "ended jobs", ended, 16)
		b.mustStop()
	})
}

// A slot that becomes free makes a worker poll soon, also after a batch that
// was not full.
func TestFreedSlot(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := new(service)
		s.add(1)
		b := start(t, s, func(context.Context, *action.Job) (*action.Result, error) {
			time.Sleep(10 * time.Minute)
			return nil, nil
		}, func(o *customaction.Options) { o.Concurrency = 2; o.MaxWait = time.Hour })
		pass(10*time.Minute - time.Second)
		synctest.Wait()
		s.add(1)
		pass(3 * time.Second)
		equal(t, "acknowledged", s.get("job-2").acked, 1)
		b.cancel()
		pass(time.Hour)
		if err := <-b.done; err != nil {
			t.Error(err)
		}
	})
}

func TestPollErrors(t *testing.T) {
	t.Parallel()
	for name, err := range map[string]error{
		"throttled": errThrottled, "server": errServer, "lost": errLost, "no connection": errRefused,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var mu sync.Mutex
				var at []poll
				begin := time.Now()
				s := &service{fault: func(operation, _ string) (error, error) {
					mu.Lock()
					defer mu.Unlock()
					at = append(at, poll{at: time.Since(begin)})
					return err, nil
				}}
				s.add(1)
				b := start(t, s, succeed)
				for range 10 {
					b.Notify() // does not make it impatient
					pass(time.Second)
				}
				if n := s.count("PollForJobs"); n > 5 {
					t.Errorf("%d polls in 10 seconds", n)
				}
				pass(10 * time.Minute)
				mu.Lock()
				defer mu.Unlock()
				const sec = time.Second
				if name != "throttled" { // where a pace comes on top
					checkWaits(t, at, sec, 2*sec, 4*sec, 8*sec, 16*sec, 30*sec, 30*sec)
				}
				s.setFault(nil)
				pass(2 * time.Minute)
				equal(t, "result", s.get("job-1").result, "success")
				if n := len(b.of(customaction.EventPollFailed)); n != len(at) {
					t.Errorf("%d events of failed polls, want %d", n, len(at))
				}
				b.mustStop()
			})
		})
	}
}

// A worker that was throttled stays slower for a while, also with full batches.
func TestThrottledPace(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		throttled := 3
		s := &service{fault: func(operation, _ string) (error, error) {
			if operation == "PollForJobs" && throttled > 0 {
				throttled--
				return errThrottled, nil
			}
			return nil, nil
		}}
		s.add(10)
		b := start(t, s, succeed)
		pass(time.Minute)
		b.mustStop()
		const ms = time.Millisecond
		var got []time.Duration
		for i := range 5 {
			got = append(got, s.polls[i+1].at-s.polls[i].at)
		}
		if diff := cmp.Diff([]time.Duration{200 * ms, 100 * ms, 0, 0, 0}, got); diff != "" {
			t.Errorf("mismatch of waits (-want +got):\n%s", diff)
		}
	})
}

// BenchmarkIdleCalls counts the polls of an idle worker in an hour of simulated
// time, with the default options.
func BenchmarkIdleCalls(b *testing.B) {
	for b.Loop() {
		calls := 0
		synctest.Test(&testing.T{}, func(t *testing.T) {
			s := new(service)
			ctx, cancel := context.WithTimeout(context.Background(), 24*time.Hour)
			defer cancel()
			w := customaction.New(s, actiontype.Type{Category: "Build", Provider: "Make", Version: "1"}, action.HandlerFunc(succeed))
			if err := w.Run(ctx); err != nil {
				b.Error(err)
			}
			calls = len(s.polls)
		})
		b.ReportMetric(float64(calls)/24, "calls/hour")
	}
}
