package repotest_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Each dependency of the library is one of everybody who uses it: it is named in
// CONTRIBUTING.md, with its reason. So are those of the examples, in a table of their
// own, but for those of the library.
func TestDependencies(t *testing.T) {
	t.Parallel()
	text := read(t, "CONTRIBUTING.md")
	checkDependencies(t, text, "\n## Dependencies\n", "go.mod")
	checkDependencies(t, text, "\n### Of the examples\n", "examples/go.mod", "go.mod")
}

// checkDependencies compares the table below the heading with what the module requires,
// without what another one requires as well.
func checkDependencies(t *testing.T, text, heading, file string, without ...string) {
	t.Helper()
	want := requirements(t, file)
	for _, other := range without {
		for path := range requirements(t, other) {
			delete(want, path)
		}
	}
	delete(want, module)
	named := make(map[string]bool)
	_, table, _ := strings.Cut(text, heading)
	table, _, _ = strings.Cut(table, "\n#")
	for line := range strings.Lines(table) {
		path, reason, ok := strings.Cut(strings.TrimPrefix(line, "| `"), "` | ")
		if ok && strings.HasPrefix(line, "| `") && strings.TrimSpace(reason) != "|" {
			named[path] = true
		}
	}
	if diff := cmp.Diff(want, named); diff != "" {
		t.Errorf("dependencies (- %s, + the table of CONTRIBUTING.md):\n%s", file, diff)
	}
}

// requirements returns the paths of the modules that the file requires directly.
func requirements(t *testing.T, file string) map[string]bool {
	t.Helper()
	var mod struct {
		Require []struct {
			Path     string
			Indirect bool
		}
	}
	goJSON(t, &mod, "mod", "edit", "-json", file)
	paths := make(map[string]bool)
	for _, r := range mod.Require {
		if !r.Indirect {
			paths[r.Path] = true
		}
	}
	return paths
}
