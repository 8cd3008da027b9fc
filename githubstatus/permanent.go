package githubstatus

import (
	"errors"
	"io/fs"
	"slices"
)

// ErrHost is the error for a commit on a GitHub host that is not known, or that
// has no client.
var ErrHost = errors.New("GitHub host without a client")

// permanent are the causes that stay until somebody does something.
var permanent = [...]error{
	ErrInvalid, ErrUnauthorized, ErrForbidden, ErrNotFound, ErrMoved, ErrHost, fs.ErrPermission, fs.ErrNotExist,
}

// Permanent reports whether an error comes again until somebody grants a
// permission, renews a token, adds a client or pushes the missing commit:
// [ErrHost], [ErrInvalid], [ErrUnauthorized], [ErrForbidden], [ErrNotFound],
// [ErrMoved], and the [fs.ErrPermission] and [fs.ErrNotExist] of other packages,
// such as a missing IAM permission. An error that says of itself that it is
// temporary is not permanent. Of several errors that one wraps, all must be
// permanent.
//
// A function that is invoked again after an error may log a permanent error and
// return nil, to keep the event out of its dead-letter queue.
func Permanent(err error) bool {
	if err == nil {
		return false
	}
	if e, ok := err.(interface{ Temporary() bool }); ok && e.Temporary() {
		return false
	}
	is, _ := err.(interface{ Is(error) bool })
	if slices.ContainsFunc(permanent[:], func(cause error) bool { return err == cause || is != nil && is.Is(cause) }) {
		return true
	}
	switch e := err.(type) {
	case interface{ Unwrap() []error }:
		all := e.Unwrap()
		return len(all) > 0 && !slices.ContainsFunc(all, func(err error) bool { return !Permanent(err) })
	case interface{ Unwrap() error }:
		return Permanent(e.Unwrap())
	}
	return false
}
