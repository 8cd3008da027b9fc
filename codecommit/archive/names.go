package archive

import (
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/codesuite-go/codesuite/internal/pathname"
)

// checkName checks the name of a member, which may end in a slash. Git checks
// names only as far as its own checkouts need it; an archive is extracted by
// anything, on any system. A backslash is a byte like others in git, and a
// separator on Windows: a name is refused where one of the readings leaves the
// folder or enters .git, and not for the backslash itself.
func checkName(name string) error {
	switch {
	case name == "":
		return fmt.Errorf("%w: it is empty", ErrInsecurePath)
	case strings.ContainsRune(name, 0):
		return fmt.Errorf("%w: %q has a zero byte", ErrInsecurePath, name)
	case pathname.IsRooted(name) && name[0] != '/' && name[0] != '\\':
		return fmt.Errorf("%w: %q starts with the letter of a drive", ErrInsecurePath, name)
	case pathname.IsRooted(name):
		return fmt.Errorf("%w: %q is absolute", ErrInsecurePath, name)
	}
	for element := range pathname.Elements(name) {
		if element == ".." || pathname.IsDotGit(element) {
			return fmt.Errorf("%w: %q has the element %q", ErrInsecurePath, name, element)
		}
	}
	return nil
}

// checkTreePath checks that a path of a tree is one: that each of its elements is
// a name.
func checkTreePath(path string) error {
	if path == "." || !fs.ValidPath(strings.ToValidUTF8(path, "?")) || strings.ContainsRune(path, 0) {
		return fmt.Errorf("%w: %q is not a path of a tree", ErrInsecurePath, path)
	}
	return nil
}

// checkPrefix reports whether prefix may stand before every name. It is a
// folder with a slash at its end, or the start of a name.
func checkPrefix(prefix string) error {
	if prefix == "" {
		return nil
	}
	name := prefix
	if !strings.HasSuffix(name, "/") {
		name += "x" // what follows
	}
	if err := checkName(name); err != nil {
		return fmt.Errorf("archive: Prefix %q: %w", prefix, err)
	}
	return nil
}

// linkCheck checks that no member would be written through a link of the same
// archive: a name that one system, or one reading of a backslash, takes for a
// path below the link. Its maps have the names in the form that they share on
// all systems.
type linkCheck struct {
	links  map[string]string // the names of links
	above  map[string]string // for each folder, the name of a member that is it or in it
	folder string            // of the last member
}

// add checks a member together with those before it.
func (c *linkCheck) add(m *member) error {
	if c.links == nil {
		c.links, c.above = make(map[string]string), make(map[string]string)
	}
	var elements []string
	if m.isLink() {
		elements = foldName(m.name)
		folded := strings.Join(elements, "/")
		if name, ok := c.above[folded]; ok {
			return throughLink(name, m.name)
		}
		c.links[folded] = m.name
	}
	slash := strings.LastIndexByte(m.name, '/') + 1
	if slash > 0 && m.name[:slash] == c.folder && !strings.Contains(m.name[slash:], `\`) {
		return nil
	}
	c.folder = m.name[:slash]
	if elements == nil {
		elements = foldName(m.name)
	}
	if !m.isFolder() {
		elements = elements[:max(len(elements)-1, 0)]
	}
	for n := range elements {
		above := strings.Join(elements[:n+1], "/")
		if link, ok := c.links[above]; ok {
			return throughLink(m.name, link)
		}
		if _, ok := c.above[above]; !ok {
			c.above[above] = m.name
		}
	}
	return nil
}

func throughLink(name, link string) error {
	return fmt.Errorf("archive: %w: %q would be written through the link %q on some system", ErrInsecurePath, name, link)
}

// foldName returns the elements of a name in the form that all names of one file
// share.
func foldName(name string) []string {
	elements := slices.Collect(pathname.Elements(name))
	for i, e := range elements {
		elements[i] = pathname.Fold(e)
	}
	return slices.DeleteFunc(elements, func(e string) bool { return e == "" })
}
