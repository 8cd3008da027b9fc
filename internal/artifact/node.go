package artifact

import (
	"io/fs"
	"slices"
	"strings"
	"time"
)

// node is a file, folder or link of an archive. An archive may have as many as
// Limits.Entries, so that a node is small. It is also its own [fs.FileInfo] and
// [fs.DirEntry].
type node struct {
	name     string
	parent   *node // nil for the root
	target   string
	children []*node // of a folder, by name, once the tree is complete
	seconds  int64   // the time of modification
	nanos    int32
	mode     fs.FileMode
	size     int64
	content  content // of a file
}

// content is where the content of a file is in the archive.
type content struct {
	offset int64
	stored int64 // bytes there
	crc    uint32
	method method
}

// method is how content is stored.
type method uint8

const (
	plain    method = iota // of a tar archive: as it is, without a checksum
	stored                 // of a zip archive: as it is
	deflated               // of a zip archive: compressed
)

func (n *node) setTime(t time.Time) { n.seconds, n.nanos = t.Unix(), int32(t.Nanosecond()) }

func (n *node) Name() string               { return n.name }
func (n *node) Size() int64                { return n.size }
func (n *node) Mode() fs.FileMode          { return n.mode }
func (n *node) Type() fs.FileMode          { return n.mode.Type() }
func (n *node) IsDir() bool                { return n.mode.IsDir() }
func (n *node) ModTime() time.Time         { return time.Unix(n.seconds, int64(n.nanos)).UTC() }
func (n *node) Sys() any                   { return nil }
func (n *node) Info() (fs.FileInfo, error) { return n, nil }
func (n *node) String() string             { return fs.FormatFileInfo(n) }

// child returns the entry of a folder with that name, nil if there is none.
func (n *node) child(name string) *node {
	i, ok := slices.BinarySearchFunc(n.children, name, func(n *node, name string) int { return strings.Compare(n.name, name) })
	if !ok {
		return nil
	}
	return n.children[i]
}

// path returns the name in the archive.
func (n *node) path() string {
	if n.parent == nil || n.parent.parent == nil {
		return n.name
	}
	return n.parent.path() + "/" + n.name
}

func isLink(mode fs.FileMode) bool { return mode.Type() == fs.ModeSymlink }

func kind(mode fs.FileMode) string {
	switch {
	case mode.IsDir():
		return "folder"
	case isLink(mode):
		return "link"
	}
	return "file"
}
