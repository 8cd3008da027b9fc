package pipeline

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"github.com/codesuite-go/codesuite/internal/apierror"
)

// The refusals of the service, for [errors.Is] of an [*Error].
var (
	// ErrNotStoppable is an execution that has ended already.
	ErrNotStoppable = errors.New("the execution cannot be stopped")
	// ErrNotRetryable is a stage without a failed or stopped action of the
	// execution, or one that a newer execution has entered since.
	ErrNotRetryable = errors.New("the stage cannot be retried")
	// ErrNotRollbackable is a stage that cannot go back to the execution: it
	// did not succeed there, the pipeline's structure has changed since, or
	// the pipeline's mode is PARALLEL.
	ErrNotRollbackable = errors.New("the stage cannot be rolled back")
	// ErrNotOverridable is a condition for which the execution neither waits nor has
	// failed, or one of a stage that a newer execution has entered since.
	ErrNotOverridable = errors.New("the condition cannot be overridden")
	// ErrApprovalOver is an approval that waits no longer: it was answered (the
	// error is an [*AnsweredError], too), it has expired, its execution was
	// stopped, or a newer request has taken its place.
	ErrApprovalOver = errors.New("the approval waits no longer")
	// ErrConflict is a pipeline that is busy. The call may succeed later.
	ErrConflict = errors.New("the pipeline is busy with another change")
	// ErrTooManyExecutions is a pipeline that runs as many executions as it
	// may. The call may succeed later.
	ErrTooManyExecutions = errors.New("the pipeline runs as many executions as it may")
)

// Error is a failed call of the API, or a request that cannot be made.
type Error struct {
	Operation string // such as "GetPipelineExecution"
	Pipeline  string // may be empty
	Object    string // the execution's ID, the stage or the ARN that the call was about; may be empty
	Err       error  // of the SDK, the context, the request or the reply
}

// Error returns the operation, its object, the missing IAM action if a
// permission is missing, and the SDK's error.
func (e *Error) Error() string {
	return apierror.Call{
		Package: "pipeline", Service: e.service(), Operation: e.Operation,
		Object: e.Object, Of: e.Pipeline, Err: e.Err,
	}.Text()
}

// service returns the start of the operation's IAM action. A connection
// keeps that under which it was made.
func (e *Error) service() string {
	if e.Operation != "GetConnection" && e.Operation != "GetHost" {
		return "codepipeline"
	}
	if a, ok := parseConnectionARN(e.Object); ok {
		return a.Service
	}
	return "codeconnections"
}

// Unwrap returns e.Err.
func (e *Error) Unwrap() error { return e.Err }

// Is reports whether the service's error is of the class of target:
// [fs.ErrNotExist] (no such pipeline, execution, stage, action, connection or
// host), [fs.ErrExist] (a pipeline of that name), [fs.ErrPermission] or one of this
// package's Err variables.
func (e *Error) Is(target error) bool {
	switch target {
	case fs.ErrPermission:
		return apierror.Denied(e.Err)
	case fs.ErrNotExist, fs.ErrExist, ErrNotStoppable, ErrNotRetryable, ErrNotRollbackable, ErrNotOverridable, ErrApprovalOver, ErrConflict, ErrTooManyExecutions:
		return e.class() == target
	}
	return false
}

// class returns the class of the service's error, nil for others.
func (e *Error) class() error {
	code := apierror.Code(e.Err)
	if code == codeNotLatest && e.Operation == opOverride {
		return ErrNotOverridable
	}
	return classes[code]
}

// classes are the classes of the service's error codes.
var classes = map[string]error{
	"PipelineNotFoundException":                          fs.ErrNotExist,
	"PipelineNameInUseException":                         fs.ErrExist, // of package definition
	codeExecutionNotFound:                                fs.ErrNotExist,
	codeActionExecutionNotFound:                          fs.ErrNotExist,
	"StageNotFoundException":                             fs.ErrNotExist,
	"ActionNotFoundException":                            fs.ErrNotExist,
	"PipelineVersionNotFoundException":                   fs.ErrNotExist,
	"ResourceNotFoundException":                          fs.ErrNotExist, // of CodeConnections
	codeNotStoppable:                                     ErrNotStoppable,
	"StageNotRetryableException":                         ErrNotRetryable,
	codeNotLatest:                                        ErrNotRetryable,
	codeNotOverridable:                                   ErrNotOverridable,
	"UnableToRollbackStageException":                     ErrNotRollbackable,
	"PipelineExecutionOutdatedException":                 ErrNotRollbackable,
	codeInvalidToken:                                     ErrApprovalOver,
	codeAlreadyCompleted:                                 ErrApprovalOver,
	"ConflictException":                                  ErrConflict,
	"ConcurrentPipelineExecutionsLimitExceededException": ErrTooManyExecutions,
}

const (
	codeExecutionNotFound       = "PipelineExecutionNotFoundException"
	codeNotStoppable            = "PipelineExecutionNotStoppableException"
	codeActionExecutionNotFound = "ActionExecutionNotFoundException"
	codeInvalidToken            = "InvalidApprovalTokenException"
	codeAlreadyCompleted        = "ApprovalAlreadyCompletedException"
	codeNotLatest               = "NotLatestPipelineExecutionException"
	codeNotOverridable          = "ConditionNotOverridableException"
	codeDuplicatedStop          = "DuplicatedStopRequestException"
)

// endedError is an error of a call whose context has ended.
type endedError struct{ err, ended error }

func (e *endedError) Error() string   { return fmt.Sprintf("%v (%v)", e.err, e.ended) }
func (e *endedError) Unwrap() []error { return []error{e.err, e.ended} }

// reasonError is a refusal of the service with the reason, which the service does
// not tell.
type reasonError struct{ reason, err error }

func (e *reasonError) Error() string   { return fmt.Sprintf("%v (%v)", e.reason, e.err) }
func (e *reasonError) Unwrap() []error { return []error{e.reason, e.err} }

// need returns the error of a client that cannot work, or an error that names
// the empty ones of the names and values.
func (c *Client) need(operation, pipeline, object string, namesAndValues ...string) error {
	if err := c.usable(); err != nil {
		return &Error{Operation: operation, Pipeline: pipeline, Object: object, Err: err}
	}
	var missing []string
	for i := 0; i+1 < len(namesAndValues); i += 2 {
		if namesAndValues[i+1] == "" {
			missing = append(missing, namesAndValues[i])
		}
	}
	if len(missing) == 0 {
		return nil
	}
	return &Error{Operation: operation, Pipeline: pipeline, Object: object,
		Err: fmt.Errorf("%s must not be empty", strings.Join(missing, " and "))}
}

// usable returns the error of a client that cannot work.
func (c *Client) usable() error {
	if c == nil || c.api == nil && c.err == nil {
		return errors.New("the Client does not come from Open or New")
	}
	return c.err
}
