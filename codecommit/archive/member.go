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

// entry adds an entry of the tree. Folders wait for the first thing in them
// that is selected.
func (p *planner) entry(e codecommit.Entry) error {
	j := p.f.job
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

// add adds a member for an entry.
func (p *planner) add(e codecommit.Entry, attributes gitattr.Attributes) error {
	j := p.f.job
	m := &member{name: j.options.Prefix + e.Path, path: j.full(e.Path), mode: e.Mode.Canonical(), id: e.ID}
	m.binary, m.decided = attributes.Binary()
	isFile := m.mode == codecommit.ModeFile || m.mode == codecommit.ModeExecutable
	if j.isTree && attributes.ExportSubst() {
		attributes = attributes.WithoutSubst() // there is no commit to expand it from
	}
	if isFile && (attributes.Converts() || attributes.ExportSubst()) {
		m.attributes = &attributes
	}
	if m.isSubstituted() && j.expander == nil {
		if err := p.newExpander(); err != nil {
			return err
		}
	}
	if m.base = j.base.file(m); m.base != nil {
		j.info.Base.Reused++
	}
	if err := checkName(m.name); err != nil {
		return fmt.Errorf("archive: %w", err)
	}
	if m.isFolder() {
		m.name += "/"
	}
	return p.addMember(m, m.path)
}

// addMember adds a member to the archive. That of a folder is the one of the path.
func (p *planner) addMember(m *member, path string) (err error) {
	if err := p.links.add(m); err != nil {
		return err
	}
	if m.mode == codecommit.ModeFolder && m.id == "" && !p.f.job.isZip && hasExtendedName(m.name) {
		if m.id, err = p.treeID(path); err != nil {
			return err
		}
	}
	p.f.add(m)
	return nil
}

// extra adds the members of Options.Extra.
func (p *planner) extra() error {
	options := &p.f.job.options
	if len(options.Extra) == 0 {
		return nil
	}
	names := make(map[string]bool, len(p.f.members)) // whether it is a folder
	for _, m := range p.f.members {
		names[strings.TrimSuffix(m.name, "/")] = m.isFolder()
	}
	for i, f := range options.Extra {
		m := &member{name: f.fullName(options.Prefix), extra: f.Content}
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
		if err := p.addMember(m, ""); err != nil {
			return err
		}
	}
	return nil
}
