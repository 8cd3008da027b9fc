package glob_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/codesuite-go/codesuite/examples/internal/glob"
)

func TestMatch(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		pattern, name string
		want          bool
	}{
		{"README.md", "README.md", true},
		{"README.md", "docs/README.md", false},
		{"*", "a", true},
		{"*", "a/b", false},
		{"**", "a", true},
		{"**", "a/b/c", true},
		{"**/*", "a/b/c", true},
		{"**/*.go", "main.go", true},
		{"**/*.go", "a/b/main.go", true},
		{"**/*.go", "a/main.go/b", false},
		{"dist/**", "dist", false},
		{"dist/**", "dist/a/b", true},
		{"a/**/b", "a/b", true},
		{"a/**/b", "a/x/y/b", true},
		{"a/**/b", "a/b/c", false},
		{"**/a/**/b", "a/a/x/b", true},
		{"**/a/*/b", "a/x/a/y/b", true},
		{"a**", "abc", true},
		{"a**", "a/b", false},
		{"[a-c]?/x", "bz/x", true},
		{"[", "[", false},
		{strings.Repeat("**/a/", 50) + "b", strings.Repeat("a/", 1000) + "a", false},
	} {
		if got := glob.Match(test.pattern, test.name); got != test.want {
			t.Errorf("Match(%.40q, %.40q) = %t", test.pattern, test.name, got)
		}
	}
	if glob.MatchAny(nil, "a") || !glob.MatchAny([]string{"b", "a"}, "a") {
		t.Error("MatchAny is wrong")
	}
}

func TestCheck(t *testing.T) {
	t.Parallel()
	for _, pattern := range []string{"a", "**/*", "a/[b-c]/**"} {
		if err := glob.Check(pattern); err != nil {
			t.Errorf("Check(%q) = %v", pattern, err)
		}
	}
	for _, pattern := range []string{"", "/a", "a/", "a//b", "../a", "./a", "[", `a\`, "[a/b]", "a/[b"} {
		if glob.Check(pattern) == nil {
			t.Errorf("Check(%q) = nil", pattern)
		}
	}
}

// FuzzMatch compares with a regular expression, for patterns of letters, "*"
// and "**".
func FuzzMatch(f *testing.F) {
	for _, seed := range [][2]string{{"**/a/**/b", "a/a/b"}, {"a*/**", "ab/c"}, {"**/**/a", "a"}, {"a/**/**", "a"}} {
		f.Add(seed[0], seed[1])
	}
	allowed := regexp.MustCompile(`^[ab*/]{1,24}$`)
	f.Fuzz(func(t *testing.T, pattern, name string) {
		if !allowed.MatchString(pattern) || !allowed.MatchString(name) || strings.Contains(name, "*") || glob.Check(pattern) != nil || glob.Check(name) != nil {
			t.Skip()
		}
		var b strings.Builder
		b.WriteString("^")
		elems := strings.Split(pattern, "/")
		for i, elem := range elems {
			last := i == len(elems)-1
			switch {
			case elem == "**" && last:
				b.WriteString(".+")
			case elem == "**":
				b.WriteString("(?:[^/]+/)*")
			default:
				b.WriteString(strings.ReplaceAll(elem, "*", "[^/]*"))
				if !last {
					b.WriteString("/")
				}
			}
		}
		b.WriteString("$")
		if want, got := regexp.MustCompile(b.String()).MatchString(name), glob.Match(pattern, name); got != want {
			t.Errorf("Match(%q, %q) = %t, want %t (%s)", pattern, name, got, want, &b)
		}
	})
}
