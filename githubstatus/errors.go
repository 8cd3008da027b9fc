package githubstatus

import (
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"strings"
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
	// ErrForbidden is a call that GitHub refuses (403): a permission of the token
	// is missing, or a rule of the organization or the state of the repository
	// forbids the call. The error's text says what to do. It is an
	// [fs.ErrPermission] as well.
	ErrForbidden = errors.New("GitHub refuses the call")
	// ErrNotFound is a repository that is missing or to which the token has
	// no access (404): GitHub does not say which. It is an [fs.ErrNotExist] as
	// well.
	ErrNotFound = errors.New("the repository is missing, or the token has no access to it")
	// ErrMoved is a redirect (3xx) to another host, or one of too many. The client
	// follows the redirects of renamed repositories on its own host.
	ErrMoved = errors.New("the repository has moved")
	// ErrRateLimited is a primary or secondary rate limit (403 or 429).
	ErrRateLimited = errors.New("rate limit exceeded")
)

// Error is a call that failed, or a status that was not sent because GitHub
// would not take it. It holds neither the token nor anything else of the
// request's headers.
type Error struct {
	Operation string // "set" or "get"
	Commit    Commit
	Context   string // of the status; empty for a call that reads something else

	// StatusCode is the status of GitHub's last reply, 0 if there was none. The
	// fields after it are of this reply.
	StatusCode       int
	Message          string
	Errors           []FieldError
	DocumentationURL string // where GitHub explains the error
	RequestID        string // for GitHub's support
	// AcceptedPermissions are the permissions that the call needs, such as
	// "statuses=write".
	AcceptedPermissions string
	// Location is the target of a redirect, without its query.
	Location string
	// SSOURL is the page on GitHub on which somebody can authorize the token for
	// the organization's SAML single sign-on, if that is missing.
	SSOURL string

	// RetryAt is when GitHub takes calls again: for a rate limit, and for a
	// 5xx with a Retry-After. It is zero for other errors.
	RetryAt  time.Time
	Attempts int // requests that were sent

	// Err is the error of the context or the connection, or what is wrong
	// with the input; it may be nil.
	Err error

	check     bool   // of a check run
	object    string // that was read, if it is no single status or check run
	needed    string // the permission to read it
	step      string // of getting a token, "" for the call itself
	limited   bool   // a rate limit
	holder    string // of the rate limit
	temporary bool
	unknown   bool // neither GitHub's nor the network's
}

// FieldError is one fault that GitHub finds with a request.
type FieldError struct {
	Resource string // such as "Status"
	Field    string // such as "target_url"; may be empty
	Code     string // "missing", "missing_field", "invalid", "already_exists", "unprocessable" or "custom"
	Message  string // may be empty
}

// String returns the message, or the field and the code if there is none.
func (f FieldError) String() string {
	switch {
	case f.Message != "":
		return f.Message
	case f.Field != "":
		return f.Field + ": " + f.Code
	}
	return f.Code
}

// Unwrap returns e.Err.
func (e *Error) Unwrap() error { return e.Err }

// Temporary reports whether the same call may succeed later: after a rate
// limit, an error of the server, or a lost connection.
func (e *Error) Temporary() bool { return e.temporary }

// Is reports whether the cause is target, one of this package's or
// [fs.ErrPermission] for ErrForbidden and [fs.ErrNotExist] for ErrNotFound.
func (e *Error) Is(target error) bool {
	switch target {
	case ErrInvalid:
		return e.StatusCode == http.StatusUnprocessableEntity && !e.limited
	case ErrNoCommit:
		return e.StatusCode == http.StatusUnprocessableEntity && e.says("no commit found")
	case ErrTooManyStatuses:
		return e.StatusCode == http.StatusUnprocessableEntity && e.says("maximum number of statuses")
	case ErrUnauthorized:
		return e.StatusCode == http.StatusUnauthorized
	case ErrForbidden, fs.ErrPermission:
		return e.StatusCode == http.StatusForbidden && !e.limited
	case ErrNotFound, fs.ErrNotExist:
		return e.StatusCode == http.StatusNotFound
	case ErrMoved:
		return e.StatusCode >= 300 && e.StatusCode < 400
	case ErrRateLimited:
		return e.limited
	}
	return false
}

// says reports whether GitHub's message or one of its errors has the text.
func (e *Error) says(text string) bool {
	if strings.Contains(strings.ToLower(e.Message), text) {
		return true
	}
	for _, f := range e.Errors {
		if strings.Contains(strings.ToLower(f.Message), text) {
			return true
		}
	}
	return false
}

// Error returns the context and the commit, GitHub's reply, and what to do.
func (e *Error) Error() string {
	var b strings.Builder
	kind := "status"
	if e.check {
		kind = "check run"
	}
	object := fmt.Sprintf("%s %q", kind, shorten(e.Context, 60))
	if e.object != "" {
		object = shorten(oneLine(e.object), 200)
	}
	fmt.Fprintf(&b, "githubstatus: %s %s of %s/%s@%s", e.Operation, object,
		shorten(oneLine(e.Commit.Owner), 100), shorten(oneLine(e.Commit.Repo), 100), shorten(oneLine(e.Commit.SHA), 64))
	if e.step != "" {
		fmt.Fprintf(&b, ": %s", e.step)
	}
	if e.StatusCode != 0 {
		fmt.Fprintf(&b, ": %d %s", e.StatusCode, http.StatusText(e.StatusCode))
		if e.Message != "" && e.Message != http.StatusText(e.StatusCode) {
			fmt.Fprintf(&b, ": %s", e.Message)
		}
		for i, f := range e.Errors {
			fmt.Fprintf(&b, "%s%s", [...]string{": ", ", "}[min(i, 1)], f)
		}
	}
	if advice := e.advice(); advice != "" {
		fmt.Fprintf(&b, "; %s", advice)
	}
	if e.Err != nil {
		fmt.Fprintf(&b, ": %v", e.Err)
	}
	if e.Attempts > 1 {
		fmt.Fprintf(&b, " (after %d attempts)", e.Attempts)
	}
	if e.RequestID != "" {
		fmt.Fprintf(&b, " (request ID %s)", e.RequestID)
	}
	return b.String()
}

// advice is the part of the text that says what to do.
func (e *Error) advice() string {
	switch {
	case e.limited && !e.RetryAt.IsZero():
		return "rate limit exceeded, try again at " + e.RetryAt.UTC().Format(time.RFC3339)
	case e.limited:
		return "rate limit exceeded"
	case e.Is(ErrNoCommit):
		return "push the commit to this repository first"
	case e.Is(ErrTooManyStatuses):
		return "GitHub keeps 1,000 statuses of a commit and context: use another context"
	case e.Is(ErrMoved) && e.Location != "":
		return "GitHub leads to another host, to which the token does not go: " + e.Location
	case e.Is(ErrMoved):
		return "GitHub leads to another host, to which the token does not go"
	}
	switch e.StatusCode {
	case http.StatusUnauthorized:
		if e.step != "" {
			return "check the App's ID and its private key, and the clock of this machine"
		}
		return "the token is wrong, expired or revoked: renew it"
	case http.StatusForbidden:
		return e.adviceForbidden()
	case http.StatusNotFound:
		if e.step != "" {
			return "install the GitHub App on the repository, and check the ID of the installation if it is set"
		}
		if e.needed == membersPermission {
			return "the organization or the team is missing, or the token must not see it: check their names, and grant the token " + membersPermission
		}
		return "the repository is missing, or the token has no access to it: check its name, " +
			"and grant the token access or install the GitHub App on it"
	case http.StatusBadRequest, http.StatusGone:
		return "check Options.APIVersion"
	}
	return ""
}

// adviceForbidden tells the causes of a 403 apart by GitHub's message.
func (e *Error) adviceForbidden() string {
	switch {
	case e.temporary:
		return ""
	case e.SSOURL != "":
		return "authorize the token for the organization's SAML single sign-on at " + e.SSOURL
	case e.says("saml"):
		return "authorize the token for the organization's SAML single sign-on"
	case e.says("archived"):
		return "the repository is archived and takes no statuses: unarchive it, or leave it out"
	case e.says("ip allow list"):
		return "add the address of this machine to the IP allow list of the organization"
	case e.says("suspended"):
		return "the installation of the GitHub App is suspended: let an owner of the organization unsuspend it"
	case e.says("forbids access via"):
		return "a policy of the organization refuses this kind of token or its lifetime: use a token that the policy allows, or a GitHub App"
	case e.needed != "":
		return e.needs("grant the token the permission " + e.needed)
	case e.check:
		return e.needs(`check runs need a GitHub App with the permission "Checks: write"`)
	}
	return e.needs(`grant the token the permission "Commit statuses: write", or a classic token the scope repo:status`)
}

// needs adds the permissions that GitHub names.
func (e *Error) needs(advice string) string {
	if e.AcceptedPermissions != "" {
		return advice + " (GitHub: " + e.AcceptedPermissions + ")"
	}
	return advice
}
