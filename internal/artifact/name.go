package artifact

import (
	"errors"
	"path"
	"strings"
	"unicode/utf8"
)

// maxName is how many bytes a name or the target of a link has at most, as on
// Linux.
const maxName = 4096

// cleanName returns the name of an entry as io/fs has it. It refuses a name
// that io/fs cannot have, and one that may be another name where the archive is
// unpacked.
func cleanName(name string) (string, error) {
	switch {
	case name == "":
		return "", &Error{Err: errors.New("an entry has no name")}
	case len(name) > maxName:
		return "", at(name, "its name has over %d bytes", maxName)
	case !utf8.ValidString(name):
		return "", at(name, "its name is not UTF-8")
	case strings.Contains(name, "\x00"):
		return "", at(name, "its name has a zero byte")
	case strings.Contains(name, `\`):
		return "", at(name, `its name has a backslash, which is a separator on Windows: pack with a program that writes "/" (not .NET before 4.6.1 or the Compress-Archive of PowerShell 5), or rename the file`)
	case path.IsAbs(name):
		return "", at(name, "its name is absolute")
	case hasDrive(name):
		return "", at(name, "its name is absolute on Windows, as it starts with the letter of a drive: rename the file")
	}
	for elem := range strings.SplitSeq(name, "/") {
		if elem == ".." {
			return "", at(name, "its name leads out of its folder")
		}
	}
	return path.Clean(name), nil
}

// hasDrive reports whether the name starts with a drive letter of Windows.
func hasDrive(name string) bool {
	return len(name) >= 2 && name[1] == ':' && ('a' <= name[0]|0x20 && name[0]|0x20 <= 'z')
}
