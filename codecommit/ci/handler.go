package ci

import (
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	awslogs "github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	awscodebuild "github.com/aws/aws-sdk-go-v2/service/codebuild"
	awscodecommit "github.com/aws/aws-sdk-go-v2/service/codecommit"

	"github.com/codesuite-go/codesuite/events"
)

// Handler starts the builds of flows and tells about them. It keeps nothing between
// events, so that any number of instances may run, and is safe for concurrent use.
type Handler struct {
	clients Clients
	flows   []Flow
	options Options
	invalid error // of the flows and options
}

// Open returns a handler for the account and Region of cfg. It calls nothing. The
// default of [Options].Region is the Region of cfg.
func Open(cfg aws.Config, flows []Flow, optFns ...func(*Options)) *Handler {
	region := func(o *Options) { o.Region = cfg.Region }
	return New(Clients{
		CodeCommit: awscodecommit.NewFromConfig(cfg),
		CodeBuild:  awscodebuild.NewFromConfig(cfg),
		Logs:       awslogs.NewFromConfig(cfg),
	}, flows, append([]func(*Options){region}, optFns...)...)
}

// New returns a handler that calls the clients. Flows and options that make no sense
// are the error of the first call.
func New(clients Clients, flows []Flow, optFns ...func(*Options)) *Handler {
	h := &Handler{clients: clients, flows: flows}
	for _, fn := range optFns {
		fn(&h.options)
	}
	if err := h.prepare(); err != nil {
		h.invalid = fmt.Errorf("ci: %w", err)
	}
	return h
}

func (h *Handler) prepare() error {
	if h.clients.CodeCommit == nil || h.clients.CodeBuild == nil {
		return errors.New("New was given no client of CodeCommit or of CodeBuild")
	}
	return h.options.settle()
}

// Register registers the handler for the events of its flows and of their builds.
func (h *Handler) Register(*events.Mux) error { return h.invalid }
