package pathname

import (
	"iter"
	"strings"
)

// IsDotGit reports whether some file system takes the element of a name for
// .git: with other case, with runes that it ignores, with dots and spaces at the
// end, with a stream behind a colon, or as the short name git~1.
func IsDotGit(element string) bool {
	element, _, _ = strings.Cut(element, ":")
	switch Fold(element) {
	case ".git", "git~1":
		return true
	}
	return false
}

// Elements returns the parts of a name between slashes and backslashes, the
// separators of Windows, without empty ones. On other systems a part may be one
// piece of an element.
func Elements(name string) iter.Seq[string] {
	return strings.FieldsFuncSeq(name, isSeparator)
}

// IsRooted reports whether some system takes the name for one that does not
// start in the folder at hand: one that starts with a separator or with the
// letter of a drive, such as "C:x".
func IsRooted(name string) bool {
	if len(name) > 1 && name[1] == ':' {
		letter := name[0] | 0x20
		return 'a' <= letter && letter <= 'z'
	}
	return name != "" && isSeparator(rune(name[0]))
}

func isSeparator(r rune) bool { return r == '/' || r == '\\' }
