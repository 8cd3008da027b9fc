package multibranch

import (
	"strings"
	"testing"
)

// A glob without wildcards matches itself alone, and any glob what it stands for.
func FuzzGlob(f *testing.F) {
	f.Add("main", "main")
	f.Add("feature/**", "feature/a/b")
	f.Add("r?.*", "r1.x")
	f.Add("[a-z]+(x", "a\\Q.\\E")
	f.Add("***", "a/b\nc")
	f.Fuzz(func(t *testing.T, pattern, branch string) {
		list, err := compileGlobs([]string{pattern})
		if err != nil {
			return
		}
		got := list.match(branch)
		if !strings.ContainsAny(pattern, "*?") && got != (pattern == branch) {
			t.Fatalf("%q matches %q: %v", pattern, branch, got)
		}
		if strings.Trim(pattern, "*") == "" && len(pattern) > 1 && !got {
			t.Fatalf("%q does not match %q", pattern, branch)
		}
		filled := strings.NewReplacer("*", "x", "?", "y").Replace(pattern)
		if !list.match(filled) {
			t.Fatalf("%q does not match %q", pattern, filled)
		}
		if strings.Contains(branch, "/") && !strings.Contains(pattern, "/") && !strings.Contains(pattern, "**") && got {
			t.Fatalf("%q matches %q across a slash", pattern, branch)
		}
	})
}
