package codecommit_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/codesuite-go/codesuite/codecommit"
)

// sleep is time.Sleep with a context.
func sleep(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// gauge is a service that refuses more than so many calls at once.
type gauge struct {
	mu                  sync.Mutex
	capacity            int
	inFlight, max       int
	answered, throttled int
}

func (g *gauge) call(ctx context.Context) error {
	g.mu.Lock()
	g.inFlight++
	g.max = max(g.max, g.inFlight)
	refuse := g.inFlight > g.capacity
	g.mu.Unlock()
	took := 20 * time.Millisecond
	if refuse {
		took = time.Millisecond
	}
	err := sleep(ctx, took)
	g.mu.Lock()
	defer g.mu.Unlock()
	g.inFlight--
	if refuse {
		g.throttled++
		return apiError("ThrottlingException")
	}
	g.answered++
	return err
}

// reset sets the capacity and returns what was seen since the last reset.
func (g *gauge) reset(capacity int) (maxInFlight, answered, throttled int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	maxInFlight, answered, throttled = g.max, g.answered, g.throttled
	g.capacity, g.max, g.answered, g.throttled = capacity, 0, 0, 0
	return
}

func TestThrottling(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const workers = 64
		service := &gauge{capacity: workers}
		r := codecommit.New(blobAPI(service.call), "staging", func(o *codecommit.Options) { o.MaxElapsed = -1 })
		ctx, cancel := context.WithCancel(t.Context())
		var wg sync.WaitGroup
		for range workers {
			wg.Go(func() {
				for ctx.Err() == nil {
					if _, err := r.Blob(ctx, emptyBlobID); err != nil && !errors.Is(err, context.Canceled) {
						t.Error(err)
					}
				}
			})
		}
		time.Sleep(time.Second)
		if inFlight, _, throttled := service.reset(10); inFlight != workers || throttled != 0 {
			t.Errorf("unthrottled: %d calls in flight, %d throttled, want %d, 0", inFlight, throttled, workers)
		}
		time.Sleep(20 * time.Second) // to settle
		service.reset(10)
		time.Sleep(time.Minute)
		inFlight, answered, throttled := service.reset(workers)
		t.Logf("10 allowed: %d calls in flight at most, %d answered, %d throttled", inFlight, answered, throttled)
		if inFlight > 20 {
			t.Errorf("%d calls in flight where 10 are allowed", inFlight)
		}
		if possible := 10 * int(time.Minute/(20*time.Millisecond)); answered < possible*2/3 {
			t.Errorf("%d calls answered of %d possible", answered, possible)
		}
		if throttled > answered/10 {
			t.Errorf("%d calls throttled, %d answered", throttled, answered)
		}
		time.Sleep(20 * time.Second)
		service.reset(workers)
		time.Sleep(time.Second)
		if inFlight, _, throttled := service.reset(0); inFlight != workers || throttled != 0 {
			t.Errorf("recovered: %d calls in flight, %d throttled, want %d, 0", inFlight, throttled, workers)
		}
		// The service refuses everything: calls go on one by one, and all of
		// them end with the context.
		time.Sleep(5 * time.Minute)
		service.reset(0)
		time.Sleep(5 * time.Minute)
		if inFlight, _, _ := service.reset(0); inFlight != 1 {
			t.Errorf("%d calls in flight to a service that takes none", inFlight)
		}
		cancel()
		wg.Wait()

		// No slot is lost.
		service.reset(workers)
		for range 3 {
			if _, err := r.Blob(t.Context(), emptyBlobID); err != nil {
				t.Error(err)
			}
		}
	})
}

func TestThrottlingSharedByWith(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		service := &gauge{capacity: 1}
		r := codecommit.New(blobAPI(service.call), "staging")
		other := r.With(func(o *codecommit.Options) { o.SkipVerify = true })
		var wg sync.WaitGroup
		work := func(r *codecommit.Repository) {
			wg.Go(func() {
				for range 500 {
					if _, err := r.Blob(t.Context(), emptyBlobID); err != nil {
						t.Error(err)
					}
				}
			})
		}
		for range 4 {
			work(r)
		}
		time.Sleep(time.Second)
		service.reset(1)
		for range 4 {
			work(other)
		}
		wg.Wait()
		if inFlight, _, _ := service.reset(1); inFlight > 3 {
			t.Errorf("%d calls in flight where one is allowed", inFlight)
		}
	})
}

func TestCancelWhileWaiting(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		throttle := true
		hold := make(chan struct{})
		r := codecommit.New(blobAPI(func(context.Context) error {
			if throttle {
				throttle = false
				return apiError("ThrottlingException")
			}
			<-hold
			return nil
		}), "staging")
		var wg sync.WaitGroup
		wg.Go(func() { // lowers the limit to 1, and then holds it
			if _, err := r.Blob(t.Context(), emptyBlobID); err != nil {
				t.Error(err)
			}
		})
		time.Sleep(time.Minute)
		ctx, cancel := context.WithCancel(t.Context())
		start := time.Now()
		for i := range 10 {
			wg.Go(func() {
				ctx := ctx
				if i%2 == 0 {
					var cancel context.CancelFunc
					ctx, cancel = context.WithTimeout(ctx, time.Second)
					defer cancel()
				}
				_, err := r.Blob(ctx, emptyBlobID)
				want := context.Canceled
				if i%2 == 0 {
					want = context.DeadlineExceeded
				}
				var callErr *codecommit.Error
				if !errors.Is(err, want) || !errors.As(err, &callErr) || callErr.Operation != "GetBlob" {
					t.Errorf("waiting call: %v, want an Error that wraps %v", err, want)
				}
			})
		}
		waits := make(chan error)
		go func() { // waits on, behind those that give up
			_, err := r.Blob(t.Context(), emptyBlobID)
			waits <- err
		}()
		time.Sleep(2 * time.Second)
		cancel()
		synctest.Wait()
		if got := time.Since(start); got != 2*time.Second {
			t.Errorf("the calls ended after %v", got)
		}
		// The one that waits gets the slot, at the moment that it is free.
		close(hold)
		if err := <-waits; err != nil {
			t.Error(err)
		}
		wg.Wait()
	})
}
