package archive

import (
	"errors"
	"fmt"

	"github.com/codesuite-go/codesuite/codecommit"
)

// ErrInsecurePath is a path that would leave the folder an archive is
// extracted to, on some system, or get into a repository's .git folder. Names are
// checked as git checks them on every system. Refused are:
//
//   - elements ".." and ".git" between slashes or backslashes
//   - absolute names, and names that start with the letter of a drive
//   - names that lead through a link of the same archive, also where only Windows
//     or macOS takes them so
//
// Other backslashes are accepted. Only names that are archived are checked:
// [Options.Paths] and export-ignore leave others out.
var ErrInsecurePath = errors.New("insecure path")

// TooLargeError is a file that the API does not return. An archive with
// several such files fails with an error that wraps one for each, sorted by
// path, as [errors.Join] does. [Options.LargeBlob] supplies such files.
type TooLargeError struct {
	Path   string // in the repository
	BlobID string
	Limit  int64 // in bytes
}

// Error names the file and the limit, and says how to go on.
func (e *TooLargeError) Error() string {
	return fmt.Sprintf("archive: %q (blob %s) is over the limit of %d bytes that the API returns: set Options.LargeBlob, as to gitfetch.LargeBlob, or leave the file out with Options.Paths", e.Path, e.BlobID, e.Limit)
}

// Is reports whether target is [codecommit.ErrTooLarge].
func (e *TooLargeError) Is(target error) bool { return target == codecommit.ErrTooLarge }

// IntegrityError is content that does not have the object ID it should have.
type IntegrityError = codecommit.IntegrityError

// unprovenError is the reason why the pages of the listing cannot be right. The
// archive can be made by walking through the folders.
type unprovenError struct{ err error }

func (e *unprovenError) Error() string { return e.err.Error() }

func (e *unprovenError) Unwrap() error { return e.err }
