package customaction

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/codepipeline/types"

	"github.com/codesuite-go/codesuite/internal/apierror"
	"github.com/codesuite-go/codesuite/internal/backoff"
)

const (
	ackTimeout    = 10 * time.Second // for one call
	ackMinBackoff = 50 * time.Millisecond
	ackMaxBackoff = 5 * time.Second
	learnTimeout  = 5 * time.Second // for what other jobs may teach
)

// How CodePipeline answers a worker that acknowledges its job a second time.
// AWS does not document it, so a worker tries it out with the first job that it
// gets without doubt. It matters when the reply to an acknowledgement was lost
// and the next attempt is refused: where a repetition is accepted, the refusal
// says that another worker has the job; where it is not, it most likely says
// that the first attempt took effect.
const (
	repeatsUnknown int32 = iota
	repeatsAsked
	repeatsAccepted
	repeatsRefused
)

// statusError is why a job is dropped that is not there to be worked on.
type statusError types.JobStatus

func (e statusError) Error() string {
	return fmt.Sprintf("the job's status is %s", string(e))
}

// claim makes the job the worker's, and reports whether it is.
//
// A job that is not surely acknowledged by nobody must not be dropped: nobody
// else would get it, and its action would wait until it times out. So attempts
// go on until one is answered. If the job is offered again meanwhile, with
// another nonce, any of the nonces may be the one that counts.
func (r *run) claim(h *held) bool {
	if err := r.prepare(h.offer); err != nil {
		r.drop(h.offer, err)
		return false
	}
	r.setPrepared(h)
	offers := []*offer{h.offer} // those without an answer
	uncertain := false          // whether an attempt failed that may have taken effect
	delay := ackMinBackoff
	for {
		if newer := r.renewed(h); newer != nil && r.prepare(newer) == nil && newer.nonce != offers[0].nonce {
			offers = append([]*offer{newer}, offers...)
		}
		o := offers[0]
		if !uncertain && r.polling.Err() != nil {
			r.drop(o, context.Cause(r.polling))
			return false
		}
		status, err := r.acknowledge(o)
		switch answer(status, err) {
		case accepted:
			if !uncertain {
				r.learnRepeats(o)
			}
			r.claimed(h, o, false)
			return true
		case refused:
			if offers = offers[1:]; len(offers) > 0 {
				continue
			}
			if uncertain && !r.repeatable() {
				r.claimed(h, o, true)
				return true
			}
			fallthrough
		case ended:
			if err == nil {
				err = statusError(status)
			}
			r.drop(o, err)
			return false
		}
		if !isTemporary(err) {
			if !isOfClient(err) {
				r.refuses("acknowledge", err)
			}
			if !uncertain {
				r.drop(o, err)
				return false
			}
		}
		uncertain = uncertain || isUncertain(err)
		e := eventOf(AckFailed, o)
		e.Err = err
		r.options.OnEvent(e)
		r.options.Logger.WarnContext(r.jobs, "customaction: acknowledgement failed, trying again", "job", o.id, "error", err)
		if backoff.Sleep(r.reporting, backoff.Jitter(delay)) != nil {
			if uncertain {
				r.notReported(o.id, fmt.Errorf("it is not known whether the job is acknowledged: %w", err))
			}
			r.drop(o, err)
			return false
		}
		delay = min(2*delay, ackMaxBackoff)
		offers = append(offers[1:], o)
	}
}

// claimed notes that the job is the worker's, by that offer of it.
func (r *run) claimed(h *held, o *offer, doubtful bool) {
	r.runs(h, doubtful)
	if doubtful {
		r.options.Logger.WarnContext(r.jobs, "customaction: the reply to an acknowledgement was lost, taking the job for this worker's", "job", o.id)
	}
	e := eventOf(Acknowledged, o)
	e.Duration = time.Since(o.polled)
	r.options.OnEvent(e)
}

// confirm acknowledges a job that runs although that was in doubt: that it is
// offered again says that it was not acknowledged.
func (r *run) confirm(h *held) {
	if !r.isDoubtful(h) {
		return
	}
	newer := r.renewed(h)
	if newer == nil || r.prepare(newer) != nil {
		return // if it is so, it is offered once more
	}
	if answer(r.acknowledge(newer)) == accepted {
		r.runs(h, false)
	}
}

// setPrepared notes that the offer is complete.
func (w *Worker) setPrepared(h *held) {
	w.mu.Lock()
	defer w.mu.Unlock()
	h.prepared = true
}

// runs notes that a job is the worker's.
func (w *Worker) runs(h *held, doubtful bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	h.doubtful = doubtful
}

func (w *Worker) isDoubtful(h *held) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return h.doubtful
}

// prepare completes the offer. A job that was not acknowledged is offered
// again, so that one attempt, with the SDK's retries, is enough.
func (r *run) prepare(o *offer) error {
	ctx, cancel := context.WithTimeout(r.polling, pollTimeout)
	defer cancel()
	err := r.service.prepare(ctx, o)
	switch code := apierror.Code(err); {
	case err == nil:
		r.accepts("prepare")
	case r.polling.Err() != nil, isTemporary(err), isOfClient(err), code == codeJobNotFound, code == codeInvalidJob:
	default:
		r.refuses("prepare", err)
	}
	return err
}

func (r *run) acknowledge(o *offer) (types.JobStatus, error) {
	ctx, cancel := context.WithTimeout(r.reporting, ackTimeout)
	defer cancel()
	status, err := r.service.acknowledge(ctx, o)
	if answer(status, err) != nothing {
		r.accepts("acknowledge")
	}
	return status, err
}

// What the service says to an acknowledgement.
type reply int

const (
	nothing  reply = iota // it failed
	accepted              // the job is the worker's
	refused               // the job is not, unless an earlier attempt took effect
	ended                 // the job is nobody's any more
)

func answer(status types.JobStatus, err error) reply {
	if err == nil {
		switch status {
		case types.JobStatusInProgress:
			return accepted
		case types.JobStatusSucceeded, types.JobStatusFailed, types.JobStatusTimedOut:
			return ended
		}
		return refused
	}
	switch apierror.Code(err) {
	case codeJobNotFound, codeInvalidJob:
		return ended
	case codeInvalidNonce:
		return refused
	}
	return nothing
}

// learnRepeats finds out how a repeated acknowledgement is answered, once, with
// a job that is surely the worker's.
func (r *run) learnRepeats(o *offer) {
	if !r.repeats.CompareAndSwap(repeatsUnknown, repeatsAsked) {
		return
	}
	switch answer(r.acknowledge(o)) {
	case accepted:
		r.repeats.Store(repeatsAccepted)
	case refused:
		r.repeats.Store(repeatsRefused)
	default:
		r.repeats.Store(repeatsUnknown)
	}
}

// repeatable reports whether a repeated acknowledgement is accepted. It gives
// other jobs some time to find out.
func (r *run) repeatable() bool {
	for end := time.Now().Add(learnTimeout); ; {
		switch r.repeats.Load() {
		case repeatsAccepted:
			return true
		case repeatsRefused:
			return false
		}
		if time.Now().After(end) || backoff.Sleep(r.reporting, backoff.Jitter(ackMinBackoff)) != nil {
			return false
		}
	}
}

// drop notes that a job is not the worker's.
func (r *run) drop(o *offer, err error) {
	e := eventOf(Dropped, o)
	e.Duration, e.Err = time.Since(o.polled), err
	r.options.OnEvent(e)
	level := r.options.Logger.InfoContext
	if code := apierror.Code(err); !errors.As(err, new(statusError)) && code != codeInvalidNonce && code != codeJobNotFound && r.polling.Err() == nil {
		level = r.options.Logger.WarnContext
	}
	level(r.jobs, "customaction: job dropped", "job", o.id, "error", err)
}
