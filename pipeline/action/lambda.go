package action

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awscodepipeline "github.com/aws/aws-sdk-go-v2/service/codepipeline"

	"github.com/codesuite-go/codesuite/events"
	"github.com/codesuite-go/codesuite/internal/apierror"
	"github.com/codesuite-go/codesuite/internal/backoff"
	"github.com/codesuite-go/codesuite/internal/jobwire"
)

// ErrDeadline is the cause of the end of a handler's context shortly before
// the deadline of the Lambda function; see [LambdaOptions.Margin].
var ErrDeadline = errors.New("the Lambda function ran out of time")

// API has the operations of CodePipeline that a [Lambda] calls.
// [*awscodepipeline.Client] implements it. A fake for tests embeds the interface
// and implements the operations that it needs: the interface may grow.
type API interface {
	GetJobDetails(context.Context, *awscodepipeline.GetJobDetailsInput, ...func(*awscodepipeline.Options)) (*awscodepipeline.GetJobDetailsOutput, error)
	PutJobFailureResult(context.Context, *awscodepipeline.PutJobFailureResultInput, ...func(*awscodepipeline.Options)) (*awscodepipeline.PutJobFailureResultOutput, error)
	PutJobSuccessResult(context.Context, *awscodepipeline.PutJobSuccessResultInput, ...func(*awscodepipeline.Options)) (*awscodepipeline.PutJobSuccessResultOutput, error)
}

var _ API = (*awscodepipeline.Client)(nil)

// LambdaOptions configure a [Lambda]. The zero value holds the defaults.
type LambdaOptions struct {
	// Job sets the options of each job. It finds Refresh and Logger set, and S3
	// too for a function of [OpenLambda], and may replace them.
	Job func(*JobOptions)

	// Margin is how long before the deadline of the function the context of
	// the handler ends, with [ErrDeadline] as its cause. Half of it is left to
	// the handler to return, the rest to report. The default is a tenth of the
	// time the function has, at least half a second and at most 5 seconds. It
	// is never more than half of that time.
	Margin time.Duration

	// FunctionName is the name or ARN of the function. A job whose action
	// invokes another function is refused. The default is the environment
	// variable AWS_LAMBDA_FUNCTION_NAME, which Lambda sets. With "" the names
	// are not compared.
	FunctionName string

	// Logger gets jobs, reports and panics of the handler. The default is
	// silent.
	Logger *slog.Logger
}

// Lambda is a Lambda function for invoke actions. It has the method of
// aws-lambda-go's lambda.Handler. It is safe for concurrent use.
type Lambda struct {
	api     API
	handler Handler
	s3      func(aws.CredentialsProvider) S3API
	options LambdaOptions
	err     error // of the arguments
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
// only if [LambdaOptions.Job] sets [JobOptions.S3]. Wrong arguments and options
// are the error of [Lambda.Invoke].
func NewLambda(api API, h Handler, optFns ...func(*LambdaOptions)) *Lambda {
	l := &Lambda{api: api, handler: h, options: LambdaOptions{FunctionName: os.Getenv("AWS_LAMBDA_FUNCTION_NAME")}}
	for _, fn := range optFns {
		fn(&l.options)
	}
	if l.options.Logger == nil {
		l.options.Logger = slog.New(slog.DiscardHandler)
	}
	switch {
	case api == nil:
		l.err = errors.New("action: there is no API: the argument of NewLambda is nil")
	case h == nil:
		l.err = errNoHandler
	case l.options.Margin < 0:
		l.err = fmt.Errorf("action: LambdaOptions.Margin is %v: it must not be negative", l.options.Margin)
	}
	return l
}

var errNoHandler = errors.New("action: there is no handler: the argument is nil")

// Invoke runs the handler for the job in payload, and reports how it ended
// before it returns. Its result is "null", which CodePipeline does not look at.
//
// Only the ID of the job is taken from payload. Artifacts, configuration and
// continuation token are those that CodePipeline returns for the ID, so that
// somebody who may invoke the function cannot have a job of others answered for
// artifacts of his own. A job that is not of an action of Lambda, or whose action
// invokes another function, is an error and is not answered:
// see [LambdaOptions.FunctionName].
//
// The job is answered whatever happens: if the handler fails, panics or ends
// its goroutine, if it does not return by the function's deadline (then it runs
// on until Lambda freezes the process), or if CodePipeline refuses its result.
//
// An error means that the job could not be answered. Lambda then invokes the
// function again with the same job, by default twice, and the handler runs again
// with the same [Job.ID]. Work that must not be done twice needs a record of that
// ID, or a token of the service that does the work.
//
// A payload that is not the event of a job is an error, too. If CodePipeline has no
// job of the ID in the account and Region of the function, Invoke logs that and does
// nothing.
func (l *Lambda) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	if l.api == nil {
		return nil, l.err
	}
	event, err := events.Decode(payload)
	if err != nil {
		return nil, fmt.Errorf("action: invoke: %w", err)
	}
	e, ok := event.(*events.Job)
	if !ok || e.ID == "" {
		return nil, fmt.Errorf("action: invoke: the payload is not the event of a CodePipeline job but %q: configure the function as a Lambda invoke action", event.Name())
	}
	start := time.Now()
	logger := l.options.Logger.With("job", e.ID)
	job, outcome, err := l.serve(ctx, e)
	if apierror.AnyCode(err) == codeJobNotFound {
		logger.ErrorContext(ctx, "action: CodePipeline has no such job in this account and Region, nothing is done", "error", err)
		return []byte("null"), nil
	}
	if errors.Is(err, errNotOurs) {
		logger.ErrorContext(ctx, "action: the job is refused and not answered", "error", err)
	}
	if err != nil {
		return nil, err
	}
	if err := l.report(ctx, job, outcome); err != nil {
		logger.ErrorContext(ctx, "action: the result could not be reported", "error", err)
		return nil, err
	}
	if f := outcome.Failure; f != nil {
		logger.WarnContext(ctx, "action: job failed", "type", f.Type, "message", f.Message, "duration", time.Since(start))
	} else {
		logger.InfoContext(ctx, "action: job succeeded", "continued", outcome.Result.ContinuationToken != "", "duration", time.Since(start))
	}
	return []byte("null"), l.err
}

// serve asks for the job of an event and runs it.
func (l *Lambda) serve(ctx context.Context, e *events.Job) (*Job, Outcome, error) {
	details, err := l.ask(ctx, e)
	if err == nil {
		if err := l.checkOurs(details); err != nil {
			return nil, Outcome{}, err
		}
	}
	if err == nil && l.err == nil {
		job := l.job(*details)
		return job, l.run(ctx, job), nil
	}
	failureType := FailureTypeConfigurationError
	if err == nil {
		err = l.err
	} else if !apierror.Denied(err) {
		return nil, Outcome{}, err
	} else {
		failureType = FailureTypePermissionError
		err = fmt.Errorf("the role of the Lambda function has to allow codepipeline:GetJobDetails: %w", err)
	}
	job := l.job(Details{ID: e.ID})
	return job, Outcome{Failure: job.failure(context.WithoutCancel(ctx), &Failure{Type: failureType, Err: err})}, nil
}

// errNotOurs is of a job that is not for the function.
var errNotOurs = errors.New("the job is not of this function")

// checkOurs refuses a job that is not of an action that invokes the function.
func (l *Lambda) checkOurs(d *Details) error {
	if t := d.Type; t.Category != "Invoke" || t.Owner != "AWS" || t.Provider != "Lambda" {
		return fmt.Errorf("action: job %s: %w: its action is of type %s/%s/%s, not Invoke/AWS/Lambda", d.ID, errNotOurs, t.Category, t.Owner, t.Provider)
	}
	own, name := functionName(l.options.FunctionName), functionName(d.Configuration["FunctionName"])
	if own != "" && name != own {
		return fmt.Errorf("action: job %s: %w: its action invokes %q, and this is %q (LambdaOptions.FunctionName)", d.ID, errNotOurs, name, own)
	}
	return nil
}

// functionName returns the name in a name or ARN of a function, without the
// version or alias.
func functionName(text string) string {
	if _, name, ok := strings.Cut(text, ":function:"); ok {
		text = name
	}
	name, _, _ := strings.Cut(text, ":")
	return name
}

func (l *Lambda) job(details Details) *Job {
	return NewJob(details, func(o *JobOptions) {
		o.Refresh = func(ctx context.Context) (*Details, error) { return l.details(ctx, details.ID) }
		o.S3 = l.s3
		o.Logger = l.options.Logger
		if l.options.Job != nil {
			l.options.Job(o)
		}
	})
}

const codeJobNotFound = "JobNotFoundException"

const (
	// askTimeout is the time to ask for a job, if the function has twice as
	// much. An invocation that fails for it comes again a minute later.
	askTimeout = 30 * time.Second

	// minAskWait and maxAskWait bound the wait after a call that failed.
	minAskWait, maxAskWait = 100 * time.Millisecond, 5 * time.Second
)

// ask returns the job of an event. The credentials of the event are used if
// CodePipeline returns none.
func (l *Lambda) ask(ctx context.Context, e *events.Job) (*Details, error) {
	timeout := askTimeout
	if deadline, ok := ctx.Deadline(); ok {
		timeout = min(timeout, time.Until(deadline)/2)
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	d, err := l.details(ctx, e.ID)
	for wait := minAskWait; err != nil; wait = min(2*wait, maxAskWait) {
		temporary := classify(err) == FailureTypeSystemUnavailable || errors.Is(err, io.ErrUnexpectedEOF)
		if !temporary || backoff.Sleep(ctx, backoff.Full(wait)) != nil {
			break
		}
		d, err = l.details(ctx, e.ID)
	}
	if err != nil {
		return nil, err
	}
	from := e.Credentials
	if d.Credentials.AccessKeyID == "" {
		d.Credentials = Credentials{AccessKeyID: from.AccessKeyID.Reveal(), SecretAccessKey: from.SecretAccessKey.Reveal(), SessionToken: from.SessionToken.Reveal()}
	}
	if expires, err := from.ExpirationTime.Time(); err == nil && d.Credentials.AccessKeyID == from.AccessKeyID.Reveal() {
		d.Credentials.Expires = expires
	}
	return d, nil
}

// details asks CodePipeline for a job.
func (l *Lambda) details(ctx context.Context, id string) (*Details, error) {
	out, err := l.api.GetJobDetails(ctx, &awscodepipeline.GetJobDetailsInput{JobId: aws.String(id)}, callOption)
	if err == nil && (out == nil || out.JobDetails == nil || out.JobDetails.Data == nil) {
		err = apierror.ErrNoReply
	}
	if err == nil && aws.ToString(out.JobDetails.Id) != id {
		err = fmt.Errorf("the reply is about job %s", aws.ToString(out.JobDetails.Id))
	}
	if err != nil {
		return nil, fmt.Errorf("action: GetJobDetails of job %s: %w", id, err)
	}
	d := Details(jobwire.NewJob[events.ActionType, Artifact, Credentials](id, aws.ToString(out.JobDetails.AccountId), out.JobDetails.Data))
	return &d, nil
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
