package codecommit

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
	"sync"

	"github.com/codesuite-go/codesuite/internal/flight"
)

const (
	maxLinks      = 40       // followed for one name, as on Linux
	maxLinkTarget = 4096     // bytes of a target that is followed, as on Linux
	maxPlaces     = 4096     // folders whose places an FS keeps by their names
	blobCacheSize = 16 << 20 // bytes of content that an FS keeps
)

// tree is the part of an FS that it shares with its sub-FS.
type tree struct {
	ctx    context.Context // bounds the life of the FS, whose methods take none
	repo   *Repository
	commit *Commit

	folders flight.Cache[[]Entry] // by tree ID, sorted by name
	blobs   flight.Cache[[]byte]  // by blob ID

	listing listing

	mu    sync.Mutex
	sizes map[string]int64 // by blob ID; -1 is one over the API's limit
}

func newTree(ctx context.Context, r *Repository, c *Commit) *tree {
	return &tree{
		ctx: ctx, repo: r, commit: c,
		blobs: flight.Cache[[]byte]{Limit: blobCacheSize, Size: func(b []byte) int { return len(b) }},
		sizes: make(map[string]int64),
	}
}

// place is an entry in the tree.
type place struct {
	Entry
	up *place // the folder that holds it; nil for the repository's root
}

// resolved is the place that a name leads to.
type resolved struct {
	*place
	links int // followed so far
}

// walk follows the path from a place, and returns the place that it leads to.
// Where it ends at a link, follow says whether to go on to the link's target.
func (t *tree) walk(from resolved, path string, follow bool) (resolved, error) {
	at := from
	for todo := strings.Split(path, "/"); len(todo) > 0; {
		elem := todo[0]
		todo = todo[1:]
		if !at.Mode.FileMode().IsDir() {
			return at, fs.ErrNotExist
		}
		switch elem {
		case "", ".": // in the target of a link
			continue
		case "..":
			if at.up == nil {
				return at, fmt.Errorf("a link leads out of the repository: %w", fs.ErrNotExist)
			}
			at.place = at.up
			continue
		}
		e, err := t.lookup(at.Entry, elem)
		if err != nil {
			return at, err
		}
		if e.Mode.Canonical() != ModeSymlink || len(todo) == 0 && !follow {
			at.place = &place{Entry: e, up: at.place}
			continue
		}
		if at.links++; at.links > maxLinks {
			return at, errTooManyLinks
		}
		target, err := t.target(e)
		if err != nil {
			return at, err
		}
		todo = append(strings.Split(target, "/"), todo...)
	}
	return at, nil
}

// target returns the target of a link that can be followed.
func (t *tree) target(link Entry) (string, error) {
	content, err := t.content(link)
	switch {
	case err != nil:
		return "", err
	case len(content) > maxLinkTarget:
		return "", fmt.Errorf("the target of the link %q has %d bytes: %w", link.Path, len(content), fs.ErrInvalid)
	case len(content) == 0:
		return "", fmt.Errorf("the link %q has no target: %w", link.Path, fs.ErrNotExist)
	case content[0] == '/':
		return "", fmt.Errorf("the link %q leads out of the repository: %w", link.Path, fs.ErrNotExist)
	}
	return string(content), nil
}

// lookup returns the entry with the name in a folder.
func (t *tree) lookup(dir Entry, name string) (Entry, error) {
	entries, err := t.list(dir)
	if err != nil {
		return Entry{}, err
	}
	i, ok := slices.BinarySearchFunc(entries, name, func(e Entry, name string) int {
		return strings.Compare(path.Base(e.Path), name)
	})
	if !ok {
		return Entry{}, fs.ErrNotExist
	}
	return entryIn(dir, entries[i]), nil
}

// entryIn returns e as an entry of dir. The cache may have it from another
// folder with the same tree.
func entryIn(dir, e Entry) Entry {
	e.Path = path.Join(dir.Path, path.Base(e.Path))
	return e
}

// readDir is list for a caller that reads the whole folder, as a walk does.
func (t *tree) readDir(dir Entry) ([]Entry, error) {
	if _, ok := t.folders.Lookup(dir.ID); !ok && t.ctx.Err() == nil && dir.Mode.Canonical() != ModeSubmodule {
		t.walked()
	}
	return t.list(dir)
}

// list returns the entries of a folder, sorted by name, with the paths of any
// folder that has the same tree.
func (t *tree) list(dir Entry) ([]Entry, error) {
	if err := t.ctx.Err(); err != nil {
		return nil, err
	}
	if dir.Mode.Canonical() == ModeSubmodule {
		return nil, nil
	}
	return t.folders.Get(t.ctx, dir.ID, func() ([]Entry, error) {
		folder, err := t.repo.Folder(t.ctx, t.commit.ID, dir.Path)
		if err != nil {
			return nil, err
		}
		if folder.TreeID != dir.ID && !t.repo.options.SkipVerify {
			return nil, &IntegrityError{Folder: true, Path: dir.Path, Want: dir.ID, Got: folder.TreeID}
		}
		entries := folder.Entries
		slices.SortFunc(entries, func(a, b Entry) int { return strings.Compare(a.Path, b.Path) })
		for i := range entries {
			if i > 0 && entries[i].Path == entries[i-1].Path {
				return nil, t.repo.malformed("GetFolder", dir.Path, fmt.Errorf("the folder lists %q twice", entries[i].Path))
			}
		}
		return entries, nil
	})
}

// content returns the content of a file or link. It must not be changed.
func (t *tree) content(e Entry) ([]byte, error) {
	if err := t.ctx.Err(); err != nil {
		return nil, err
	}
	content, err := t.blobs.Get(t.ctx, e.ID, func() ([]byte, error) { return t.repo.Blob(t.ctx, e.ID) })
	if i := (*IntegrityError)(nil); errors.As(err, &i) {
		err = &IntegrityError{Path: e.Path, Want: i.Want, Got: i.Got}
	}
	if err == nil || errors.Is(err, ErrTooLarge) {
		t.mu.Lock()
		defer t.mu.Unlock()
		t.sizes[e.ID] = int64(len(content))
		if err != nil {
			t.sizes[e.ID] = -1
		}
	}
	return content, err
}

// size returns the size of a file or link, -1 for one over the API's limit.
func (t *tree) size(e Entry) (int64, error) {
	if err := t.ctx.Err(); err != nil {
		return 0, err
	}
	t.mu.Lock()
	size, ok := t.sizes[e.ID]
	t.mu.Unlock()
	if ok {
		return size, nil
	}
	content, err := t.content(e)
	if errors.Is(err, ErrTooLarge) {
		return -1, nil
	}
	return int64(len(content)), err
}
