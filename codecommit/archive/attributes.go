package archive

import (
	"errors"
	"fmt"
	"path"
	"strings"

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

// enter takes note of a folder that is visited, and reads its .gitattributes if
// they can say something about the selected paths.
func (p *planner) enter(dir string) error {
	j := p.f.job
	local, inside := j.local(dir)
	if dir == j.root {
		local, inside, p.rootSeen = "", true, true
		if strings.HasSuffix(j.options.Prefix, "/") {
			if err := p.addMember(&member{name: j.options.Prefix, mode: codecommit.ModeFolder}, dir); err != nil {
				return err
			}
		}
	}
	if !inside || !j.selected.reaches(local) || p.isIgnored(local) && len(j.options.Extra) == 0 {
		return nil
	}
	e, ok, err := p.find(dir, attributesFile)
	if !ok || err != nil || !isBlob(e.Mode) {
		return err
	}
	content, err := p.content(e)
	if err != nil {
		return err
	}
	p.attributes.Add(local, content)
	return nil
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

// newExpander makes what expands the placeholders of export-subst. The mailmap of
// the tree is read only if a member has that attribute.
func (p *planner) newExpander() error {
	j := p.f.job
	e, ok, err := p.find("", mailmapFile)
	if err != nil {
		return err
	}
	var mailmap []byte
	if ok && isBlob(e.Mode) && e.Mode != codecommit.ModeSymlink {
		if mailmap, err = p.content(e); err != nil {
			return err
		}
	}
	c := j.commit
	j.expander = gitpretty.New(gitpretty.Commit{
		ID:        c.ID,
		TreeID:    c.TreeID,
		Parents:   c.Parents,
		Author:    gitpretty.Signature{Name: c.Author.Name, Email: c.Author.Email, When: c.Author.Time},
		Committer: gitpretty.Signature{Name: c.Committer.Name, Email: c.Committer.Email, When: c.Committer.Time},
		Message:   c.Message,
	}, mailmap)
	return nil
}

// content returns the content of a file that the planner needs: from the base, or
// through the fetcher.
func (p *planner) content(e codecommit.Entry) ([]byte, error) {
	if content, ok := p.f.job.base.content(e.ID); ok {
		return content, nil
	}
	return p.f.content(e)
}
