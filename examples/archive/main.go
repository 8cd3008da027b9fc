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

	"github.com/codesuite-go/codesuite/examples/internal/command"
)

func main() {
	command.Main(func(ctx context.Context) int { return run(ctx, os.Args[1:], os.Stdout, os.Stderr) })
}

// run is the command. It returns the exit status.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	c, err := parse(args)
	if errors.Is(err, flag.ErrHelp) {
		if _, err := io.WriteString(stdout, manual); err != nil {
			fmt.Fprintf(stderr, "archive: %v\n", err)
			return command.ExitFailed
		}
		return command.ExitOK
	}
	if err == nil {
		err = c.run(ctx, stdout, stderr)
	}
	switch {
	case err == nil:
		return command.ExitOK
	case ctx.Err() != nil:
		fmt.Fprintf(stderr, "archive: interrupted: %s\n", c.unfinished())
		return command.ExitInterrupted
	}
	for _, line := range messages(err) {
		fmt.Fprintf(stderr, "archive: %s\n", line)
	}
	if errors.As(err, new(*command.UsageError)) {
		return command.ExitUsage
	}
	return command.ExitFailed
}
