package actiontype

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"github.com/codesuite-go/codesuite/internal/apierror"
)

// errNoAPI is the error of a call without an API to make it on.
var errNoAPI = errors.New("actiontype: there is no API: pass a CodePipeline client")

// Error is a failed call of the API.
type Error struct {
	Operation string // such as "ListActionTypes"
	Object    string // the action type; "" for a listing
	Err       error  // of the SDK or the context
}

var _ error = (*Error)(nil)

// Error names the operation, the action type and the missing IAM action, if one
// is missing, and ends with the SDK's error.
func (e *Error) Error() string {
	return apierror.CodePipelineText("actiontype", e.Operation, e.Object, e.Is(fs.ErrPermission), e.Err)
}

// Unwrap returns e.Err.
func (e *Error) Unwrap() error { return e.Err }

// Is reports whether target is [fs.ErrPermission] and the call was denied, or
// [fs.ErrExist] and the action type exists already.
func (e *Error) Is(target error) bool {
	switch target {
	case fs.ErrPermission:
		return apierror.Denied(e.Err)
	case fs.ErrExist:
		return apierror.Code(e.Err) == codeActionTypeExists
	}
	return false
}

// ChangedError is the error of [Type.Ensure] for an action type that exists with
// another definition. CodePipeline cannot change an action type: declare the new
// definition with another version, and let the pipelines use that version.
type ChangedError struct {
	Type        Type         // as declared
	Differences []Difference // at least one
	// NextVersion is a version that follows all existing ones. It is "" if no
	// such version has at most 9 characters. The version may be that of a
	// deleted action type, which CodePipeline does not list and lets come back
	// only with the definition it had.
	NextVersion string
}

var _ error = (*ChangedError)(nil)

// Error names the action type, all differences, and the next version.
func (e *ChangedError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "actiontype: %s exists with another definition: ", e.Type)
	for i, d := range e.Differences {
		if i > 0 {
			b.WriteString("; ")
		}
		b.WriteString(d.String())
	}
	b.WriteString(": it cannot be changed, declare it with another version")
	if e.NextVersion != "" {
		fmt.Fprintf(&b, ", the next is %s", e.NextVersion)
	}
	return b.String()
}

// Error codes of the service.
const (
	codeActionTypeExists       = "ActionTypeAlreadyExistsException"
	codeConcurrentModification = "ConcurrentModificationException"
	codeLimitExceeded          = "LimitExceededException"
	codeValidation             = "ValidationException"
)
