package codecommit

import (
	"bytes"
	"io"
	"io/fs"
	"path"
	"sync"
	"time"
)

// node is a file, link or folder under the name that the user gave it.
type node struct {
	tree  *tree
	name  string
	entry Entry
}

func (n node) failed(op string, err error) error {
	return &fs.PathError{Op: op, Path: n.name, Err: err}
}

// content returns the content, which must not be changed.
func (n node) content(op string) ([]byte, error) {
	if n.entry.Mode.FileMode().IsDir() {
		return nil, n.failed(op, errIsFolder)
	}
	content, err := n.tree.content(n.entry)
	if err != nil {
		return nil, n.failed(op, err)
	}
	return content, nil
}

func (n node) info(op string) (fs.FileInfo, error) {
	info := &fileInfo{
		name:    path.Base(n.name),
		mode:    n.entry.Mode.FileMode(),
		modTime: n.tree.commit.Committer.Time,
		entry:   n.entry,
	}
	err := n.tree.ctx.Err()
	if !info.IsDir() {
		info.size, err = n.tree.size(n.entry)
	}
	if err != nil {
		return nil, n.failed(op, err)
	}
	return info, nil
}

func (n node) readDir() ([]fs.DirEntry, error) {
	if !n.entry.Mode.FileMode().IsDir() {
		return nil, n.failed("readdir", errNoFolder)
	}
	entries, err := n.tree.readDir(n.entry)
	if err != nil {
		return nil, n.failed("readdir", err)
	}
	list := make([]fs.DirEntry, len(entries))
	for i, e := range entries {
		e = entryIn(n.entry, e)
		list[i] = &dirEntry{node{tree: n.tree, name: path.Join(n.name, path.Base(e.Path)), entry: e}}
	}
	return list, nil
}

// dirEntry is an [fs.DirEntry] whose Info fetches the content for its size.
type dirEntry struct{ node }

func (d *dirEntry) Name() string               { return path.Base(d.name) }
func (d *dirEntry) IsDir() bool                { return d.Type().IsDir() }
func (d *dirEntry) Type() fs.FileMode          { return d.entry.Mode.FileMode().Type() }
func (d *dirEntry) Info() (fs.FileInfo, error) { return d.info("lstat") }
func (d *dirEntry) String() string             { return fs.FormatDirEntry(d) }

type fileInfo struct {
	name    string
	size    int64
	mode    fs.FileMode
	modTime time.Time
	entry   Entry
}

func (i *fileInfo) Name() string       { return i.name }
func (i *fileInfo) Size() int64        { return i.size }
func (i *fileInfo) Mode() fs.FileMode  { return i.mode }
func (i *fileInfo) ModTime() time.Time { return i.modTime }
func (i *fileInfo) IsDir() bool        { return i.mode.IsDir() }
func (i *fileInfo) Sys() any           { return i.entry }
func (i *fileInfo) String() string     { return fs.FormatFileInfo(i) }

// openFile is a file that [FS.Open] returns.
type openFile struct {
	node
	mu     sync.Mutex
	reader *bytes.Reader // nil until the content is needed
	closed bool
}

var (
	_ io.ReadSeeker = (*openFile)(nil)
	_ io.ReaderAt   = (*openFile)(nil)
)

// ready makes sure that the file is open and, if need be, has its content.
func (f *openFile) ready(op string, content bool) error {
	if f.closed {
		return f.failed(op, fs.ErrClosed)
	}
	if err := f.tree.ctx.Err(); err != nil {
		return f.failed(op, err)
	}
	if !content || f.reader != nil {
		return nil
	}
	data, err := f.content(op)
	if err != nil {
		return err
	}
	f.reader = bytes.NewReader(data)
	return nil
}

func (f *openFile) Stat() (fs.FileInfo, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := f.ready("stat", false); err != nil {
		return nil, err
	}
	return f.info("stat")
}

func (f *openFile) Read(p []byte) (int, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := f.ready("read", true); err != nil {
		return 0, err
	}
	return f.reader.Read(p)
}

func (f *openFile) ReadAt(p []byte, offset int64) (int, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := f.ready("read", true); err != nil {
		return 0, err
	}
	n, err := f.reader.ReadAt(p, offset)
	if err != nil && err != io.EOF {
		err = f.failed("read", fs.ErrInvalid)
	}
	return n, err
}

func (f *openFile) Seek(offset int64, whence int) (int64, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := f.ready("seek", true); err != nil {
		return 0, err
	}
	n, err := f.reader.Seek(offset, whence)
	if err != nil {
		err = f.failed("seek", fs.ErrInvalid)
	}
	return n, err
}

func (f *openFile) Close() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.closed {
		return f.failed("close", fs.ErrClosed)
	}
	f.closed, f.reader = true, nil
	return nil
}

// openFolder is a folder that [FS.Open] returns.
type openFolder struct {
	node
	mu     sync.Mutex
	listed bool
	rest   []fs.DirEntry // not yet returned
	closed bool
}

var _ fs.ReadDirFile = (*openFolder)(nil)

func (f *openFolder) Stat() (fs.FileInfo, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.closed {
		return nil, f.failed("stat", fs.ErrClosed)
	}
	return f.info("stat")
}

func (f *openFolder) Read([]byte) (int, error) {
	return 0, f.failed("read", errIsFolder)
}

func (f *openFolder) ReadDir(n int) ([]fs.DirEntry, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.closed {
		return nil, f.failed("readdir", fs.ErrClosed)
	}
	if !f.listed {
		list, err := f.readDir()
		if err != nil {
			return nil, err
		}
		f.rest, f.listed = list, true
	}
	if n <= 0 {
		n = len(f.rest)
	} else if len(f.rest) == 0 {
		return nil, io.EOF
	}
	n = min(n, len(f.rest))
	list := f.rest[:n:n]
	f.rest = f.rest[n:]
	return list, nil
}

func (f *openFolder) Close() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.closed {
		return f.failed("close", fs.ErrClosed)
	}
	f.closed, f.rest = true, nil
	return nil
}
