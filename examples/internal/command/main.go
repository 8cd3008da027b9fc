package command

import (
	"context"
	"os"
	"os/signal"
	"slices"
	"syscall"
)

// The exit statuses.
const (
	ExitOK          = 0
	ExitFailed      = 1
	ExitUsage       = 2
	ExitInterrupted = 130 // 128 and the number of SIGINT, as shells have it
)

// Main calls run with a context that a signal ends, and exits with the status that it
// returns. A second signal ends the program at once.
func Main(run func(context.Context) int) {
	// What is ignored already stays so: nohup, and jobs in the background.
	signals := slices.DeleteFunc([]os.Signal{os.Interrupt, syscall.SIGTERM, syscall.SIGHUP}, signal.Ignored)
	ctx, stop := context.WithCancel(context.Background())
	if len(signals) > 0 {
		ctx, stop = signal.NotifyContext(ctx, signals...)
	}
	context.AfterFunc(ctx, stop)
	os.Exit(run(ctx))
}
