package ci

import (
	"strings"
	"testing"
)

func TestGlobs(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		globs    string
		yes, not string
	}{
		{"", "a a/b", ""},
		{"main", "main", "mainx x/main Main"},
		{"feature/*", "feature/a", "feature/a/b feature"},
		{"feature/**", "feature/a feature/a/b", "feature featurex"},
		{"**/*.go", "a.go x/y/a.go", "a.gox"},
		{"src/**/test/*", "src/test/a src/x/y/test/a", "src/testa"},
		{"release-?", "release-1", "release-12 release-/"},
		{"v[0-9]*", "v1 v2.0", "va"},
		{"!docs/**", "src/a", "docs/a docs/b/c"},
		{"a* !ab*", "a ac", "ab abc b"},
		{"!a !b", "c", "a b"},
	} {
		g, err := compileGlobs(strings.Fields(test.globs), func(string) error { return nil })
		if err != nil {
			t.Errorf("%s: %v", test.globs, err)
			continue
		}
		for name := range strings.FieldsSeq(test.yes) {
			if !g.match(name) {
				t.Errorf("%q does not match %s", test.globs, name)
			}
		}
		for name := range strings.FieldsSeq(test.not) {
			if g.match(name) {
				t.Errorf("%q matches %s", test.globs, name)
			}
		}
	}
}

// Whatever a list of globs matches, the wildcards for EventBridge match as well.
func FuzzGlobs(f *testing.F) {
	f.Add("feature/**", "feature/a/b")
	f.Add("**/[a-z]?\\*", "x/y/ab*")
	f.Add("!a*", "b")
	f.Fuzz(func(t *testing.T, pattern, name string) {
		g, err := compileGlobs([]string{pattern}, cannotReference)
		if err != nil || !g.match(name) || strings.HasPrefix(pattern, "!") {
			return
		}
		if text := wildcard(pattern); !matchStars(text, name) {
			t.Errorf("%q matches %q, and the wildcard %q does not", pattern, name, text)
		}
	})
}

// matchStars matches a pattern in which "*" stands for anything.
func matchStars(pattern, name string) bool {
	parts := strings.Split(pattern, "*")
	if len(parts) == 1 {
		return pattern == name
	}
	if !strings.HasPrefix(name, parts[0]) {
		return false
	}
	name = name[len(parts[0]):]
	last := parts[len(parts)-1]
	for _, part := range parts[1 : len(parts)-1] {
		i := strings.Index(name, part)
		if i < 0 {
			return false
		}
		name = name[i+len(part):]
	}
	return strings.HasSuffix(name, last)
}

func TestParseCommand(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		text string
		want command
		ok   bool
		err  string
	}{
		{"/rerun", command{verb: commandRerun}, true, ""},
		{"  /rerun review \n", command{verb: commandRerun, flow: "review"}, true, ""},
		{"/stop", command{verb: commandStop}, true, ""},
		{"/stop now", command{}, true, "write /stop alone"},
		{"/rerun a b", command{}, true, "write /rerun or /rerun FLOW alone"},
		{"/rerun\nplease", command{}, true, "alone"},
		{"/rerun $(x)", command{}, true, "not the name of a flow"},
		{"please /rerun", command{}, false, ""},
		{"/merge", command{}, false, ""},
		{"/RERUN", command{}, false, ""},
		{"", command{}, false, ""},
		{"/rerun\n\n" + footer + "review", command{}, false, ""},
	} {
		got, ok, err := parseCommand(test.text)
		if got != test.want || ok != test.ok || (err == nil) != (test.err == "") || err != nil && !strings.Contains(err.Error(), test.err) {
			t.Errorf("%q is %v, %v, %v, want %v, %v, %q", test.text, got, ok, err, test.want, test.ok, test.err)
		}
	}
}

func FuzzCommand(f *testing.F) {
	f.Add("/rerun review")
	f.Add("/stop\n")
	f.Add("/rerun a\u2028b")
	f.Fuzz(func(t *testing.T, text string) {
		c, ok, err := parseCommand(text)
		if ok && err == nil && strings.Join(strings.Fields(text), " ") != strings.TrimSpace(string(c.verb)+" "+c.flow) {
			t.Errorf("%q is %v", text, c)
		}
		if !ok && (c != command{} || err != nil) {
			t.Errorf("%q is no command, but %v, %v", text, c, err)
		}
	})
}
