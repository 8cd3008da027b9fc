package archive

import (
	"cmp"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/codesuite-go/codesuite/codecommit"
	"github.com/codesuite-go/codesuite/internal/gitobj"
)

// tree is a whole tree: its entries with the folders, in git's order, each
// folder before what it holds.
type tree struct {
	id      string // of the root
	entries []codecommit.Entry
}

// newTree makes the tree of the leaves: files, links and submodules in any
// order, which it sorts. It computes the IDs of the folders.
func newTree(leaves []codecommit.Entry) (*tree, error) {
	// By their bytes, whole paths sort as git's walk through the folders does:
	// a folder's entries start with its name and a slash.
	slices.SortFunc(leaves, func(a, b codecommit.Entry) int { return cmp.Compare(a.Path, b.Path) })

	b := &treeBuilder{files: make(map[string]struct{}, len(leaves))}
	b.tree.entries = make([]codecommit.Entry, 0, len(leaves)+len(leaves)/4)
	b.open("")
	for _, leaf := range leaves {
		if err := checkTreePath(leaf.Path); err != nil {
			return nil, err
		}
		if _, twice := b.files[leaf.Path]; twice {
			return nil, fmt.Errorf("%q is listed twice", leaf.Path)
		}
		b.files[leaf.Path] = struct{}{}
		if err := b.enter(parent(leaf.Path)); err != nil {
			return nil, err
		}
		b.add(leaf)
	}
	for len(b.folders) > 0 {
		if err := b.close(); err != nil {
			return nil, err
		}
	}
	return &b.tree, nil
}

// subtrees returns the entries of each folder of t, by tree ID, with paths
// relative to the folder.
func (t *tree) subtrees() map[string][]codecommit.Entry {
	ids := map[string]string{"": t.id}
	byPath := make(map[string][]codecommit.Entry)
	for _, e := range t.entries {
		if e.Mode == codecommit.ModeFolder {
			ids[e.Path] = e.ID
		}
		folder := parent(e.Path)
		byPath[folder] = append(byPath[folder], codecommit.Entry{Path: path.Base(e.Path), Mode: e.Mode, ID: e.ID})
	}
	byID := make(map[string][]codecommit.Entry, len(ids))
	for folder, id := range ids {
		byID[id] = byPath[folder]
	}
	return byID
}

type treeBuilder struct {
	tree    tree
	files   map[string]struct{}
	folders []*openFolder // from the root to the one being filled
}

type openFolder struct {
	path     string
	index    int // of its entry; -1 for the root
	children []gitobj.Entry
}

func (b *treeBuilder) open(folder string) {
	index := -1
	if folder != "" {
		index = len(b.tree.entries)
		b.tree.entries = append(b.tree.entries, codecommit.Entry{Path: folder, Mode: codecommit.ModeFolder})
	}
	b.folders = append(b.folders, &openFolder{path: folder, index: index})
}

// enter closes and opens folders until folder is the one to fill.
func (b *treeBuilder) enter(folder string) error {
	for {
		current := b.folders[len(b.folders)-1].path
		switch {
		case current == folder:
			return nil
		case below(folder, current):
			rest := strings.TrimPrefix(folder[len(current):], "/")
			name, _, _ := strings.Cut(rest, "/")
			next := path.Join(current, name)
			if _, ok := b.files[next]; ok {
				return fmt.Errorf("%q is listed as a file and as a folder", next)
			}
			b.open(next)
		default:
			if err := b.close(); err != nil {
				return err
			}
		}
	}
}

func (b *treeBuilder) add(leaf codecommit.Entry) {
	b.tree.entries = append(b.tree.entries, leaf)
	folder := b.folders[len(b.folders)-1]
	folder.children = append(folder.children, gitobj.Entry{Mode: gitobj.Mode(leaf.Mode), Name: path.Base(leaf.Path), ID: leaf.ID})
}

func (b *treeBuilder) close() error {
	folder := b.folders[len(b.folders)-1]
	b.folders = b.folders[:len(b.folders)-1]
	id, err := gitobj.TreeID(folder.children)
	if err != nil {
		return fmt.Errorf("folder %q: %w", folder.path, err)
	}
	if folder.index < 0 {
		b.tree.id = id
		return nil
	}
	b.tree.entries[folder.index].ID = id
	up := b.folders[len(b.folders)-1]
	up.children = append(up.children, gitobj.Entry{Mode: gitobj.ModeTree, Name: path.Base(folder.path), ID: id})
	return nil
}
