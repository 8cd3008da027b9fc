// Command ec2build is a Lambda function that starts the builds of a custom action on
// EC2 instances. With the argument "template" it prints the state machine and the
// documents of Systems Manager into a template instead.
package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/config"

	"github.com/codesuite-go/codesuite/customaction/ec2build"
	"github.com/codesuite-go/codesuite/events"
)

//go:generate go run . template template.yaml

func main() {
	logger := slog.New(slog.NewJSONHandler(os.Stderr, nil))
	if err := run(context.Background(), logger, os.Args[1:]); err != nil {
		logger.Error("ec2build", "error", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, logger *slog.Logger, args []string) error {
	switch {
	case len(args) == 2 && args[0] == "template":
		return printInto(args[1])
	case len(args) > 0:
		return errors.New("usage: ec2build template FILE; without arguments it is a Lambda function")
	}
	s, err := readSettings(os.Getenv)
	if err != nil {
		return err
	}
	cfg, err := config.LoadDefaultConfig(ctx)
	if err != nil {
		return fmt.Errorf("AWS configuration: %w", err)
	}
	handler := ec2build.Open(cfg, s.actionType, s.stateMachine, s.options, func(o *ec2build.Options) { o.Logger = logger })
	mux := &events.Mux{Logger: logger}
	if err := handler.Register(mux); err != nil {
		return err
	}
	lambda.Start(mux)
	return nil
}
