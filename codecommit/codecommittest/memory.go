package codecommittest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
	"sync"

	"github.com/codesuite-go/codesuite/internal/gitobj"
)

// defaultBranch is the default branch of repositories that FS describes.
const defaultBranch = "main"

// firstCommit is the time of the first commit in seconds since 1970; each
// commit of a repository is a minute after the one before.
const firstCommit = 1577836800 // 2020-01-01

// memory is a store of objects in memory.
type memory struct {
	mu            sync.RWMutex
	objects       map[string]memoryObject
	references    map[string]string // full names to commit IDs
	commits       int               // how many were made
	defaultBranch string
}

type memoryObject struct {
	kind string
	data []byte
}

func openFS(fsys fs.FS) (*memory, error) {
	m := &memory{objects: make(map[string]memoryObject), references: make(map[string]string), defaultBranch: defaultBranch}
	if fsys == nil {
		return m, nil
	}
	_, err := m.commit(defaultBranch, fsys)
	return m, err
}

// commit adds a commit with the files of fsys to the branch.
func (m *memory) commit(branch string, fsys fs.FS) (id string, err error) {
	b := builder{fsys: fsys, objects: make(map[string]memoryObject)}
	tree, _, err := b.tree(".")
	if err != nil {
		return "", err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	commit := &gitobj.Commit{TreeID: tree, Message: fmt.Sprintf("Commit %d\n", m.commits+1)}
	parent, ok := m.references["refs/heads/"+branch]
	if !ok {
		parent, ok = m.references[branchPrefix+m.defaultBranch]
	}
	if ok {
		commit.Parents = []string{parent}
	}
	commit.Author = gitobj.Signature{
		Name:    "CodeCommit Test",
		Email:   "test@example.com",
		Seconds: firstCommit + 60*int64(m.commits),
		Zone:    "+0000",
	}
	commit.Committer = commit.Author
	id = b.add("commit", commit.Encode())
	for id, o := range b.objects {
		m.objects[id] = o
	}
	m.references["refs/heads/"+branch] = id
	m.commits++
	return id, nil
}

// setRef lets the reference stand for the commit; "" deletes it.
func (m *memory) setRef(ref, commit string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if commit == "" {
		delete(m.references, ref)
		return nil
	}
	if m.objects[commit].kind != "commit" {
		return fmt.Errorf("there is no commit %q", commit)
	}
	m.references[ref] = commit
	return nil
}

func (m *memory) resolve(_ context.Context, ref string) (string, []byte, error) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	if ref == "HEAD" {
		ref = branchPrefix + m.defaultBranch
	}
	id, ok := m.references[ref]
	if !ok {
		return "", nil, errMissing
	}
	return id, m.objects[id].data, nil
}

func (m *memory) head(context.Context) (string, error) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	if _, ok := m.references[branchPrefix+m.defaultBranch]; !ok {
		return "", nil
	}
	return m.defaultBranch, nil
}

func (m *memory) branches(context.Context) ([]string, error) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	var names []string
	for ref := range m.references {
		if name, ok := strings.CutPrefix(ref, "refs/heads/"); ok {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names, nil
}

func (m *memory) refs(context.Context) (map[string]string, error) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	refs := make(map[string]string)
	for ref, id := range m.references {
		if strings.HasPrefix(ref, branchPrefix) || strings.HasPrefix(ref, tagPrefix) {
			refs[ref] = id
		}
	}
	return refs, nil
}

func (m *memory) object(_ context.Context, kind, id string) ([]byte, error) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	o, ok := m.objects[id]
	if !ok || o.kind != kind {
		return nil, errMissing
	}
	return o.data, nil
}

func (m *memory) blob(ctx context.Context, id string) (*blob, error) {
	data, err := m.object(ctx, "blob", id)
	if err != nil {
		return nil, err
	}
	if len(data) > maxFile {
		return nil, errTooLarge
	}
	return &blob{Reader: bytes.NewReader(data), size: int64(len(data))}, nil
}

func (m *memory) put(_ context.Context, kind string, data []byte) (string, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	id := gitobj.ID(kind, data)
	m.objects[id] = memoryObject{kind, data}
	return id, nil
}

func (m *memory) update(_ context.Context, ref, before, after string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	switch {
	case m.references[ref] != before:
		return fmt.Errorf("%s is at %q, not at %q", ref, m.references[ref], before)
	case after == "":
		delete(m.references, ref)
	default:
		m.references[ref] = after
	}
	return nil
}

func (m *memory) setHead(_ context.Context, branch string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.defaultBranch = branch
	return nil
}

func (m *memory) close() {}

// builder makes objects of a file system.
type builder struct {
	fsys    fs.FS
	objects map[string]memoryObject
}

func (b *builder) add(kind string, data []byte) (id string) {
	id = gitobj.ID(kind, data)
	b.objects[id] = memoryObject{kind, data}
	return id
}

// tree adds the folder with everything below it, and reports whether the folder
// holds no files.
func (b *builder) tree(dir string) (id string, empty bool, err error) {
	children, err := fs.ReadDir(b.fsys, dir)
	if err != nil {
		return "", false, err
	}
	var entries []gitobj.Entry
	for _, child := range children {
		if strings.EqualFold(child.Name(), ".git") {
			continue
		}
		if strings.ContainsAny(child.Name(), "/\x00") {
			return "", false, &fs.PathError{Op: "commit", Path: path.Join(dir, child.Name()), Err: errors.New("not a file name")}
		}
		e, skip, err := b.entry(path.Join(dir, child.Name()), child)
		if err != nil {
			return "", false, err
		}
		if !skip {
			entries = append(entries, e)
		}
	}
	data, err := gitobj.EncodeTree(entries)
	if err != nil {
		return "", false, err
	}
	return b.add("tree", data), len(entries) == 0, nil
}

func (b *builder) entry(name string, d fs.DirEntry) (e gitobj.Entry, skip bool, err error) {
	e.Name = d.Name()
	var data []byte
	switch d.Type() {
	case fs.ModeDir:
		e.Mode = gitobj.ModeTree
		e.ID, skip, err = b.tree(name)
		return e, skip, err
	case fs.ModeSymlink:
		target, err := fs.ReadLink(b.fsys, name)
		if err != nil {
			return e, false, err
		}
		e.Mode, data = gitobj.ModeSymlink, []byte(target)
	case 0:
		info, err := d.Info()
		if err != nil {
			return e, false, err
		}
		e.Mode = gitobj.ModeFile
		if info.Mode()&0o100 != 0 {
			e.Mode = gitobj.ModeExecutable
		}
		if data, err = fs.ReadFile(b.fsys, name); err != nil {
			return e, false, err
		}
	default:
		return e, false, &fs.PathError{Op: "commit", Path: name, Err: errors.New("neither a regular file, a folder nor a symbolic link")}
	}
	e.ID = b.add("blob", data)
	return e, false, nil
}
