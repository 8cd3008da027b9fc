package customaction

import (
	"context"
	"errors"
	"time"

	"github.com/codesuite-go/codesuite/internal/apierror"
	"github.com/codesuite-go/codesuite/internal/backoff"
)

const (
	pollTimeout = 30 * time.Second       // for one poll
	minPace     = 100 * time.Millisecond // between polls, after throttling or for events
)

// errHeld is why a job is dropped that was offered twice.
var errHeld = errors.New("the worker has the job already")

// loop polls until polling ends.
func (r *run) loop() {
	var (
		wait     = r.options.MinWait // after a poll that left slots free
		failures = 0                 // in a row
		pace     time.Duration       // least time between two polls
	)
	for {
		free := r.slots.wait(r.polling)
		if free == 0 || backoff.Sleep(r.polling, pace) != nil {
			return
		}
		offers, err := r.poll(free)
		switch {
		case r.polling.Err() != nil:
			return // what came is offered again
		case err != nil:
			if apierror.Throttled(err) {
				pace = min(max(2*pace, minPace), r.options.MaxWait)
			}
			// As long as waits get after empty polls; events do not cut it short.
			delay := min(r.options.MinWait<<min(failures, 16), r.options.MaxWait)
			failures++
			if backoff.Sleep(r.polling, backoff.Jitter(max(delay, minPace))) != nil {
				return
			}
			continue
		}
		failures = 0
		if pace /= 2; pace < minPace {
			pace = 0
		}
		r.take(offers, free)
		if len(offers) >= free {
			// There may be more: poll as soon as a slot is free, unless that is
			// because jobs were dropped.
			if r.slots.wait(r.polling) == 0 {
				return
			}
			if r.advanced() {
				wait = r.options.MinWait
				continue
			}
		}
		wait = r.idle(wait)
	}
}

// poll asks for at most n jobs.
func (r *run) poll(n int) ([]*offer, error) {
	ctx, cancel := context.WithTimeout(r.polling, pollTimeout)
	defer cancel()
	start := time.Now()
	offers, err := r.service.poll(ctx, n)
	took := time.Since(start)
	switch {
	case err == nil:
		r.accepts("poll")
		r.options.OnEvent(Event{Type: Polled, Asked: n, Jobs: len(offers), Duration: took})
		return offers, nil
	case r.polling.Err() != nil:
		return nil, err
	}
	r.options.OnEvent(Event{Type: PollFailed, Asked: n, Duration: took, Err: err})
	switch {
	case isTemporary(err):
		r.options.Logger.WarnContext(r.jobs, "customaction: poll failed, trying again", "error", err)
	case apierror.Code(err) == codeValidation: // of constant arguments: it stays so
		r.stop(refusedError{err})
	default:
		r.refuses("poll", err)
	}
	return nil, err
}

// take starts the jobs. Those beyond n were not asked for, and are left to be
// offered again.
func (r *run) take(offers []*offer, n int) {
	for _, o := range offers[:min(len(offers), n)] {
		dropped := eventOf(Dropped, o) // once it is held, the offer may change
		h, taken := r.hold(o)
		if !taken {
			dropped.Err = errHeld
			r.options.OnEvent(dropped)
			r.wg.Go(func() { r.confirm(h) })
			continue
		}
		r.slots.take()
		r.wg.Add(1)
		go func() {
			defer r.wg.Done()
			defer r.slots.release()
			for h != nil {
				h = r.letGo(h, r.serve(h))
			}
		}()
	}
}

// idle waits before the next poll, and returns how long to wait the next time.
func (r *run) idle(wait time.Duration) (next time.Duration) {
	d := backoff.Jitter(wait)
	r.options.OnEvent(Event{Type: Idle, Duration: d})
	next = min(2*wait, r.options.MaxWait)
	begin := time.Now()
	end := begin.Add(d)
	timer := time.NewTimer(d)
	defer timer.Stop()
	for {
		select {
		case <-r.polling.Done():
			return next
		case <-timer.C:
			return next
		case <-r.wake:
			// Events may come in masses, and must not make as many polls.
			_ = backoff.Sleep(r.polling, time.Until(begin.Add(min(minPace, d))))
			return r.options.MinWait
		case <-r.progress:
			// Where there was a job there may soon be another.
			next = r.options.MinWait
			if soon := backoff.Jitter(r.options.MinWait); time.Until(end) > soon {
				end = time.Now().Add(soon)
				timer.Reset(soon)
			}
		}
	}
}
