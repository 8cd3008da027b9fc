// Command githubstatus is a Lambda function that shows the pipelines of
// CodePipeline on GitHub. Each commit that a pipeline fetched gets a commit status
// or, with a GitHub App, a check run: on github.com, in Enterprise Cloud with data
// residency and on GitHub Enterprise Server.
package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/config"
	awssecretsmanager "github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"github.com/codesuite-go/codesuite/events"
	"github.com/codesuite-go/codesuite/examples/internal/githubhosts"
	"github.com/codesuite-go/codesuite/githubstatus"
	"github.com/codesuite-go/codesuite/githubstatus/pipelinestatus"
	"github.com/codesuite-go/codesuite/pipeline"
)

func main() {
	logger := slog.New(slog.NewJSONHandler(os.Stderr, nil))
	mux, err := newMux(context.Background(), logger)
	if err != nil {
		logger.Error("githubstatus cannot start", "error", err)
		os.Exit(1)
	}
	lambda.Start(mux)
}

// newMux wires the function as the environment says; see README.md.
func newMux(ctx context.Context, logger *slog.Logger) (*events.Mux, error) {
	settings, err := readSettings(os.Getenv)
	if err != nil {
		return nil, err
	}
	cfg, err := config.LoadDefaultConfig(ctx)
	if err != nil {
		return nil, fmt.Errorf("AWS configuration: %w", err)
	}
	hosts, err := newHosts(settings, awssecretsmanager.NewFromConfig(cfg), logger)
	if err != nil {
		return nil, err
	}
	executions := pipeline.Open(cfg, func(o *pipeline.Options) { o.Logger = logger })
	mux := &events.Mux{Logger: logger}
	return mux, newReporter(executions, settings.account, hosts, logger).Register(mux)
}

// newReporter has the options that decide which events the rule in
// template.yaml must let through.
func newReporter(executions pipelinestatus.Executions, account string, hosts githubstatus.Hosts, logger *slog.Logger) *pipelinestatus.Reporter {
	return pipelinestatus.New(executions, nil, func(o *pipelinestatus.Options) {
		o.Account = account
		o.Hosts = hosts
		o.Logger = logger
	})
}

// newHosts returns a setter for each host of GitHub.
func newHosts(s settings, secrets githubhosts.API, logger *slog.Logger) (githubstatus.Hosts, error) {
	clients, err := s.Clients(secrets, logger)
	if err != nil {
		return nil, err
	}
	hosts := githubstatus.Hosts{}
	for host, client := range clients {
		hosts[host] = client
		if s.checks[host] {
			hosts[host] = client.Checks()
		}
	}
	return hosts, nil
}
