package gitfetch

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"strings"
	"unicode"

	"github.com/codesuite-go/codesuite/internal/apierror"
	"github.com/codesuite-go/codesuite/internal/awstext"
	"github.com/codesuite-go/codesuite/internal/redact"
)

// Error is a fetch that failed.
type Error struct {
	Repository string
	Commit     string // commit ID
	Status     int    // HTTP status of the reply that refused the fetch, or 0
	Err        error
}

// Error names the repository, the missing IAM action if that is the cause, and the
// cause.
func (e *Error) Error() string {
	text := fmt.Sprintf("gitfetch: fetch commit %s of %s: ", e.Commit, e.Repository)
	if e.Is(fs.ErrPermission) {
		text += "access denied, allow the IAM action codecommit:GitPull, and check the clock of this machine: "
	}
	return text + e.Err.Error()
}

// Unwrap returns e.Err.
func (e *Error) Unwrap() error { return e.Err }

// Is reports whether the service's reply is of the class of target:
// [fs.ErrNotExist] or [fs.ErrPermission].
func (e *Error) Is(target error) bool {
	switch target {
	case fs.ErrPermission:
		return e.Status == http.StatusForbidden || e.Status == http.StatusUnauthorized
	case fs.ErrNotExist:
		return e.Status == http.StatusNotFound
	}
	return false
}

// statusError is a reply with another status than 200.
type statusError struct {
	status int
	text   string // what the reply says
}

func (e *statusError) Error() string {
	text := fmt.Sprintf("HTTP status %d %s", e.status, http.StatusText(e.status))
	if e.text != "" {
		text += ": " + e.text
	}
	return text
}

// refusedError is a server that says in Git's protocol why it does not give what
// was asked for.
type refusedError struct{ text string }

func (e *refusedError) Error() string { return "the server says: " + e.text }

// brokenError is a connection that broke.
type brokenError struct{ err error }

func (e *brokenError) Error() string { return fmt.Sprintf("the connection broke: %v", e.err) }
func (e *brokenError) Unwrap() error { return e.err }

// broken returns an error of reading the reply as a connection that broke, if it
// is one.
func broken(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || apierror.Connection(err) {
		return &brokenError{err}
	}
	return err
}

// maxMessage is the most that an error quotes of a server's message, and maxText the
// most that it says about a reply.
const (
	maxMessage = 300
	maxText    = 1000
)

// printable returns a server's message on one line.
func printable(text string) string {
	text = strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}, text)
	return strings.Join(strings.Fields(text), " ")
}

// hiddenError is an error with another text.
type hiddenError struct {
	text string
	err  error
}

func (e *hiddenError) Error() string { return e.text }
func (e *hiddenError) Unwrap() error { return e.err }

// hidden returns an error of reading a reply, which may repeat the request, without
// the secrets, and not too long. In this order: half a secret would not be found.
func hidden(err error, secrets *redact.Secrets) error {
	if err == nil {
		return nil
	}
	text := err.Error()
	clean := awstext.Cut(secrets.Text(text), maxText)
	if clean == text {
		return err
	}
	return &hiddenError{clean, err}
}
