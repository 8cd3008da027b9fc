package codecommit

import (
	"context"
	"slices"
	"sync"
)

// limiter bounds the calls in flight: not at all until the service throttles,
// then by additive increase and multiplicative decrease. Its zero value works.
type limiter struct {
	mu       sync.Mutex
	limit    float64 // 0 before the first throttling
	inFlight int
	cuts     int // how often the limit was lowered
	waiting  []chan struct{}
}

const (
	limitDecrease = 0.7
	limitMin      = 1
)

// acquire waits until one more call may start and returns the number of cuts
// so far, for throttled. The caller must release.
func (l *limiter) acquire(ctx context.Context) (cuts int, err error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	l.mu.Lock()
	if l.free() {
		defer l.mu.Unlock()
		l.inFlight++
		return l.cuts, nil
	}
	turn := make(chan struct{})
	l.waiting = append(l.waiting, turn)
	l.mu.Unlock()

	select {
	case <-turn:
		l.mu.Lock()
		defer l.mu.Unlock()
		return l.cuts, nil
	case <-ctx.Done():
		l.mu.Lock()
		defer l.mu.Unlock()
		if i := slices.Index(l.waiting, turn); i >= 0 {
			l.waiting = slices.Delete(l.waiting, i, i+1)
		} else { // its turn came at the same moment
			l.inFlight--
			l.wake()
		}
		return 0, ctx.Err()
	}
}

func (l *limiter) free() bool {
	return l.limit == 0 || l.inFlight < int(l.limit)
}

func (l *limiter) wake() {
	for len(l.waiting) > 0 && l.free() {
		l.inFlight++
		close(l.waiting[0])
		l.waiting = l.waiting[1:]
	}
}

// release ends a call that acquire let start.
func (l *limiter) release(succeeded bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	// A limit that nobody reaches says nothing about the service.
	if succeeded && l.limit > 0 && !l.free() {
		l.limit += 1 / l.limit
	}
	l.inFlight--
	l.wake()
}

// throttled lowers the limit, once for all the calls that were in flight
// together: those that started before an earlier cut do not count. It reports
// whether it did, and the limit.
func (l *limiter) throttled(cuts int) (limit int, lowered bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if cuts == l.cuts {
		l.cuts++
		l.limit = max(limitMin, limitDecrease*float64(l.inFlight))
		lowered = true
	}
	return int(l.limit), lowered
}
