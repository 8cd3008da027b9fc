package githubstatus

import "errors"

// ErrHost is the error of a [Reporter] for a revision on a GitHub host that is
// not known, or that has no client. Its text says what to configure.
var ErrHost = errors.New("GitHub host without a client")

// Permanent reports whether an error of a [Reporter] or [Client] will come again
// if the same is tried again: somebody has to give a permission, a token or a
// client, or the commit does not exist. Of errors that are joined all must be
// so.
//
// A function that is invoked again after an error may log such an error and
// return nil, if it would rather not see the event in its dead-letter queue.
func Permanent(err error) bool {
	if status, ok := err.(*Error); ok {
		return !status.Temporary()
	}
	switch e := err.(type) {
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
	return err == ErrHost
}
