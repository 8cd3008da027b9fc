// Command build compiles the Lambda functions of the examples and puts each into
// the zip archive that its template deploys:
//
//	go run ./examples/internal/build                    # all, for arm64, each beside its template
//	go run ./examples/internal/build router ci          # these
//	go run ./examples/internal/build -arch amd64 -o dir # all, into dir/NAME.zip
//
// The same source and the same version of Go make the same bytes, wherever and
// whenever they are built: whoever builds a commit again can compare what runs with
// it. The command prints the SHA-256 of each archive.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	switch {
	case err == nil || errors.Is(err, flag.ErrHelp):
	default:
		fmt.Fprintf(os.Stderr, "build: %v\n", err)
		os.Exit(1)
	}
}

// run is the command.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	flags := flag.NewFlagSet("build", flag.ContinueOnError)
	flags.SetOutput(stderr)
	arch := flags.String("arch", "arm64", "arm64 or amd64, as in Architectures of the template (x86_64 there)")
	folder := flags.String("o", "", "the folder for the archives, as NAME.zip; default bootstrap.zip beside each template")
	gcflags := flags.String("gcflags", "", "flags of the compiler, as of go build: for tests, as they change the bytes")
	flags.Usage = func() {
		fmt.Fprint(stderr, "Usage: build [-arch ARCH] [-o FOLDER] [-gcflags FLAGS] [NAME ...]\n\nCompiles the Lambda functions of the examples, or those named, and zips them.\n\n")
		flags.PrintDefaults()
	}
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *arch != "arm64" && *arch != "amd64" {
		return fmt.Errorf("-arch %s: Lambda has arm64 and amd64", *arch)
	}
	examples, err := find(ctx)
	if err != nil {
		return err
	}
	examples, err = choose(examples, flags.Args())
	if err != nil {
		return err
	}
	if *folder != "" {
		if err := os.MkdirAll(*folder, 0o777); err != nil {
			return err
		}
	}
	temp, err := os.MkdirTemp("", "codesuite-build-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(temp)
	if err := compile(ctx, examples, temp, *arch, *gcflags); err != nil {
		return err
	}
	for _, e := range examples {
		file := e.archive(*folder)
		sum, err := write(filepath.Join(temp, e.name), file)
		if err != nil {
			return fmt.Errorf("%s: %w", e.name, err)
		}
		fmt.Fprintf(stdout, "%x  %s\n", sum, file)
	}
	return nil
}
