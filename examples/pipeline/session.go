package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	awscodepipeline "github.com/aws/aws-sdk-go-v2/service/codepipeline"
	"github.com/aws/smithy-go/logging"

	"github.com/codesuite-go/codesuite/examples/internal/command"
	"github.com/codesuite-go/codesuite/pipeline"
	"github.com/codesuite-go/codesuite/pipeline/actiontype"
)

// session holds what the verbs of one process share.
type session struct {
	stdin          io.Reader
	stdout, stderr io.Writer

	local    *local
	inLines  bool // commands come from standard input
	cfg      *aws.Config
	types    []actiontype.Type
	keyboard *keyboard
}

func newSession(stdin io.Reader, stdout, stderr io.Writer) *session {
	return &session{stdin: stdin, stdout: stdout, stderr: stderr}
}

func (s *session) close() {
	if s.local != nil {
		s.local.server.Close()
	}
}

// run does what an invocation asks for.
func (s *session) run(ctx context.Context, inv *invocation) (err error) {
	if s.types, err = readTypes(inv.types); err != nil {
		return err
	}
	if inv.local != "" {
		if s.local, err = s.serve(inv.settings); err != nil {
			return err
		}
	}
	if inv.verb == nil {
		s.inLines = true
		return s.lines(ctx, inv.settings)
	}
	return inv.verb.run(s, ctx, inv)
}

// input returns standard input, which is not read before.
func (s *session) input() *keyboard {
	if s.keyboard == nil {
		s.keyboard = newKeyboard(s.stdin)
	}
	return s.keyboard
}

// statusError is an outcome that has been printed already.
type statusError struct{ status int }

func (e *statusError) Error() string { return fmt.Sprintf("exit status %d", e.status) }

// status prints the error of an invocation and returns the exit status.
func (s *session) status(ctx context.Context, err error) int {
	var printed *statusError
	switch {
	case err == nil:
		return command.ExitOK
	case errors.As(err, &printed):
		return printed.status
	case ctx.Err() != nil:
		fmt.Fprintln(s.stderr, "pipeline: interrupted")
		return command.ExitInterrupted
	}
	for _, line := range messages(err) {
		fmt.Fprintf(s.stderr, "pipeline: %s\n", line)
	}
	if errors.As(err, new(*command.UsageError)) {
		return command.ExitUsage
	}
	return command.ExitFailed
}

// config returns the configuration of AWS, or that of the server in this process.
func (s *session) config(ctx context.Context, inv *invocation) (aws.Config, error) {
	if s.local != nil {
		return s.local.server.Config(), nil
	}
	if s.cfg != nil {
		return *s.cfg, nil
	}
	var logger logging.Logger = logging.Nop{}
	if inv.verbose {
		logger = logging.NewStandardLogger(s.stderr)
	}
	cfg, err := command.Config(ctx, inv.region, inv.profile, logger)
	if err != nil {
		return cfg, err
	}
	s.cfg = &cfg
	return cfg, nil
}

// client returns the client of executions.
func (s *session) client(ctx context.Context, inv *invocation) (*pipeline.Client, error) {
	cfg, err := s.config(ctx, inv)
	if err != nil {
		return nil, err
	}
	return pipeline.Open(cfg, func(o *pipeline.Options) {
		o.PollInterval = inv.interval
		if s.local != nil {
			o.PollInterval = cmp.Or(inv.interval, pause(inv.speed))
			o.MaxPollInterval = o.PollInterval
		}
		if inv.verbose {
			o.Logger = slog.New(slog.NewTextHandler(s.stderr, nil))
		}
	}), nil
}

// api returns the SDK's client.
func (s *session) api(ctx context.Context, inv *invocation) (*awscodepipeline.Client, error) {
	cfg, err := s.config(ctx, inv)
	if err != nil {
		return nil, err
	}
	return awscodepipeline.NewFromConfig(cfg), nil
}

// name returns the name of the pipeline that an invocation is about.
func (s *session) name(inv *invocation) (string, error) {
	if len(inv.operands) > 0 {
		return inv.operands[0], nil
	}
	switch {
	case s.local == nil:
		return "", usagef("%s: name the pipeline", inv.verb.name)
	case len(s.local.names) > 1:
		return "", usagef("%s: name one of the pipelines: %s", inv.verb.name, shown(strings.Join(s.local.names, ", ")))
	}
	return s.local.names[0], nil
}

// execution returns the ID that an invocation gives, or that of the newest execution.
func (s *session) execution(ctx context.Context, client *pipeline.Client, inv *invocation, name string) (string, error) {
	if inv.id != "" {
		return inv.id, nil
	}
	for e, err := range client.Executions(ctx, name) {
		if err != nil {
			return "", err
		}
		return e.ID, nil
	}
	return "", fmt.Errorf("the pipeline %s has no execution: start one", shown(name))
}

// open returns the client, the name of the pipeline and the ID of its execution.
func (s *session) open(ctx context.Context, inv *invocation) (client *pipeline.Client, name, id string, err error) {
	if name, err = s.name(inv); err != nil {
		return nil, "", "", err
	}
	if client, err = s.client(ctx, inv); err != nil {
		return nil, "", "", err
	}
	id, err = s.execution(ctx, client, inv, name)
	return client, name, id, err
}

// colors reports whether what is written to the stream may have colors.
func (s *session) colors(inv *invocation, stream io.Writer) bool {
	return !inv.noColor && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb" && command.IsTerminal(stream)
}
