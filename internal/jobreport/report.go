package jobreport

import (
	"context"
	"errors"

	"github.com/codesuite-go/codesuite/internal/awstext"
)

// maxMessage is how many characters a failure message may have.
const maxMessage = 5000

// Failure is why a job failed, as a service takes it.
type Failure struct {
	Message             string
	ExternalExecutionID string
	Err                 error // why it is put in place of what the job ended with
}

// Result is how a job ended.
type Result struct {
	// Succeed puts the result of a job that succeeded. It is nil for one that
	// failed.
	Succeed func(context.Context) error

	// Failed puts the failure of a job that failed.
	Failed func(context.Context) error

	// Fail puts another failure, of the type JobFailed.
	Fail func(context.Context, Failure) error

	// ExternalExecutionID identifies the work that succeeded.
	ExternalExecutionID string
}

// Report puts the result of a job as [Put] does. Where the service refuses the
// result of a job that succeeded, it puts a failure that says so, and where the
// service refuses a failure, a plain one: a job that is not answered blocks its
// action until that times out.
//
// The service's words may quote what it refused. They are redacted and cut in
// the message and in the log.
func Report(ctx context.Context, r Result, optFns ...func(*Options)) (accepted bool, err error) {
	o := newOptions(optFns)
	put := r.Succeed
	if put == nil {
		put = r.Failed
	}
	accepted, err = Put(ctx, put, optFns...)
	if r.Succeed != nil && errors.Is(err, ErrRefused) {
		o.Logger.ErrorContext(ctx, "CodePipeline refused the result of a job, a failure is put", "error", err)
		failure := Failure{
			Message:             awstext.Cut("the work succeeded, but CodePipeline refused its result: "+o.Redact(err.Error()), maxMessage),
			ExternalExecutionID: r.ExternalExecutionID,
			Err:                 err,
		}
		accepted, err = Put(ctx, func(ctx context.Context) error { return r.Fail(ctx, failure) }, optFns...)
	}
	if errors.Is(err, ErrRefused) { // so must be something in the failure's text or ID
		o.Logger.ErrorContext(ctx, "CodePipeline refused the failure of a job, a plain one is put", "error", err)
		failure := Failure{
			Message: "the job failed, but CodePipeline refused the failure message: see the log of the function or of the job worker",
			Err:     err,
		}
		accepted, err = Put(ctx, func(ctx context.Context) error { return r.Fail(ctx, failure) }, optFns...)
	}
	return accepted, err
}

// redactedError is an error whose text may quote secrets.
type redactedError struct {
	text string
	err  error
}

func (e *redactedError) Error() string { return e.text }

func (e *redactedError) Unwrap() error { return e.err }

// redactError returns err with secrets taken out of its text.
func (o *Options) redactError(err error) error {
	text := err.Error()
	if redacted := o.Redact(text); redacted != text {
		return &redactedError{redacted, err}
	}
	return err
}
