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

// openTar returns the content of the tar archive of that size, which came in an
// artifact of another size if that is compressed.
func openTar(ctx context.Context, file io.ReaderAt, size, artifactSize int64, limits Limits) (*FS, error) {
	section := io.NewSectionReader(file, 0, size)
	tr := tar.NewReader(ctxio.NewReader(ctx, section))
	t := newTree(limits)
	end := int64(0) // of the entries
	for {
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		offset, err := nextTar(t, tr, section, size)
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, err
		}
		end = (offset + 511) &^ 511
	}
	if size <= end {
		return nil, fmt.Errorf("it is truncated: the end of the archive is missing: %w", io.ErrUnexpectedEOF)
	}
	if more, err := hasMore(ctxio.NewReader(ctx, section)); err != nil {
		return nil, err
	} else if more {
		return nil, errors.New("more follows the end of the tar archive, which would be lost: archives cannot be put together with cat")
	}
	if err := t.checkRatio(artifactSize); err != nil {
		return nil, err
	}
	if err := t.finish(ctx); err != nil {
		return nil, err
	}
	return &FS{t.root, file}, nil
}

// nextTar adds the next entry to the tree and returns where its content ends.
// The error is io.EOF behind the last entry.
func nextTar(t *tree, tr *tar.Reader, section *io.SectionReader, size int64) (int64, error) {
	h, err := tr.Next()
	switch {
	case err == io.EOF:
		return 0, err
	case err != nil && !errors.Is(err, tar.ErrInsecurePath): // the tree refuses such names
		return 0, damaged(err)
	}
	offset, err := section.Seek(0, io.SeekCurrent)
	if err != nil {
		return 0, err
	}
	if h.Typeflag == tar.TypeXGlobalHeader { // git archive writes the commit into one
		return offset, nil
	}
	n, err := tarNode(t, h, offset)
	if err != nil {
		return 0, err
	}
	if n.mode.IsRegular() && h.Typeflag != tar.TypeLink {
		if n.size > size-offset {
			return 0, at(h.Name, "%w", damaged(io.ErrUnexpectedEOF))
		}
		offset += n.size
	}
	_, err = t.replace(h.Name, n) // tar -r puts a new version of a file behind the old one
	return offset, err
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
func tarNode(t *tree, h *tar.Header, offset int64) (node, error) {
	n := node{mode: h.FileInfo().Mode().Perm()}
	n.setTime(h.ModTime)
	switch h.Typeflag {
	case tar.TypeReg, tar.TypeCont:
		if isSparse(h) {
			return n, at(h.Name, "sparse files are not supported: make the archive without --sparse")
		}
		n.size, n.content = h.Size, content{offset: offset, stored: h.Size}
	case tar.TypeDir:
		n.mode |= fs.ModeDir
	case tar.TypeSymlink:
		n.mode |= fs.ModeSymlink
		n.target = h.Linkname
	case tar.TypeLink:
		name, err := cleanName(h.Linkname)
		if err != nil {
			return n, at(h.Name, "it is a hard link that leads out of the archive, to %q", shortName(h.Linkname))
		}
		other := t.find(name)
		if other == nil || other.mode.IsDir() {
			return n, at(h.Name, "it is a hard link to %q, which is no file before it in the archive", shortName(h.Linkname))
		}
		n = *other
	case tar.TypeGNUSparse:
		return n, at(h.Name, "sparse files are not supported: make the archive without --sparse")
	default:
		return n, at(h.Name, "it is neither a file nor a folder nor a link (type %q)", h.Typeflag)
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

// isTar reports whether head is a valid header, or the end of an empty archive.
func isTar(head []byte) bool {
	if len(head) < 512 {
		return false
	}
	_, err := tar.NewReader(bytes.NewReader(head)).Next()
	// Some headers are about the next one, which is not here.
	return err == nil || err == io.EOF || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, tar.ErrInsecurePath)
}
