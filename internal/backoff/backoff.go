// Package backoff has the waits between calls: how long, at random, and the
// wait itself, which ends with a context.
package backoff

import (
	"context"
	"math/rand/v2"
	"time"
)

// Full returns a random wait of more than zero and at most limit, for a call that
// is made again after a failure ("full jitter"): callers that failed together
// must not come back together. The limit must be positive.
func Full(limit time.Duration) time.Duration { return rand.N(limit) + 1 }

// Jitter returns d shortened by up to a fifth at random, for calls at an
// interval: programs that were started together must not call together.
func Jitter(d time.Duration) time.Duration {
	if d < 5 {
		return d
	}
	return d - rand.N(d/5)
}

// Sleep waits for d and returns nil, or returns the context's error as soon as
// the context has ended.
func Sleep(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
