package githubstatus

import (
	"errors"
	"time"
)

// The causes of an [*Error], for errors.Is.
var (
	// ErrInvalid is a commit or status that GitHub does not take (422), or
	// that was not sent because it would not.
	ErrInvalid = errors.New("not valid")
	// ErrNoCommit is a commit ID that is not in the repository (422): not
	// pushed yet, or gone after a forced push. It is an ErrInvalid as well.
	ErrNoCommit = errors.New("the commit is not in the repository")
	// ErrTooManyStatuses is the 1,001st status of a commit in one context
	// (422). It is an ErrInvalid as well.
	ErrTooManyStatuses = errors.New("too many statuses of the commit and context")
	// ErrUnauthorized is a token that is wrong, expired or revoked (401).
	ErrUnauthorized = errors.New("the token is not accepted")
	// ErrForbidden is a permission that is missing (403). It is an
	// fs.ErrPermission as well.
	ErrForbidden = errors.New("a permission is missing")
	// ErrNotFound is a repository that is missing or to which the token has
	// no access (404): GitHub does not say which. It is an fs.ErrNotExist as
	// well.
	ErrNotFound = errors.New("the repository is missing, or the token has no access to it")
	// ErrMoved is a redirect (3xx): the repository was renamed or moved.
	ErrMoved = errors.New("the repository has moved")
	// ErrRateLimited is a primary or secondary rate limit (403 or 429).
	ErrRateLimited = errors.New("rate limit exceeded")
)

// Error is a status that was not set, or a call that failed. It holds neither
// the token nor anything else of the request's headers.
type Error struct {
	Commit  Commit
	Context string // of the status

	StatusCode int    // of GitHub's reply, 0 if there was none
	Message    string // GitHub's
	Errors     []FieldError
	// DocumentationURL is where GitHub explains the error.
	DocumentationURL string
	RequestID        string // for GitHub's support
	// AcceptedPermissions are what GitHub says the call needs, such as
	// "statuses=write".
	AcceptedPermissions string
	Location            string    // where a redirect leads to
	RetryAt             time.Time // when GitHub will take calls again, zero if it does not tell
	Attempts            int       // requests that were sent

	Err error // of the context or the connection, or what is wrong with the input; may be nil
}

// FieldError is one fault that GitHub finds with a request.
type FieldError struct {
	Resource string // such as "Status"
	Field    string // such as "target_url"; may be empty
	Code     string // "missing", "missing_field", "invalid", "already_exists", "unprocessable" or "custom"
	Message  string // may be empty
}

// Error names the context and the commit, and says what to do.
func (e *Error) Error() string { return "githubstatus: not yet" }

// Unwrap returns e.Err.
func (e *Error) Unwrap() error { return e.Err }

// Temporary reports whether the same call may succeed later: rate limits,
// errors of the server, and lost connections.
func (e *Error) Temporary() bool { return false }
