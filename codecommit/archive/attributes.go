package archive

import (
	"path"

	"github.com/codesuite-go/codesuite/codecommit"
	"github.com/codesuite-go/codesuite/internal/gitattr"
)

const attributesFile = ".gitattributes"

func isAttributes(e codecommit.Entry) bool {
	return path.Base(e.Path) == attributesFile && isBlob(e.Mode)
}

// attributes reads the .gitattributes files of the tree that can say something
// about the selected paths.
func (j *job) attributes(f *fetcher, t *tree) (*gitattr.Set, error) {
	var files []codecommit.Entry
	for _, e := range t.entries {
		if isAttributes(e) && j.selected.reaches(parent(e.Path)) {
			files = append(files, e)
			if !j.base.has(e.ID) {
				f.prefetch(e)
			}
		}
	}
	set := new(gitattr.Set)
	for _, e := range files {
		content, ok := j.base.content(e.ID)
		if !ok {
			var err error
			if content, err = f.content(e); err != nil {
				return nil, err
			}
		}
		set.Add(parent(e.Path), content)
	}
	return set, nil
}

// ignores reports whether the attributes leave out the path or a folder above
// it.
func ignores(set *gitattr.Set, name string) bool {
	isFolder := false
	for ; name != ""; name, isFolder = parent(name), true {
		if set.Lookup(name, isFolder).ExportIgnore() {
			return true
		}
	}
	return false
}

// convert returns the content of a member as git archive has it.
func (j *job) convert(m *member, content []byte) ([]byte, error) {
	if m.attributes == nil {
		return content, nil
	}
	content, err := gitattr.Convert(content, m.path, m.id, *m.attributes)
	if err != nil {
		return nil, err
	}
	if m.attributes.ExportSubst() {
		return j.substitute(content)
	}
	return content, nil
}

func (j *job) substitute(content []byte) ([]byte, error) { return content, nil }
