package pipelinetest

import (
	"errors"
	"fmt"
	"slices"
	"unicode/utf8"

	"github.com/codesuite-go/codesuite/pipeline/pipelinetest/internal/glob"
)

// Globs select branches, tags or files: what one of the includes matches, or
// anything without includes, unless one of the excludes matches.
//
// In a pattern "*" stands for any text without "/" and "**" for any text, "?" for one
// character but "/", "[ab]", "[a-c]" and "[!ab]" for one of a set, and "{a,b}" for one of
// several patterns. A backslash takes the meaning from the character after it. There
// are up to 8 includes and 8 excludes, one at least, of 1 to 255 characters each.
type Globs struct{ Includes, Excludes []string }

// selects reports whether the patterns select the name.
func (p *Globs) selects(name string) bool {
	if p == nil {
		return true
	}
	matches := func(pattern string) bool { return glob.Match(pattern, name) }
	return (len(p.Includes) == 0 || slices.ContainsFunc(p.Includes, matches)) && !slices.ContainsFunc(p.Excludes, matches)
}

// selectsAny reports whether the patterns select one of the names.
func (p *Globs) selectsAny(names []string) bool {
	return p == nil || slices.ContainsFunc(names, p.selects)
}

func (p *Globs) clone() *Globs {
	if p == nil {
		return nil
	}
	return &Globs{slices.Clone(p.Includes), slices.Clone(p.Excludes)}
}

// checkPatterns returns what is wrong with the patterns of a filter.
func checkPatterns(all ...*Globs) error {
	for _, p := range all {
		if p == nil {
			continue
		}
		if len(p.Includes)+len(p.Excludes) == 0 || len(p.Includes) > 8 || len(p.Excludes) > 8 {
			return errors.New("patterns have 1 to 8 includes or excludes")
		}
		for _, pattern := range slices.Concat(p.Includes, p.Excludes) {
			if n := utf8.RuneCountInString(pattern); n < 1 || n > 255 {
				return fmt.Errorf("a pattern has %d characters: it has 1 to 255", n)
			}
			if err := glob.Check(pattern); err != nil {
				return fmt.Errorf("pattern %q: %w", pattern, err)
			}
		}
	}
	return nil
}
