package action

import (
	"fmt"
)

// FailureType is what kind of failure CodePipeline shows.
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

// Failure is why a job failed. A handler returns one, also wrapped in other
// errors, to choose the type; [Failf] makes one.
type Failure struct {
	// Type is what CodePipeline shows. The default is what the error is
	// classified as; see [Run].
	Type FailureType

	// Message is what CodePipeline shows. The default is the text of the error
	// that the handler returned. It is cut to [MaxFailureMessage] characters.
	Message string

	// ExternalExecutionID identifies the work in the system that did it.
	ExternalExecutionID string

	// Err is the cause, if there is one.
	Err error
}

// Failf returns a [*Failure] of that type whose message is formatted as
// [fmt.Errorf] does, and which wraps what %w stands for.
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
