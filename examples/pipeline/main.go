// Command pipeline checks, compares, draws, starts and watches pipelines of AWS
// CodePipeline in a terminal. With -local it runs a pipeline in a server of its own,
// without an AWS account.
//
// "pipeline -h" is its manual.
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
	command.Main(func(ctx context.Context) int { return run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr) })
}

// run is the command. It returns the exit status.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	inv, err := parse(args)
	if errors.Is(err, flag.ErrHelp) {
		if _, err := io.WriteString(stdout, manual); err != nil {
			fmt.Fprintf(stderr, "pipeline: %v\n", err)
			return command.ExitFailed
		}
		return command.ExitOK
	}
	s := newSession(stdin, stdout, stderr)
	if err == nil {
		defer s.close()
		err = s.run(ctx, inv)
	}
	return s.status(ctx, err)
}
