package asltest

import (
	"context"
	"time"
)

// Clock is the time of an execution.
type Clock interface {
	Now() time.Time
	Sleep(ctx context.Context, d time.Duration) error
}

// FakeClock is a clock that goes on only by its Sleep, which returns at once. It
// is for one execution at a time.
type FakeClock struct{ now time.Time }

// NewFakeClock returns a clock.
func NewFakeClock(now time.Time) *FakeClock { return &FakeClock{now} }

// Now returns the time.
func (c *FakeClock) Now() time.Time { return c.now }

// Sleep puts the clock forward.
func (c *FakeClock) Sleep(ctx context.Context, d time.Duration) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	c.now = c.now.Add(max(0, d))
	return nil
}
