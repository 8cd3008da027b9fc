package customaction

import (
	"context"
	"errors"
	"io/fs"
	"time"

	"github.com/codesuite-go/codesuite/internal/jobreport"
	"github.com/codesuite-go/codesuite/pipeline/action"
)

// serve acknowledges a job, runs it and reports its result. It returns false if
// the job is not the worker's.
func (r *run) serve(h *held) bool {
	o := h.offer
	if !r.claim(h) {
		return false
	}
	r.advances()
	defer r.advances()

	start := time.Now()
	job := action.NewJob(o.details, r.jobOptions(o))
	outcome := r.handle(h, job)
	e := eventOf(Finished, o)
	e.Duration, e.Outcome = time.Since(start), outcomeOf(outcome)
	r.options.OnEvent(e)
	r.report(o, job, outcome)
	return true
}

// handle runs the handler until it returns, or until it is given up.
func (r *run) handle(h *held, job *action.Job) action.Outcome {
	o := h.offer
	ctx, cancel := context.WithCancelCause(r.jobs)
	defer cancel(nil)
	if ctx.Err() != nil { // the acknowledgement took too long
		return stopped("before the job began")
	}
	r.start(h, cancel)
	if timeout := r.options.JobTimeout; timeout > 0 {
		var release context.CancelFunc
		ctx, release = context.WithTimeoutCause(ctx, timeout, ErrTimeout)
		defer release()
	}
	if r.options.WatchInterval > 0 {
		r.wg.Go(func() { r.watch(ctx, o, cancel) })
	}
	r.options.Logger.InfoContext(ctx, "customaction: job started", "job", o.id,
		"pipeline", o.details.Pipeline, "execution", o.details.ExecutionID, "stage", o.details.Stage, "action", o.details.Action)
	done := make(chan action.Outcome, 1)
	go func() { done <- action.Run(ctx, r.handler, job) }()
	select {
	case outcome := <-done:
		return outcome
	case <-r.overdue:
	}
	select { // both may be ready
	case outcome := <-done:
		return outcome
	default:
		r.options.Logger.ErrorContext(ctx, "customaction: the handler did not return when its context had ended", "job", o.id)
		return stopped("while the job ran")
	}
}

// start notes that the job runs. One that was abandoned ends at once.
func (w *Worker) start(h *held, cancel context.CancelCauseFunc) {
	w.mu.Lock()
	defer w.mu.Unlock()
	h.cancel = cancel
	if h.abandoned {
		cancel(ErrAbandoned)
	}
}

func stopped(when string) action.Outcome {
	return action.Outcome{Failure: &action.Failure{
		Type:    action.SystemUnavailable,
		Message: ErrStopped.Error() + " " + when,
		Err:     ErrStopped,
	}}
}

func (r *run) jobOptions(o *offer) func(*action.JobOptions) {
	return func(jo *action.JobOptions) {
		if r.s3 != nil {
			r.s3(jo)
		}
		if r.options.Job != nil {
			r.options.Job(jo)
		}
		jo.Refresh = func(ctx context.Context) (*action.Details, error) { return r.service.details(ctx, o) }
		jo.Logger = r.options.Logger
	}
}

// report puts the outcome until CodePipeline has it or does not want it.
func (r *run) report(o *offer, job *action.Job, outcome action.Outcome) {
	start := time.Now()
	result := jobreport.Result{Fail: func(ctx context.Context, f jobreport.Failure) error {
		outcome = action.Outcome{Failure: &action.Failure{
			Type: action.JobFailed, Message: f.Message, ExternalExecutionID: f.ExternalExecutionID, Err: f.Err,
		}}
		return r.service.fail(ctx, o, outcome.Failure)
	}}
	if f := outcome.Failure; f != nil {
		result.Failed = func(ctx context.Context) error { return r.service.fail(ctx, o, f) }
	} else {
		done := outcome.Result
		result.ExternalExecutionID = done.ExternalExecutionID
		result.Succeed = func(ctx context.Context) error { return r.service.succeed(ctx, o, done) }
	}
	accepted, err := jobreport.Report(r.jobs, result, func(jo *jobreport.Options) {
		jo.Stop = r.reporting.Done()
		jo.Redact = job.Redact
		jo.Logger = r.options.Logger.With("job", o.id)
		jo.OnError = func(_ int, err error) {
			if errors.Is(err, fs.ErrPermission) {
				// It stays so until somebody allows it, and is not lost until then.
				r.options.Logger.ErrorContext(r.jobs, "customaction: a result cannot be reported", "job", o.id, "error", err)
			}
			e := eventOf(PutFailed, o)
			e.Outcome, e.Err = outcomeOf(outcome), err
			r.options.OnEvent(e)
		}
	})
	e := eventOf(Reported, o)
	e.Duration, e.Outcome, e.Accepted, e.Err = time.Since(start), outcomeOf(outcome), accepted, err
	attrs := []any{"job", o.id, "outcome", string(e.Outcome), "accepted", accepted}
	if err != nil {
		e.Type = Unreported
		r.notReported(o.id, err)
		r.options.Logger.ErrorContext(r.jobs, "customaction: job ended, its result is not reported", append(attrs, "error", err)...)
	} else {
		r.options.Logger.InfoContext(r.jobs, "customaction: job ended", attrs...)
	}
	r.options.OnEvent(e)
}
