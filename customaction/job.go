package customaction

import (
	"context"
	"errors"
	"io/fs"
	"time"

	"github.com/codesuite-go/codesuite/internal/jobreport"
	"github.com/codesuite-go/codesuite/pipeline/action"
)

// polledJob is a job as one poll returned it. A job that no worker acknowledges
// is polled again, with another nonce.
type polledJob struct {
	id       string
	nonce    string
	clientID string // of a third-party job
	details  action.Details
	polledAt time.Time
}

// job is a job that the worker has, from the poll to the report.
type job struct {
	polled *polledJob

	// Guarded by Worker.mu.
	newer     *polledJob              // the same job, polled again while polled is being acknowledged
	prepared  bool                    // polled is complete and does not change any more
	doubtful  bool                    // the job runs, but may not be acknowledged
	abandoned bool                    // before the handler ran
	cancel    context.CancelCauseFunc // ends the handler's context; nil while there is none
}

// add adds a polled job to those that the worker has, and reports whether it is
// new. If the worker has the job already, p is kept for takeNewer: the earlier
// nonce may not be valid any more.
func (w *Worker) add(p *polledJob) (j *job, added bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if j, ok := w.jobs[p.id]; ok {
		j.newer = p
		return j, false
	}
	j = &job{polled: p}
	w.jobs[p.id] = j
	return j, true
}

// takeNewer returns the result of a later poll of the same job, if there is one,
// once.
func (w *Worker) takeNewer(j *job) *polledJob {
	w.mu.Lock()
	defer w.mu.Unlock()
	p := j.newer
	j.newer = nil
	return p
}

// remove removes a job. If the job was not the worker's and has been polled
// again meanwhile, remove adds it again and returns it.
func (w *Worker) remove(j *job, served bool) (again *job) {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.jobs, j.polled.id)
	if served || j.newer == nil {
		return nil
	}
	again = &job{polled: j.newer}
	w.jobs[again.polled.id] = again
	return again
}

// serve acknowledges a job, runs it and reports its result. It returns false if
// the job is not the worker's.
func (r *run) serve(j *job) bool {
	p := j.polled
	if !r.acknowledge(j) {
		return false
	}
	r.signalProgress()
	defer r.signalProgress()

	start := time.Now()
	actionJob := action.NewJob(p.details, r.jobOptions(p))
	outcome := r.handle(j, actionJob)
	e := eventOf(EventFinished, p)
	e.Duration, e.Outcome = time.Since(start), outcomeOf(outcome)
	r.options.OnEvent(e)
	r.report(p, actionJob, outcome)
	return true
}

// handle runs the handler until it returns or is abandoned.
func (r *run) handle(j *job, actionJob *action.Job) action.Outcome {
	p := j.polled
	ctx, cancel := context.WithCancelCause(r.jobCtx)
	defer cancel(nil)
	if ctx.Err() != nil { // the acknowledgement took too long
		return stopped("before the job began")
	}
	r.start(j, cancel)
	if timeout := r.options.JobTimeout; timeout > 0 {
		var release context.CancelFunc
		ctx, release = context.WithTimeoutCause(ctx, timeout, ErrTimeout)
		defer release()
	}
	if r.options.WatchInterval > 0 {
		r.wg.Go(func() { r.watch(ctx, p, cancel) })
	}
	r.options.Logger.InfoContext(ctx, "customaction: job started", "job", p.id,
		"pipeline", p.details.Pipeline, "execution", p.details.ExecutionID, "stage", p.details.Stage, "action", p.details.Action)
	done := make(chan action.Outcome, 1)
	go func() { done <- action.Run(ctx, r.handler, actionJob) }()
	select {
	case outcome := <-done:
		return outcome
	case <-r.overdue:
	}
	select { // both may be ready
	case outcome := <-done:
		return outcome
	default:
		r.options.Logger.ErrorContext(ctx, "customaction: the handler did not return when its context had ended", "job", p.id)
		return stopped("while the job ran")
	}
}

// start records that the job's handler runs. The handler of an abandoned job ends
// at once.
func (w *Worker) start(j *job, cancel context.CancelCauseFunc) {
	w.mu.Lock()
	defer w.mu.Unlock()
	j.cancel = cancel
	if j.abandoned {
		cancel(ErrAbandoned)
	}
}

func stopped(when string) action.Outcome {
	return action.Outcome{Failure: &action.Failure{
		Type:    action.FailureTypeSystemUnavailable,
		Message: ErrStopped.Error() + " " + when,
		Err:     ErrStopped,
	}}
}

// jobOptions returns the options of a job. The user's function runs last.
func (r *run) jobOptions(p *polledJob) func(*action.JobOptions) {
	return func(jo *action.JobOptions) {
		if r.s3 != nil {
			r.s3(jo)
		}
		jo.Refresh = func(ctx context.Context) (*action.Details, error) { return r.service.details(ctx, p) }
		jo.Logger = r.options.Logger
		if r.options.Job != nil {
			r.options.Job(jo)
		}
	}
}

// report puts the outcome until CodePipeline takes it or needs it no more.
func (r *run) report(p *polledJob, actionJob *action.Job, outcome action.Outcome) {
	start := time.Now()
	result := jobreport.Result{Fail: func(ctx context.Context, f jobreport.Failure) error {
		outcome = action.Outcome{Failure: &action.Failure{
			Type: action.FailureTypeJobFailed, Message: f.Message, ExternalExecutionID: f.ExternalExecutionID, Err: f.Err,
		}}
		return r.service.fail(ctx, p, outcome.Failure)
	}}
	if f := outcome.Failure; f != nil {
		result.Failed = func(ctx context.Context) error { return r.service.fail(ctx, p, f) }
	} else {
		done := outcome.Result
		result.ExternalExecutionID = done.ExternalExecutionID
		result.Succeed = func(ctx context.Context) error { return r.service.succeed(ctx, p, done) }
	}
	accepted, err := jobreport.Report(r.jobCtx, result, func(jo *jobreport.Options) {
		jo.Stop = r.reportCtx.Done()
		jo.Redact = actionJob.Redact
		jo.Timeout = max(0, r.options.RetryTimeout)
		jo.Logger = r.options.Logger.With("job", p.id)
		jo.OnError = func(_ int, err error) {
			if errors.Is(err, fs.ErrPermission) {
				// It stays so until somebody allows it, and is not lost until then.
				r.options.Logger.ErrorContext(r.jobCtx, "customaction: a result cannot be reported", "job", p.id, "error", err)
			}
			e := eventOf(EventPutFailed, p)
			e.Outcome, e.Err = outcomeOf(outcome), err
			r.options.OnEvent(e)
		}
	})
	e := eventOf(EventReported, p)
	e.Duration, e.Outcome, e.Accepted, e.Err = time.Since(start), outcomeOf(outcome), accepted, err
	attrs := []any{"job", p.id, "outcome", string(e.Outcome), "accepted", accepted}
	if err != nil {
		e.Type = EventUnreported
		r.notReported(p.id, err)
		r.options.Logger.ErrorContext(r.jobCtx, "customaction: job ended, its result is not reported", append(attrs, "error", err)...)
	} else {
		r.options.Logger.InfoContext(r.jobCtx, "customaction: job ended", attrs...)
	}
	r.options.OnEvent(e)
}
