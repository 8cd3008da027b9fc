package artifact

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

const (
	maxName  = 4096 // bytes of a name or of the target of a link, as on Linux
	maxLinks = 40   // followed for one name, as on Linux
	maxSteps = 1024 // elements of all links that are followed for one name
)

// node is a file, folder or link of an archive.
type node struct {
	name     string
	parent   *node // nil for the root
	mode     fs.FileMode
	modTime  time.Time
	size     int64
	target   string           // of a link
	content  content          // of a file
	children map[string]*node // of a folder
	sorted   []*node          // the children by name, once the tree is complete
}

// content is that of a file in an archive.
type content interface {
	open() (io.ReadCloser, error)
}

// tree collects the entries of an archive and refuses hostile ones.
type tree struct {
	root   *node
	limits Limits
	nodes  int
	total  int64 // bytes of all files
}

func newTree(limits Limits) *tree {
	return &tree{
		root:   &node{name: ".", mode: fs.ModeDir | 0o755, children: make(map[string]*node)},
		limits: limits,
	}
}

// add adds an entry under the name that the archive gives it. The node has
// everything but its name and its place.
func (t *tree) add(name string, n *node) error {
	clean, err := cleanName(name)
	if err != nil {
		return err
	}
	switch {
	case n.mode.IsDir():
		return t.addFolder(name, clean, n)
	case clean == ".":
		return at(name, "the root of the archive is no folder")
	}
	if n.mode.IsRegular() {
		if n.size < 0 || n.size > t.limits.File {
			return at(name, "it has %d bytes, over the limit of %d (Limits.File)", n.size, t.limits.File)
		}
		if t.total += n.size; t.total > t.limits.Unpacked {
			return at(name, "with it the archive has over the limit of %d bytes (Limits.Unpacked)", t.limits.Unpacked)
		}
	}
	dir, err := t.folder(name, path.Dir(clean))
	if err != nil {
		return err
	}
	base := path.Base(clean)
	if other := dir.children[base]; other != nil {
		if other.mode.IsDir() {
			return at(name, "it is both a folder and a %s", kind(n.mode))
		}
		return at(name, "the archive has it twice")
	}
	return t.put(name, dir, base, n)
}

// addFolder adds a folder, or tells mode and time of one that is there.
func (t *tree) addFolder(name, clean string, n *node) error {
	dir, err := t.folder(name, clean)
	if err != nil {
		return err
	}
	dir.mode, dir.modTime = n.mode, n.modTime
	return nil
}

// folder returns the folder, and makes those that the archive has no entries
// for.
func (t *tree) folder(name, clean string) (*node, error) {
	dir := t.root
	if clean == "." {
		return dir, nil
	}
	for elem := range strings.SplitSeq(clean, "/") {
		child := dir.children[elem]
		switch {
		case child == nil:
			child = &node{mode: fs.ModeDir | 0o755}
			if err := t.put(name, dir, elem, child); err != nil {
				return nil, err
			}
		case !child.mode.IsDir():
			return nil, at(name, "%q is both a folder and a %s", child.path(), kind(child.mode))
		}
		dir = child
	}
	return dir, nil
}

func (t *tree) put(name string, dir *node, base string, n *node) error {
	if t.nodes++; t.nodes > t.limits.Entries {
		return at(name, "the archive has over the limit of %d files, folders and links (Limits.Entries)", t.limits.Entries)
	}
	n.name, n.parent = base, dir
	if n.mode.IsDir() {
		n.children = make(map[string]*node)
	}
	dir.children[base] = n
	return nil
}

// find returns the node of a clean name, without following links; nil if there
// is none.
func (t *tree) find(clean string) *node {
	n := t.root
	if clean == "." {
		return n
	}
	for elem := range strings.SplitSeq(clean, "/") {
		if n = n.children[elem]; n == nil { // also of what is no folder
			return nil
		}
	}
	return n
}

// finish checks, once all entries are there, how much comes of an artifact of
// that size, and where the links lead.
func (t *tree) finish(ctx context.Context, size int64) error {
	if t.total > ratioLimit(size, t.limits) {
		return fmt.Errorf("unpacked it has %d bytes, over %d times its %d bytes (Limits.Ratio)", t.total, t.limits.Ratio, size)
	}
	folders := []*node{t.root}
	for len(folders) > 0 {
		dir := folders[len(folders)-1]
		folders = folders[:len(folders)-1]
		dir.sorted = slices.SortedFunc(maps.Values(dir.children), func(a, b *node) int { return strings.Compare(a.name, b.name) })
		links := 0
		for _, n := range dir.sorted {
			switch {
			case ctx.Err() != nil:
				return context.Cause(ctx)
			case n.mode.IsDir():
				folders = append(folders, n)
			case n.mode.Type() == fs.ModeSymlink:
				links++
				if err := checkTarget(n); err != nil {
					return at(n.path(), "%w", err)
				}
			}
		}
		if links > 0 {
			if err := checkCase(dir); err != nil {
				return err
			}
		}
	}
	return nil
}

// checkCase refuses a link that is taken for something else in its folder where
// the case of names does not matter: other links may lead out over it there.
func checkCase(dir *node) error {
	seen := make(map[string]*node, len(dir.sorted))
	for _, n := range dir.sorted {
		folded := strings.ToLower(strings.ToUpper(n.name)) // so that ſ is s, too
		other := seen[folded]
		if other != nil && (n.mode|other.mode)&fs.ModeSymlink != 0 {
			return at(n.path(), "its name differs from that of %q in case alone, and one of them is a link", other.name)
		}
		if other == nil {
			seen[folded] = n
		}
	}
	return nil
}

// checkTarget refuses a link that leads out of the tree, by itself or through
// other links, or would if what it lacks were there.
func checkTarget(link *node) error {
	if err := checkTargetText(link.target); err != nil {
		return err
	}
	_, err := link.parent.walk(strings.Split(link.target, "/"), true)
	switch {
	case errors.Is(err, errOutside):
		return fmt.Errorf("the link leads out of the archive, to %q", link.target)
	case errors.Is(err, errUnclear):
		return fmt.Errorf("the link to %q may lead out of the archive: %w", link.target, err)
	}
	return nil // that it leads to nothing, or in circles, harms nobody
}

func checkTargetText(target string) error {
	switch {
	case target == "":
		return errors.New("the link has no target")
	case len(target) > maxName:
		return fmt.Errorf("the target of the link has over %d bytes", maxName)
	case path.IsAbs(target), hasDrive(target):
		return fmt.Errorf("the link leads out of the archive, to %q", target)
	case strings.ContainsAny(target, "\\\x00"):
		return fmt.Errorf("the target of the link, %q, has a backslash or a zero byte", target)
	case !utf8.ValidString(target):
		return fmt.Errorf("the target of the link, %q, is not UTF-8", target)
	}
	return nil
}

var (
	errOutside      = fmt.Errorf("a link leads out of the archive: %w", fs.ErrNotExist)
	errTooManyLinks = errors.New("too many links on the way")

	// errUnclear is of links that lead out where more links are followed than
	// here, or where names that differ in case alone are the same.
	errUnclear   = errors.New("it goes up")
	errUpTooMany = fmt.Errorf("%w, with %w", errUnclear, errTooManyLinks)
	errUpMissing = fmt.Errorf("%w from what is not there: %w", errUnclear, fs.ErrNotExist)
)

// walk follows the elements of a name from a folder. Where the name ends at a
// link, follow tells whether to go on to its target.
//
// What does not exist is an error, but only after the rest of the name has been
// looked at: if it goes up, that is the error.
func (n *node) walk(elems []string, follow bool) (*node, error) {
	todo := slices.Clone(elems) // the next is the last
	slices.Reverse(todo)
	up := slices.Contains(elems, "..")
	broken := false // something on the way is not there, or no folder
	links, steps := 0, 0
	for len(todo) > 0 {
		elem := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		broken = broken || !n.mode.IsDir()
		switch {
		case elem == "" || elem == ".":
			continue
		case broken && elem == "..":
			return nil, errUpMissing
		case broken:
			continue
		case elem == "..":
			if n.parent == nil {
				return nil, errOutside
			}
			n = n.parent
			continue
		}
		child := n.children[elem]
		switch {
		case child == nil:
			broken = true
		case child.mode.Type() != fs.ModeSymlink || len(todo) == 0 && !follow:
			n = child
		default:
			target := strings.Split(child.target, "/")
			up = up || slices.Contains(target, "..")
			links, steps = links+1, steps+len(target)
			switch {
			case links <= maxLinks && steps <= maxSteps:
			case up:
				return nil, errUpTooMany
			default:
				return nil, errTooManyLinks
			}
			slices.Reverse(target)
			todo = append(todo, target...)
		}
	}
	if broken {
		return nil, fs.ErrNotExist
	}
	return n, nil
}

// path returns the name in the archive.
func (n *node) path() string {
	if n.parent == nil || n.parent.parent == nil {
		return n.name
	}
	return n.parent.path() + "/" + n.name
}

// cleanName returns the name of an entry as io/fs has it, and refuses what has
// no such name or could be taken for another one where it is unpacked.
func cleanName(name string) (string, error) {
	switch {
	case name == "":
		return "", errors.New("an entry has no name")
	case len(name) > maxName:
		return "", at(name[:64]+"…", "its name has over %d bytes", maxName)
	case !utf8.ValidString(name):
		return "", at(name, "its name is not UTF-8")
	case strings.ContainsAny(name, "\\\x00"):
		return "", at(name, "its name has a backslash or a zero byte")
	case path.IsAbs(name), hasDrive(name):
		return "", at(name, "its name is absolute")
	}
	for elem := range strings.SplitSeq(name, "/") {
		if elem == ".." {
			return "", at(name, "its name leads out of its folder")
		}
	}
	return path.Clean(name), nil
}

// hasDrive reports whether the name starts with a drive letter of Windows.
func hasDrive(name string) bool {
	return len(name) >= 2 && name[1] == ':' && ('a' <= name[0]|0x20 && name[0]|0x20 <= 'z')
}

func kind(mode fs.FileMode) string {
	if mode.Type() == fs.ModeSymlink {
		return "link"
	}
	return "file"
}
