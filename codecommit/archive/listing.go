package archive

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/codesuite-go/codesuite/codecommit"
)

// listing is what is known of the commit's tree so far. Two sources fill it: the
// pages of the listing of all files, one after the other, and a walk through the
// folders, many at a time, each proven against the tree ID that its parent lists.
// It has no lock: the fetcher's mutex guards it.
type listing struct {
	job *job

	leaves []codecommit.Entry // of all pages so far
	read   int                // leaves that the planner has passed, while they are ordered
	astray bool               // the pages came in another order, or do not make the tree
	mixed  mixture            // how files and folders followed each other before that
	taken  bool               // the planner has taken something from the pages, unproven
	paging bool               // pages are still to come
	proven bool               // the leaves are all and make the tree
	made   string             // ID of the tree that the leaves make, once they are proven
	behind time.Time          // since when pages have listed only what is planned already

	folders map[string]*folder            // by path
	known   map[string][]codecommit.Entry // by tree ID, with the paths relative to the folder
	asked   map[string]bool               // the folders that are in folders, in pending or in flight
	pending []folderRef                   // to walk, in the order of the tree
	hurried []folderRef                   // to walk before all else
	left    map[string]bool               // the folders that are left out, without those below them
	target  string                        // a folder that the planner needs, with a slash behind it; "" for none
	walk    walk
	failed  bool // a folder could not be listed, and the pages are waited for
	calls   int  // that the walk may make, before pages are asked for instead
	unpaged bool // pages were not asked for yet, and can be
}

// folder is the listing of one folder.
type folder struct {
	id      string
	entries []codecommit.Entry // in the order of the tree, with paths relative to the folder
}

// folderRef names a folder to list.
type folderRef struct{ path, id string }

// newListing returns the listing of the job's commit. Folders whose trees are
// known need no call.
func newListing(j *job, known map[string][]codecommit.Entry) (*listing, error) {
	l := &listing{
		job: j, calls: math.MaxInt,
		folders: make(map[string]*folder), known: make(map[string][]codecommit.Entry), asked: make(map[string]bool), left: make(map[string]bool),
	}
	maps.Copy(l.known, known)
	return l, l.add(folderRef{"", j.commit.TreeID})
}

// addLeaves adds a page of the listing.
func (l *listing) addLeaves(page []codecommit.Change) error {
	for _, change := range page {
		e := change.After
		if err := checkTreePath(e.Path); err != nil {
			return l.wrong(err)
		}
		if n := len(l.leaves); n > 0 && e.Path <= l.leaves[n-1].Path {
			l.astray = true
		} else if n > 0 {
			l.mixed.add(l.leaves[n-1].Path, e.Path)
		}
		l.leaves = append(l.leaves, e)
	}
	return nil
}

// ordered reports whether the leaves are in the order of their paths: they came so, or
// are sorted since they are proven.
func (l *listing) ordered() bool { return l.proven || !l.astray }

// mixture tells the order of paths from orders in which all files of a folder come
// before or after its subfolders: only in that of paths do both follow each other.
type mixture struct{ fileLater, folderLater bool }

// add takes in two paths that are listed one after the other.
func (m *mixture) add(before, after string) {
	n := 0
	for i := 0; i < len(before) && i < len(after) && before[i] == after[i]; i++ {
		if before[i] == '/' {
			n = i + 1
		}
	}
	wasFolder, isFolder := strings.Contains(before[n:], "/"), strings.Contains(after[n:], "/")
	m.fileLater = m.fileLater || wasFolder && !isFolder
	m.folderLater = m.folderLater || !wasFolder && isFolder
}

// trusted reports whether what is planned so far can be written before the listing is
// proven: nothing that comes in a later page is before it.
func (l *listing) trusted() bool { return !l.taken || l.inOrder() }

// inOrder reports whether the pages have shown that they list everything in the order
// of the tree.
func (l *listing) inOrder() bool { return !l.astray && l.mixed.fileLater && l.mixed.folderLater }

func (l *listing) wrong(err error) error {
	return fmt.Errorf("archive: tree of commit %s: %w", l.job.commit.ID, err)
}

// fallsBehind reports whether pages have listed, for too long, only what the walk
// has found before them. Where folders cannot be listed, the pages are all there is.
func (l *listing) fallsBehind(passed string) bool {
	if l.walk != walkIdle || l.failed || !l.ordered() || l.frontier() >= passed {
		l.behind = time.Time{}
		return false
	}
	if l.behind.IsZero() {
		l.behind = time.Now()
	}
	return time.Since(l.behind) > maxBehind
}

// maxBehind is how long pages may list what is planned already.
const maxBehind = time.Second

// frontier returns the path up to which the pages list everything.
func (l *listing) frontier() string {
	if !l.ordered() || len(l.leaves) == 0 {
		return ""
	}
	return l.leaves[len(l.leaves)-1].Path
}

// leaf returns the first leaf that is not before passed, while the leaves are
// ordered.
func (l *listing) leaf(passed string) (codecommit.Entry, bool) {
	if !l.ordered() {
		return codecommit.Entry{}, false
	}
	for ; l.read < len(l.leaves); l.read++ {
		if l.leaves[l.read].Path >= passed {
			return l.leaves[l.read], true
		}
	}
	return codecommit.Entry{}, false
}

// find looks for the name in the folder. It reports whether it is there, and
// whether that is known. The pages tell it if they are usable, and the name is not
// there if the folder is not.
func (l *listing) find(dir, name string, usable bool) (e codecommit.Entry, found, known bool) {
	full := path.Join(dir, name)
	if f := l.folders[dir]; f != nil {
		for _, e := range f.entries {
			if e.Path == name {
				e.Path = full
				return e, true, true
			}
		}
		return e, false, true
	}
	if !l.ordered() || !usable {
		return e, false, l.lacks(dir)
	}
	i, found := slices.BinarySearchFunc(l.leaves, full, func(e codecommit.Entry, p string) int { return cmp.Compare(e.Path, p) })
	if found {
		e = l.leaves[i]
	}
	if known = i < len(l.leaves); known {
		l.take()
	}
	return e, found, known || l.lacks(dir)
}

// take says that the planner takes something from the pages.
func (l *listing) take() { l.taken = l.taken || !l.proven }

// lacks reports whether the commit has no folder of the path, by the listing of one
// above it: pages have listed something in it that is not there.
func (l *listing) lacks(dir string) bool {
	for ; dir != ""; dir = parent(dir) {
		if up := l.folders[parent(dir)]; up != nil {
			return !slices.ContainsFunc(up.entries, func(e codecommit.Entry) bool {
				return e.Path == path.Base(dir) && e.Mode.Canonical() == codecommit.ModeFolder
			})
		}
	}
	return false
}

// treeID returns the tree ID of a folder, if it or the folder above it is walked.
func (l *listing) treeID(dir string) string {
	if f := l.folders[dir]; f != nil {
		return f.id
	}
	if dir == "" {
		return l.job.commit.TreeID
	}
	if up := l.folders[parent(dir)]; up != nil {
		for _, e := range up.entries {
			if e.Path == path.Base(dir) {
				return e.ID
			}
		}
	}
	return ""
}

// end is behind all paths in the folder, and before what follows it.
func end(dir string) string { return dir + "0" } // "0" follows "/"

// add adds a folder to walk, unless its tree is known or it holds nothing of the
// selected paths.
func (l *listing) add(ref folderRef) error {
	if l.asked[ref.path] || !l.job.reaches(ref.path) {
		return nil
	}
	l.asked[ref.path] = true
	if entries, ok := l.known[ref.id]; ok {
		return l.set(ref, entries)
	}
	l.later(ref)
	return nil
}

// later adds a folder to those that are to be walked.
func (l *listing) later(ref folderRef) {
	i, _ := slices.BinarySearchFunc(l.pending, ref, func(a, b folderRef) int { return cmp.Compare(a.path+"/", b.path+"/") })
	l.pending = slices.Insert(l.pending, i, ref)
}

// set sets what the folder lists.
func (l *listing) set(ref folderRef, entries []codecommit.Entry) error {
	names := make(map[string]struct{}, len(entries))
	for _, e := range entries {
		if err := checkTreePath(e.Path); err != nil {
			return l.wrong(fmt.Errorf("folder %q: %w", ref.path, err))
		}
		if _, twice := names[e.Path]; twice {
			return l.wrong(fmt.Errorf("%q is listed twice", path.Join(ref.path, e.Path)))
		}
		names[e.Path] = struct{}{}
	}
	l.folders[ref.path] = &folder{ref.id, entries}
	l.known[ref.id] = entries
	for _, e := range entries {
		if e.Mode == codecommit.ModeFolder {
			if err := l.add(folderRef{path.Join(ref.path, e.Path), e.ID}); err != nil {
				return err
			}
		}
	}
	return nil
}

// learn takes in trees that are known, for the folders that are to be walked.
func (l *listing) learn(known map[string][]codecommit.Entry) error {
	maps.Copy(l.known, known)
	pending := l.pending
	l.pending = nil
	for _, ref := range pending {
		delete(l.asked, ref.path)
		if err := l.add(ref); err != nil {
			return err
		}
	}
	return nil
}

// hurry has a folder walked before all else.
func (l *listing) hurry(ref folderRef) error {
	if i := slices.Index(l.pending, ref); i >= 0 {
		l.pending = slices.Delete(l.pending, i, i+1)
	} else if l.asked[ref.path] {
		return nil
	}
	l.asked[ref.path] = true
	if entries, ok := l.known[ref.id]; ok {
		return l.set(ref, entries)
	}
	l.hurried = append(l.hurried, ref)
	return nil
}
