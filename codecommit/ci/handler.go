package ci

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awslogs "github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	awscodebuild "github.com/aws/aws-sdk-go-v2/service/codebuild"
	awscodecommit "github.com/aws/aws-sdk-go-v2/service/codecommit"

	"github.com/codesuite-go/codesuite/events"
	"github.com/codesuite-go/codesuite/internal/backoff"
)

// Handler starts the builds of flows and tells about them. It keeps nothing about
// builds between events, so that any number of instances may run, and is safe for
// concurrent use.
//
// A revision is built once, although events come more than once and in any order:
// CodeBuild knows the token of a start for five minutes, and for an older event the
// handler looks through the builds of the project. A start that takes longer than a
// minute fails, so that it does not come when CodeBuild has forgotten the token.
//
// An event of a build only says where to look: the handler reads the newest build of
// the revision and the pull request, writes the comment, and reads again until nothing
// has changed meanwhile.
type Handler struct {
	clients    Clients
	flows      []*flow
	options    Options
	commanders globs            // of Options.CommandAuthors
	now        func() time.Time // of tests
	sleep      func(context.Context, time.Duration) error
	invalid    error // of the flows and options

	self atomic.Pointer[string] // the ARN that writes comments, once it is known
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
	h := &Handler{clients: clients, now: time.Now, sleep: backoff.Sleep}
	for _, fn := range optFns {
		fn(&h.options)
	}
	if err := h.prepare(flows); err != nil {
		h.invalid = fmt.Errorf("ci: %w", err)
	}
	return h
}

func (h *Handler) prepare(flows []Flow) (err error) {
	if h.clients.CodeCommit == nil || h.clients.CodeBuild == nil {
		return errors.New("New was given no client of CodeCommit or of CodeBuild")
	}
	if err = h.options.settle(); err != nil {
		return err
	}
	if h.commanders, err = compileGlobs(h.options.CommandAuthors, cannotARN); err != nil {
		return fmt.Errorf("option CommandAuthors: %w", err)
	}
	if len(h.options.CommandAuthors) > 0 && len(h.commanders.include) == 0 {
		return errors.New("option CommandAuthors: all globs exclude, so that everybody else could give commands: name those who may")
	}
	h.flows, err = compile(flows)
	return err
}

// has reports whether there is a flow of one of the kinds.
func (h *Handler) has(kinds ...Kind) bool {
	return slices.ContainsFunc(h.flows, func(f *flow) bool { return slices.Contains(kinds, f.Kind) })
}

// merges reports whether a flow merges pull requests.
func (h *Handler) merges() bool {
	return slices.ContainsFunc(h.flows, func(f *flow) bool { return f.Merge != "" })
}

// tells reports whether anybody is told about builds, and commands whether comments
// may hold commands.
func (h *Handler) tells() bool    { return h.has(KindReview) || h.options.Report != nil }
func (h *Handler) commands() bool { return h.has(KindReview) && len(h.options.CommandAuthors) > 0 }

// Register registers the handler for the events of its flows and of their builds.
// [Handler.Patterns] has the patterns of the rules that send them.
//
// Return the error of the Mux from the function, so that the event is delivered
// again: handling an event twice does no harm.
func (h *Handler) Register(mux *events.Mux) error {
	if h.invalid != nil {
		return h.invalid
	}
	var failures []error
	if h.has(KindReview) {
		failures = append(failures, events.On(mux, h.handlePullRequest))
	}
	if h.has(KindBranch, KindTag) {
		failures = append(failures, events.On(mux, h.handleReferences))
	}
	if h.has(KindSchedule) {
		failures = append(failures, events.On(mux, h.handleSchedule))
	}
	if h.tells() {
		failures = append(failures, events.On(mux, h.handleBuild))
	}
	if h.commands() {
		failures = append(failures, events.On(mux, h.handleComment))
	}
	return errors.Join(failures...)
}
