package pipeline

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awscodeconnections "github.com/aws/aws-sdk-go-v2/service/codeconnections"
	awscodepipeline "github.com/aws/aws-sdk-go-v2/service/codepipeline"

	"github.com/codesuite-go/codesuite/internal/apierror"
	"github.com/codesuite-go/codesuite/internal/paging"
)

// API is the part of the AWS SDK's CodePipeline client that a [Client] calls.
// [*awscodepipeline.Client] implements it. A fake should embed the interface, so
// that it still compiles when the interface grows.
type API interface {
	DisableStageTransition(context.Context, *awscodepipeline.DisableStageTransitionInput, ...func(*awscodepipeline.Options)) (*awscodepipeline.DisableStageTransitionOutput, error)
	EnableStageTransition(context.Context, *awscodepipeline.EnableStageTransitionInput, ...func(*awscodepipeline.Options)) (*awscodepipeline.EnableStageTransitionOutput, error)
	GetPipeline(context.Context, *awscodepipeline.GetPipelineInput, ...func(*awscodepipeline.Options)) (*awscodepipeline.GetPipelineOutput, error)
	GetPipelineExecution(context.Context, *awscodepipeline.GetPipelineExecutionInput, ...func(*awscodepipeline.Options)) (*awscodepipeline.GetPipelineExecutionOutput, error)
	GetPipelineState(context.Context, *awscodepipeline.GetPipelineStateInput, ...func(*awscodepipeline.Options)) (*awscodepipeline.GetPipelineStateOutput, error)
	ListActionExecutions(context.Context, *awscodepipeline.ListActionExecutionsInput, ...func(*awscodepipeline.Options)) (*awscodepipeline.ListActionExecutionsOutput, error)
	ListDeployActionExecutionTargets(context.Context, *awscodepipeline.ListDeployActionExecutionTargetsInput, ...func(*awscodepipeline.Options)) (*awscodepipeline.ListDeployActionExecutionTargetsOutput, error)
	ListPipelineExecutions(context.Context, *awscodepipeline.ListPipelineExecutionsInput, ...func(*awscodepipeline.Options)) (*awscodepipeline.ListPipelineExecutionsOutput, error)
	ListRuleExecutions(context.Context, *awscodepipeline.ListRuleExecutionsInput, ...func(*awscodepipeline.Options)) (*awscodepipeline.ListRuleExecutionsOutput, error)
	OverrideStageCondition(context.Context, *awscodepipeline.OverrideStageConditionInput, ...func(*awscodepipeline.Options)) (*awscodepipeline.OverrideStageConditionOutput, error)
	PutApprovalResult(context.Context, *awscodepipeline.PutApprovalResultInput, ...func(*awscodepipeline.Options)) (*awscodepipeline.PutApprovalResultOutput, error)
	RetryStageExecution(context.Context, *awscodepipeline.RetryStageExecutionInput, ...func(*awscodepipeline.Options)) (*awscodepipeline.RetryStageExecutionOutput, error)
	RollbackStage(context.Context, *awscodepipeline.RollbackStageInput, ...func(*awscodepipeline.Options)) (*awscodepipeline.RollbackStageOutput, error)
	StartPipelineExecution(context.Context, *awscodepipeline.StartPipelineExecutionInput, ...func(*awscodepipeline.Options)) (*awscodepipeline.StartPipelineExecutionOutput, error)
	StopPipelineExecution(context.Context, *awscodepipeline.StopPipelineExecutionInput, ...func(*awscodepipeline.Options)) (*awscodepipeline.StopPipelineExecutionOutput, error)
}

// ConnectionsAPI is the part of the AWS SDK's CodeConnections client that a
// [Client] calls. [*awscodeconnections.Client] implements it.
type ConnectionsAPI interface {
	GetConnection(context.Context, *awscodeconnections.GetConnectionInput, ...func(*awscodeconnections.Options)) (*awscodeconnections.GetConnectionOutput, error)
	GetHost(context.Context, *awscodeconnections.GetHostInput, ...func(*awscodeconnections.Options)) (*awscodeconnections.GetHostOutput, error)
}

var (
	_ API            = (*awscodepipeline.Client)(nil)
	_ ConnectionsAPI = (*awscodeconnections.Client)(nil)
)

// Defaults of the options.
const (
	defaultPollInterval    = 5 * time.Second
	defaultMaxPollInterval = 30 * time.Second
	defaultMaxElapsed      = 15 * time.Minute
)

// longestPollInterval keeps the sums of pauses far from overflow.
const longestPollInterval = 24 * time.Hour

// Options configure a [Client]. The zero value holds the defaults.
type Options struct {
	// Connections looks up the host of a connection to GitHub Enterprise Server
	// or a self-managed GitLab, and the provider of a connection where the
	// revision does not have it. [Open] sets it. If it is nil, the Host of such
	// revisions is empty. A lookup may take ten seconds. After one that failed,
	// the execution comes without the host, and the client tries again 30 seconds
	// later, or five minutes later if the failure does not pass by itself, such
	// as a missing permission.
	//
	// It needs codeconnections:GetConnection and codeconnections:GetHost, or the same
	// of codestar-connections for ARNs with that name. Without them Host and Provider
	// are empty, and HostErr has the reason.
	Connections ConnectionsAPI

	// PollInterval is the pause between the polls of Wait and Watch after a
	// change. The pause grows to MaxPollInterval while nothing changes, and after
	// failed calls. A fifth more or less of it is random. The defaults are 5
	// seconds and 30 seconds, or PollInterval if that is longer. Neither may be
	// longer than a day.
	PollInterval, MaxPollInterval time.Duration

	// MaxElapsed is how long the polls of Wait and Watch may fail one after
	// another, by throttling, server errors or lost connections, before the
	// error is returned. The default is 15 minutes. A negative value
	// lets them go on until the context ends.
	MaxElapsed time.Duration

	// Logger logs polls that failed and are tried again, and connections whose
	// host could not be found. The default is silent.
	Logger *slog.Logger
}

// Client reads and controls the executions of the pipelines in one account and
// Region. It is safe for concurrent use.
type Client struct {
	api     API
	options Options
	err     error // of the options
	hosts   hostCache
}

// Open returns a client for the account and Region of cfg. It calls nothing.
func Open(cfg aws.Config, optFns ...func(*Options)) *Client {
	return New(awscodepipeline.NewFromConfig(cfg), append([]func(*Options){func(o *Options) {
		o.Connections = awscodeconnections.NewFromConfig(cfg)
	}}, optFns...)...)
}

// New returns a client that calls api. Options that cannot work are the error of
// each call.
func New(api API, optFns ...func(*Options)) *Client {
	c := &Client{api: api}
	for _, fn := range optFns {
		fn(&c.options)
	}
	c.err = c.options.prepare()
	if api == nil {
		c.err = errors.New("the API is nil: use Open, or give New a *codepipeline.Client of the AWS SDK")
	}
	return c
}

// prepare checks the options and fills in the defaults.
func (o *Options) prepare() error {
	switch {
	case o.PollInterval < 0 || o.PollInterval > longestPollInterval:
		return fmt.Errorf("Options.PollInterval is %v: set it to at most %v, or to 0 for %v", o.PollInterval, longestPollInterval, defaultPollInterval)
	case o.MaxPollInterval < 0 || o.MaxPollInterval > longestPollInterval:
		return fmt.Errorf("Options.MaxPollInterval is %v: set it to at most %v, or to 0 for its default", o.MaxPollInterval, longestPollInterval)
	}
	o.PollInterval = cmp.Or(o.PollInterval, defaultPollInterval)
	if o.MaxPollInterval == 0 {
		o.MaxPollInterval = max(defaultMaxPollInterval, o.PollInterval)
	}
	if o.MaxPollInterval < o.PollInterval {
		return fmt.Errorf("Options.MaxPollInterval of %v is shorter than PollInterval, which is %v", o.MaxPollInterval, o.PollInterval)
	}
	o.MaxElapsed = cmp.Or(o.MaxElapsed, defaultMaxElapsed)
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	return nil
}

// Region returns the Region of the pipelines. It is empty if the API is not a
// client of the AWS SDK, which knows it.
func (c *Client) Region() string {
	if c == nil {
		return ""
	}
	sdk, ok := c.api.(interface {
		Options() awscodepipeline.Options
	})
	if !ok {
		return ""
	}
	return sdk.Options().Region
}

// Operations of CodePipeline.
const (
	opDisable        = "DisableStageTransition"
	opEnable         = "EnableStageTransition"
	opGetExecution   = "GetPipelineExecution"
	opGetPipeline    = "GetPipeline"
	opGetState       = "GetPipelineState"
	opListActions    = "ListActionExecutions"
	opListExecutions = "ListPipelineExecutions"
	opListRules      = "ListRuleExecutions"
	opListTargets    = "ListDeployActionExecutionTargets"
	opOverride       = "OverrideStageCondition"
	opPutApproval    = "PutApprovalResult"
	opRetryStage     = "RetryStageExecution"
	opRollbackStage  = "RollbackStage"
	opStartExecution = "StartPipelineExecution"
	opStopExecution  = "StopPipelineExecution"
)

// call makes one call. The error names the object.
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

// failed returns an *Error. It also wraps the context's error if ctx has ended.
func failed(ctx context.Context, operation, pipeline, object string, err error) *Error {
	if ended := ctx.Err(); ended != nil && !errors.Is(err, ended) {
		err = &endedError{err: err, ended: ended}
	}
	return &Error{Operation: operation, Pipeline: pipeline, Object: object, Err: err}
}

// pageSize is the largest page that the API returns.
const pageSize = 100

// pages calls get for each page of a listing. Get returns the token of the next
// page and the number of entries of its own. An error of the tokens is returned
// as failed makes it.
func pages(get func(token *string) (next *string, entries int, err error), failed func(error) error) error {
	var tokens paging.Tokens
	var token *string
	for {
		next, entries, err := get(token)
		if err != nil {
			return err
		}
		if token, err = tokens.Next(next, entries); err != nil {
			return failed(err)
		} else if token == nil {
			return nil
		}
	}
}
