package pipeline

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awscodeconnections "github.com/aws/aws-sdk-go-v2/service/codeconnections"
	awscodepipeline "github.com/aws/aws-sdk-go-v2/service/codepipeline"

	"github.com/codesuite-go/codesuite/internal/apierror"
)

// API is what a [Client] calls of the AWS SDK's CodePipeline client.
// [*awscodepipeline.Client] implements it.
type API interface {
	GetPipelineExecution(context.Context, *awscodepipeline.GetPipelineExecutionInput, ...func(*awscodepipeline.Options)) (*awscodepipeline.GetPipelineExecutionOutput, error)
	ListActionExecutions(context.Context, *awscodepipeline.ListActionExecutionsInput, ...func(*awscodepipeline.Options)) (*awscodepipeline.ListActionExecutionsOutput, error)
	ListPipelineExecutions(context.Context, *awscodepipeline.ListPipelineExecutionsInput, ...func(*awscodepipeline.Options)) (*awscodepipeline.ListPipelineExecutionsOutput, error)
	RetryStageExecution(context.Context, *awscodepipeline.RetryStageExecutionInput, ...func(*awscodepipeline.Options)) (*awscodepipeline.RetryStageExecutionOutput, error)
	RollbackStage(context.Context, *awscodepipeline.RollbackStageInput, ...func(*awscodepipeline.Options)) (*awscodepipeline.RollbackStageOutput, error)
	StartPipelineExecution(context.Context, *awscodepipeline.StartPipelineExecutionInput, ...func(*awscodepipeline.Options)) (*awscodepipeline.StartPipelineExecutionOutput, error)
	StopPipelineExecution(context.Context, *awscodepipeline.StopPipelineExecutionInput, ...func(*awscodepipeline.Options)) (*awscodepipeline.StopPipelineExecutionOutput, error)
}

// ConnectionsAPI is what a [Client] calls of the AWS SDK's CodeConnections
// client. [*awscodeconnections.Client] implements it.
type ConnectionsAPI interface {
	GetConnection(context.Context, *awscodeconnections.GetConnectionInput, ...func(*awscodeconnections.Options)) (*awscodeconnections.GetConnectionOutput, error)
	GetHost(context.Context, *awscodeconnections.GetHostInput, ...func(*awscodeconnections.Options)) (*awscodeconnections.GetHostOutput, error)
}

var (
	_ API            = (*awscodepipeline.Client)(nil)
	_ ConnectionsAPI = (*awscodeconnections.Client)(nil)
)

// Defaults of [Options].
const (
	DefaultPollInterval    = 5 * time.Second
	DefaultMaxPollInterval = 30 * time.Second
)

// longestPollInterval keeps the sums of pauses far from overflow.
const longestPollInterval = 24 * time.Hour

// Options configure a [Client]. The zero value holds the defaults.
type Options struct {
	// Connections turns a connection to GitHub Enterprise Server or a
	// self-managed GitLab into the host of its server, and tells the provider
	// of a connection where the revision does not. [Open] sets it. If it is
	// nil, the Host of such revisions is empty. A lookup that does not succeed
	// within ten seconds costs no more than these: the execution comes without
	// the host, and the next lookup is 30 seconds later, or five minutes after
	// an error that does not pass by itself, such as a missing permission.
	Connections ConnectionsAPI

	// PollInterval is the pause between the polls of Wait and Watch while
	// things change, and MaxPollInterval the pause that it grows to while
	// nothing does, and after failed calls. A fifth more or less of it is
	// random. The defaults are [DefaultPollInterval] and
	// [DefaultMaxPollInterval], or PollInterval if that is longer. Both are a
	// day at most.
	PollInterval, MaxPollInterval time.Duration

	// Logger is told about polls that failed and are tried again, and about
	// connections whose host could not be found. The default is silent.
	Logger *slog.Logger
}

// Client reads and controls the executions of the pipelines in one account and
// Region. It is safe for concurrent use.
type Client struct {
	api     API
	options Options
	hosts   hostCache
}

// Open returns a client for the account and Region of cfg. It calls nothing.
func Open(cfg aws.Config, optFns ...func(*Options)) *Client {
	return New(awscodepipeline.NewFromConfig(cfg), append([]func(*Options){func(o *Options) {
		o.Connections = awscodeconnections.NewFromConfig(cfg)
	}}, optFns...)...)
}

// New returns a client that calls api.
func New(api API, optFns ...func(*Options)) *Client {
	c := &Client{api: api}
	for _, fn := range optFns {
		fn(&c.options)
	}
	o := &c.options
	if o.PollInterval <= 0 {
		o.PollInterval = DefaultPollInterval
	}
	if o.MaxPollInterval <= 0 {
		o.MaxPollInterval = DefaultMaxPollInterval
	}
	o.PollInterval = min(o.PollInterval, longestPollInterval)
	o.MaxPollInterval = min(max(o.MaxPollInterval, o.PollInterval), longestPollInterval)
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	return c
}

// call makes one call. The object is what it is about, for its error.
func call[In, Out, O any](ctx context.Context, operation, pipeline, object string,
	do func(context.Context, *In, ...func(*O)) (*Out, error), in *In, optFns ...func(*O),
) (*Out, error) {
	out, err := do(ctx, in, optFns...)
	if err == nil && out == nil {
		err = apierror.ErrNoReply
	}
	if err != nil {
		return nil, failed(ctx, operation, pipeline, object, err)
	}
	return out, nil
}

// failed returns the *Error, which wraps the error of a context that has ended.
func failed(ctx context.Context, operation, pipeline, object string, err error) *Error {
	if ended := ctx.Err(); ended != nil && !errors.Is(err, ended) {
		err = &endedError{err: err, ended: ended}
	}
	return &Error{Operation: operation, Pipeline: pipeline, Object: object, Err: err}
}

// pageSize is the largest that the API knows.
const pageSize = 100

// pages calls get with the token of each page until there is none. A token
// that came before ends it with the error again.
func pages(get func(token *string) (next *string, err error), again error) error {
	seen := make(map[string]bool)
	var token *string
	for {
		next, err := get(token)
		if err != nil {
			return err
		}
		if aws.ToString(next) == "" {
			return nil
		}
		if seen[*next] {
			return again
		}
		seen[*next] = true
		token = next
	}
}
