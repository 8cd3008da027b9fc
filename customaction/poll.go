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

// errPolledTwice says why a job is dropped that the worker has already.
var errPolledTwice = errors.New("the worker has the job already")

// loop polls until polling ends.
func (r *run) loop() {
	var (
		wait     = r.options.MinWait // after a poll that left slots free
		failures = 0                 // in a row
		pace     time.Duration       // least time between two polls
	)
	for {
		free := r.slots.wait(r.pollCtx)
		if free == 0 || backoff.Sleep(r.pollCtx, pace) != nil {
			return
		}
		jobs, err := r.poll(free)
		switch {
		case r.pollCtx.Err() != nil:
			return // the jobs that came are polled again
		case err != nil:
			if apierror.Throttled(err) {
				pace = min(max(2*pace, minPace), r.options.MaxWait)
			}
			// As long as waits get after empty polls; events do not cut it short.
			delay := min(r.options.MinWait<<min(failures, 16), r.options.MaxWait)
			failures++
			if backoff.Sleep(r.pollCtx, backoff.Jitter(max(delay, minPace))) != nil {
				return
			}
			continue
		}
		failures = 0
		if pace /= 2; pace < minPace {
			pace = 0
		}
		r.take(jobs, free)
		if len(jobs) >= free {
			// There may be more: poll as soon as a slot is free, unless that is
			// because jobs were dropped.
			if r.slots.wait(r.pollCtx) == 0 {
				return
			}
			if r.progressed() {
				wait = r.options.MinWait
				continue
			}
		}
		wait = r.idle(wait)
	}
}

// poll asks for at most n jobs.
func (r *run) poll(n int) ([]*polledJob, error) {
	ctx, cancel := context.WithTimeout(r.pollCtx, pollTimeout)
	defer cancel()
	start := time.Now()
	jobs, err := r.service.poll(ctx, n)
	took := time.Since(start)
	switch {
	case err == nil:
		r.noteAnswer("poll")
		r.options.OnEvent(Event{Type: EventPolled, Asked: n, Jobs: len(jobs), Duration: took})
		return jobs, nil
	case r.pollCtx.Err() != nil:
		return nil, err
	}
	r.options.OnEvent(Event{Type: EventPollFailed, Asked: n, Duration: took, Err: err})
	switch {
	case isTemporary(err):
		r.options.Logger.WarnContext(r.jobCtx, "customaction: poll failed, trying again", "error", err)
	case apierror.Code(err) == codeValidation: // of constant arguments: it stays so
		r.stop(refusedError{err})
	default:
		r.noteRefusal("poll", err)
	}
	return nil, err
}

// take starts the jobs. Jobs beyond n were not asked for, and are left to another
// poll.
func (r *run) take(jobs []*polledJob, n int) {
	for _, p := range jobs[:min(len(jobs), n)] {
		dropped := eventOf(EventDropped, p) // once it is added, p may change
		j, added := r.add(p)
		if !added {
			dropped.Err = errPolledTwice
			r.options.OnEvent(dropped)
			r.wg.Go(func() { r.confirm(j) })
			continue
		}
		r.slots.take()
		r.wg.Add(1)
		go func() {
			defer r.wg.Done()
			defer r.slots.release()
			for j != nil {
				j = r.remove(j, r.serve(j))
			}
		}()
	}
}

// idle waits before the next poll, and returns how long to wait the next time.
func (r *run) idle(wait time.Duration) (next time.Duration) {
	d := backoff.Jitter(wait)
	r.options.OnEvent(Event{Type: EventIdle, Duration: d})
	next = min(2*wait, r.options.MaxWait)
	begin := time.Now()
	end := begin.Add(d)
	timer := time.NewTimer(d)
	defer timer.Stop()
	for {
		select {
		case <-r.pollCtx.Done():
			return next
		case <-timer.C:
			return next
		case <-r.wake:
			// Events may come in masses, and must not make as many polls.
			_ = backoff.Sleep(r.pollCtx, time.Until(begin.Add(min(minPace, d))))
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
