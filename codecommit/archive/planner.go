package archive

import (
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/codesuite-go/codesuite/codecommit"
	"github.com/codesuite-go/codesuite/internal/gitattr"
	"github.com/codesuite-go/codesuite/internal/gitobj"
)

// planner goes through the tree in its order, while the tree is being listed, and
// adds the members of the archive to the fetcher. It takes each folder from the
// walk, if that has listed it, or else from the pages, as long as these come in
// the order of the paths. It proves what it took from the pages.
type planner struct {
	f *fetcher

	// The members, see member.go.
	attributes gitattr.Set // of the folders that it has entered
	matcher    *matcher
	pending    []codecommit.Entry
	ignored    string // the folder that is left out
	links      linkCheck
	rootSeen   bool // the folder that is archived is there

	passed string                    // the paths before it are visited
	paged  map[string][]gitobj.Entry // the entries of the folders that it took from the pages
	found  map[string]foundEntry     // what it looked up before its turn, by path, in the folders that it has entered
}

// foundEntry is the answer to a lookup.
type foundEntry struct {
	entry codecommit.Entry
	ok    bool
}

// plan adds all members.
func (f *fetcher) plan() {
	p := &planner{f: f, matcher: newMatcher(f.job.selected), paged: make(map[string][]gitobj.Entry), found: make(map[string]foundEntry)}
	if err := p.members(); err != nil {
		f.mu.Lock()
		defer f.mu.Unlock()
		f.fail(err)
		return
	}
	f.end()
}

func (p *planner) members() error {
	j := p.f.job
	if _, err := p.folder("", j.commit.TreeID); err != nil {
		return err
	}
	if !p.rootSeen {
		return fmt.Errorf("archive: %q is not a folder of commit %s: %w", j.root, j.commit.ID, fs.ErrNotExist)
	}
	if spec, ok := p.matcher.unmatched(); ok {
		return fmt.Errorf("archive: %q is not in commit %s: %w", spec, j.commit.ID, fs.ErrNotExist)
	}
	return p.extra()
}

// folder visits what a folder holds, and returns its tree ID. The one wanted is
// "" if it is not known yet.
func (p *planner) folder(dir, want string) (id string, err error) {
	if err := p.enter(dir); err != nil {
		return "", err
	}
	var seen []gitobj.Entry // the entries visited so far
	checked := 0            // those of them that the listing of the folder confirms
	for {
		s, err := p.next(dir, len(seen))
		switch {
		case err != nil:
			return "", err
		case s.folder != nil && checked < len(seen):
			if err := p.check(dir, seen, checked, s.folder); err != nil {
				return "", err
			}
			checked = len(seen)
		case s.folder != nil && s.end:
			return s.folder.id, p.confirm(dir, seen, s.folder.id)
		case s.unknown:
			return "", nil
		case s.end:
			if id, err = gitobj.TreeID(seen); err != nil {
				return "", p.f.listing.wrong(fmt.Errorf("folder %q: %w", dir, err))
			}
			if want != "" && id != want && (!p.f.job.options.SkipVerify || dir == "" && id != p.f.listing.made) {
				p.distrust(dir, want, id)
				continue
			}
			p.paged[dir] = seen
			return id, p.confirm(dir, seen, id)
		default:
			e, err := p.visit(s, seen)
			if err != nil {
				return "", err
			}
			seen = append(seen, e)
		}
	}
}

// visit visits an entry and, if it is a folder, what it holds.
func (p *planner) visit(s step, seen []gitobj.Entry) (gitobj.Entry, error) {
	e := s.entry
	visited := gitobj.Entry{Mode: gitobj.Mode(e.Mode), Name: path.Base(e.Path), ID: e.ID}
	local, inside := p.f.job.local(e.Path)
	if inside {
		if err := p.entry(codecommit.Entry{Path: local, Mode: e.Mode, ID: e.ID}); err != nil {
			return visited, err
		}
	}
	if e.Mode.Canonical() != codecommit.ModeFolder {
		p.passed = e.Path + "\x00"
		p.f.see()
		return visited, nil
	}
	// A file of the name comes before the folder, with names between them that
	// start with it.
	for i := len(seen) - 1; i >= 0 && strings.HasPrefix(seen[i].Name, visited.Name); i-- {
		if seen[i].Name == visited.Name {
			return visited, p.f.listing.wrong(fmt.Errorf("%q is listed as a file and as a folder", e.Path))
		}
	}
	if s.folder != nil && p.leavesOut(e.Path, local, inside) {
		p.f.mu.Lock()
		p.f.listing.leaveOut(e.Path)
		p.f.mu.Unlock()
	} else {
		id, err := p.folder(e.Path, e.ID)
		if err != nil {
			return visited, err
		}
		visited.ID = id
	}
	p.passed = end(e.Path)
	return visited, nil
}

// leavesOut reports whether nothing in the folder can be of account.
func (p *planner) leavesOut(dir, local string, inside bool) bool {
	j := p.f.job
	return !j.reaches(dir) || inside && p.isIgnored(local) && len(p.matcher.specs) == 0 && len(j.options.Extra) == 0
}

// isIgnored reports whether attributes leave out the folder that is visited.
func (p *planner) isIgnored(local string) bool { return p.ignored != "" && below(local, p.ignored) }

// step is what comes next in a folder.
type step struct {
	entry   codecommit.Entry
	end     bool    // there is no other entry
	folder  *folder // the listing that the walk has; nil if the step follows from the pages
	unknown bool    // the folder is not listed, and need not be
}

// next waits for what comes in the folder after n entries.
func (p *planner) next(dir string, n int) (s step, err error) {
	f, l := p.f, p.f.listing
	err = p.wait(func() bool {
		if s.folder = l.folders[dir]; s.folder != nil {
			if s.end = n >= len(s.folder.entries); !s.end {
				s.entry = s.folder.entries[n]
				s.entry.Path = path.Join(dir, s.entry.Path)
			}
		} else if leaf, ok := l.leaf(p.passed); ok && f.usePages() {
			l.take()
			rest := leaf.Path
			if s.end = !below(leaf.Path, dir); s.end {
				return true
			}
			if dir != "" {
				rest = rest[len(dir)+1:]
			}
			s.entry = leaf
			if name, _, isFolder := strings.Cut(rest, "/"); isFolder {
				s.entry = codecommit.Entry{Path: path.Join(dir, name), Mode: codecommit.ModeFolder}
			}
		} else if s.end = l.proven || l.lacks(dir); !s.end {
			s.unknown = !l.paging && !f.job.reaches(dir)
			return s.unknown
		}
		return true
	})
	return s, err
}

// usePages reports whether what the pages list may be taken. The caller holds mu.
func (f *fetcher) usePages() bool { return !f.open || f.listing.proven || f.listing.inOrder() }

// find waits for the entry of the name in a folder that is visited, and reports
// whether it is there.
func (p *planner) find(dir, name string) (e codecommit.Entry, found bool, err error) {
	l := p.f.listing
	err = p.wait(func() (known bool) {
		e, found, known = l.find(dir, name, p.f.usePages())
		return known || l.proven || !l.paging && !p.f.job.reaches(dir)
	})
	p.found[path.Join(dir, name)] = foundEntry{e, found}
	return e, found, err
}

// confirm checks what was looked up in a folder against its entries: pages in another
// order than that of the tree may list it behind what it is about.
func (p *planner) confirm(dir string, seen []gitobj.Entry, id string) error {
	for _, name := range []string{attributesFile, mailmapFile} {
		used, asked := p.found[path.Join(dir, name)]
		if !asked {
			continue
		}
		delete(p.found, path.Join(dir, name))
		i := slices.IndexFunc(seen, func(e gitobj.Entry) bool { return e.Name == name })
		if used.ok == (i >= 0) && (i < 0 || seen[i].ID == used.entry.ID && seen[i].Mode.Canonical() == gitobj.Mode(used.entry.Mode).Canonical()) {
			continue
		}
		believed := slices.DeleteFunc(slices.Clone(seen), func(e gitobj.Entry) bool { return e.Name == name })
		if used.ok {
			believed = append(believed, gitobj.Entry{Mode: gitobj.Mode(used.entry.Mode), Name: name, ID: used.entry.ID})
		}
		return p.unproven(dir, believed, id)
	}
	return nil
}

// treeID waits for the tree ID of a folder that is visited.
func (p *planner) treeID(dir string) (id string, err error) {
	l := p.f.listing
	err = p.wait(func() bool {
		id = l.treeID(dir)
		if l.target = ""; id == "" && l.lacks(dir) {
			id = gitobj.EmptyTreeID // the proof of the folder above fails
		}
		if id == "" {
			l.target = dir + "/"
		}
		return id != ""
	})
	return id, err
}

// wait waits until known returns true, which it calls for each news of the
// listing, with mu.
func (p *planner) wait(known func() bool) error {
	f := p.f
	f.mu.Lock()
	defer f.mu.Unlock()
	f.passed = p.passed
	for f.err == nil {
		if known() {
			f.planning = false
			return nil
		}
		if f.planning = true; f.listing.walk != walkNone || f.listing.target != "" {
			f.workers.Signal()
		}
		f.planner.Wait()
	}
	return f.err
}

// distrust gives up the pages, which do not make the tree of the folder.
func (p *planner) distrust(dir, want, got string) {
	p.f.mu.Lock()
	defer p.f.mu.Unlock()
	p.f.distrust(dir, want, got)
}

// check checks the entries of a folder that were visited, all but the first n of
// them, against the folder's listing. The pages may have told other modes, and
// folders in it may differ in the same way.
func (p *planner) check(dir string, seen []gitobj.Entry, n int, listed *folder) error {
	j := p.f.job
	var differ []folderRef
	for i, s := range seen {
		if i < n {
			continue
		}
		if i >= len(listed.entries) {
			return p.unproven(dir, seen, listed.id)
		}
		e := listed.entries[i]
		full := path.Join(dir, e.Path)
		switch {
		case e.Path != s.Name || e.Mode.Canonical() != codecommit.Mode(s.Mode.Canonical()):
			return p.unproven(dir, seen, listed.id)
		case e.ID == s.ID:
		case e.Mode.Canonical() != codecommit.ModeFolder:
			return p.unproven(dir, seen, listed.id)
		case j.reaches(full):
			if p.paged[full] == nil {
				return p.unproven(dir, seen, listed.id)
			}
			differ = append(differ, folderRef{full, e.ID})
		}
	}
	if len(differ) == 0 {
		return nil
	}
	p.f.mu.Lock()
	for _, ref := range differ {
		if err := p.f.listing.hurry(ref); err != nil {
			p.f.fail(err)
		}
	}
	p.f.workers.Broadcast()
	p.f.mu.Unlock()
	for _, ref := range differ {
		var f *folder
		if err := p.wait(func() bool { f = p.f.listing.folders[ref.path]; return f != nil }); err != nil {
			return err
		}
		seen := p.paged[ref.path]
		if len(seen) != len(f.entries) {
			return p.unproven(ref.path, seen, f.id)
		}
		if err := p.check(ref.path, seen, 0, f); err != nil {
			return err
		}
	}
	return nil
}

// unproven is the error for entries of a folder that its listing does not have. Those
// of folders that hold nothing selected have no ID, and do not count.
func (p *planner) unproven(dir string, seen []gitobj.Entry, want string) error {
	known := slices.DeleteFunc(slices.Clone(seen), func(e gitobj.Entry) bool { return e.ID == "" })
	got, err := gitobj.TreeID(known)
	if err != nil {
		return p.f.listing.wrong(fmt.Errorf("folder %q: %w", dir, err))
	}
	return &unprovenError{&IntegrityError{Folder: true, Path: dir, Want: want, Got: got}}
}
