package command

import (
	"context"
	"os"
	"os/signal"
	"slices"
	"syscall"
	"time"
)

// The exit statuses.
const (
	ExitOK          = 0
	ExitFailed      = 1
	ExitUsage       = 2
	ExitInterrupted = 130 // 128 and the number of SIGINT, as shells have it
)

// Main calls run with a context that a signal ends, and exits with the status that it
// returns. A second signal ends the program at once; see [Guard].
func Main(run func(context.Context) int) {
	ctx, stop := context.WithCancel(context.Background())
	if signals := endings(); len(signals) > 0 {
		ctx, stop = signal.NotifyContext(ctx, signals...)
	}
	context.AfterFunc(ctx, stop)
	os.Exit(run(ctx))
}

// endings returns the signals that end a program. A signal that is ignored already stays
// so: nohup, and jobs in the background.
func endings() []os.Signal {
	return slices.DeleteFunc([]os.Signal{os.Interrupt, syscall.SIGTERM, syscall.SIGHUP}, signal.Ignored)
}

// Guard lets a second signal call restore before it ends the program, until release is
// called. The context is that of [Main], or one that ends with it. restore has a second:
// whatever kept the program from its end may keep restore, too.
func Guard(ctx context.Context, restore func()) (release func()) {
	endings := endings()
	if len(endings) == 0 {
		return func() {}
	}
	signals, done := make(chan os.Signal, 2), make(chan struct{})
	signal.Notify(signals, endings...)
	first := ctx.Err() == nil // the next signal is the first, which ends the context
	go func() {
		for {
			select {
			case <-done:
				return
			case <-signals:
			}
			if first {
				first = false
				continue
			}
			restored := make(chan struct{})
			go func() {
				restore()
				close(restored)
			}()
			select {
			case <-restored:
			case <-time.After(time.Second):
			}
			os.Exit(ExitInterrupted)
		}
	}()
	return func() {
		signal.Stop(signals)
		close(done)
	}
}
