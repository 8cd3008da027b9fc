// Command ci is a Lambda function that builds the pull requests, branches and tags
// of CodeCommit repositories with CodeBuild, on their events, at set times and on
// demand, and tells the result on the pull request. Outside of Lambda it starts a
// flow and prints the rules that the function needs.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/config"
	awssns "github.com/aws/aws-sdk-go-v2/service/sns"

	"github.com/codesuite-go/codesuite/codecommit/ci"
	"github.com/codesuite-go/codesuite/events"
)

func main() {
	level := new(slog.LevelVar)
	logger := slog.New(slog.NewJSONHandler(os.Stderr, &slog.HandlerOptions{Level: level}))
	ctx := context.Background()
	if !valid(os.Args[1:]) {
		fmt.Fprintln(os.Stderr, "usage: ci rules, or ci start FLOW [SOURCE_VERSION], with FLOWS or FLOWS_FILE in the environment; without arguments it is a Lambda function")
		os.Exit(2)
	}
	handler, err := newHandler(ctx, logger, level)
	if err == nil {
		if len(os.Args) > 1 {
			err = command(ctx, handler, os.Args[1:])
		} else {
			mux := &events.Mux{Logger: logger}
			if err = handler.Register(mux); err == nil {
				lambda.Start(&function{handler, mux})
			}
		}
	}
	if err != nil {
		logger.Error("ci", "error", err)
		os.Exit(1)
	}
}

// newHandler wires the handler as the environment says; see README.md.
func newHandler(ctx context.Context, logger *slog.Logger, level *slog.LevelVar) (*ci.Handler, error) {
	s, err := readSettings(os.Getenv, os.ReadFile)
	if err != nil {
		return nil, err
	}
	level.Set(s.level)
	cfg, err := config.LoadDefaultConfig(ctx)
	if err != nil {
		return nil, fmt.Errorf("AWS configuration: %w", err)
	}
	return ci.Open(cfg, s.flows, s.options, func(o *ci.Options) {
		o.Logger = logger
		if s.topic != "" {
			o.Report = topic{awssns.NewFromConfig(cfg), s.topic}.report
		}
	}), nil
}

// valid reports whether the arguments are none, or those of a command.
func valid(args []string) bool {
	switch {
	case len(args) == 0:
		return true
	case args[0] == "rules":
		return len(args) == 1
	case args[0] == "start":
		return len(args) == 2 || len(args) == 3
	}
	return false
}

// command runs "rules" or "start FLOW [SOURCE_VERSION]".
func command(ctx context.Context, handler *ci.Handler, args []string) error {
	if args[0] == "rules" {
		rules, err := handler.Patterns()
		if err != nil {
			return err
		}
		patterns := make(map[string]any)
		for _, r := range rules {
			patterns[r.Name] = r.Pattern
		}
		encoder := json.NewEncoder(os.Stdout)
		encoder.SetEscapeHTML(false)
		encoder.SetIndent("", "  ")
		return encoder.Encode(patterns)
	}
	build, err := handler.Start(ctx, args[1], func(o *ci.DemandOptions) {
		if len(args) == 3 {
			o.SourceVersion = args[2]
		}
	})
	if err == nil {
		fmt.Println(build.ID)
	}
	return err
}
