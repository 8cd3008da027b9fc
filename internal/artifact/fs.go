package artifact

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"path"
	"strings"
)

// FS is the content of an archive. Links are followed inside the archive by all
// methods but Lstat and ReadLink. It is safe for concurrent use.
type FS struct {
	root *node
	file io.ReaderAt // the archive
}

var (
	_ fs.ReadDirFS  = (*FS)(nil)
	_ fs.ReadFileFS = (*FS)(nil)
	_ fs.StatFS     = (*FS)(nil)
	_ fs.ReadLinkFS = (*FS)(nil)
)

var (
	errIsFolder = errors.New("is a folder")
	errNoFolder = errors.New("is no folder")
)

func (f *FS) find(op, name string, follow bool) (*node, error) {
	if !fs.ValidPath(name) {
		return nil, &fs.PathError{Op: op, Path: name, Err: fs.ErrInvalid}
	}
	n, err := f.root.walk(strings.Split(name, "/"), follow, new(int))
	if err != nil {
		return nil, &fs.PathError{Op: op, Path: name, Err: err}
	}
	return n, nil
}

func (f *FS) Open(name string) (fs.File, error) {
	n, err := f.find("open", name, true)
	if err != nil {
		return nil, err
	}
	info := asFound(name, n)
	if n.mode.IsDir() {
		return &openFolder{info: info, path: name, children: n.children}, nil
	}
	file := openFile{info: info, path: name}
	if n.content.method == plain {
		section := io.NewSectionReader(f.file, n.content.offset, n.size)
		file.r = io.NopCloser(section)
		return &openSection{file, section}, nil
	}
	file.r = openZipContent(f.file, n)
	return &file, nil
}

func (f *FS) ReadDir(name string) ([]fs.DirEntry, error) {
	n, err := f.find("readdir", name, true)
	if err != nil {
		return nil, err
	}
	if !n.mode.IsDir() {
		return nil, &fs.PathError{Op: "readdir", Path: name, Err: errNoFolder}
	}
	return entries(n.children), nil
}

func entries(nodes []*node) []fs.DirEntry {
	list := make([]fs.DirEntry, len(nodes))
	for i, child := range nodes {
		list[i] = child
	}
	return list
}

// ReadFile does not allocate what a header promises before it is there, as
// [fs.ReadFile] would.
func (f *FS) ReadFile(name string) ([]byte, error) {
	file, err := f.Open(name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return nil, err
	}
	var buf bytes.Buffer
	if !info.IsDir() {
		buf.Grow(int(min(info.Size(), 1<<20)) + bytes.MinRead)
	}
	if _, err := buf.ReadFrom(file); err != nil {
		return nil, err
	}
	return buf.Bytes(), nil
}

func (f *FS) stat(op, name string, follow bool) (fs.FileInfo, error) {
	n, err := f.find(op, name, follow)
	if err != nil {
		return nil, err
	}
	return asFound(name, n), nil
}

func (f *FS) Stat(name string) (fs.FileInfo, error) { return f.stat("stat", name, true) }

func (f *FS) Lstat(name string) (fs.FileInfo, error) { return f.stat("lstat", name, false) }

func (f *FS) ReadLink(name string) (string, error) {
	n, err := f.find("readlink", name, false)
	if err != nil {
		return "", err
	}
	if !isLink(n.mode) {
		return "", &fs.PathError{Op: "readlink", Path: name, Err: fs.ErrInvalid}
	}
	return n.target, nil
}

// asFound describes a node under the name that it was asked for by.
func asFound(name string, n *node) fs.FileInfo {
	if base := path.Base(name); base != n.name {
		return &renamed{n, base}
	}
	return n
}

// renamed is a node that was found through a link.
type renamed struct {
	*node
	name string
}

func (r *renamed) Name() string               { return r.name }
func (r *renamed) Info() (fs.FileInfo, error) { return r, nil }
func (r *renamed) String() string             { return fs.FormatFileInfo(r) }

// openFile is a file that can be read from its start to its end.
type openFile struct {
	info   fs.FileInfo
	path   string
	r      io.ReadCloser
	closed bool
}

func (f *openFile) failed(op string, err error) error {
	if err == nil || err == io.EOF {
		return err
	}
	return &fs.PathError{Op: op, Path: f.path, Err: err}
}

func (f *openFile) Stat() (fs.FileInfo, error) {
	if f.closed {
		return nil, f.failed("stat", fs.ErrClosed)
	}
	return f.info, nil
}

func (f *openFile) Read(p []byte) (int, error) {
	if f.closed {
		return 0, f.failed("read", fs.ErrClosed)
	}
	n, err := f.r.Read(p)
	return n, f.failed("read", err)
}

func (f *openFile) Close() error {
	if f.closed {
		return f.failed("close", fs.ErrClosed)
	}
	f.closed = true
	return f.failed("close", f.r.Close())
}

// openSection is a file that can be read at any offset.
type openSection struct {
	openFile
	section *io.SectionReader
}

func (f *openSection) Seek(offset int64, whence int) (int64, error) {
	if f.closed {
		return 0, f.failed("seek", fs.ErrClosed)
	}
	n, err := f.section.Seek(offset, whence)
	return n, f.failed("seek", err)
}

func (f *openSection) ReadAt(p []byte, offset int64) (int, error) {
	if f.closed {
		return 0, f.failed("read", fs.ErrClosed)
	}
	n, err := f.section.ReadAt(p, offset)
	return n, f.failed("read", err)
}

type openFolder struct {
	info     fs.FileInfo
	path     string
	children []*node
	offset   int
	closed   bool
}

func (f *openFolder) failed(op string, err error) error {
	return &fs.PathError{Op: op, Path: f.path, Err: err}
}

func (f *openFolder) Stat() (fs.FileInfo, error) {
	if f.closed {
		return nil, f.failed("stat", fs.ErrClosed)
	}
	return f.info, nil
}

func (f *openFolder) Read([]byte) (int, error) { return 0, f.failed("read", errIsFolder) }

func (f *openFolder) ReadDir(count int) ([]fs.DirEntry, error) {
	if f.closed {
		return nil, f.failed("readdir", fs.ErrClosed)
	}
	nodes := f.children[f.offset:]
	if count > 0 {
		if len(nodes) == 0 {
			return nil, io.EOF
		}
		nodes = nodes[:min(count, len(nodes))]
	}
	f.offset += len(nodes)
	return entries(nodes), nil
}

func (f *openFolder) Close() error {
	if f.closed {
		return f.failed("close", fs.ErrClosed)
	}
	f.closed = true
	return nil
}

// OpenFile returns a file of that name and size, which is safe for use beside
// others of the same content. Closing it does not close the content.
func OpenFile(name string, content io.ReaderAt, size int64) fs.File {
	section := io.NewSectionReader(content, 0, size)
	info := &node{name: name, mode: 0o644, size: size}
	return &openSection{openFile{info: info, path: name, r: io.NopCloser(section)}, section}
}
