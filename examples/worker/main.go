//go:build unix

// Command worker is the job worker of a custom action of CodePipeline: it runs
// a shell command for each job, in a clean directory with the action's input
// artifacts, and puts the output artifacts that the command made.
//
// "worker -h" is its manual.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	awscodepipeline "github.com/aws/aws-sdk-go-v2/service/codepipeline"

	"github.com/codesuite-go/codesuite/customaction"
	"github.com/codesuite-go/codesuite/pipeline/action"
)

// The exit statuses, as in the manual. A second signal ends the program
// with 128 and its number, as shells have it. The service is not restarted after
// exitUsage, which must not be 2, with which Go ends programs that crash.
const (
	exitOK     = 0
	exitFailed = 1
	exitUsage  = 64
)

func main() {
	commands := new(processes)
	ctx, cancel := context.WithCancel(context.Background())
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	if !signal.Ignored(syscall.SIGHUP) { // as with nohup
		signal.Notify(signals, syscall.SIGHUP)
	}
	// That nobody reads the log any more is no reason to drop jobs. Ignoring the
	// signal would have commands ignore it too.
	signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE)
	go func() {
		<-signals
		cancel()
		second := <-signals
		commands.killAll()
		os.Exit(128 + int(second.(syscall.Signal)))
	}()
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr, commands))
}

// options are what the command line asks for.
type options struct {
	file            string
	region, profile string
	ensure, check   bool
	verbose         bool
}

func parse(args []string) (*options, error) {
	o := new(options)
	flags := flag.NewFlagSet("worker", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.StringVar(&o.file, "config", "", "")
	flags.StringVar(&o.region, "region", "", "")
	flags.StringVar(&o.profile, "profile", "", "")
	flags.BoolVar(&o.ensure, "ensure", false, "")
	flags.BoolVar(&o.check, "check", false, "")
	flags.BoolVar(&o.verbose, "v", false, "")
	if err := flags.Parse(args); err != nil {
		return nil, err
	}
	switch {
	case flags.NArg() > 0:
		return nil, fmt.Errorf("unexpected argument %q: the command is in the configuration file", flags.Arg(0))
	case o.file == "":
		return nil, errors.New("-config FILE is missing")
	case o.ensure && o.check:
		return nil, errors.New("-ensure and -check exclude each other")
	}
	return o, nil
}

// run is the command. It returns the exit status.
func run(ctx context.Context, args []string, stdout, stderr io.Writer, commands *processes) int {
	failed := func(err error, status int) int {
		fmt.Fprintf(stderr, "worker: %v\n", err)
		return status
	}
	o, err := parse(args)
	if errors.Is(err, flag.ErrHelp) {
		if _, err := io.WriteString(stdout, manual); err != nil {
			return failed(err, exitFailed)
		}
		return exitOK
	}
	if err != nil {
		return failed(fmt.Errorf("%w (worker -h is the manual)", err), exitUsage)
	}
	definition, err := readDefinition(o.file)
	if err != nil {
		return failed(err, exitUsage)
	}
	if o.check {
		fmt.Fprintf(stdout, "worker: %s is valid, for the action type %s\n", o.file, definition.actionType())
		return exitOK
	}
	cfg, err := o.config(ctx)
	if err != nil {
		return failed(err, exitFailed)
	}
	if o.ensure {
		created, err := definition.actionType().Ensure(ctx, awscodepipeline.NewFromConfig(cfg))
		if err != nil {
			return failed(err, exitFailed)
		}
		state := "exists already"
		if created {
			state = "is created"
		}
		fmt.Fprintf(stdout, "worker: the action type %s %s in %s\n", definition.actionType(), state, cfg.Region)
		return exitOK
	}
	level := slog.LevelInfo
	if o.verbose {
		level = slog.LevelDebug
	}
	logger := slog.New(slog.NewTextHandler(stderr, &slog.HandlerOptions{Level: level}))
	if err := work(ctx, cfg, definition, logger, &lineWriter{w: stdout}, commands); err != nil {
		return failed(err, exitFailed)
	}
	return exitOK
}

// config returns the Region and the credentials to use.
func (o *options) config(ctx context.Context) (aws.Config, error) {
	optFns := []func(*config.LoadOptions) error{config.WithRegion(o.region), config.WithSharedConfigProfile(o.profile)}
	cfg, err := config.LoadDefaultConfig(ctx, optFns...)
	if err != nil || cfg.Region != "" {
		return cfg, err
	}
	cfg, err = config.LoadDefaultConfig(ctx, append(optFns, config.WithEC2IMDSRegion())...)
	if err != nil {
		return cfg, fmt.Errorf("there is no Region: set -region or AWS_REGION to that of the pipelines: %w", err)
	}
	return cfg, nil
}

// work runs jobs until ctx ends.
func work(ctx context.Context, cfg aws.Config, d *definition, logger *slog.Logger, output *lineWriter, commands *processes) error {
	hideEnvironment(logger)
	folder, err := openFolder(ctx, os.TempDir(), logger)
	if err != nil {
		return err
	}
	defer folder.close()
	cleanup := make(chan struct{})
	go func() {
		defer close(cleanup)
		folder.removeLeft(ctx)
	}()
	defer func() {
		select {
		case <-cleanup:
		case <-time.After(cleanupTimeout):
		}
	}()
	r := &runner{
		definition: d,
		aws:        cfg,
		folder:     folder,
		commands:   commands,
		output:     output,
		logger:     logger,
	}
	return customaction.Open(cfg, d.actionType(), r, func(o *customaction.Options) {
		o.Concurrency = d.Concurrency
		o.QueryParam = d.Query
		o.JobTimeout = d.Timeout.Duration
		o.WatchInterval = d.WatchInterval.Duration
		o.GracePeriod = d.GracePeriod.Duration
		// A handler has half of it to end its command.
		o.ReportTimeout = 2 * (d.KillDelay.Duration + reportReserve)
		o.Job = func(jo *action.JobOptions) {
			jo.TempDir = folder.path
			jo.Limits = d.Limits.forAction()
		}
		o.OnEvent = r.onEvent
		o.Logger = logger
	}).Run(ctx)
}
