package customaction_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	awscodepipeline "github.com/aws/aws-sdk-go-v2/service/codepipeline"
	"github.com/aws/aws-sdk-go-v2/service/codepipeline/types"
	"github.com/google/go-cmp/cmp"

	"github.com/codesuite-go/codesuite/customaction"
	"github.com/codesuite-go/codesuite/pipeline/action"
)

// faults makes calls of an operation fail in order; nil lets one through.
func faults(operation string, instead []error, after []error) func(string, string) (error, error) {
	n := 0
	return func(op, _ string) (i error, a error) {
		if op != operation {
			return nil, nil
		}
		if n < len(instead) {
			i = instead[n]
		}
		if n < len(after) {
			a = after[n]
		}
		n++
		return i, a
	}
}

func TestAcknowledge(t *testing.T) {
	t.Parallel()
	one := func(err ...error) []error { return err }
	for name, test := range map[string]struct {
		repeats        bool // the service accepts an acknowledgement again
		instead, after []error
		between        func(*service) // before the first acknowledgement
		ran            bool
		acks           int // calls for job-1
	}{
		"at once":      {ran: true, acks: 1},
		"lost race":    {between: func(s *service) { s.steal("job-1") }, acks: 1},
		"succeeded":    {between: func(s *service) { s.end("job-1", types.JobStatusSucceeded) }, acks: 1},
		"failed":       {between: func(s *service) { s.end("job-1", types.JobStatusFailed) }, acks: 1},
		"timed out":    {between: func(s *service) { s.end("job-1", types.JobStatusTimedOut) }, acks: 1},
		"not found":    {between: (*service).forget, acks: 1},
		"denied":       {instead: one(errDenied), acks: 1},
		"throttled":    {instead: one(errThrottled, errThrottled), ran: true, acks: 3},
		"server error": {instead: one(errServer), ran: true, acks: 2},
		"dropped":      {instead: one(errLost, errLost, errLost), ran: true, acks: 4},
		"unreachable":  {instead: one(errRefused), ran: true, acks: 2},

		// The service took it, but the worker does not hear of it.
		"lost reply":                {after: one(errLost), ran: true, acks: 2},
		"late server error":         {after: one(errServer), ran: true, acks: 2},
		"lost reply, repeats":       {repeats: true, after: one(errLost), ran: true, acks: 2},
		"two lost replies, repeats": {repeats: true, after: one(errServer, errLost), ran: true, acks: 3},
		"lost reply, then refused":  {after: one(errLost), instead: one(nil, errDenied), ran: true, acks: 3},
		"lost reply, then ended":    {after: one(errLost), instead: one(nil, errThrottled), acks: 3},

		// Another worker is quicker in the same moment. A call that did not
		// take effect for sure leaves no doubt.
		"throttled and lost race":   {instead: one(errThrottled), acks: 2},
		"unreachable and lost race": {instead: one(errRefused), acks: 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := &service{repeats: test.repeats, reoffer: time.Hour}
				s.add(1)
				fault := faults("AcknowledgeJob", test.instead, test.after)
				calls := 0
				s.fault = func(operation, id string) (error, error) {
					if operation == "AcknowledgeJob" {
						if calls++; calls == 1 && test.between != nil {
							test.between(s)
						}
						if calls == 2 && strings.HasSuffix(name, "and lost race") {
							s.steal(id)
						}
						if calls == 3 && strings.HasSuffix(name, "then ended") {
							s.end(id, types.JobStatusTimedOut)
						}
					}
					return fault(operation, id)
				}
				ran := 0
				b := start(t, s, func(context.Context, *action.Job) (*action.Result, error) { ran++; return nil, nil })
				pass(time.Minute)
				b.mustStop()
				equal(t, "ran", ran, map[bool]int{true: 1}[test.ran])
				equal(t, "calls of AcknowledgeJob", calls, test.acks)
				last := b.of(customaction.EventAcknowledged, customaction.EventDropped, customaction.EventReported)
				want := []string{"Dropped job-1"}
				if test.ran {
					want = []string{"Acknowledged job-1", "Reported job-1 Succeeded true"}
				} else if j := s.get("job-1"); len(j.results) > 0 {
					t.Errorf("results %q of a job that is another's", j.results)
				}
				if diff := cmp.Diff(want, last); diff != "" {
					t.Errorf("mismatch of events (-want +got):\n%s", diff)
				}
			})
		})
	}
}

// A nonce that is refused after a lost reply may have been used by this worker
// or by another one. The worker takes the job for its own: if nobody did, its
// action would wait until it times out.
func TestAcknowledgeInDoubt(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ repeats, stolen bool }{
		{repeats: true, stolen: false},
		{repeats: true, stolen: true},
		{repeats: false, stolen: false},
		{repeats: false, stolen: true},
	} {
		t.Run(fmt.Sprintf("%+v", test), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := &service{repeats: test.repeats}
				s.add(1)
				ran := make(map[string]int)
				b := start(t, s, func(_ context.Context, j *action.Job) (*action.Result, error) {
					ran[j.ID()]++
					return nil, nil
				})
				pass(time.Minute)
				equal(t, "calls of AcknowledgeJob without a fault", s.count("AcknowledgeJob"), 1)
				lost := false
				s.setFault(func(operation, id string) (instead error, after error) {
					if operation != "AcknowledgeJob" || lost {
						return nil, nil
					}
					lost = true
					if test.stolen {
						s.steal(id)
						return errLost, nil
					}
					return nil, errLost
				})
				s.add(1)
				pass(time.Minute)
				b.mustStop()
				equal(t, "calls of AcknowledgeJob", s.count("AcknowledgeJob"), 3)
				equal(t, "ran", ran["job-2"], 1)
			})
		})
	}
}

// An acknowledgement that nobody answers is given up in the end, and a job that
// may be acknowledged is told.
func TestAcknowledgeRetryTimeout(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		instead, after error
		unreported     bool
	}{
		"throttled":  {instead: errThrottled},
		"lost reply": {after: errLost, unreported: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := &service{reoffer: 24 * time.Hour, fault: func(operation, _ string) (error, error) {
					if operation == "AcknowledgeJob" {
						return test.instead, test.after
					}
					return nil, nil
				}}
				s.repeats = true // no answer but the fault's
				s.add(1)
				b := start(t, s, succeed, func(o *customaction.Options) { o.RetryTimeout = time.Minute })
				pass(50 * time.Second)
				equal(t, "jobs dropped within the time", len(b.of(customaction.EventDropped)), 0)
				pass(time.Minute)
				equal(t, "jobs dropped", len(b.of(customaction.EventDropped)), 1)
				var unreported *customaction.UnreportedError
				if err := b.stop(); errors.As(err, &unreported) != test.unreported || err != nil != test.unreported {
					t.Errorf("Run: %v", err)
				}
			})
		})
	}
}

// The job that a worker has is not taken again when it is offered again.
func TestOfferedTwice(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		slow := make(chan struct{})
		s := &service{reoffer: time.Second, fault: func(operation, _ string) (error, error) {
			if operation == "AcknowledgeJob" {
				<-slow
			}
			return nil, nil
		}}
		s.add(1)
		ran := 0
		b := start(t, s, func(context.Context, *action.Job) (*action.Result, error) {
			ran++
			time.Sleep(time.Minute)
			return nil, nil
		}, func(o *customaction.Options) { o.Concurrency = 4 })
		pass(9 * time.Second)
		close(slow) // its nonce is not valid any more, the job is offered once more
		pass(5 * time.Minute)
		b.mustStop()
		equal(t, "ran", ran, 1)
		equal(t, "result", s.get("job-1").result, "success")
		if s.get("job-1").offers < 3 {
			t.Errorf("offered %d times", s.get("job-1").offers)
		}
	})
}

// An offer that comes while the one before is refused is not forgotten: it may
// be the last for long.
func TestOfferedWhileDropped(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &service{reoffer: 10 * time.Minute}
		calls := 0
		s.fault = func(operation, _ string) (error, error) {
			if operation != "AcknowledgeJob" {
				return nil, nil
			}
			if calls++; calls == 1 { // until the job is offered for the second time
				s.mu.Lock()
				s.reoffer = time.Second
				s.mu.Unlock()
				time.Sleep(8 * time.Second)
				s.mu.Lock()
				s.reoffer = 10 * time.Minute
				s.mu.Unlock()
			}
			return nil, nil
		}
		s.add(1)
		b := start(t, s, succeed, func(o *customaction.Options) { o.Concurrency = 2 })
		pass(10 * time.Second)
		j := s.get("job-1")
		if j.offers < 2 {
			t.Errorf("offered %d times", j.offers)
		}
		equal(t, "result", j.result, "success")
		b.mustStop()
	})
}

// stopping stops the worker while it polls, but its reply arrives all the same.
type stopping struct {
	*service
	stop chan context.CancelFunc
}

func (s *stopping) PollForJobs(ctx context.Context, in *awscodepipeline.PollForJobsInput, optFns ...func(*awscodepipeline.Options)) (*awscodepipeline.PollForJobsOutput, error) {
	select {
	case stop := <-s.stop:
		stop()
	default:
	}
	return s.service.PollForJobs(context.WithoutCancel(ctx), in, optFns...)
}

// A worker that is stopped does not acknowledge what it has just got, but does
// not forget what it may have acknowledged.
func TestStopWhileAcknowledging(t *testing.T) {
	t.Parallel()
	t.Run("before", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			s := new(service)
			api := &stopping{service: s, stop: make(chan context.CancelFunc, 1)}
			b := start(t, api, succeed)
			api.stop <- b.cancel
			s.add(1)
			if err := <-b.done; err != nil {
				t.Error(err)
			}
			equal(t, "offers", s.get("job-1").offers, 1)
			equal(t, "calls of AcknowledgeJob", s.count("AcknowledgeJob"), 0)
		})
	})
	t.Run("throttled", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			s := new(service)
			b := start(t, s, succeed)
			s.setFault(func(operation, _ string) (error, error) {
				if operation != "AcknowledgeJob" {
					return nil, nil
				}
				b.cancel()
				return errThrottled, nil
			})
			s.add(1)
			if err := <-b.done; err != nil {
				t.Error(err)
			}
			equal(t, "calls of AcknowledgeJob", s.count("AcknowledgeJob"), 1)
		})
	})
	for name, test := range map[string]struct {
		repeats bool
		errors  []error // of the first attempts, which took effect
		want    string  // result; "" if the job is not known to be acknowledged
		err     bool
	}{
		"lost reply":           {false, []error{errLost}, "success", false},
		"lost reply, repeats":  {true, []error{errLost}, "success", false},
		"after the grace":      {true, repeat(errLost, 10), "SystemUnavailable: the job worker was stopped before the job began", false},
		"as long as it can be": {true, repeat(errLost, 100), "", true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := &service{repeats: test.repeats}
				b := start(t, s, succeed)
				fault := faults("AcknowledgeJob", nil, test.errors)
				s.setFault(func(operation, id string) (error, error) {
					if operation == "AcknowledgeJob" {
						b.cancel()
					}
					return fault(operation, id)
				})
				s.add(1)
				b.Notify()
				err := <-b.done
				equal(t, "result", s.get("job-1").result, test.want)
				var unreported *customaction.UnreportedError
				if errors.As(err, &unreported) != test.err || err != nil != test.err {
					t.Errorf("error %v", err)
				}
				if test.err && (unreported.JobIDs[0] != "job-1" || !strings.Contains(err.Error(), "job-1")) {
					t.Errorf("error %v", err)
				}
			})
		})
	}
}

func repeat(err error, n int) []error {
	var errs []error
	for range n {
		errs = append(errs, err)
	}
	return errs
}

// A job that is offered again, with another nonce, while its acknowledgement
// fails is acknowledged with the nonce that counts.
func TestRenewedNonce(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		repeats bool
		first   func() (instead, after error) // of the first call
		stale   bool                          // the second offer is of before
	}{
		"not taken effect":          {first: func() (error, error) { return errLost, nil }},
		"not taken effect, repeats": {repeats: true, first: func() (error, error) { return errLost, nil }},
		"taken effect":              {first: func() (error, error) { return nil, errLost }, stale: true},
		"taken effect, repeats":     {repeats: true, first: func() (error, error) { return nil, errLost }, stale: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := &service{repeats: test.repeats, reoffer: time.Second}
				if test.stale {
					s.again = func() bool { return true }
				}
				calls := 0
				s.fault = func(operation, id string) (error, error) {
					if operation != "AcknowledgeJob" {
						return nil, nil
					}
					calls++
					switch {
					case calls == 1:
						return test.first()
					case calls < 8 && s.get(id).offers < 2 && !test.stale || calls < 8 && test.stale:
						return errThrottled, nil
					}
					return nil, nil
				}
				s.add(1)
				var ran atomic.Int64
				b := start(t, s, func(context.Context, *action.Job) (*action.Result, error) {
					ran.Add(1)
					return nil, nil
				}, func(o *customaction.Options) { o.Concurrency = 2 })
				pass(time.Minute)
				b.mustStop()
				equal(t, "ran", ran.Load(), 1)
				j := s.get("job-1")
				equal(t, "result", j.result, "success")
				equal(t, "results", len(j.results), 1)
				want := []string{"Acknowledged job-1", "Reported job-1 Succeeded true"}
				if diff := cmp.Diff(want, b.of(customaction.EventAcknowledged, customaction.EventReported)); diff != "" {
					t.Errorf("mismatch (-want +got):\n%s", diff)
				}
			})
		})
	}
}

// A job that was taken in doubt, and is offered again while it runs, is
// acknowledged then.
func TestConfirm(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := new(service)
		calls := 0
		s.fault = func(operation, id string) (error, error) {
			if operation != "AcknowledgeJob" {
				return nil, nil
			}
			if calls++; calls == 1 {
				s.mu.Lock()
				defer s.mu.Unlock()
				s.find(id).nonce = "of an offer that got lost"
				return errLost, nil
			}
			return nil, nil
		}
		s.add(1)
		var ran atomic.Int64
		b := start(t, s, func(context.Context, *action.Job) (*action.Result, error) {
			ran.Add(1)
			time.Sleep(5 * time.Minute)
			return nil, nil
		}, func(o *customaction.Options) { o.Concurrency = 2 })
		equal(t, "acknowledged before", s.get("job-1").acked, 0)
		pass(10 * time.Minute)
		b.mustStop()
		equal(t, "ran", ran.Load(), 1)
		equal(t, "acknowledged", s.get("job-1").acked, 1)
		equal(t, "result", s.get("job-1").result, "success")
	})
}
