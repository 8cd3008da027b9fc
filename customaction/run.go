package customaction

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

// run is one call of [Worker.Run].
type run struct {
	*Worker

	pollCtx    context.Context // of polls; ends when Run was told to stop
	stop       context.CancelCauseFunc
	jobCtx     context.Context // parent of the handlers' contexts; ends with the grace period
	endJobs    context.CancelCauseFunc
	reportCtx  context.Context // of acknowledgements and reports; ends when Run has to return
	endReports context.CancelFunc
	overdue    chan struct{} // closed when handlers are abandoned

	slots    *slots
	progress chan struct{} // a job was acknowledged or has ended
	wg       sync.WaitGroup

	resultMu   sync.Mutex // guards the fields below; Worker.mu guards the jobs
	unreported UnreportedError
	refused    map[string]time.Time // by operation, since when
}

// refusedError is the cause of a run's end that is an error.
type refusedError struct{ error }

func newRun(ctx context.Context, w *Worker) *run {
	r := &run{
		Worker:   w,
		overdue:  make(chan struct{}),
		slots:    newSlots(w.options.Concurrency),
		progress: make(chan struct{}, 1),
		refused:  make(map[string]time.Time),
	}
	r.pollCtx, r.stop = context.WithCancelCause(ctx)
	r.jobCtx, r.endJobs = context.WithCancelCause(context.WithoutCancel(ctx))
	r.reportCtx, r.endReports = context.WithCancel(context.WithoutCancel(ctx))
	return r
}

func (r *run) close() {
	r.stop(nil)
	r.endJobs(ErrStopped)
	r.endReports()
}

// refusal returns the error that ended the run, nil if it was told to stop.
func (r *run) refusal() error {
	var refused refusedError
	if errors.As(context.Cause(r.pollCtx), &refused) {
		return refused.error
	}
	return nil
}

// noteRefusal records a refused call. It stops the worker when refusals have
// lasted longer than Options.MaxRefusal.
func (r *run) noteRefusal(operation string, err error) {
	r.options.Logger.ErrorContext(r.jobCtx, "customaction: CodePipeline refuses a call", "error", err)
	limit := r.options.MaxRefusal
	if limit < 0 {
		return
	}
	r.resultMu.Lock()
	defer r.resultMu.Unlock()
	since, ok := r.refused[operation]
	if !ok {
		since = time.Now()
		r.refused[operation] = since
	}
	if waited := time.Since(since); waited >= limit {
		r.stop(refusedError{fmt.Errorf("%w (given up after %s, see Options.MaxRefusal)", err, waited.Round(time.Second))})
	}
}

// noteAnswer records that CodePipeline answered a call.
func (r *run) noteAnswer(operation string) {
	r.resultMu.Lock()
	defer r.resultMu.Unlock()
	delete(r.refused, operation)
}

// signalProgress records that a job was acknowledged or has ended.
func (r *run) signalProgress() {
	select {
	case r.progress <- struct{}{}:
	default:
	}
}

// progressed reports whether a job was acknowledged or has ended since the last
// call of progressed.
func (r *run) progressed() bool {
	select {
	case <-r.progress:
		return true
	default:
		return false
	}
}

// drain waits for the jobs to end, and ends them when their time is up.
func (r *run) drain() {
	done := make(chan struct{})
	go func() {
		defer close(done)
		r.wg.Wait()
	}()
	after := func(d time.Duration, then func()) (ended bool) {
		timer := time.NewTimer(d)
		defer timer.Stop()
		select {
		case <-done:
			return true
		case <-timer.C:
			then()
			return false
		}
	}
	half := r.options.ReportTimeout / 2
	if after(r.options.GracePeriod, func() { r.endJobs(ErrStopped) }) ||
		after(half, func() { close(r.overdue) }) ||
		after(r.options.ReportTimeout-half, r.endReports) {
		return
	}
	<-done
}

// notReported records a job whose result could not be reported, or that may be
// acknowledged although the worker does not know it.
func (r *run) notReported(id string, err error) {
	r.resultMu.Lock()
	defer r.resultMu.Unlock()
	r.unreported.JobIDs = append(r.unreported.JobIDs, id)
	r.unreported.Err = err
}

func (r *run) unreportedError() error {
	r.resultMu.Lock()
	defer r.resultMu.Unlock()
	if len(r.unreported.JobIDs) == 0 {
		return nil
	}
	return &r.unreported
}

// slots counts the jobs that may still be taken.
type slots struct {
	mu    sync.Mutex
	free  int
	freed chan struct{}
}

func newSlots(n int) *slots { return &slots{free: n, freed: make(chan struct{}, 1)} }

func (s *slots) take() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.free--
}

func (s *slots) release() {
	s.mu.Lock()
	s.free++
	s.mu.Unlock()
	select {
	case s.freed <- struct{}{}:
	default:
	}
}

// wait waits for a free slot and returns the number of free slots, or 0 if ctx
// ended.
func (s *slots) wait(ctx context.Context) int {
	for {
		if ctx.Err() != nil {
			return 0
		}
		s.mu.Lock()
		free := s.free
		s.mu.Unlock()
		if free > 0 {
			return free
		}
		select {
		case <-s.freed:
		case <-ctx.Done():
		}
	}
}
