// Command approve is a Lambda function that answers the manual approvals of
// CodePipeline by rules, and sends readable messages about those that wait and those
// that were answered.
package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	_ "time/tzdata" // Lambda's system has no time zones

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	awscodecommit "github.com/aws/aws-sdk-go-v2/service/codecommit"
	awssecretsmanager "github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	awssns "github.com/aws/aws-sdk-go-v2/service/sns"

	"github.com/codesuite-go/codesuite/events"
	"github.com/codesuite-go/codesuite/githubstatus/pipelineapproval"
	"github.com/codesuite-go/codesuite/pipeline"
	"github.com/codesuite-go/codesuite/pipeline/approval"
)

func main() {
	level := new(slog.LevelVar)
	logger := slog.New(slog.NewJSONHandler(os.Stderr, &slog.HandlerOptions{Level: level}))
	mux, err := newMux(context.Background(), logger, level)
	if err != nil {
		logger.Error("approve cannot start", "error", err)
		os.Exit(1)
	}
	lambda.Start(mux)
}

// newMux wires the function as the environment says; see README.md.
func newMux(ctx context.Context, logger *slog.Logger, level *slog.LevelVar) (*events.Mux, error) {
	s, err := readSettings(os.Getenv, os.ReadFile)
	if err != nil {
		return nil, err
	}
	level.Set(s.level)
	cfg, err := config.LoadDefaultConfig(ctx)
	if err != nil {
		return nil, fmt.Errorf("AWS configuration: %w", err)
	}
	github, err := newGitHub(s, cfg, logger)
	if err != nil {
		return nil, err
	}
	policies, err := newPolicies(s, cfg, github)
	if err != nil {
		return nil, err
	}
	pipelines := pipeline.Open(cfg, func(o *pipeline.Options) { o.Logger = logger })
	approver := approval.New(pipelines, policies, func(o *approval.Options) {
		o.Account, o.Region, o.Logger = s.account, cfg.Region, logger
		if s.topic != "" {
			o.Report = topic{awssns.NewFromConfig(cfg), s.topic, pipelines, authors{cfg, github}.of, logger}.report
		}
	})
	mux := &events.Mux{Logger: logger}
	// A topic may carry anything.
	err = mux.Fallback(func(ctx context.Context, e events.Event) error {
		logger.WarnContext(ctx, "event is not about an approval", "event", e.Name())
		return nil
	})
	if err != nil {
		return nil, err
	}
	return mux, approver.Register(mux)
}

// newGitHub returns the reader of the GitHub hosts, nil if there is no secret for them.
func newGitHub(s settings, cfg aws.Config, logger *slog.Logger) (*pipelineapproval.Reader, error) {
	if s.github == nil {
		return nil, nil
	}
	clients, err := s.github.Clients(awssecretsmanager.NewFromConfig(cfg), logger)
	if err != nil {
		return nil, err
	}
	return pipelineapproval.New(clients), nil
}

// newPolicies returns the policies, with readers of GitHub and CodeCommit.
func newPolicies(s settings, cfg aws.Config, github *pipelineapproval.Reader) ([]approval.Policy, error) {
	if github == nil {
		github = pipelineapproval.New(nil) // so that a source on GitHub is told to lack a client
	}
	policies, err := approval.ParsePolicies(s.policies, approval.Readers{
		Statuses:     []approval.StatusReader{github},
		PullRequests: []approval.PullRequestReader{github, approval.NewCodeCommit(awscodecommit.NewFromConfig(cfg), s.account, cfg.Region)},
	})
	if err == nil {
		err = s.check(policies)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", s.source, err)
	}
	return policies, nil
}
