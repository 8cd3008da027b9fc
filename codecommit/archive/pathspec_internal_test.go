package archive

import (
	"strings"
	"testing"
)

// FuzzPathspec parses what may be a pathspec. A path that is one matches itself
// and what is below it; no text and no path makes it panic.
func FuzzPathspec(f *testing.F) {
	for _, seed := range []string{"a/b", ":!a", ":(glob)**/*.go", ":(exclude,icase)A[b-c]?", ":/", ":", ":(", "a\\*", "[!]a]", ":(literal)*", "./*", "../x", "\x00"} {
		f.Add(seed, "a/b/c.go")
	}
	f.Fuzz(func(t *testing.T, text, path string) {
		p, err := parsePathspec(text)
		if err != nil {
			return
		}
		p.matches(path)
		if p.glob == nil && p.path != "" && (!p.matches(p.path) || !p.matches(p.path+"/x") || p.matches(p.path+"x")) {
			t.Errorf("%q does not match its own path %q alone", text, p.path)
		}
		if p.glob == nil && strings.HasSuffix(p.path, "/") {
			t.Errorf("%q has the path %q", text, p.path)
		}
		s, err := newSelection(nil, []string{text})
		if err != nil {
			t.Fatal(err)
		}
		if s.selects(path) && !p.excludes && !s.reaches(parent(path)) {
			t.Errorf("%q selects %q, but does not reach its folder", text, path)
		}
	})
}
