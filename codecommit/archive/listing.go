package archive

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"path"
	"sync"

	"github.com/codesuite-go/codesuite/codecommit"
)

// list returns the tree of the commit. It takes the pages of one listing of
// all files, hands each file to seen, and proves the tree that they make. If the
// proof fails, because the service left something out, it walks through the
// folders.
func (j *job) list(ctx context.Context, seen func(codecommit.Entry)) (*tree, error) {
	var leaves []codecommit.Entry
	for change, err := range j.repo.Changes(ctx, "", j.commit.ID) {
		if err != nil {
			return nil, err
		}
		leaves = append(leaves, change.After)
		seen(change.After)
	}
	t, err := newTree(leaves)
	if err != nil {
		return nil, fmt.Errorf("archive: tree of commit %s: %w", j.commit.ID, err)
	}
	if t.id == j.commit.TreeID || j.options.SkipVerify {
		return t, nil
	}
	j.logger.WarnContext(ctx, "archive: the listing of all files does not make the commit's tree, walking through the folders",
		"repository", j.repo.Name(), "commit", j.commit.ID, "want", j.commit.TreeID, "got", t.id)
	return j.walk(ctx, t.subtrees(), math.MaxInt)
}

// walk returns the tree of the commit, listed folder by folder. Each is proven
// against the tree ID that its parent lists. A folder whose tree is known needs
// no call. Folders that hold nothing of the selected paths stay empty. Where it
// would take more calls than allowed, the error is errTooManyCalls.
func (j *job) walk(ctx context.Context, known map[string][]codecommit.Entry, calls int) (*tree, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	w := &walker{
		job:     j,
		known:   known,
		calls:   calls,
		cancel:  cancel,
		slots:   make(chan struct{}, j.options.Concurrency),
		folders: make(map[string][]codecommit.Entry),
	}
	w.visit(ctx, codecommit.Entry{Mode: codecommit.ModeFolder, ID: j.commit.TreeID})
	w.running.Wait()
	if err := cmp.Or(w.err, ctx.Err()); err != nil {
		return nil, err
	}
	t := &tree{id: j.commit.TreeID}
	return t, w.collect(t, "")
}

type walker struct {
	job     *job
	known   map[string][]codecommit.Entry // by tree ID, with paths relative to the folder
	cancel  context.CancelFunc
	slots   chan struct{}
	running sync.WaitGroup

	mu      sync.Mutex
	folders map[string][]codecommit.Entry // by path
	calls   int                           // that it may still make
	err     error                         // the first
}

var errTooManyCalls = errors.New("too many calls")

// mayCall takes one of the calls that are allowed.
func (w *walker) mayCall() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.calls == 0 {
		return errTooManyCalls
	}
	w.calls--
	return nil
}

func (w *walker) visit(ctx context.Context, folder codecommit.Entry) {
	if !w.job.reaches(folder.Path) {
		return
	}
	if entries, ok := w.known[folder.ID]; ok {
		w.set(folder.Path, entries)
		for _, e := range entries {
			if e.Mode == codecommit.ModeFolder {
				e.Path = path.Join(folder.Path, e.Path)
				w.visit(ctx, e)
			}
		}
		return
	}
	if err := w.mayCall(); err != nil {
		w.fail(err)
		return
	}
	w.running.Go(func() {
		select {
		case w.slots <- struct{}{}:
			defer func() { <-w.slots }()
		case <-ctx.Done():
			return
		}
		listed, err := w.job.repo.Folder(ctx, w.job.commit.ID, folder.Path)
		if err == nil && listed.TreeID != folder.ID && !w.job.options.SkipVerify {
			err = &IntegrityError{Folder: true, Path: folder.Path, Want: folder.ID, Got: listed.TreeID}
		}
		if err != nil {
			w.fail(err)
			return
		}
		entries := make([]codecommit.Entry, len(listed.Entries))
		for i, e := range listed.Entries {
			entries[i] = codecommit.Entry{Path: path.Base(e.Path), Mode: e.Mode, ID: e.ID}
			if e.Mode == codecommit.ModeFolder {
				w.visit(ctx, e)
			}
		}
		w.set(folder.Path, entries)
	})
}

func (w *walker) set(folder string, entries []codecommit.Entry) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.folders[folder] = entries
}

func (w *walker) fail(err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.err = cmp.Or(w.err, err)
	w.cancel()
}

// collect appends what the folder holds, and what is below it, to t.
func (w *walker) collect(t *tree, folder string) error {
	seen := make(map[string]struct{}, len(w.folders[folder]))
	for _, e := range w.folders[folder] {
		name := path.Join(folder, e.Path)
		if err := checkTreePath(e.Path); err != nil {
			return fmt.Errorf("archive: tree of commit %s: folder %q: %w", w.job.commit.ID, folder, err)
		}
		if _, twice := seen[e.Path]; twice {
			return fmt.Errorf("archive: tree of commit %s: %q is listed twice", w.job.commit.ID, name)
		}
		seen[e.Path] = struct{}{}
		t.entries = append(t.entries, codecommit.Entry{Path: name, Mode: e.Mode, ID: e.ID})
		if e.Mode == codecommit.ModeFolder {
			if err := w.collect(t, name); err != nil {
				return err
			}
		}
	}
	return nil
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
