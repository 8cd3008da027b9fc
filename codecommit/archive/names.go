package archive

import (
	"fmt"
	"strings"
	"unicode"
)

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
		if isDotGit(element) {
			return fmt.Errorf("%w: %q has the element %q", ErrInsecurePath, name, element)
		}
	}
	return nil
}

// isDotGit reports whether some file system takes the element for .git.
func isDotGit(element string) bool {
	// Windows takes what follows a colon for a stream of the file, and drops
	// dots and spaces at the end; git~1 is its short name of .git. HFS+, of
	// macOS, ignores some runes.
	element, _, _ = strings.Cut(element, ":")
	element = strings.TrimRight(element, ". ")
	element = strings.Map(func(r rune) rune {
		if unicode.Is(ignoredByHFS, r) {
			return -1
		}
		return r
	}, element)
	return strings.EqualFold(element, ".git") || strings.EqualFold(element, "git~1")
}

var ignoredByHFS = &unicode.RangeTable{R16: []unicode.Range16{
	{Lo: 0x200c, Hi: 0x200f, Stride: 1},
	{Lo: 0x202a, Hi: 0x202e, Stride: 1},
	{Lo: 0x206a, Hi: 0x206f, Stride: 1},
	{Lo: 0xfeff, Hi: 0xfeff, Stride: 1},
}}

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
