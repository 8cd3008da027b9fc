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
)

// statusError says that a job is no longer available to this worker.
type statusError types.JobStatus

func (e statusError) Error() string {
	return fmt.Sprintf("the job's status is %s", string(e))
}

// acknowledge acknowledges a job and reports whether it is this worker's.
//
// acknowledge keeps trying until CodePipeline answers. If it gave up, the job
// might be acknowledged but owned by no worker, and would block its action until
// the timeout. If the job is polled again meanwhile, with another nonce, any of
// the nonces may be the valid one.
func (r *run) acknowledge(j *job) bool {
	if err := r.prepare(j.polled); err != nil {
		r.drop(j.polled, err)
		return false
	}
	r.setPrepared(j)
	unanswered := []*polledJob{j.polled} // those without an answer, the next one first
	uncertain := false                   // whether an attempt failed that may have taken effect
	start, delay := time.Now(), ackMinBackoff
	for {
		if newer := r.takeNewer(j); newer != nil && r.prepare(newer) == nil && newer.nonce != unanswered[0].nonce {
			unanswered = append([]*polledJob{newer}, unanswered...)
		}
		p := unanswered[0]
		if !uncertain && r.pollCtx.Err() != nil {
			r.drop(p, context.Cause(r.pollCtx))
			return false
		}
		status, err := r.callAcknowledge(p)
		switch answerOf(status, err) {
		case answerAccepted:
			r.acknowledged(j, p, false)
			return true
		case answerRefused:
			if unanswered = unanswered[1:]; len(unanswered) > 0 {
				continue
			}
			if uncertain {
				// The nonce was used up, most likely by an attempt of this worker
				// whose reply was lost.
				r.acknowledged(j, p, true)
				return true
			}
			fallthrough
		case answerEnded:
			if err == nil {
				err = statusError(status)
			}
			r.drop(p, err)
			return false
		}
		if !isTemporary(err) {
			if !isOfClient(err) {
				r.noteRefusal("acknowledge", err)
			}
			if !uncertain {
				r.drop(p, err)
				return false
			}
		}
		uncertain = uncertain || isUncertain(err)
		e := eventOf(EventAckFailed, p)
		e.Err = err
		r.options.OnEvent(e)
		r.options.Logger.WarnContext(r.jobCtx, "customaction: acknowledgement failed, trying again", "job", p.id, "error", err)
		late := r.options.RetryTimeout > 0 && time.Since(start) >= r.options.RetryTimeout
		if late || backoff.Sleep(r.reportCtx, backoff.Jitter(delay)) != nil {
			if uncertain {
				r.notReported(p.id, fmt.Errorf("it is not known whether the job is acknowledged: %w", err))
			}
			r.drop(p, err)
			return false
		}
		delay = min(2*delay, ackMaxBackoff)
		unanswered = append(unanswered[1:], p)
	}
}

// acknowledged records that the job is the worker's, by the nonce of p.
func (r *run) acknowledged(j *job, p *polledJob, doubtful bool) {
	r.setDoubtful(j, doubtful)
	if doubtful {
		r.options.Logger.WarnContext(r.jobCtx, "customaction: the reply to an acknowledgement was lost, taking the job for this worker's", "job", p.id)
	}
	e := eventOf(EventAcknowledged, p)
	e.Duration = time.Since(p.polledAt)
	r.options.OnEvent(e)
}

// confirm acknowledges a doubtful job that runs and has been polled again. Such a
// job was not acknowledged after all.
func (r *run) confirm(j *job) {
	if !r.isDoubtful(j) {
		return
	}
	newer := r.takeNewer(j)
	if newer == nil || r.prepare(newer) != nil {
		return // the job is polled once more
	}
	if answerOf(r.callAcknowledge(newer)) == answerAccepted {
		r.setDoubtful(j, false)
	}
}

func (w *Worker) setPrepared(j *job) {
	w.mu.Lock()
	defer w.mu.Unlock()
	j.prepared = true
}

func (w *Worker) setDoubtful(j *job, doubtful bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	j.doubtful = doubtful
}

func (w *Worker) isDoubtful(j *job) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return j.doubtful
}

// prepare completes a polled job. One call, with the SDK's retries, is enough: a
// job that is not acknowledged is polled again.
func (r *run) prepare(p *polledJob) error {
	ctx, cancel := context.WithTimeout(r.pollCtx, pollTimeout)
	defer cancel()
	err := r.service.prepare(ctx, p)
	switch code := apierror.Code(err); {
	case err == nil:
		r.noteAnswer("prepare")
	case r.pollCtx.Err() != nil, isTemporary(err), isOfClient(err), code == codeJobNotFound, code == codeInvalidJob:
	default:
		r.noteRefusal("prepare", err)
	}
	return err
}

func (r *run) callAcknowledge(p *polledJob) (types.JobStatus, error) {
	ctx, cancel := context.WithTimeout(r.reportCtx, ackTimeout)
	defer cancel()
	status, err := r.service.acknowledge(ctx, p)
	if answerOf(status, err) != answerNone {
		r.noteAnswer("acknowledge")
	}
	return status, err
}

// answer is CodePipeline's answer to an acknowledgement.
type answer int

const (
	answerNone     answer = iota // the call failed
	answerAccepted               // the job is the worker's
	answerRefused                // the job is not, unless an earlier attempt took effect
	answerEnded                  // the job is nobody's any more
)

func answerOf(status types.JobStatus, err error) answer {
	if err == nil {
		switch status {
		case types.JobStatusInProgress:
			return answerAccepted
		case types.JobStatusSucceeded, types.JobStatusFailed, types.JobStatusTimedOut:
			return answerEnded
		}
		return answerRefused
	}
	switch apierror.Code(err) {
	case codeJobNotFound, codeInvalidJob:
		return answerEnded
	case codeInvalidNonce:
		return answerRefused
	}
	return answerNone
}

// drop records that a job is not the worker's.
func (r *run) drop(p *polledJob, err error) {
	e := eventOf(EventDropped, p)
	e.Duration, e.Err = time.Since(p.polledAt), err
	r.options.OnEvent(e)
	level := r.options.Logger.InfoContext
	if code := apierror.Code(err); !errors.As(err, new(statusError)) && code != codeInvalidNonce && code != codeJobNotFound && r.pollCtx.Err() == nil {
		level = r.options.Logger.WarnContext
	}
	level(r.jobCtx, "customaction: job dropped", "job", p.id, "error", err)
}
