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

	polling    context.Context // ends when no more jobs are to be taken
	stop       context.CancelCauseFunc
	jobs       context.Context // parent of the handlers' contexts; ends with the grace period
	endJobs    context.CancelCauseFunc
	reporting  context.Context // of acknowledgements and reports; ends when Run has to return
	endReports context.CancelFunc
	overdue    chan struct{} // closed when handlers are waited for no more

	slots    *slots
	progress chan struct{} // a job was acknowledged or has ended
	wg       sync.WaitGroup

	mu         sync.Mutex
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
	r.polling, r.stop = context.WithCancelCause(ctx)
	r.jobs, r.endJobs = context.WithCancelCause(context.WithoutCancel(ctx))
	r.reporting, r.endReports = context.WithCancel(context.WithoutCancel(ctx))
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
	if errors.As(context.Cause(r.polling), &refused) {
		return refused.error
	}
	return nil
}

// refuses notes that CodePipeline refused a call, and ends the run if it has
// done so for longer than patience has it.
func (r *run) refuses(operation string, err error) {
	r.options.Logger.ErrorContext(r.jobs, "customaction: CodePipeline refuses a call", "error", err)
	patience := r.options.Patience
	if patience < 0 {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	since, ok := r.refused[operation]
	if !ok {
		since = time.Now()
		r.refused[operation] = since
	}
	if waited := time.Since(since); waited >= patience {
		r.stop(refusedError{fmt.Errorf("%w (given up after %s, see Options.Patience)", err, waited.Round(time.Second))})
	}
}

// accepts notes that CodePipeline answered a call.
func (r *run) accepts(operation string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.refused, operation)
}

// advances notes that a job was acknowledged or has ended.
func (r *run) advances() {
	select {
	case r.progress <- struct{}{}:
	default:
	}
}

// advanced reports whether a job was acknowledged or has ended since it was
// last called.
func (r *run) advanced() bool {
	select {
	case <-r.progress:
		return true
	default:
		return false
	}
}

// drain waits for the jobs to end, and makes them.
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

// notReported notes that the result of a job could not be reported, or that
// it is not known whether the job is the worker's.
func (r *run) notReported(id string, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.unreported.JobIDs = append(r.unreported.JobIDs, id)
	r.unreported.Err = err
}

func (r *run) unreportedError() error {
	r.mu.Lock()
	defer r.mu.Unlock()
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

// wait waits for a free slot and returns how many there are, 0 if ctx ended.
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
