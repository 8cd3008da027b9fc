package action

import (
	"fmt"
)

// FailureType is the kind of a failure, which CodePipeline shows.
type FailureType string

// The failure types of CodePipeline.
const (
	FailureTypeJobFailed           FailureType = "JobFailed"           // the work failed
	FailureTypeConfigurationError  FailureType = "ConfigurationError"  // the action is configured wrongly
	FailureTypePermissionError     FailureType = "PermissionError"     // access to something was denied
	FailureTypeRevisionOutOfSync   FailureType = "RevisionOutOfSync"   // the revision is not the one expected
	FailureTypeRevisionUnavailable FailureType = "RevisionUnavailable" // an artifact or revision does not exist
	FailureTypeSystemUnavailable   FailureType = "SystemUnavailable"   // a service is throttling, down or unreachable
)

// Failure says why a job failed. A handler returns one, also wrapped in other
// errors, to choose the type. [Failf] makes one.
type Failure struct {
	// Type is the kind of the failure. By default [Run] derives it from the
	// error.
	Type FailureType

	// Message is the text that CodePipeline shows. The default is the text of the error
	// that the handler returned. It is cut to [MaxFailureMessage] characters.
	Message string

	// ExternalExecutionID identifies the work in the system that did it.
	ExternalExecutionID string

	// Err is the cause, if there is one.
	Err error
}

// Failf returns a [*Failure] of that type. The message is formatted as by
// [fmt.Errorf], and the failure wraps the operands of %w.
func Failf(failureType FailureType, format string, args ...any) *Failure {
	return &Failure{Type: failureType, Err: fmt.Errorf(format, args...)}
}

// Error gives the message, and the cause's text without one.
func (f *Failure) Error() string {
	switch {
	case f == nil: // as an error that is not nil
		return string(FailureTypeJobFailed)
	case f.Message != "":
		return f.Message
	case f.Err != nil:
		return f.Err.Error()
	}
	return string(f.Type)
}

// Unwrap returns the cause.
func (f *Failure) Unwrap() error {
	if f == nil {
		return nil
	}
	return f.Err
}
