package archive

import (
	"errors"
	"fmt"
	"path"
	"slices"

	"github.com/codesuite-go/codesuite/codecommit"
	"github.com/codesuite-go/codesuite/internal/gitattr"
	"github.com/codesuite-go/codesuite/internal/gitpretty"
)

const (
	attributesFile = ".gitattributes"
	mailmapFile    = ".mailmap"
)

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
		content, err := j.content(f, e)
		if err != nil {
			return nil, err
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

// convert returns the content of a member as git archive has it, and the
// encoding that it should have and has not, by Options.KeepUnconverted.
func (j *job) convert(m *member, content []byte) (converted []byte, unconverted string, err error) {
	if m.attributes == nil {
		return content, "", nil
	}
	content, err = gitattr.Convert(content, m.path, m.id, *m.attributes)
	var encoding *gitattr.EncodingError
	switch {
	case errors.As(err, &encoding) && encoding.Encoding != "" && j.options.KeepUnconverted:
		unconverted, err = encoding.Encoding, nil
	case encoding != nil && encoding.Encoding != "":
		return nil, "", fmt.Errorf("%w (Options.KeepUnconverted archives it in UTF-8)", err)
	case err != nil:
		return nil, "", err
	}
	if m.isSubstituted() {
		content, err = j.expander.Subst(content)
	}
	return content, unconverted, err
}

// newExpander returns what expands the placeholders of export-subst. The
// mailmap of the tree is read only if a member has that attribute.
func (j *job) newExpander(f *fetcher, t *tree, members []*member) (*gitpretty.Expander, error) {
	if !slices.ContainsFunc(members, (*member).isSubstituted) {
		return nil, nil
	}
	var mailmap []byte
	for _, e := range t.entries {
		if e.Path == mailmapFile && isBlob(e.Mode) && e.Mode != codecommit.ModeSymlink {
			var err error
			if mailmap, err = j.content(f, e); err != nil {
				return nil, err
			}
		}
	}
	c := j.commit
	return gitpretty.New(gitpretty.Commit{
		ID:        c.ID,
		TreeID:    c.TreeID,
		Parents:   c.Parents,
		Author:    gitpretty.Signature{Name: c.Author.Name, Email: c.Author.Email, When: c.Author.Time},
		Committer: gitpretty.Signature{Name: c.Committer.Name, Email: c.Committer.Email, When: c.Committer.Time},
		Message:   c.Message,
	}, mailmap), nil
}

// content returns the content of a file before the members are fetched: from
// the base, or through the fetcher, which keeps it for the member.
func (j *job) content(f *fetcher, e codecommit.Entry) ([]byte, error) {
	if content, ok := j.base.content(e.ID); ok {
		return content, nil
	}
	f.prefetch(e)
	return f.content(e)
}
