package githubstatus

import "errors"

// ErrHost is the error of a [Reporter] for a revision on a GitHub host that is
// not known, or that has no client. Its text says what to configure.
var ErrHost = errors.New("GitHub host without a client")

// Permanent reports whether an error of a [Reporter] or [Client] comes again as
// long as nobody gives a permission, a token or a client, or pushes the commit
// that is missing: ErrHost, ErrInvalid, ErrUnauthorized, ErrForbidden,
// ErrNotFound and ErrMoved. Of errors that are joined all must be so.
//
// A function that is invoked again after an error may log such an error and
// return nil, if it would rather not see the event in its dead-letter queue.
func Permanent(err error) bool {
	switch e := err.(type) {
	case *Error:
		for _, cause := range [...]error{ErrInvalid, ErrUnauthorized, ErrForbidden, ErrNotFound, ErrMoved} {
			if e.Is(cause) {
				return true
			}
		}
		return false
	case interface{ Unwrap() []error }:
		all := e.Unwrap()
		for _, err := range all {
			if !Permanent(err) {
				return false
			}
		}
		return len(all) > 0
	case interface{ Unwrap() error }:
		return Permanent(e.Unwrap())
	}
	return err == ErrHost || err == ErrInvalid
}
