package action

import (
	"errors"
	"fmt"

	"github.com/codesuite-go/codesuite/internal/artifact"
)

// ErrNotArchive is in the chain of the error of [Job.Input] if the artifact is
// no zip, tar or tar.gz archive. [Job.OpenInput] reads such an artifact.
var ErrNotArchive = artifact.ErrNotArchive

// ArchiveError is an input artifact that was refused: it is no archive, a
// damaged or hostile one, or over the [Limits]. The error of an output artifact
// wraps one for content that no input artifact may have.
type ArchiveError struct {
	Artifact string // name of the artifact
	Path     string // name of the entry as the archive has it, "" if it is about none
	Err      error
}

// Error names the artifact and the entry.
func (e *ArchiveError) Error() string {
	text := e.Err.Error()
	if e.Path != "" {
		text = fmt.Sprintf("entry %q: %s", e.Path, text)
	}
	if e.Artifact != "" {
		text = fmt.Sprintf("action: input artifact %q: %s", e.Artifact, text)
	}
	return text
}

// Unwrap returns the reason.
func (e *ArchiveError) Unwrap() error { return e.Err }

// archiveError returns an error of package artifact as one of this package.
func archiveError(name string, err error) *ArchiveError {
	if refused := (*artifact.Error)(nil); errors.As(err, &refused) {
		return &ArchiveError{Artifact: name, Path: refused.Path, Err: refused.Err}
	}
	return &ArchiveError{Artifact: name, Err: err}
}
