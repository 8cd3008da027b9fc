package artifact

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
)

// ErrNotArchive is in the chain of the error of a file that is no zip, tar or
// tar.gz archive.
var ErrNotArchive = errors.New("it is neither a zip nor a tar nor a tar.gz archive")

// Error is an archive that was refused, or content that no archive may have.
type Error struct {
	Path string // name of the entry as the archive has it, "" if it is about none
	Err  error
}

// Error names the entry.
func (e *Error) Error() string {
	if e.Path == "" {
		return e.Err.Error()
	}
	return fmt.Sprintf("entry %q: %v", shortName(e.Path), e.Err)
}

// Unwrap returns the reason.
func (e *Error) Unwrap() error { return e.Err }

// at returns the error of an entry.
func at(path, format string, args ...any) error {
	return &Error{Path: shortName(path), Err: fmt.Errorf(format, args...)}
}

// shortName keeps a name of kilobytes out of messages.
func shortName(name string) string {
	const most = 256
	if len(name) <= most {
		return name
	}
	return name[:most/2] + "…" + name[len(name)-most/2:]
}

func damaged(err error) error {
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
		return fmt.Errorf("it is truncated: %w", io.ErrUnexpectedEOF)
	}
	return fmt.Errorf("it is damaged: %w", err)
}

// IsLocal reports whether the error is of this machine, such as a full disk,
// and not of the archive.
func IsLocal(err error) bool {
	pathErr := (*fs.PathError)(nil)
	return errors.As(err, &pathErr)
}
