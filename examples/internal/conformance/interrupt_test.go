package conformance_test

import (
	"context"
	"errors"
	"os"
	"os/signal"
	"syscall"
	"testing"
	"time"
)

var (
	errInterrupted = errors.New("the run was interrupted")
	errNoTime      = errors.New("no time is left: give go test a longer -timeout")
)

// untilEnd returns a context that ends with Ctrl-C, and early enough for the removal
// of all resources before go test kills the process for its -timeout. The second
// Ctrl-C ends the process at once.
func untilEnd(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithCancelCause(t.Context())
	t.Cleanup(func() { cancel(nil) })
	interrupts := make(chan os.Signal, 1)
	signal.Notify(interrupts, os.Interrupt, syscall.SIGTERM)
	go func() {
		select {
		case <-interrupts:
			cancel(errInterrupted)
		case <-ctx.Done():
		}
		signal.Stop(interrupts)
	}()
	if deadline, ok := t.Deadline(); ok {
		var stop context.CancelFunc
		ctx, stop = context.WithDeadlineCause(ctx, deadline.Add(-removalTime-10*time.Second), errNoTime)
		t.Cleanup(stop)
	}
	return ctx
}
