package ci

import (
	"errors"

	"github.com/codesuite-go/codesuite/internal/apierror"
)

// ErrForeign is the error of an event of another account or Region than those of
// [Options].
var ErrForeign = errors.New("event of another account or Region")

// Error is a failed call of CodeBuild, CodeCommit or CloudWatch Logs.
type Error struct {
	Service   string // that IAM actions begin with: codebuild, codecommit or logs
	Operation string // such as "StartBuild"
	Object    string // that the call was about
	Err       error  // of the SDK
}

// Error names the operation, its object, the missing IAM action if that is the
// cause, and the SDK's error.
func (e *Error) Error() string {
	return apierror.Call{Package: "ci", Service: e.Service, Operation: e.Operation, Object: e.Object, Err: e.Err}.Text()
}

// Unwrap returns e.Err.
func (e *Error) Unwrap() error { return e.Err }
