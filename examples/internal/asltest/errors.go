package asltest

import "slices"

// Error is an error of a task, or that of an execution.
type Error struct{ Name, Cause string }

// Error returns the name and the cause.
func (e *Error) Error() string { return e.Name + ": " + e.Cause }

// Hang makes a task last until its timeout. Options.Do returns it.
var Hang error = &Error{Name: errorTimeout, Cause: "the service does not answer"}

const (
	errorAll        = "States.ALL"
	errorTaskFailed = "States.TaskFailed"
	errorTimeout    = "States.Timeout"
	errorRuntime    = "States.Runtime"
	errorDataLimit  = "States.DataLimitExceeded"
	errorQuery      = "States.QueryEvaluationError"
	errorNoChoice   = "States.NoChoiceMatched"
)

var statesErrors = []string{
	errorAll, errorTaskFailed, errorTimeout, errorRuntime, errorDataLimit, errorQuery, errorNoChoice,
	"States.HeartbeatTimeout", "States.Permissions", "States.ExceedToleratedFailureThreshold", "States.ItemReaderFailed", "States.ResultWriterFailed", "States.Http.Socket",
}

// matches reports whether an error is one of the names.
func (e *Error) matches(names []string) bool {
	if e.Name == errorRuntime || e.Name == errorDataLimit {
		return false // nothing catches these
	}
	return slices.Contains(names, e.Name) || slices.Contains(names, errorAll) ||
		slices.Contains(names, errorTaskFailed) && e.Name != errorTimeout
}
