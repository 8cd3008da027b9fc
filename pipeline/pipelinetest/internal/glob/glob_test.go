package glob_test

import (
	"path"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/codesuite-go/codesuite/pipeline/pipelinetest/internal/glob"
)

func TestMatch(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		pattern       string
		matching, not string // with blanks between names
	}{
		{"main", "main", "Main main2 a/main"},
		{"*", "main x.y", "feature/x"},
		{"feature/*", "feature/x", "feature/x/y feature features/x"},
		{"feature/**", "feature/x feature/x/y", "feature"},
		{"**", "main x a/b", ""},
		{"**/app", "x/app x/y/app", "app x/apps"},
		{"**app", "app x/app", "app/x"},
		{"v?.*", "v1.2 v1.", "v.1 v10.1 v/.1"},
		{"{main,release/*}", "main release/1", "release {main,release/1}"},
		{"rel[0-9][!ab]", "rel1c rel9-", "rel1a relx1 rel1/ rel1"},
		{"[*?]", "*", "x"},
		{"[-a]", "- a", "b"},
		{`\*`, "*", "x"},
		{"a.b", "a.b", "axb"},
		{"ünï*", "ünïx", "unix"},
		{"x,y", "x,y", "x"},
	} {
		if err := glob.Check(test.pattern); err != nil {
			t.Errorf("Check(%q) = %v", test.pattern, err)
		}
		for want, list := range map[bool]string{true: test.matching, false: test.not} {
			for _, name := range strings.Fields(list) {
				if got := glob.Match(test.pattern, name); got != want {
					t.Errorf("Match(%q, %q) = %t", test.pattern, name, got)
				}
			}
		}
	}
}

func TestCheck(t *testing.T) {
	t.Parallel()
	for _, pattern := range []string{"[a", "[]", "[!]", "[b-a]", "{a", "{a,{b}}", `a\`} {
		if glob.Check(pattern) == nil {
			t.Errorf("Check(%q) = nil", pattern)
		}
		if glob.Match(pattern, pattern) {
			t.Errorf("the pattern %q matches itself", pattern)
		}
	}
}

// Without special characters a pattern matches itself alone, and with * and ? alone it
// is one of package path.
func FuzzMatch(f *testing.F) {
	for _, seed := range [][2]string{{"main", "main"}, {"a*c", "abc"}, {"**/x", "a/b/x"}, {"{a,b}?", "bc"}, {"[!a-c]", "d"}, {`\*`, "*"}, {"[", "["}, {"é*", "éa"}} {
		f.Add(seed[0], seed[1])
	}
	f.Fuzz(func(t *testing.T, pattern, name string) {
		err, got := glob.Check(pattern), glob.Match(pattern, name)
		if strings.ContainsAny(pattern, `[]{},\`) || strings.Contains(pattern, "**") || !utf8.ValidString(pattern) || !utf8.ValidString(name) {
			return
		}
		if err != nil {
			t.Fatalf("%q: %v", pattern, err)
		}
		if want, err := path.Match(pattern, name); err != nil || got != want {
			t.Errorf("%q matches %q: %t, want %t, %v", pattern, name, got, want, err)
		}
	})
}
