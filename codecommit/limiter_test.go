package codecommit

import (
	"context"
	"testing"
	"testing/synctest"
)

// TestLimiterTurnAndCancel lets a call's turn come when it is canceled. Who
// wins is a matter of chance, and no slot may be lost.
func TestLimiterTurnAndCancel(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		canceled := 0
		for i := range 200 {
			l := &limiter{limit: 1}
			if _, err := l.acquire(t.Context()); err != nil {
				t.Fatal(err)
			}
			ctx, cancel := context.WithCancel(t.Context())
			first, second := make(chan error), make(chan error)
			go func() {
				_, err := l.acquire(ctx)
				first <- err
			}()
			synctest.Wait()
			go func() {
				_, err := l.acquire(t.Context())
				second <- err
			}()
			synctest.Wait()
			if i%2 == 0 {
				cancel()
				l.release(true)
			} else {
				l.release(true)
				cancel()
			}
			if err := <-first; err == nil {
				l.release(true)
			} else {
				canceled++
			}
			if err := <-second; err != nil {
				t.Fatal(err)
			}
			l.release(true)
			if l.inFlight != 0 || len(l.waiting) != 0 {
				t.Fatalf("%d calls in flight and %d waiting, want none", l.inFlight, len(l.waiting))
			}
		}
		t.Logf("%d of 200 canceled", canceled)
	})
}

func TestLimiterCutsOncePerGeneration(t *testing.T) {
	t.Parallel()
	l := new(limiter)
	var cuts []int
	for range 10 {
		n, err := l.acquire(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		cuts = append(cuts, n)
	}
	lowered := 0
	for _, n := range cuts { // all that were in flight are throttled together
		limit, ok := l.throttled(n)
		if ok {
			lowered++
		}
		if limit != 7 {
			t.Errorf("limit %d, want 7", limit)
		}
	}
	if lowered != 1 {
		t.Errorf("lowered %d times, want once", lowered)
	}
	for range 10 {
		l.release(false)
	}
	for range 50 { // alone, far below the limit
		n, err := l.acquire(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		l.release(true)
		if n != 1 || l.limit >= 8 {
			t.Fatalf("%d cuts, limit %v: it rises although nobody reaches it", n, l.limit)
		}
	}
	for range 100 {
		if n, err := l.acquire(t.Context()); err == nil {
			l.throttled(n)
			l.release(false)
		}
	}
	if int(l.limit) != limitMin {
		t.Errorf("limit %v, want %d", l.limit, limitMin)
	}
}
