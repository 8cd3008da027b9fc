package artifact

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"

	"github.com/codesuite-go/codesuite/internal/deflate"
)

func openZip(ctx context.Context, file io.ReaderAt, size int64, limits Limits) (*FS, error) {
	directory := &directoryReader{ReaderAt: file, entries: limits.Entries}
	zr, err := zip.NewReader(directory, size)
	if directory.exceeded {
		return nil, fmt.Errorf("it has over the limit of %d files, folders and links (Limits.Entries)", limits.Entries)
	}
	directory.done = true
	if err != nil && !errors.Is(err, zip.ErrInsecurePath) { // which names are not secure is told below
		return nil, fmt.Errorf("it is truncated or damaged: %w", err)
	}
	zr.RegisterDecompressor(zip.Deflate, deflate.NewReader)
	t := newTree(limits)
	for _, f := range zr.File {
		n, err := zipNode(f, limits)
		if err == nil {
			err = t.add(f.Name, n)
		}
		if ctx.Err() != nil {
			err = context.Cause(ctx)
		}
		if err != nil {
			return nil, err
		}
	}
	if err := t.finish(ctx, size); err != nil {
		return nil, err
	}
	return &FS{t.root}, nil
}

// zipEncrypted is the flag of an entry that is encrypted.
const zipEncrypted = 1

func zipNode(f *zip.File, limits Limits) (*node, error) {
	mode := f.Mode()
	switch {
	case f.Flags&zipEncrypted != 0:
		return nil, at(f.Name, "it is encrypted")
	case f.Method != zip.Store && f.Method != zip.Deflate:
		return nil, at(f.Name, "its compression method %d is not supported: only 0 (stored) and 8 (deflate) are", f.Method)
	case f.UncompressedSize64 > uint64(limits.File):
		return nil, at(f.Name, "it has %d bytes, over the limit of %d (Limits.File)", f.UncompressedSize64, limits.File)
	case mode.Type()&^(fs.ModeDir|fs.ModeSymlink) != 0 || mode.Type() == fs.ModeDir|fs.ModeSymlink:
		return nil, at(f.Name, "it is neither a file nor a folder nor a link (%v)", mode)
	}
	n := &node{mode: mode.Type() | mode.Perm(), modTime: f.Modified}
	if f.ExternalAttrs>>16 == 0 && mode.Perm() == 0 {
		// Made on Unix by a program that does not care for permissions.
		n.mode |= 0o644
		if mode.IsDir() {
			n.mode |= 0o755
		}
	}
	switch {
	case mode.IsDir():
		return n, nil
	case mode.IsRegular():
		n.size, n.content = int64(f.UncompressedSize64), zipContent{f}
		return n, nil
	}
	r, err := f.Open()
	if err != nil {
		return nil, at(f.Name, "%w", damaged(err))
	}
	defer r.Close()
	target, err := io.ReadAll(io.LimitReader(r, maxName+1))
	if err != nil {
		return nil, at(f.Name, "%w", damaged(err))
	}
	n.target, n.size = string(target), int64(len(target))
	return n, nil
}

type zipContent struct{ file *zip.File }

func (c zipContent) open() (io.ReadCloser, error) {
	r, err := c.file.Open()
	if err != nil {
		return nil, damaged(err)
	}
	return zipStream{r}, nil
}

// zipStream says more than the errors of archive/zip do.
type zipStream struct{ io.ReadCloser }

func (s zipStream) Read(p []byte) (int, error) {
	n, err := s.ReadCloser.Read(p)
	switch {
	case err == nil || err == io.EOF:
	case errors.Is(err, zip.ErrFormat):
		err = fmt.Errorf("it has more content than its header says: %w", err)
	case !errors.Is(err, fs.ErrClosed):
		err = damaged(err)
	}
	return n, err
}

// directoryReader hands out the directory of a zip archive while the reader of
// archive/zip takes it in, which it does whatever its size.
type directoryReader struct {
	io.ReaderAt
	entries  int
	seen     int // signatures of entries, of which each entry has one
	bytes    int64
	exceeded bool
	done     bool // from then on it hands out content
}

// What the search for the directory may read besides, in bytes and in
// signatures, and the bytes that an entry has on average at most.
const (
	directorySlackBytes = 1 << 20
	directorySlack      = directorySlackBytes / 46 // 46 bytes is the smallest entry
	directoryEntry      = 1024
)

var directorySignature = []byte("PK\x01\x02")

func (r *directoryReader) ReadAt(p []byte, offset int64) (int, error) {
	n, err := r.ReaderAt.ReadAt(p, offset)
	if r.done {
		return n, err
	}
	r.bytes += int64(n)
	r.seen += bytes.Count(p[:n], directorySignature)
	if r.seen-directorySlack > r.entries || (r.bytes-directorySlackBytes)/directoryEntry > int64(r.entries) {
		r.exceeded = true
		return 0, fs.ErrInvalid
	}
	return n, err
}
