package awsjson

import (
	"cmp"
	"fmt"
	"net/http"
)

// Error is an error reply.
type Error struct {
	Code    string // the name of the exception, such as "BranchDoesNotExistException"
	Message string
	Status  int // HTTP status; the default is that of the code
}

var _ error = (*Error)(nil)

// Errorf returns an error reply with the code and the formatted message.
func Errorf(code, format string, args ...any) *Error {
	return &Error{Code: code, Message: fmt.Sprintf(format, args...)}
}

func (e *Error) Error() string { return e.Code + ": " + e.Message }

func (e *Error) status() int { return cmp.Or(e.Status, statusOf(e.Code)) }

// statusOf returns the HTTP status that goes with an error code: 400 for all
// but the few that say that the service itself failed.
func statusOf(code string) int {
	switch code {
	case "InternalFailure", "InternalServerError", "EncryptionIntegrityChecksFailedException":
		return http.StatusInternalServerError
	case "ServiceUnavailable", "ServiceUnavailableException":
		return http.StatusServiceUnavailable
	}
	return http.StatusBadRequest
}
