// Package glob matches the paths of files with patterns that have "**" for any
// number of folders, as build specifications and CI systems do.
package glob

import (
	"errors"
	"fmt"
	"path"
	"strings"
)

// Check returns what is wrong with a pattern that cannot match a path.
func Check(pattern string) error {
	for elem := range strings.SplitSeq(pattern, "/") {
		switch elem {
		case "", ".", "..":
			return fmt.Errorf("it has an element %q, and paths have none", elem)
		}
		if _, err := path.Match(elem, ""); err != nil {
			return errors.New("its syntax is not valid")
		}
	}
	return nil
}

// Match reports whether the pattern matches the whole path, whose separator is
// "/". The element "**" stands for any number of folders, and at the end of the
// pattern for everything below; the other elements are patterns of [path.Match].
func Match(pattern, name string) bool {
	p, n := strings.Split(pattern, "/"), strings.Split(name, "/")
	i, j := 0, 0
	// Only the last "**" need take more: what came before it has matched.
	last, next := -1, 0
	for j < len(n) {
		switch {
		case i < len(p) && p[i] == "**":
			if i++; i == len(p) {
				return true
			}
			last, next = i, j
		case i < len(p) && matchElement(p[i], n[j]):
			i, j = i+1, j+1
		case last >= 0:
			next++
			i, j = last, next
		default:
			return false
		}
	}
	return i == len(p)
}

func matchElement(pattern, name string) bool {
	ok, err := path.Match(pattern, name)
	return ok && err == nil
}

// MatchAny reports whether one of the patterns matches.
func MatchAny(patterns []string, name string) bool {
	for _, pattern := range patterns {
		if Match(pattern, name) {
			return true
		}
	}
	return false
}
