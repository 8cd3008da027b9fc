package customaction

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/codepipeline/types"
)

const (
	ackTimeout    = 10 * time.Second // for one call
	ackMinBackoff = 50 * time.Millisecond
	ackMaxBackoff = 5 * time.Second
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
// go on until one is answered.
func (r *run) claim(o *offer) bool {
	if err := r.prepare(o); err != nil {
		r.drop(o, err)
		return false
	}
	uncertain := false // whether an attempt failed that may have taken effect
	for backoff := ackMinBackoff; ; backoff = min(2*backoff, ackMaxBackoff) {
		if !uncertain && r.polling.Err() != nil {
			r.drop(o, context.Cause(r.polling))
			return false
		}
		status, err := r.acknowledge(o)
		answered, mine := r.judge(status, err, uncertain)
		if answered {
			if mine {
				r.learnRepeats(o, err == nil && !uncertain)
				e := eventOf(Acknowledged, o)
				e.Duration = time.Since(o.polled)
				r.options.OnEvent(e)
				return true
			}
			if err == nil {
				err = statusError(status)
			}
			r.drop(o, err)
			return false
		}
		if !isTemporary(err) {
			r.refuses("acknowledge", err)
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
		if !sleep(r.reporting, jitter(backoff)) {
			if uncertain {
				r.notReported(o.id, fmt.Errorf("it is not known whether the job is acknowledged: %w", err))
			}
			r.drop(o, err)
			return false
		}
	}
}

// prepare completes the offer. A job that was not acknowledged is offered
// again, so that one attempt, with the SDK's retries, is enough.
func (r *run) prepare(o *offer) error {
	ctx, cancel := context.WithTimeout(r.polling, pollTimeout)
	defer cancel()
	err := r.service.prepare(ctx, o)
	switch code := errorCode(err); {
	case err == nil:
		r.accepts("prepare")
	case r.polling.Err() != nil, isTemporary(err), code == codeJobNotFound, code == codeInvalidJob:
	default:
		r.refuses("prepare", err)
	}
	return err
}

func (r *run) acknowledge(o *offer) (types.JobStatus, error) {
	ctx, cancel := context.WithTimeout(r.reporting, ackTimeout)
	defer cancel()
	status, err := r.service.acknowledge(ctx, o)
	if err == nil {
		r.accepts("acknowledge")
	}
	return status, err
}

// judge reports whether the answer to an acknowledgement is definite, and
// whether the job is then the worker's.
func (r *run) judge(status types.JobStatus, err error, uncertain bool) (answered, mine bool) {
	switch code := errorCode(err); {
	case err == nil && status == types.JobStatusInProgress:
		return true, true
	case err == nil && (status == types.JobStatusSucceeded || status == types.JobStatusFailed || status == types.JobStatusTimedOut):
		return true, false
	case code == codeJobNotFound, code == codeInvalidJob:
		return true, false
	case err == nil, code == codeInvalidNonce:
		return true, uncertain && r.repeats.Load() != repeatsAccepted
	}
	return false, false
}

// learnRepeats finds out how a repeated acknowledgement is answered, once, with
// a job that is surely the worker's.
func (r *run) learnRepeats(o *offer, sure bool) {
	if !sure || !r.repeats.CompareAndSwap(repeatsUnknown, repeatsAsked) {
		return
	}
	switch status, err := r.acknowledge(o); {
	case err == nil && status == types.JobStatusInProgress:
		r.repeats.Store(repeatsAccepted)
	case err == nil, errorCode(err) == codeInvalidNonce:
		r.repeats.Store(repeatsRefused)
	default:
		r.repeats.Store(repeatsUnknown)
	}
}

// drop notes that a job is not the worker's.
func (r *run) drop(o *offer, err error) {
	e := eventOf(Dropped, o)
	e.Duration, e.Err = time.Since(o.polled), err
	r.options.OnEvent(e)
	level := r.options.Logger.InfoContext
	if code := errorCode(err); !errors.As(err, new(statusError)) && code != codeInvalidNonce && code != codeJobNotFound && r.polling.Err() == nil {
		level = r.options.Logger.WarnContext
	}
	level(r.jobs, "customaction: job dropped", "job", o.id, "error", err)
}
