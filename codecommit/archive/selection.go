package archive

import (
	"fmt"
	"path"
	"strings"
)

// selection is what Options.Paths and Options.Pathspecs select.
type selection struct {
	wanted   []pathspec // none for everything
	unwanted []pathspec
}

func newSelection(paths, specs []string) (selection, error) {
	var s selection
	for _, p := range paths {
		name, err := cleanPath(p)
		if err != nil {
			return s, fmt.Errorf("archive: Paths: %w", err)
		}
		s.wanted = append(s.wanted, pathspec{text: p, path: name})
	}
	for _, text := range specs {
		p, err := parsePathspec(text)
		if err != nil {
			return s, fmt.Errorf("archive: Pathspecs: %w", err)
		}
		if p.excludes {
			s.unwanted = append(s.unwanted, p)
		} else {
			s.wanted = append(s.wanted, p)
		}
	}
	return s, nil
}

// cleanPath returns the path that git makes of one from the root of the
// repository, "" for the root itself.
func cleanPath(p string) (string, error) {
	if p == "" {
		return "", fmt.Errorf("%w: it is empty", ErrInsecurePath)
	}
	name := path.Clean(p)
	if name == "." {
		return "", nil
	}
	if name == ".." || strings.HasPrefix(name, "../") {
		return "", fmt.Errorf("%w: %q leaves the repository", ErrInsecurePath, p)
	}
	return name, checkName(name)
}

// selects reports whether the file of the path belongs to the archive.
func (s selection) selects(file string) bool {
	for _, p := range s.unwanted {
		if p.matches(file) {
			return false
		}
	}
	for _, p := range s.wanted {
		if p.matches(file) {
			return true
		}
	}
	return len(s.wanted) == 0
}

// reaches reports whether the folder, "" for the root, can hold or be below
// something that is selected.
func (s selection) reaches(folder string) bool {
	if folder == "" || len(s.wanted) == 0 {
		return true
	}
	for _, p := range s.wanted {
		if p.glob != nil || p.fold || below(folder, p.path) || below(p.path, folder) {
			return true
		}
	}
	return false
}

// matcher finds out which paths and pathspecs match nothing.
type matcher struct {
	specs   []pathspec
	matched []bool
}

func newMatcher(s selection) *matcher {
	m := &matcher{specs: append(append([]pathspec(nil), s.wanted...), s.unwanted...)}
	m.matched = make([]bool, len(m.specs))
	for i, p := range m.specs {
		m.matched[i] = p.path == "" && p.glob == nil && !p.excludes // even in an empty tree
	}
	return m
}

// see takes note of an entry of the tree.
func (m *matcher) see(path string) {
	for i, p := range m.specs {
		// As for git, an excluding pathspec alone selects all others.
		m.matched[i] = m.matched[i] || p.matches(path) != p.excludes
	}
}

// unmatched returns the first pathspec that has matched nothing.
func (m *matcher) unmatched() (text string, ok bool) {
	for i, matched := range m.matched {
		if !matched {
			return m.specs[i].text, true
		}
	}
	return "", false
}

// below reports whether name is the folder, "" for the root, or below it.
func below(name, folder string) bool {
	return folder == "" || strings.HasPrefix(name, folder) && (len(name) == len(folder) || name[len(folder)] == '/')
}

// parent returns the folder that holds name, "" for the root.
func parent(name string) string {
	if dir := path.Dir(name); dir != "." {
		return dir
	}
	return ""
}
