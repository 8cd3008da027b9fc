package artifact

import (
	"archive/zip"
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/codesuite-go/codesuite/internal/ctxio"
)

// Signatures of the zip format.
const (
	sigLocal      = "PK\x03\x04"
	sigDirectory  = "PK\x01\x02"
	sigEnd        = "PK\x05\x06"
	sigEnd64      = "PK\x06\x06"
	sigLocator64  = "PK\x06\x07"
	sigDescriptor = "PK\x07\x08"
	sigSpanned    = "PK00" // of a spanned archive that has one part after all
)

// isZip reports whether the file starts as a zip archive does.
func isZip(head []byte) bool {
	for _, marker := range []string{sigSpanned, sigDescriptor} {
		if rest, ok := bytes.CutPrefix(head, []byte(marker)); ok {
			head = rest
			break
		}
	}
	return bytes.HasPrefix(head, []byte(sigLocal)) || bytes.HasPrefix(head, []byte(sigEnd))
}

// openZip returns the content of a zip archive. Programs read one from its
// front, by the headers before the content, or from its back, by the directory.
// An archive that is not the same both ways is refused: its headers differ from
// the directory, entries overlap, or there is anything between them. Compressed
// content that ends before its entry does is found when it is read: a look for it
// here would decompress the whole archive.
func openZip(ctx context.Context, file io.ReaderAt, size int64, limits Limits) (*FS, error) {
	z := &zipReader{file: &window{ReaderAt: file, size: size}, tree: newTree(limits), limits: limits}
	var err error
	if z.end, err = readDirectoryEnd(file, size); err != nil {
		return nil, err
	}
	if z.end.entries > uint64(limits.Entries) {
		return nil, fmt.Errorf("it has over the limit of %d files, folders and links (Limits.Entries)", limits.Entries)
	}
	if err := z.readDirectory(ctx, io.NewSectionReader(file, z.end.directory, z.end.size)); err != nil {
		return nil, err
	}
	if err := z.checkExtents(ctx, file); err != nil {
		return nil, err
	}
	if err := z.tree.checkRatio(size); err != nil {
		return nil, err
	}
	if err := z.tree.finish(ctx); err != nil {
		return nil, err
	}
	return &FS{z.tree.root, file}, nil
}

// zipReader reads the entries of a zip archive.
type zipReader struct {
	file    io.ReaderAt
	end     directoryEnd
	tree    *tree
	limits  Limits
	extents []extent
}

// extent is where an entry is in the file, from its header to the end of its
// data descriptor.
type extent struct{ start, end int64 }

func (z *zipReader) readDirectory(ctx context.Context, section io.Reader) error {
	r := bufio.NewReaderSize(ctxio.NewReader(ctx, section), 64<<10)
	left := z.end.size
	var e zipEntry
	for n := uint64(0); left > 0; n++ {
		if n >= z.end.entries {
			return errors.New("it is damaged: its directory has more entries than it says")
		}
		read, err := e.readDirectory(r)
		if left -= int64(read); err != nil || left < 0 {
			if ctx.Err() != nil {
				return context.Cause(ctx)
			}
			return fmt.Errorf("its directory is damaged: %w", err)
		}
		if err := z.add(&e); err != nil {
			return err
		}
	}
	if uint64(len(z.extents)) != z.end.entries {
		return fmt.Errorf("it is damaged: its directory has %d entries, and says that they are %d", len(z.extents), z.end.entries)
	}
	return nil
}

// add checks an entry and adds it to the tree.
func (z *zipReader) add(e *zipEntry) error {
	n, err := e.node()
	if err != nil {
		return err
	}
	if e.size > uint64(z.limits.File) {
		return at(e.name, "it has %d bytes, over the limit of %d (Limits.File)", e.size, z.limits.File)
	}
	x, err := z.locate(e)
	if err != nil {
		return err
	}
	z.extents = append(z.extents, x)
	n.content = content{offset: e.content, stored: int64(e.stored), crc: e.crc, method: stored}
	if e.method == zip.Deflate {
		n.content.method = deflated
	}
	switch {
	case n.mode.IsDir():
		n.content = content{}
	case isLink(n.mode):
		if e.size > maxName {
			return at(e.name, "the target of the link has over %d bytes", maxName)
		}
		n.size = int64(e.size)
		target, err := readAll(openZipContent(z.file, &n))
		if err != nil {
			return at(e.name, "%w", err)
		}
		n.target, n.content = string(target), content{}
	default:
		n.size = int64(e.size)
	}
	_, err = z.tree.add(e.name, n)
	return err
}

func readAll(r io.ReadCloser) ([]byte, error) {
	defer r.Close()
	return io.ReadAll(r)
}

// checkExtents refuses entries that overlap, and content that a program finds
// which reads the archive from its front.
func (z *zipReader) checkExtents(ctx context.Context, file io.ReaderAt) error {
	slices.SortFunc(z.extents, func(a, b extent) int {
		switch {
		case a.start < b.start:
			return -1
		case a.start > b.start:
			return 1
		}
		return 0
	})
	last := int64(0)
	for i, x := range append(z.extents, extent{z.end.directory, z.end.directory}) {
		switch {
		case ctx.Err() != nil:
			return context.Cause(ctx)
		case x.start < last:
			return errors.New("its entries overlap")
		case i == 0 && x.start > 0:
			if err := checkPrefix(ctx, file, x.start); err != nil {
				return err
			}
		case x.start > last:
			if err := z.checkGap(last, x.start-last); err != nil {
				return err
			}
		}
		last = x.end
	}
	z.extents = nil
	return nil
}

// errHidden is of an archive with entries that its directory does not have.
var errHidden = errors.New("it has entries that its directory does not have: archives cannot be put together with cat")

// checkGap returns the error of bytes behind an entry, which belong to none. The
// data descriptor belongs to the entry.
func (z *zipReader) checkGap(offset, size int64) error {
	var sig [4]byte
	if _, err := z.file.ReadAt(sig[:], offset); err != nil {
		return damaged(err)
	}
	switch string(sig[:]) {
	case sigLocal, sigDirectory, sigEnd, sigEnd64:
		return errHidden
	}
	return fmt.Errorf("%d bytes behind one of its entries belong to none: a program that reads the archive from its front may find entries there", size)
}

// maxPrefix is how many bytes a script before an archive has at most.
const maxPrefix = 1 << 20

// checkPrefix checks the bytes before the first entry: a marker, or a script
// that makes the archive a program.
func checkPrefix(ctx context.Context, file io.ReaderAt, size int64) error {
	if size > maxPrefix {
		return fmt.Errorf("%d bytes are before the archive, over the limit of %d", size, maxPrefix)
	}
	prefix := make([]byte, size)
	if _, err := io.ReadFull(ctxio.NewReader(ctx, io.NewSectionReader(file, 0, size)), prefix); err != nil {
		return damaged(err)
	}
	switch string(prefix) {
	case sigSpanned, sigDescriptor:
		return nil
	}
	for _, sig := range []string{sigLocal, sigDirectory, sigEnd, sigEnd64} {
		if bytes.Contains(prefix, []byte(sig)) {
			return errHidden
		}
	}
	if !isScript(prefix) {
		return fmt.Errorf("%d bytes are before the archive, and they do not start with #! as a script does", size)
	}
	return nil
}

// window reads a little more than it is asked for, as headers are close to each
// other.
type window struct {
	io.ReaderAt
	size   int64
	buf    [4 << 10]byte
	offset int64
	n      int // bytes in buf
}

func (w *window) ReadAt(p []byte, offset int64) (int, error) {
	if len(p) > len(w.buf) || offset < 0 {
		return w.ReaderAt.ReadAt(p, offset)
	}
	if offset < w.offset || offset+int64(len(p)) > w.offset+int64(w.n) {
		n, err := w.ReaderAt.ReadAt(w.buf[:max(0, min(int64(len(w.buf)), w.size-offset))], offset)
		if w.offset, w.n = offset, n; err != nil && err != io.EOF {
			return 0, err
		}
	}
	n := copy(p, w.buf[min(int64(w.n), offset-w.offset):w.n])
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

var le = binary.LittleEndian
