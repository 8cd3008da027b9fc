package archive

import (
	"errors"
	"fmt"
	"path"
	"strings"
)

// ErrInsecurePath is a path that would leave the folder an archive is
// extracted to, on some system, or get into a repository's .git folder.
var ErrInsecurePath = errors.New("insecure path")

// checkName reports whether name, with slashes and without one at its end, may
// be the name of a member.
func checkName(name string) error {
	switch {
	case name == "":
		return fmt.Errorf("%w: it is empty", ErrInsecurePath)
	case strings.Contains(name, "\\"):
		return fmt.Errorf("%w: %q has a backslash, which separates folders on Windows", ErrInsecurePath, name)
	case strings.ContainsRune(name, 0):
		return fmt.Errorf("%w: %q has a zero byte", ErrInsecurePath, name)
	case strings.HasPrefix(name, "/"):
		return fmt.Errorf("%w: %q is absolute", ErrInsecurePath, name)
	case len(name) > 1 && name[1] == ':' && isLetter(name[0]):
		return fmt.Errorf("%w: %q starts with the letter of a drive", ErrInsecurePath, name)
	}
	for element := range strings.SplitSeq(name, "/") {
		switch element {
		case "", ".", "..":
			return fmt.Errorf("%w: %q has the element %q", ErrInsecurePath, name, element)
		}
		// Windows drops dots and spaces at the end, and git~1 is the short
		// name of .git there.
		if e := strings.TrimRight(element, ". "); strings.EqualFold(e, ".git") || strings.EqualFold(e, "git~1") {
			return fmt.Errorf("%w: %q has the element %q", ErrInsecurePath, name, element)
		}
	}
	return nil
}

func isLetter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }

// checkPrefix reports whether prefix may stand before every name. It is a
// folder with a slash at its end, or the start of a name.
func checkPrefix(prefix string) error {
	if prefix == "" {
		return nil
	}
	name := strings.TrimSuffix(prefix, "/")
	if name == prefix {
		name += "x" // what follows
	}
	if err := checkName(name); err != nil {
		return fmt.Errorf("archive: Prefix %q: %w", prefix, err)
	}
	return nil
}

// selection is what Options.Paths select.
type selection []string // clean; empty for everything

func newSelection(paths []string) (selection, error) {
	var s selection
	for _, p := range paths {
		name := strings.TrimRight(p, "/")
		if p == "." || p == "./" {
			return nil, nil
		}
		name = strings.TrimPrefix(name, "./")
		if err := checkName(name); err != nil {
			return nil, fmt.Errorf("archive: Paths: %w", err)
		}
		s = append(s, name)
	}
	return s, nil
}

// selects reports whether the file of the path belongs to the archive.
func (s selection) selects(file string) bool {
	if len(s) == 0 {
		return true
	}
	for _, p := range s {
		if below(file, p) {
			return true
		}
	}
	return false
}

// reaches reports whether the folder, "" for the root, holds or is below
// something that is selected.
func (s selection) reaches(folder string) bool {
	if folder == "" || s.selects(folder) {
		return true
	}
	for _, p := range s {
		if below(p, folder) {
			return true
		}
	}
	return false
}

// below reports whether name is the folder or below it.
func below(name, folder string) bool {
	return strings.HasPrefix(name, folder) && (len(name) == len(folder) || name[len(folder)] == '/')
}

// parent returns the folder that holds name, "" for the root.
func parent(name string) string {
	if dir := path.Dir(name); dir != "." {
		return dir
	}
	return ""
}
