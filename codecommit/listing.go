package codecommit

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/codesuite-go/codesuite/internal/gitobj"
)

// A walk through a tree asks for one folder after the other. From the fifth on, an
// FS reads the listing of all files besides, in pages of many files each, and has
// all folders once it is complete.
const (
	walkFolders  = 5       // read before the walk counts as one
	firstPages   = 80      // pages read then
	morePages    = 8       // and with each further folder
	maxWalkFiles = 200_000 // files up to which the listing is kept

	listingRetries = 10 * time.Second // for one page, before folders are asked for instead
)

// listing is the listing of all files of an FS, as far as it has been read.
type listing struct {
	mu    sync.Mutex // held while pages are read
	read  int        // folders that ReadDir has asked for
	pages *changePages
	files []Entry
	given bool // complete, or given up
}

// walked is called for each folder that a ReadDir needs and the tree lacks. It
// reads on in the listing, and gives the tree all folders when that is complete
// and proven. Its failure is no error: folders can be asked for one by one.
func (t *tree) walked() {
	l := &t.listing
	if !l.mu.TryLock() {
		return // another caller reads the listing
	}
	defer l.mu.Unlock()
	if l.read++; l.given || l.read < walkFolders {
		return
	}
	pages := morePages
	if l.pages == nil {
		patient := t.repo.maxElapsed()
		repo := t.repo.With(func(o *Options) {
			if patient < 0 || patient > listingRetries {
				o.MaxElapsed = listingRetries
			}
		})
		l.pages, pages = repo.changePages("", t.commit.ID), firstPages
	}
	for range pages {
		changes, err := l.pages.next(t.ctx)
		for _, c := range changes {
			l.files = append(l.files, c.After)
		}
		switch {
		case err != nil || len(l.files) > maxWalkFiles:
			l.given, l.files = true, nil
			return
		case l.pages.done:
			t.addFolders(l.files)
			l.given, l.files = true, nil
			return
		}
	}
}

// addFolders keeps the listings of all folders of the files, if they make the
// commit's tree.
func (t *tree) addFolders(files []Entry) {
	b := &folderBuilder{ctx: t.ctx, folders: make(map[string][]Entry)}
	slices.SortFunc(files, func(a, b Entry) int { return strings.Compare(a.Path, b.Path) })
	id, err := b.folder("", files)
	if err != nil || id != t.commit.TreeID {
		t.repo.options.Logger.DebugContext(t.ctx, "codecommit: the listing of all files does not make the commit's tree, listing folder by folder",
			"repository", t.repo.name, "commit", t.commit.ID, "error", err)
		return
	}
	for id, entries := range b.folders {
		t.folders.Add(id, entries)
	}
}

// folderBuilder makes the folders of a listing of files.
type folderBuilder struct {
	ctx     context.Context
	folders map[string][]Entry // by tree ID, sorted by name
}

// folder returns the tree ID of the folder with the files, which are sorted by
// their paths.
func (b *folderBuilder) folder(dir string, files []Entry) (id string, err error) {
	if err := b.ctx.Err(); err != nil {
		return "", err
	}
	var entries []Entry
	for len(files) > 0 {
		e := files[0]
		if !fs.ValidPath(e.Path) || e.Path == "." {
			return "", fmt.Errorf("the listing has the path %q", e.Path)
		}
		name, _, below := strings.Cut(strings.TrimPrefix(e.Path[len(dir):], "/"), "/")
		n := 1
		if below {
			e = Entry{Path: path.Join(dir, name), Mode: ModeFolder}
			for n < len(files) && strings.HasPrefix(files[n].Path, e.Path+"/") {
				n++
			}
			if e.ID, err = b.folder(e.Path, files[:n]); err != nil {
				return "", err
			}
		}
		entries, files = append(entries, e), files[n:]
	}
	slices.SortFunc(entries, func(a, b Entry) int { return cmp.Compare(a.Path, b.Path) })
	tree := make([]gitobj.Entry, len(entries))
	for i, e := range entries {
		if i > 0 && e.Path == entries[i-1].Path {
			return "", errors.New("the listing has a path twice")
		}
		tree[i] = gitobj.Entry{Mode: gitobj.Mode(e.Mode), Name: path.Base(e.Path), ID: e.ID}
	}
	if id, err = gitobj.TreeID(tree); err != nil {
		return "", err
	}
	b.folders[id] = entries
	return id, nil
}
