package archive

import (
	"path"
	"slices"
	"strings"

	"github.com/codesuite-go/codesuite/codecommit"
)

// walk says which folders are walked.
type walk int

const (
	walkNone walk = iota // pages list them in time
	walkIdle             // those that are not listed yet, while there is nothing to fetch
	walkAll              // all: the pages have ended or failed their proof
)

// leaveOut forgets the folders to walk in and below dir, and what comes of those in
// flight.
func (l *listing) leaveOut(dir string) {
	l.left[dir] = true
	l.pending = slices.DeleteFunc(l.pending, func(ref folderRef) bool { return below(ref.path, dir) })
}

// leavesOut reports whether a folder is left out.
func (l *listing) leavesOut(dir string) bool {
	for ; dir != ""; dir = parent(dir) {
		if l.left[dir] {
			return true
		}
	}
	return false
}

// next returns the next folder to walk, if one is to be walked. A worker is idle
// if there is nothing that it could fetch. The pages list folders if they are usable.
func (l *listing) next(idle, usable bool) (folderRef, bool) {
	i := -1
	switch {
	case len(l.hurried) > 0:
		ref := l.hurried[0]
		l.hurried = l.hurried[1:]
		return ref, true
	case l.target != "" && !l.failed:
		i = slices.IndexFunc(l.pending, func(ref folderRef) bool { return below(strings.TrimSuffix(l.target, "/"), ref.path) })
	}
	if i < 0 {
		switch {
		case l.walk == walkAll:
			i = 0
		case l.walk == walkNone || !idle || l.failed:
			return folderRef{}, false
		default:
			// Folders that the pages have passed are listed.
			frontier := ""
			if usable {
				frontier = l.frontier()
			}
			i, _ = slices.BinarySearchFunc(l.pending, frontier, func(ref folderRef, frontier string) int {
				if ref.path != "" && end(ref.path) <= frontier {
					return -1
				}
				return 1
			})
		}
	}
	if i >= len(l.pending) || l.calls == 0 {
		return folderRef{}, false
	}
	ref := l.pending[i]
	l.pending = slices.Delete(l.pending, i, i+1)
	l.calls--
	return ref, true
}

// list lists a folder of the walk.
func (f *fetcher) list(ref folderRef) {
	listed, err := f.job.repo.Folder(f.ctx, f.job.commit.ID, ref.path)
	if err == nil && listed.TreeID != ref.id && !f.job.options.SkipVerify {
		err = &IntegrityError{Folder: true, Path: ref.path, Want: ref.id, Got: listed.TreeID}
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.busy--
	l := f.listing
	entries, known := l.known[ref.id]
	switch {
	case f.planned || l.leavesOut(ref.path): // nobody needs it any more
		return
	case known: // from the pages, meanwhile
	case err == nil:
		entries = make([]codecommit.Entry, len(listed.Entries))
		for i, e := range listed.Entries {
			f.expect(e)
			entries[i] = codecommit.Entry{Path: path.Base(e.Path), Mode: e.Mode, ID: e.ID}
		}
	case l.walk == walkAll && !l.unpaged:
		f.fail(err)
		return
	default:
		if l.walk == walkAll {
			l.calls = 0 // has pages asked for
		}
		f.job.logger.DebugContext(f.ctx, "archive: a folder cannot be listed, waiting for the listing of all files", "folder", ref.path, "error", err)
		l.failed = true
		l.later(ref)
		return
	}
	if err := l.set(ref, entries); err != nil {
		f.fail(err)
	}
	f.planner.Broadcast()
	f.workers.Broadcast()
}

// expect fetches the attributes, if e holds some, before the planner needs them.
// The caller holds mu.
func (f *fetcher) expect(e codecommit.Entry) {
	if local, inside := f.job.local(e.Path); inside && isAttributes(e) && f.job.selected.reaches(parent(local)) && !f.job.base.has(e.ID) {
		f.want(e)
	}
}
