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

// ErrRunning is the error of [Worker.Run] while the worker runs already.
var ErrRunning = errors.New("customaction: the worker runs already")

// Causes of the end of a handler's context; [context.Cause] tells which. They
// are [*action.Failure]s of the type SystemUnavailable, ErrTimeout one of the
// type JobFailed: that is how a job fails whose handler returns an error then.
var (
	// ErrStopped ends it when [Worker.Run] was told to stop and the grace
	// period is over.
	ErrStopped error = action.Failf(action.SystemUnavailable, "the job worker was stopped")

	// ErrAbandoned ends it when CodePipeline does not wait for the job any
	// more: its pipeline was stopped, its time is up, or the job is not known.
	ErrAbandoned error = action.Failf(action.SystemUnavailable, "the job was abandoned in CodePipeline")

	// ErrTimeout ends it when the job has run for [Options].JobTimeout.
	ErrTimeout error = action.Failf(action.JobFailed, "the job ran out of time")
)

// Error is a failed call of the API.
type Error struct {
	Operation string // such as "PollForJobs"
	Object    string // the action type or the job's ID; "" for a call about no particular one
	Err       error  // of the SDK or the context
}

var _ error = (*Error)(nil)

// Error names the operation, its object, the IAM action that is missing if that
// is the cause, and tells the SDK's error.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString("customaction: ")
	b.WriteString(apierror.Words(e.Operation))
	if e.Object != "" {
		fmt.Fprintf(&b, " %s", e.Object)
	}
	if e.Is(fs.ErrPermission) {
		fmt.Fprintf(&b, ": access denied, allow the IAM action codepipeline:%s", e.Operation)
	}
	fmt.Fprintf(&b, ": %v", e.Err)
	return b.String()
}

// Unwrap returns e.Err.
func (e *Error) Unwrap() error { return e.Err }

// Is reports whether the service's error is of the class of target:
// [fs.ErrPermission], or [fs.ErrNotExist] for an action type or a job.
func (e *Error) Is(target error) bool {
	if errors.As(e.Err, new(*tokenError)) {
		return false // whatever a service said that keeps tokens
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

// UnreportedError is the error of a [Worker.Run] that had to end before
// CodePipeline took all results: their actions wait until they time out.
type UnreportedError struct {
	JobIDs []string // in the order in which they were given up
	Err    error    // of the last attempt for the last of them
}

var _ error = (*UnreportedError)(nil)

// Error tells how many results were not reported, the jobs, and the last error.
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

// isTemporary reports whether a call that failed so may succeed if it is made
// again: throttling, an error of the server, a lost connection, half a reply.
func isTemporary(err error) bool {
	return apierror.Throttled(err) || neverSent(err) || isUncertain(err)
}

// isOfClient reports whether a call failed because of the token of a client of
// third-party jobs: calls about the jobs of others may succeed.
func isOfClient(err error) bool {
	return errors.As(err, new(*tokenError)) || apierror.Code(err) == codeInvalidClientToken
}

// isUncertain reports whether a call that failed so may have taken effect: the
// service failed after it began, or the reply was lost.
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
