package action

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awscodepipeline "github.com/aws/aws-sdk-go-v2/service/codepipeline"
)

// ErrDeadline is the cause of the end of a handler's context shortly before
// the deadline of the Lambda function; see [LambdaOptions.Margin].
var ErrDeadline = errors.New("the Lambda function ran out of time")

// API is what a [Lambda] calls of the AWS SDK's CodePipeline client.
// [*awscodepipeline.Client] implements it.
type API interface {
	GetJobDetails(context.Context, *awscodepipeline.GetJobDetailsInput, ...func(*awscodepipeline.Options)) (*awscodepipeline.GetJobDetailsOutput, error)
	PutJobFailureResult(context.Context, *awscodepipeline.PutJobFailureResultInput, ...func(*awscodepipeline.Options)) (*awscodepipeline.PutJobFailureResultOutput, error)
	PutJobSuccessResult(context.Context, *awscodepipeline.PutJobSuccessResultInput, ...func(*awscodepipeline.Options)) (*awscodepipeline.PutJobSuccessResultOutput, error)
}

var _ API = (*awscodepipeline.Client)(nil)

// LambdaOptions configure a [Lambda]. The zero value holds the defaults.
type LambdaOptions struct {
	// Job sets the options of each job. Refresh is set for it, and so are S3
	// for [OpenLambda] and Logger.
	Job func(*JobOptions)

	// Margin is how long before the deadline of the function the context of
	// the handler ends, with [ErrDeadline] as its cause. Half of it is left to
	// the handler to return, the rest to report. The default is a tenth of the
	// time the function has, at least half a second and at most 5 seconds.
	Margin time.Duration

	// Logger is told about jobs, reports and panics of the handler. The
	// default is silent.
	Logger *slog.Logger
}

// Lambda is a Lambda function for invoke actions. It is safe for concurrent
// use.
type Lambda struct {
	api     API
	handler Handler
	options LambdaOptions
}

// OpenLambda returns the function that answers jobs in the account and Region
// of cfg. The credentials of cfg are for CodePipeline alone.
func OpenLambda(cfg aws.Config, h Handler, optFns ...func(*LambdaOptions)) *Lambda {
	panic("not implemented")
}

// NewLambda returns the function that answers jobs by api.
func NewLambda(api API, h Handler, optFns ...func(*LambdaOptions)) *Lambda {
	panic("not implemented")
}

// Invoke runs the handler for the job in payload and reports its result.
func (l *Lambda) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	panic("not implemented")
}
