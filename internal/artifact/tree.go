package artifact

import (
	"context"
	"fmt"
	"hash/maphash"
	"io/fs"
	"path"
	"slices"
	"strings"
)

// tree collects the entries of an archive, and refuses an archive that could
// harm or has more than the limits allow.
type tree struct {
	root   *node
	limits Limits
	names  int64 // bytes of all names, with their folders, and of all targets
	total  int64 // bytes of all files and targets
	links  int

	nodes  int      // without the root
	chunks [][]node // all nodes but the root, in the order of their arrival
	text   strings.Builder
	index  index
}

// Nodes and names are allocated so many, and so many bytes, at a time.
const (
	nodesAtOnce = 512
	textAtOnce  = 64 << 10
)

func newTree(limits Limits) *tree {
	return &tree{
		root:   &node{name: ".", mode: fs.ModeDir | 0o755},
		limits: limits,
		index:  index{seed: maphash.MakeSeed()},
	}
}

// add adds an entry under the name that the archive gives it. n has everything
// but its name and its place.
func (t *tree) add(name string, n node) (*node, error) { return t.insert(name, n, false) }

// replace is add for archives in which a file that comes again replaces the
// file that was there.
func (t *tree) replace(name string, n node) (*node, error) { return t.insert(name, n, true) }

func (t *tree) insert(name string, n node, again bool) (*node, error) {
	clean, err := cleanName(name)
	if err != nil {
		return nil, err
	}
	switch {
	case n.mode.IsDir():
		return t.addFolder(name, clean, &n)
	case clean == ".":
		return nil, at(name, "the root of the archive is no folder")
	case isLink(n.mode):
		if err := checkTargetText(n.target); err != nil {
			return nil, at(name, "%w", err)
		}
		n.size = int64(len(n.target))
	}
	if err := t.count(name, n.size); err != nil {
		return nil, err
	}
	dir, err := t.folder(name, path.Dir(clean))
	if err != nil {
		return nil, err
	}
	base := path.Base(clean)
	if other := t.index.find(dir, base); other != nil {
		switch {
		case other.mode.IsDir():
			return nil, at(name, "it is both a folder and a %s", kind(n.mode))
		case !again || !other.mode.IsRegular() || !n.mode.IsRegular():
			return nil, at(name, "the archive has it twice")
		}
		n.name, n.parent = other.name, other.parent
		*other = n
		return other, nil
	}
	if isLink(n.mode) {
		if err := t.hold(name, len(n.target)); err != nil {
			return nil, err
		}
		n.target = t.keep(n.target)
		t.links++
	}
	return t.put(name, dir, base, len(clean), &n)
}

// count counts bytes of a file's content, or of a target.
func (t *tree) count(name string, size int64) error {
	if size < 0 || size > t.limits.File {
		return at(name, "it has %d bytes, over the limit of %d (Limits.File)", size, t.limits.File)
	}
	if t.total += size; t.total > t.limits.Unpacked {
		return at(name, "with it the archive has over the limit of %d bytes (Limits.Unpacked)", t.limits.Unpacked)
	}
	return nil
}

// hold counts bytes of names and targets.
func (t *tree) hold(name string, size int) error {
	if t.names += int64(size); t.names > t.limits.Names {
		return at(name, "with it the names of the archive and the targets of its links have over the limit of %d bytes (Limits.Names)", t.limits.Names)
	}
	return nil
}

// keep returns a copy of a name that shares an allocation with others.
func (t *tree) keep(s string) string {
	if t.text.Cap()-t.text.Len() < len(s) {
		t.text.Reset()
		t.text.Grow(max(len(s), textAtOnce))
	}
	start := t.text.Len()
	t.text.WriteString(s)
	return t.text.String()[start:]
}

// addFolder adds a folder, or sets mode and time of one that is there.
func (t *tree) addFolder(name, clean string, n *node) (*node, error) {
	dir, err := t.folder(name, clean)
	if err != nil {
		return nil, err
	}
	dir.mode, dir.seconds, dir.nanos = n.mode, n.seconds, n.nanos
	return dir, nil
}

// folder returns the folder, and makes those that the archive has no entries
// for.
func (t *tree) folder(name, clean string) (*node, error) {
	dir := t.root
	if clean == "." {
		return dir, nil
	}
	if depth := strings.Count(clean, "/") + 1; depth > t.limits.Depth {
		return nil, at(name, "it has %d folders within each other, over the limit of %d (Limits.Depth)", depth, t.limits.Depth)
	}
	length := 0
	for elem := range strings.SplitSeq(clean, "/") {
		length += len(elem) + 1
		child := t.index.find(dir, elem)
		switch {
		case child == nil:
			var err error
			if child, err = t.put(name, dir, elem, length-1, &node{mode: fs.ModeDir | 0o755}); err != nil {
				return nil, err
			}
		case !child.mode.IsDir():
			return nil, at(name, "%q is both a folder and a %s", shortName(child.path()), kind(child.mode))
		}
		dir = child
	}
	return dir, nil
}

// put adds a node whose whole name has that many bytes.
func (t *tree) put(name string, dir *node, base string, length int, n *node) (*node, error) {
	if t.nodes++; t.nodes > t.limits.Entries {
		return nil, at(name, "the archive has over the limit of %d files, folders and links (Limits.Entries)", t.limits.Entries)
	}
	if err := t.hold(name, length); err != nil {
		return nil, err
	}
	if last := len(t.chunks) - 1; last < 0 || len(t.chunks[last]) == nodesAtOnce {
		t.chunks = append(t.chunks, make([]node, 0, nodesAtOnce))
	}
	chunk := &t.chunks[len(t.chunks)-1]
	*chunk = append(*chunk, *n)
	added := &(*chunk)[len(*chunk)-1]
	added.name, added.parent = t.keep(base), dir
	t.index.add(added)
	return added, nil
}

// find returns the node of a clean name, without following links; nil if there
// is none.
func (t *tree) find(clean string) *node {
	n := t.root
	if clean == "." {
		return n
	}
	for elem := range strings.SplitSeq(clean, "/") {
		if n = t.index.find(n, elem); n == nil { // also of what is no folder
			return nil
		}
	}
	return n
}

// checkRatio checks how much comes of an archive of that size.
func (t *tree) checkRatio(size int64) error {
	if t.total > ratioLimit(size, t.limits) {
		return fmt.Errorf("unpacked it has %d bytes, over %d times its %d bytes (Limits.Ratio)", t.total, t.limits.Ratio, size)
	}
	return nil
}

// finish sorts the entries, once all are there, and checks them as a whole.
func (t *tree) finish(ctx context.Context) error {
	if err := t.sort(ctx); err != nil {
		return err
	}
	t.index.slots, t.text = nil, strings.Builder{}
	if t.links == 0 {
		return nil
	}
	return t.checkLinks(ctx)
}

// sort fills in the children of all folders.
func (t *tree) sort(ctx context.Context) error {
	for n := range t.all {
		n.parent.size++ // of a folder: the number of its children, while they are sorted
	}
	order := make([]*node, t.nodes)
	for dir := range t.folders {
		dir.children, order, dir.size = order[:0:dir.size], order[dir.size:], 0
	}
	for n := range t.all {
		n.parent.children = append(n.parent.children, n)
	}
	for dir := range t.folders {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		slices.SortFunc(dir.children, func(a, b *node) int { return strings.Compare(a.name, b.name) })
	}
	return nil
}

// all yields all nodes but the root.
func (t *tree) all(yield func(*node) bool) {
	for _, chunk := range t.chunks {
		for i := range chunk {
			if !yield(&chunk[i]) {
				return
			}
		}
	}
}

// folders yields all folders.
func (t *tree) folders(yield func(*node) bool) {
	if !yield(t.root) {
		return
	}
	for n := range t.all {
		if n.mode.IsDir() && !yield(n) {
			return
		}
	}
}

// index finds nodes by folder and name. It is a hash table without keys: a map
// would hold each of them again.
type index struct {
	seed  maphash.Seed
	slots []*node // their number is a power of two, and more than half are nil
	used  int
}

type indexKey struct {
	parent *node
	name   string
}

// slot returns where the node is, or where it would be.
func (x *index) slot(parent *node, name string) int {
	i := int(maphash.Comparable(x.seed, indexKey{parent, name})) & (len(x.slots) - 1)
	for {
		if n := x.slots[i]; n == nil || n.parent == parent && n.name == name {
			return i
		}
		i = (i + 1) & (len(x.slots) - 1)
	}
}

func (x *index) find(parent *node, name string) *node {
	if len(x.slots) == 0 {
		return nil
	}
	return x.slots[x.slot(parent, name)]
}

func (x *index) add(n *node) {
	if 2*(x.used+1) > len(x.slots) {
		old := x.slots
		x.slots = make([]*node, max(64, 2*len(old)))
		for _, n := range old {
			if n != nil {
				x.slots[x.slot(n.parent, n.name)] = n
			}
		}
	}
	x.slots[x.slot(n.parent, n.name)] = n
	x.used++
}
