package archive

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"io/fs"
	"strings"

	"github.com/codesuite-go/codesuite/codecommit"
	"github.com/codesuite-go/codesuite/internal/gitattr"
	"github.com/codesuite-go/codesuite/internal/gitobj"
)

// member is an entry of the archive.
type member struct {
	name  string // with the prefix; that of a folder or submodule ends in a slash
	path  string // in the repository; empty for the prefix and for extra members
	mode  codecommit.Mode
	id    string // object ID
	extra []byte // content of an extra member

	attributes *gitattr.Attributes // nil if they do not change the content
	decided    bool                // the attributes say whether the content is binary
	binary     bool                // the answer
	base       *baseFile           // nil if the content is to be fetched
}

// isFolder reports whether the member has a folder's form in the archive.
func (m *member) isFolder() bool {
	return m.mode == codecommit.ModeFolder || m.mode == codecommit.ModeSubmodule
}

// isLink reports whether the member is a symbolic link.
func (m *member) isLink() bool { return m.mode == codecommit.ModeSymlink }

// isSubstituted reports whether $Format:…$ is expanded in the member.
func (m *member) isSubstituted() bool { return m.attributes != nil && m.attributes.ExportSubst() }

// sameContent reports whether the content of m and o, members with the same
// blob, has the same form in the archive.
func (m *member) sameContent(o *member) bool {
	if m.isLink() != o.isLink() {
		return false
	}
	if m.attributes == nil || o.attributes == nil {
		return m.attributes == o.attributes
	}
	return *m.attributes == *o.attributes
}

// hasBlob reports whether the content of the member is to be fetched.
func (m *member) hasBlob() bool { return m.path != "" && !m.isFolder() && m.base == nil }

// members returns what of the tree is in the archive, as git archive chooses
// and orders it.
func (j *job) members(t *tree, attributes *gitattr.Set) ([]*member, error) {
	p := &planner{job: j, attributes: attributes, matcher: newMatcher(j.selected)}
	prefix := j.options.Prefix
	if strings.HasSuffix(prefix, "/") {
		p.members = append(p.members, &member{name: prefix, mode: codecommit.ModeFolder, id: t.id})
	}
	for _, e := range t.entries {
		if err := p.entry(e); err != nil {
			return nil, err
		}
	}
	if spec, ok := p.matcher.unmatched(); ok {
		return nil, fmt.Errorf("archive: %q is not in commit %s: %w", spec, j.commit.ID, fs.ErrNotExist)
	}
	if err := p.extra(); err != nil {
		return nil, err
	}
	return p.members, checkLinks(p.members)
}

type planner struct {
	job        *job
	attributes *gitattr.Set
	matcher    *matcher
	pending    []codecommit.Entry
	ignored    string // the folder that is left out
	members    []*member
}

// entry adds an entry of the tree. Folders wait for the first thing in them
// that is selected.
func (p *planner) entry(e codecommit.Entry) error {
	j := p.job
	for len(p.pending) > 0 && !below(e.Path, p.pending[len(p.pending)-1].Path) {
		p.pending = p.pending[:len(p.pending)-1]
	}
	p.matcher.see(e.Path)
	if p.ignored != "" && below(e.Path, p.ignored) {
		return nil
	}
	mode := e.Mode.Canonical()
	attributes := p.attributes.Lookup(e.Path, mode == codecommit.ModeFolder || mode == codecommit.ModeSubmodule)
	if mode == codecommit.ModeFolder {
		if attributes.ExportIgnore() {
			p.ignored = e.Path
		} else {
			p.pending = append(p.pending, e)
		}
		return nil
	}
	if !j.selected.selects(e.Path) {
		return nil
	}
	// A folder is there even if each of its files is left out.
	for _, folder := range p.pending {
		if err := p.add(folder, gitattr.Attributes{}); err != nil {
			return err
		}
	}
	p.pending = p.pending[:0]
	if attributes.ExportIgnore() {
		return nil
	}
	if mode == codecommit.ModeSubmodule {
		j.info.Submodules = append(j.info.Submodules, Submodule{Path: j.full(e.Path), Commit: e.ID})
	}
	return p.add(e, attributes)
}

func (p *planner) add(e codecommit.Entry, attributes gitattr.Attributes) error {
	m := &member{name: p.job.options.Prefix + e.Path, path: p.job.full(e.Path), mode: e.Mode.Canonical(), id: e.ID}
	m.binary, m.decided = attributes.Binary()
	isFile := m.mode == codecommit.ModeFile || m.mode == codecommit.ModeExecutable
	if p.job.isTree && attributes.ExportSubst() {
		attributes = attributes.WithoutSubst() // there is no commit to expand it from
	}
	if isFile && (attributes.Converts() || attributes.ExportSubst()) {
		m.attributes = &attributes
	}
	if m.base = p.job.base.file(m); m.base != nil {
		p.job.info.Base.Reused++
	}
	if err := checkName(m.name); err != nil {
		return fmt.Errorf("archive: %w", err)
	}
	if m.isFolder() {
		m.name += "/"
	}
	p.members = append(p.members, m)
	return nil
}

// extra adds the members of Options.Extra.
func (p *planner) extra() error {
	extra := p.job.options.Extra
	if len(extra) == 0 {
		return nil
	}
	names := make(map[string]bool, len(p.members)) // whether it is a folder
	for _, m := range p.members {
		names[strings.TrimSuffix(m.name, "/")] = m.isFolder()
	}
	for i, f := range extra {
		m := &member{name: f.fullName(p.job.options.Prefix), extra: f.Content}
		m.binary, m.decided = p.attributes.Lookup(f.Name, false).Binary()
		switch {
		case f.Mode.Type() == fs.ModeSymlink:
			m.mode = codecommit.ModeSymlink
		case f.Mode.Perm()&0o111 != 0:
			m.mode = codecommit.ModeExecutable
		default:
			m.mode = codecommit.ModeFile
		}
		if _, ok := names[m.name]; ok {
			return fmt.Errorf("archive: Extra: %q is in the archive already", m.name)
		}
		names[m.name] = false
		for folder := parent(m.name); folder != ""; folder = parent(folder) {
			if isFolder, ok := names[folder]; ok && !isFolder {
				return fmt.Errorf("archive: Extra: %q is below %q, which is not a folder", m.name, folder)
			}
			names[folder] = true
		}
		// Git numbers added files where it needs an object ID.
		var id [gitobj.IDLength / 2]byte
		binary.BigEndian.PutUint64(id[:], uint64(i+1))
		m.id = hex.EncodeToString(id[:])
		p.members = append(p.members, m)
	}
	return nil
}
