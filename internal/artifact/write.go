//lint:file-ignore SA1019 CreateRaw takes the time from the fields of MS-DOS alone.

package artifact

import (
	"archive/zip"
	"context"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"time"
	"unicode/utf8"

	"github.com/codesuite-go/codesuite/internal/ctxio"
	"github.com/codesuite-go/codesuite/internal/deflate"
)

// modified is the time of all entries of an archive that [Write] makes. The
// format knows times from 1980-01-01 in the local time zone, and some programs
// fail for earlier ones: this is one in all time zones.
var modified = time.Date(1980, 2, 1, 0, 0, 0, 0, time.UTC)

// compressionLevel is the level of deflate. The bytes of an artifact depend on
// it.
const compressionLevel = 5

// Write writes the content as a zip archive, in the order of the names. Content
// that [Open] would refuse within the same limits is an [*Error]. Names and
// links are checked before anything is written.
func Write(ctx context.Context, w io.Writer, content fs.FS, limits Limits) error {
	t, err := readTree(ctx, content, limits)
	if err != nil {
		return err
	}
	size := &byteCount{w: w}
	zw := zip.NewWriter(size)
	zw.RegisterCompressor(zip.Deflate, func(w io.Writer) (io.WriteCloser, error) { return deflate.NewWriter(w, compressionLevel) })
	a := &archiver{ctx: ctx, zw: zw, content: content, tree: t}
	t.total = 0 // counted again, as files may change meanwhile
	if err := a.addFolder(t.root, ""); err != nil {
		return err
	}
	if err := zw.Flush(); err != nil {
		return err
	}
	if err := t.checkRatio(size.n); err != nil {
		return &Error{Err: err}
	}
	if err := zw.Close(); err != nil {
		return err
	}
	if size.n > limits.Download {
		return &Error{Err: fmt.Errorf("the archive has %d bytes, over the limit of %d (Limits.Download)", size.n, limits.Download)}
	}
	return nil
}

// readTree returns the entries that the archive will have.
func readTree(ctx context.Context, content fs.FS, limits Limits) (*tree, error) {
	t := newTree(limits)
	err := fs.WalkDir(content, ".", func(name string, d fs.DirEntry, err error) error {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if err != nil || name == "." {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		n, err := writtenNode(content, name, info)
		if err == nil {
			_, err = t.add(name, n)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	if err := t.finish(ctx); err != nil {
		return nil, err
	}
	return t, nil
}

// writtenNode returns a file, folder or link as it is written.
func writtenNode(content fs.FS, name string, info fs.FileInfo) (node, error) {
	n := node{mode: info.Mode().Type() | info.Mode().Perm()}
	switch {
	case n.mode.IsDir():
		if n.mode.Perm() == 0 {
			n.mode |= 0o755
		}
	case n.mode.IsRegular():
		if n.mode.Perm() == 0 {
			n.mode |= 0o644
		}
		n.size = info.Size()
	case isLink(n.mode):
		n.mode |= 0o777
		var err error
		if n.target, err = fs.ReadLink(content, name); err != nil {
			return n, fmt.Errorf("the target of a link: %w", err)
		}
	default:
		return n, fmt.Errorf("%q is neither a file nor a folder nor a link (%v)", name, n.mode)
	}
	return n, nil
}

// archiver writes the entries of a tree.
type archiver struct {
	ctx     context.Context
	zw      *zip.Writer
	content fs.FS
	tree    *tree
}

// addFolder writes the entries of a folder, whose name ends in "/" but for the
// root's.
func (a *archiver) addFolder(dir *node, name string) error {
	for _, n := range dir.children {
		var err error
		switch {
		case a.ctx.Err() != nil:
			return context.Cause(a.ctx)
		case n.mode.IsDir():
			if _, err = a.zw.CreateHeader(header(name+n.name+"/", n.mode, zip.Store)); err == nil {
				err = a.addFolder(n, name+n.name+"/")
			}
		case isLink(n.mode):
			err = a.addLink(n, name+n.name)
		default:
			err = a.addFile(n, name+n.name)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func header(name string, mode fs.FileMode, method uint16) *zip.FileHeader {
	h := &zip.FileHeader{Name: name, Modified: modified, Method: method}
	h.SetMode(mode)
	return h
}

// addFile writes a file. Its sizes follow its content, which is streamed. That
// is allowed for deflated content alone.
func (a *archiver) addFile(n *node, name string) error {
	file, err := a.content.Open(name)
	if err != nil {
		return err
	}
	defer file.Close()
	w, err := a.zw.CreateHeader(header(name, n.mode, zip.Deflate))
	if err != nil {
		return err
	}
	size, err := io.Copy(w, io.LimitReader(ctxio.NewReader(a.ctx, file), a.tree.limits.File+1))
	if err != nil {
		return &fs.PathError{Op: "read", Path: name, Err: err}
	}
	return a.tree.count(name, size)
}

// addLink writes a link. Its target is stored, as not all programs read a
// deflated one, and its sizes are in the header before it: a program that reads
// the archive from its front cannot find the end of stored content otherwise.
func (a *archiver) addLink(n *node, name string) error {
	h := header(name, n.mode, zip.Store)
	h.ReaderVersion = 20
	h.ModifiedDate, h.ModifiedTime = dosDate(modified), 0
	h.Extra = le.AppendUint32([]byte{'U', 'T', 5, 0, 1}, uint32(modified.Unix()))
	h.CRC32 = crc32.ChecksumIEEE([]byte(n.target))
	h.UncompressedSize64, h.CompressedSize64 = uint64(len(n.target)), uint64(len(n.target))
	if len(name) != utf8.RuneCountInString(name) {
		h.Flags |= flagUTF8
	}
	w, err := a.zw.CreateRaw(h)
	if err == nil {
		_, err = io.WriteString(w, n.target)
	}
	if err != nil {
		return err
	}
	return a.tree.count(name, int64(len(n.target)))
}

// dosDate returns the date as the format has it.
func dosDate(t time.Time) uint16 {
	return uint16(t.Day() + int(t.Month())<<5 + (t.Year()-1980)<<9)
}

// byteCount counts what is written.
type byteCount struct {
	w io.Writer
	n int64
}

func (c *byteCount) Write(p []byte) (int, error) {
	n, err := c.w.Write(p)
	c.n += int64(n)
	return n, err
}
