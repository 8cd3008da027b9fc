// Command multibranch is a Lambda function that runs one pipeline for many
// branches of a CodeCommit repository. Outside of Lambda it sets up and checks
// the triggers and the pipeline of a repository.
package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/config"
	awscodecommit "github.com/aws/aws-sdk-go-v2/service/codecommit"
	awscodepipeline "github.com/aws/aws-sdk-go-v2/service/codepipeline"
	awseventbridge "github.com/aws/aws-sdk-go-v2/service/eventbridge"
	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/codesuite-go/codesuite/events"
	"github.com/codesuite-go/codesuite/pipeline/multibranch"
)

func main() {
	logger := slog.New(slog.NewJSONHandler(os.Stderr, nil))
	ctx := context.Background()
	handler, err := newHandler(ctx, logger)
	if err == nil {
		if len(os.Args) > 1 {
			err = command(ctx, handler, os.Args[1:])
		} else {
			mux := &events.Mux{Logger: logger}
			if err = handler.Register(mux); err == nil {
				lambda.Start(mux)
			}
		}
	}
	if err != nil {
		logger.Error("multibranch", "error", err)
		os.Exit(1)
	}
}

// connections is how many idle connections are kept: more calls than that are
// not in flight.
const connections = 64

// newHandler wires the handler as the environment says; see README.md.
func newHandler(ctx context.Context, logger *slog.Logger) (*multibranch.Handler, error) {
	s, err := readSettings(os.Getenv)
	if err != nil {
		return nil, err
	}
	cfg, err := config.LoadDefaultConfig(ctx, config.WithHTTPClient(awshttp.NewBuildableClient().WithTransportOptions(
		func(t *http.Transport) { t.MaxIdleConns, t.MaxIdleConnsPerHost = connections, connections })))
	if err != nil {
		return nil, fmt.Errorf("AWS configuration: %w", err)
	}
	return multibranch.New(multibranch.Clients{
		CodeCommit:   awscodecommit.NewFromConfig(cfg),
		CodePipeline: awscodepipeline.NewFromConfig(cfg),
		S3:           awss3.NewFromConfig(cfg, func(o *awss3.Options) { o.UsePathStyle = s.pathStyle }),
	}, s.options, func(o *multibranch.Options) {
		o.Logger = logger
		o.Region = cfg.Region
		o.Rules = rules(awseventbridge.NewFromConfig(cfg))
	}), nil
}

// maxPages bounds the listing of rules.
const maxPages = 1000

// rules returns the function that lists the EventBridge rules with a target.
func rules(client *awseventbridge.Client) func(context.Context, string) ([]string, error) {
	return func(ctx context.Context, target string) (names []string, err error) {
		in := &awseventbridge.ListRuleNamesByTargetInput{TargetArn: &target}
		for range maxPages {
			out, err := client.ListRuleNamesByTarget(ctx, in)
			if err != nil {
				return nil, fmt.Errorf("list the rules that start %s: %w", target, err)
			}
			names = append(names, out.RuleNames...)
			if aws.ToString(out.NextToken) == "" {
				return names, nil
			}
			in.NextToken = out.NextToken
		}
		return nil, fmt.Errorf("list the rules that start %s: over %d pages", target, maxPages)
	}
}

// command runs "doctor REPOSITORY" or "setup REPOSITORY".
func command(ctx context.Context, handler *multibranch.Handler, args []string) error {
	switch {
	case len(args) == 2 && args[0] == "doctor":
		findings, err := handler.Doctor(ctx, args[1])
		for _, f := range findings {
			fmt.Println(f)
		}
		if err == nil && len(findings) > 0 {
			err = fmt.Errorf("problems found: %d", len(findings))
		}
		return err
	case len(args) == 2 && args[0] == "setup":
		return handler.EnsureTriggers(ctx, args[1])
	}
	return errors.New("usage: multibranch doctor REPOSITORY, or multibranch setup REPOSITORY; without arguments it is a Lambda function")
}
