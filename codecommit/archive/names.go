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

// checkLinks checks that no member would be written through a link of the same
// archive: a name that one system, or one reading of a backslash, takes for a
// path below the link.
func checkLinks(members []*member) error {
	links := make(map[string]string) // the names, by their form on all systems
	for _, m := range members {
		if m.isLink() {
			links[strings.Join(foldName(m.name), "/")] = m.name
		}
	}
	if len(links) == 0 {
		return nil
	}
	checked := "" // the folder of the last member
	for _, m := range members {
		slash := strings.LastIndexByte(m.name, '/') + 1
		if m.name[:slash] == checked && !strings.Contains(m.name[slash:], `\`) {
			continue
		}
		checked = m.name[:slash]
		elements := foldName(m.name)
		if !m.isFolder() {
			elements = elements[:len(elements)-1]
		}
		for n := range elements {
			if link, ok := links[strings.Join(elements[:n+1], "/")]; ok {
				return fmt.Errorf("archive: %w: %q would be written through the link %q on some system", ErrInsecurePath, m.name, link)
			}
		}
	}
	return nil
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
