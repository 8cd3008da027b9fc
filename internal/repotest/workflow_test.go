package repotest_test

import (
	"regexp"
	"strings"
	"testing"
)

// TestWorkflows checks that each step of others is pinned to a commit, that each
// tool has a version, and that the token of a workflow can only read.
func TestWorkflows(t *testing.T) {
	t.Parallel()
	uses := regexp.MustCompile(`\buses: *(\S+)`)
	pinned := regexp.MustCompile(`^[\w.-]+/[\w./-]+@[0-9a-f]{40}$`)
	tool := regexp.MustCompile(`(?:go (?:run|install) \S+@|pipx? install [\w-]+==)(\S+)`)
	version := regexp.MustCompile(`^v?\d+\.\d+\.\d+$`)
	workflows := 0
	for _, name := range tracked(t) {
		if !strings.HasPrefix(name, ".github/workflows/") {
			continue
		}
		workflows++
		text := read(t, name)
		for _, m := range uses.FindAllStringSubmatch(text, -1) {
			if !pinned.MatchString(m[1]) {
				t.Errorf("%s uses %s, want the ID of a commit after @", name, m[1])
			}
		}
		for _, m := range tool.FindAllStringSubmatch(text, -1) {
			if !version.MatchString(m[1]) {
				t.Errorf("%s runs a tool of the version %q, want one of three numbers", name, m[1])
			}
		}
		if !strings.Contains(text, "\npermissions:\n  contents: read\n") || strings.Contains(text, ": write") || strings.Contains(text, "pull_request_target") {
			t.Errorf("%s: the token can do more than read", name)
		}
	}
	if workflows == 0 {
		t.Error("there are no workflows")
	}
}
