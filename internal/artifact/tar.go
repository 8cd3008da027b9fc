package artifact

import (
	"archive/tar"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"

	"github.com/codesuite-go/codesuite/internal/ctxio"
)

// openTar returns what is in the tar archive of that size, which came in an
// artifact of another one if that is compressed.
func openTar(ctx context.Context, file io.ReaderAt, size, artifactSize int64, limits Limits) (*FS, error) {
	section := io.NewSectionReader(file, 0, size)
	tr := tar.NewReader(section)
	t := newTree(limits)
	end := int64(0) // of the entries
	for {
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		h, err := tr.Next()
		if err == io.EOF {
			break
		}
		if err != nil && !errors.Is(err, tar.ErrInsecurePath) { // which names are not secure is told below
			return nil, damaged(err)
		}
		offset, err := section.Seek(0, io.SeekCurrent)
		if err != nil {
			return nil, err
		}
		if h.Typeflag == tar.TypeXGlobalHeader { // git archive tells the commit in one
			end = offset
			continue
		}
		n, err := tarNode(t, h, file, offset)
		if err != nil {
			return nil, err
		}
		if n.mode.IsRegular() && h.Typeflag != tar.TypeLink {
			if n.size > size-offset {
				return nil, at(h.Name, "%w", damaged(io.ErrUnexpectedEOF))
			}
			offset += n.size
		}
		end = (offset + 511) &^ 511
		if err := t.add(h.Name, n); err != nil {
			return nil, err
		}
	}
	if size <= end {
		return nil, fmt.Errorf("it is truncated: the end of the archive is missing: %w", io.ErrUnexpectedEOF)
	}
	if more, err := hasMore(ctxio.NewReader(ctx, section)); err != nil {
		return nil, err
	} else if more {
		return nil, errors.New("more follows the end of the tar archive, which would be lost: archives cannot be put together with cat")
	}
	if err := t.finish(ctx, artifactSize); err != nil {
		return nil, err
	}
	return &FS{t.root}, nil
}

// hasMore reports whether something but zeros can be read.
func hasMore(r io.Reader) (bool, error) {
	buf := make([]byte, 32<<10)
	for {
		n, err := r.Read(buf)
		if len(bytes.Trim(buf[:n], "\x00")) > 0 {
			return true, nil
		}
		if err == io.EOF {
			return false, nil
		}
		if err != nil {
			return false, err
		}
	}
}

// tarNode returns the node of an entry whose content is at the offset.
func tarNode(t *tree, h *tar.Header, file io.ReaderAt, offset int64) (*node, error) {
	n := &node{mode: h.FileInfo().Mode().Perm(), modTime: h.ModTime}
	switch h.Typeflag {
	case tar.TypeReg, tar.TypeCont:
		if isSparse(h) {
			return nil, at(h.Name, "sparse files are not supported: make the archive without --sparse")
		}
		n.size, n.content = h.Size, tarContent{file, offset, h.Size}
	case tar.TypeDir:
		n.mode |= fs.ModeDir
	case tar.TypeSymlink:
		n.mode |= fs.ModeSymlink
		n.target, n.size = h.Linkname, int64(len(h.Linkname))
	case tar.TypeLink:
		name, err := cleanName(h.Linkname)
		if err != nil {
			return nil, at(h.Name, "it is a hard link that leads out of the archive, to %q", h.Linkname)
		}
		other := t.find(name)
		if other == nil || !other.mode.IsRegular() {
			return nil, at(h.Name, "it is a hard link to %q, which is no file before it in the archive", h.Linkname)
		}
		n.mode, n.size, n.content = other.mode, other.size, other.content
	case tar.TypeGNUSparse:
		return nil, at(h.Name, "sparse files are not supported: make the archive without --sparse")
	default:
		return nil, at(h.Name, "it is neither a file nor a folder nor a link (type %q)", h.Typeflag)
	}
	return n, nil
}

func isSparse(h *tar.Header) bool {
	for key := range h.PAXRecords {
		if strings.HasPrefix(key, "GNU.sparse.") {
			return true
		}
	}
	return false
}

type tarContent struct {
	file         io.ReaderAt
	offset, size int64
}

func (c tarContent) open() (io.ReadCloser, error) {
	return sectionCloser{io.NewSectionReader(c.file, c.offset, c.size)}, nil
}

// sectionCloser is a section with a Close method.
type sectionCloser struct{ *io.SectionReader }

// Close does nothing: the file is the job's to close.
func (sectionCloser) Close() error { return nil }
