package archive

import (
	"io"

	"github.com/codesuite-go/codesuite/codecommit"
)

// format writes one kind of archive.
type format interface {
	// encode returns the content of a member as the archive holds it. It is
	// called from several goroutines, and keeps content.
	encode(m *member, content []byte) (*result, error)

	// add writes a member.
	add(m *member, r *result) error

	// addFile writes a member that is too large for memory, whose content is
	// the first size bytes of file.
	addFile(m *member, file io.ReaderAt, size int64) error

	// close writes the end of the archive.
	close() error

	// abandon ends what runs in the background; after close it does nothing.
	abandon()
}

type newFormat func(w io.Writer, commit *codecommit.Commit) (format, error)
