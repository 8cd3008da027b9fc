package action

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awscodepipeline "github.com/aws/aws-sdk-go-v2/service/codepipeline"

	"github.com/codesuite-go/codesuite/events"
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
	// Job sets the options of each job. It finds Refresh and Logger set, and S3
	// too for a function of [OpenLambda].
	Job func(*JobOptions)

	// Margin is how long before the deadline of the function the context of
	// the handler ends, with [ErrDeadline] as its cause. Half of it is left to
	// the handler to return, the rest to report. The default is a tenth of the
	// time the function has, at least half a second and at most 5 seconds. It
	// is never more than half of that time.
	Margin time.Duration

	// Logger is told about jobs, reports and panics of the handler. The
	// default is silent.
	Logger *slog.Logger
}

// Lambda is a Lambda function for invoke actions. It has the method of
// aws-lambda-go's lambda.Handler. It is safe for concurrent use.
type Lambda struct {
	api     API
	handler Handler
	s3      func(aws.CredentialsProvider) S3API
	options LambdaOptions
}

// OpenLambda returns the function that answers jobs in the account and Region
// of cfg. The credentials of cfg are for CodePipeline alone: artifacts are
// read and put with those of each job.
func OpenLambda(cfg aws.Config, h Handler, optFns ...func(*LambdaOptions)) *Lambda {
	l := NewLambda(awscodepipeline.NewFromConfig(cfg), h, optFns...)
	l.s3 = S3(cfg)
	return l
}

// NewLambda returns the function that answers jobs by api. Jobs have artifacts
// only if [LambdaOptions.Job] sets [JobOptions.S3].
func NewLambda(api API, h Handler, optFns ...func(*LambdaOptions)) *Lambda {
	l := &Lambda{api: api, handler: h}
	for _, fn := range optFns {
		fn(&l.options)
	}
	if l.options.Logger == nil {
		l.options.Logger = slog.New(slog.DiscardHandler)
	}
	return l
}

// Invoke runs the handler for the job in payload, and reports how it ended
// before it returns. Its result is "null": CodePipeline takes no notice of it.
//
// The job is answered whatever happens: if the handler fails, panics or ends
// its goroutine, if it does not return by the function's deadline (then it runs
// on until Lambda freezes the process), or if CodePipeline refuses its result.
//
// An error means that the job could not be answered, and that Lambda is to
// invoke the function again, with the same job; the handler then runs again.
// That is so too if payload is not the event of a job.
func (l *Lambda) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	event, err := events.Decode(payload)
	if err != nil {
		return nil, fmt.Errorf("action: invoke: %w", err)
	}
	e, ok := event.(*events.Job)
	if !ok || e.ID == "" {
		return nil, fmt.Errorf("action: invoke: the payload is not the event of a CodePipeline job but %q: configure the function as a Lambda invoke action", event.Name())
	}
	job := l.job(e)
	logger := l.options.Logger.With("job", job.ID())
	start := time.Now()
	outcome := l.run(ctx, job)
	if err := l.report(ctx, job, outcome); err != nil {
		logger.ErrorContext(ctx, "action: the result could not be reported", "error", err)
		return nil, err
	}
	if f := outcome.Failure; f != nil {
		logger.WarnContext(ctx, "action: job failed", "type", f.Type, "message", f.Message, "duration", time.Since(start))
	} else {
		logger.InfoContext(ctx, "action: job succeeded", "continued", outcome.Result.ContinuationToken != "", "duration", time.Since(start))
	}
	return []byte("null"), nil
}

func (l *Lambda) job(event *events.Job) *Job {
	return NewJob(EventDetails(event), func(o *JobOptions) {
		o.Refresh = func(ctx context.Context) (*Details, error) { return l.details(ctx, event.ID) }
		o.S3 = l.s3
		o.Logger = l.options.Logger
		if l.options.Job != nil {
			l.options.Job(o)
		}
	})
}

// run runs the handler until half of the margin before the deadline.
func (l *Lambda) run(ctx context.Context, job *Job) Outcome {
	deadline, ok := ctx.Deadline()
	if !ok {
		return Run(ctx, l.handler, job)
	}
	margin := l.margin(time.Until(deadline))
	ctx, cancel := context.WithDeadlineCause(ctx, deadline.Add(-margin), ErrDeadline)
	defer cancel()
	done := make(chan Outcome, 1)
	go func() { done <- Run(ctx, l.handler, job) }()
	giveUp := time.NewTimer(time.Until(deadline.Add(-margin / 2)))
	defer giveUp.Stop()
	select {
	case outcome := <-done:
		return outcome
	case <-giveUp.C:
		return Outcome{Failure: &Failure{
			Type: FailureTypeJobFailed,
			Message: fmt.Sprintf("%v: the handler had not returned %v before the deadline of the function. "+
				"Raise the function's timeout, or return a continuation token in time", ErrDeadline, (margin / 2).Round(time.Millisecond)),
			Err: ErrDeadline,
		}}
	}
}

func (l *Lambda) margin(left time.Duration) time.Duration {
	margin := l.options.Margin
	if margin <= 0 {
		margin = min(max(left/10, 500*time.Millisecond), 5*time.Second)
	}
	return max(0, min(margin, left/2))
}
