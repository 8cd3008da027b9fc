// Command archive writes what git archive would write of a repository in AWS
// CodeCommit, with nothing but the AWS API: no git, no clone, no git
// credentials. Without AWS it does the same to a git repository on this
// machine, which it serves through the same API to itself.
//
// "archive -h" is its manual.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"syscall"
)

// The exit statuses, as the manual tells them.
const (
	exitOK          = 0
	exitFailed      = 1
	exitUsage       = 2
	exitInterrupted = 130 // 128 and the number of SIGINT, as shells have it
)

func main() {
	// What is ignored already stays so: nohup, and jobs in the background.
	signals := slices.DeleteFunc([]os.Signal{os.Interrupt, syscall.SIGTERM, syscall.SIGHUP}, signal.Ignored)
	ctx, stop := context.WithCancel(context.Background())
	if len(signals) > 0 {
		ctx, stop = signal.NotifyContext(ctx, signals...)
	}
	// A second signal ends the program at once.
	context.AfterFunc(ctx, stop)
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// run is the command. It returns the exit status.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	c, err := parse(args)
	if errors.Is(err, flag.ErrHelp) {
		if _, err := io.WriteString(stdout, manual); err != nil {
			fmt.Fprintf(stderr, "archive: %v\n", err)
			return exitFailed
		}
		return exitOK
	}
	if err == nil {
		err = c.run(ctx, stdout, stderr)
	}
	switch {
	case err == nil:
		return exitOK
	case ctx.Err() != nil:
		fmt.Fprintf(stderr, "archive: interrupted: %s\n", c.unfinished())
		return exitInterrupted
	}
	for _, line := range messages(err) {
		fmt.Fprintf(stderr, "archive: %s\n", line)
	}
	if errors.As(err, new(*usageError)) {
		return exitUsage
	}
	return exitFailed
}
