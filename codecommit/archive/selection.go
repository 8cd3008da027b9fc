package archive

import (
	"fmt"
	"path"
	"strings"
)

// selection is what Options.Paths select.
type selection []string // clean, "" is the root; empty for everything

func newSelection(paths []string) (selection, error) {
	var s selection
	for _, p := range paths {
		if p == "." || p == "./" {
			s = append(s, "")
			continue
		}
		name := strings.TrimPrefix(strings.TrimRight(p, "/"), "./")
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
