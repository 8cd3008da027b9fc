package codecommittest

import (
	"regexp"
	"strings"
	"sync"
)

// pattern returns a function that compiles the expression at its first call, so
// that programs start fast that seldom need a server, such as the archive command.
func pattern(expr string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(expr) })
}

var repositoryName = pattern(`^[\w.-]{1,100}$`)

func validRepositoryName(name string) bool {
	return repositoryName().MatchString(name) && !strings.HasSuffix(name, ".git")
}

func validBranchName(name string) bool {
	return len(name) <= 256 && !strings.HasPrefix(name, "-") && validRefName(name)
}

// validRefName reports whether git accepts a reference with the name, or
// refs/heads/ and the name. It leaves no way to write a revision expression
// such as main~1 or main:path.
func validRefName(name string) bool {
	if name == "" || name == "@" || strings.HasSuffix(name, ".") || strings.Contains(name, "..") ||
		strings.Contains(name, "@{") || strings.ContainsAny(name, " ~^:?*[\\\x7f") {
		return false
	}
	for _, c := range []byte(name) {
		if c < ' ' {
			return false
		}
	}
	for element := range strings.SplitSeq(name, "/") {
		if element == "" || element[0] == '.' || strings.HasSuffix(element, ".lock") {
			return false
		}
	}
	return true
}

// cleanPath returns a path of the API without the slashes around it; the root
// is "". It reports whether the path is valid.
func cleanPath(path string) (string, bool) {
	if len(path) > 4096 || strings.IndexByte(path, 0) >= 0 {
		return "", false
	}
	path = strings.TrimSuffix(strings.TrimLeft(path, "/"), "/")
	if path == "" {
		return "", true
	}
	for element := range strings.SplitSeq(path, "/") {
		if element == "" || element == "." || element == ".." {
			return "", false
		}
	}
	return path, true
}
