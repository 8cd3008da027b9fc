package customaction

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"strings"

	"github.com/aws/smithy-go"

	"github.com/codesuite-go/codesuite/internal/apierror"
	"github.com/codesuite-go/codesuite/pipeline/action"
)

// ErrRunning is the error of [Worker.Run] for a worker that runs already.
var ErrRunning = errors.New("customaction: the worker runs already")

// The causes of the end of a handler's context, as [context.Cause] returns them.
// Each is an [*action.Failure]: if the handler then returns an error, its job fails
// with the cause's type, SystemUnavailable or, for ErrTimeout, JobFailed.
var (
	// ErrStopped ends a context when [Worker.Run] was told to stop and the grace
	// period is over.
	ErrStopped error = action.Failf(action.FailureTypeSystemUnavailable, "the job worker was stopped")

	// ErrAbandoned ends a context when CodePipeline does not wait for the job any
	// more: the pipeline was stopped, the action timed out, or CodePipeline does
	// not know the job.
	ErrAbandoned error = action.Failf(action.FailureTypeSystemUnavailable, "the job was abandoned in CodePipeline")

	// ErrTimeout ends a context when the job has run for [Options].JobTimeout.
	ErrTimeout error = action.Failf(action.FailureTypeJobFailed, "the job ran out of time")
)

// Error is a failed call of the API.
type Error struct {
	Operation string // such as "PollForJobs"
	Object    string // the action type or the job's ID; "" for a call about no particular one
	Err       error  // of the SDK or the context
}

var _ error = (*Error)(nil)

// Error names the operation, its object and the missing IAM action, if one is
// missing, and ends with the SDK's error.
func (e *Error) Error() string {
	return apierror.CodePipelineText("customaction", e.Operation, e.Object, e.Is(fs.ErrPermission), e.Err)
}

// Unwrap returns e.Err.
func (e *Error) Unwrap() error { return e.Err }

// Is reports whether target is [fs.ErrPermission] and the call was denied, or
// [fs.ErrNotExist] and the action type or the job does not exist.
func (e *Error) Is(target error) bool {
	if errors.As(e.Err, new(*tokenError)) {
		return false // the error of the service that keeps the tokens
	}
	code := apierror.Code(e.Err)
	switch target {
	case fs.ErrPermission:
		return apierror.Denied(e.Err)
	case fs.ErrNotExist:
		return code == codeActionTypeNotFound || code == codeJobNotFound
	}
	return false
}

// UnreportedError is the error of [Worker.Run] if CodePipeline did not take all
// results in time. The actions of these jobs wait until they time out.
type UnreportedError struct {
	JobIDs []string // in the order in which they were given up
	Err    error    // of the last attempt for the last of them
}

var _ error = (*UnreportedError)(nil)

// Error returns the number of results that were not reported, the jobs, and the
// last error.
func (e *UnreportedError) Error() string {
	const shown = 5
	ids, more := e.JobIDs, ""
	if len(ids) > shown {
		ids, more = ids[:shown], " and others"
	}
	return fmt.Sprintf("customaction: the results of %d jobs could not be reported in time (%s%s): %v",
		len(e.JobIDs), strings.Join(ids, ", "), more, e.Err)
}

// Unwrap returns e.Err.
func (e *UnreportedError) Unwrap() error { return e.Err }

// Error codes of the service.
const (
	codeActionTypeNotFound = "ActionTypeNotFoundException"
	codeInvalidClientToken = "InvalidClientTokenException"
	codeInvalidJob         = "InvalidJobException"
	codeInvalidNonce       = "InvalidNonceException"
	codeJobNotFound        = "JobNotFoundException"
	codeValidation         = "ValidationException"
)

// isTemporary reports whether a failed call may succeed when repeated: throttling,
// an error of the server, a lost connection, half a reply.
func isTemporary(err error) bool {
	return apierror.Throttled(err) || neverSent(err) || isUncertain(err)
}

// isOfClient reports whether a call failed because of the token of one client of
// third-party jobs. Calls about other clients' jobs may succeed.
func isOfClient(err error) bool {
	return errors.As(err, new(*tokenError)) || apierror.Code(err) == codeInvalidClientToken
}

// isUncertain reports whether a failed call may have taken effect: the service
// failed after it began, or the reply was lost.
func isUncertain(err error) bool {
	if apierror.Throttled(err) || neverSent(err) || isOfClient(err) {
		return false
	}
	if status := apierror.Status(err); status >= http.StatusBadRequest {
		return status >= http.StatusInternalServerError
	}
	if code := apierror.Code(err); code != "" { // of an API that is no client of the SDK
		return code == "InternalFailure" || code == "InternalServerError" || strings.HasPrefix(code, "ServiceUnavailable")
	}
	var parse *smithy.DeserializationError
	return apierror.Connection(err) || errors.As(err, &parse) ||
		errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) || errors.Is(err, apierror.ErrNoReply) ||
		errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled)
}

// neverSent reports whether there was no connection to send the call on.
func neverSent(err error) bool {
	var op *net.OpError
	var dns *net.DNSError
	return errors.As(err, &dns) || errors.As(err, &op) && op.Op == "dial"
}
