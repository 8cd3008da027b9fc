package action

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"strings"
	"unicode/utf8"

	"github.com/codesuite-go/codesuite/internal/awstext"
)

// Outcome is the answer to a job as the API takes it. Exactly one of Result and
// Failure is set.
type Outcome struct {
	Result  *Result  // for PutJobSuccessResult
	Failure *Failure // for PutJobFailureResult; Type and Message are set
}

// Run runs the handler, closes the job and returns the answer to it. It returns
// when the handler has returned.
//
// A result that CodePipeline would not take is a failure of type
// [FailureTypeJobFailed] that says what is wrong with it. So is a panic of the
// handler, whose trace goes to the job's logger.
//
// An error with a [*Failure] in its chain has the type of that failure. The type
// of another error is
//
//   - [FailureTypePermissionError] if a service denied access, or if
//     [fs.ErrPermission] is in the chain,
//   - [FailureTypeRevisionUnavailable] if S3 has no such object,
//   - [FailureTypeSystemUnavailable] for throttling, errors of the services
//     themselves, lost connections and timeouts,
//   - [FailureTypeJobFailed] otherwise.
//
// When the context has ended, its cause is part of the message and decides about
// the type. Messages and summaries are redacted, as by [Job.Redact], and cut to
// the lengths that CodePipeline takes.
func Run(ctx context.Context, h Handler, job *Job) Outcome {
	result, err := handle(ctx, h, job)
	if closeErr := job.Close(); closeErr != nil {
		job.options.Logger.WarnContext(ctx, "action: temporary files were not removed", "job", job.details().ID, "error", closeErr)
	}
	if err == nil {
		if result, err = job.checked(result); err == nil {
			if missing := job.notPut(); len(missing) > 0 && result.ContinuationToken == "" && job.details().ContinuationToken == "" {
				job.options.Logger.WarnContext(ctx, "action: the job succeeded without putting all output artifacts",
					"job", job.details().ID, "artifacts", missing)
			}
			return Outcome{Result: result}
		}
	}
	return Outcome{Failure: job.failure(ctx, err)}
}

// errExited is the error of a handler that ended its goroutine.
var errExited = errors.New("the handler ended its goroutine without returning")

// handle runs the handler in a goroutine of its own, so that one that calls
// runtime.Goexit, as a test may, does not take the caller along.
func handle(ctx context.Context, h Handler, job *Job) (result *Result, err error) {
	if h == nil {
		return nil, Failf(FailureTypeConfigurationError, "%w", errNoHandler)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		err = errExited
		defer func() {
			if v := recover(); v != nil {
				value := job.Redact(fmt.Sprint(v))
				job.options.Logger.ErrorContext(ctx, "action: the handler panicked",
					"job", job.details().ID, "panic", value, "stack", string(debug.Stack()))
				err = &Failure{Type: FailureTypeJobFailed, Message: "the handler panicked: " + value}
			}
		}()
		result, err = h.HandleJob(ctx, job)
	}()
	<-done
	return result, err
}

// failure returns what the API takes for an error.
func (j *Job) failure(ctx context.Context, err error) (answer *Failure) {
	defer func() {
		if recover() != nil { // a nil pointer of an error type, as a rule
			answer = &Failure{Type: FailureTypeJobFailed, Message: fmt.Sprintf("the handler returned an error of type %T whose methods panic", err)}
		}
	}()
	failure := Failure{}
	if f := asFailure(err); f != nil {
		failure = *f
	}
	message := cmp.Or(failure.Message, err.Error())
	if ctx.Err() != nil {
		// Why the work had to end says more than that it did.
		cause := context.Cause(ctx)
		if f := asFailure(cause); f != nil {
			failure.Type = cmp.Or(failure.Type, f.Type)
		}
		failure.Type = cmp.Or(failure.Type, FailureTypeJobFailed)
		switch {
		case failure.Message != "":
		case message == ctx.Err().Error():
			message = cause.Error()
		case !strings.Contains(message, cause.Error()):
			message = cause.Error() + ": " + message
		}
	}
	switch failure.Type {
	case FailureTypeJobFailed, FailureTypeConfigurationError, FailureTypePermissionError, FailureTypeRevisionOutOfSync, FailureTypeRevisionUnavailable, FailureTypeSystemUnavailable:
	case "":
		failure.Type = classify(err)
	default: // the API knows no others
		failure.Type = FailureTypeJobFailed
	}
	message = awstext.Cut(strings.TrimSpace(j.Redact(message)), MaxFailureMessage)
	failure.Message = cmp.Or(message, "the handler failed without saying why")
	if id := failure.ExternalExecutionID; awstext.Len(id) > maxExternalExecutionID || !utf8.ValidString(id) {
		failure.ExternalExecutionID = "" // half of an ID identifies nothing
	}
	failure.Err = err
	return &failure
}

func asFailure(err error) *Failure {
	var f *Failure
	errors.As(err, &f)
	return f
}
