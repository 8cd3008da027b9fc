package repotest_test

import (
	"encoding/json"
	"os/exec"
	"strings"
	"testing"
)

// Each dependency of the module is one of everybody who uses it: it is
// named in CONTRIBUTING.md, with its reason.
func TestDependencies(t *testing.T) {
	t.Parallel()
	cmd := exec.CommandContext(t.Context(), "go", "mod", "edit", "-json")
	cmd.Dir = root
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go mod edit: %v", err)
	}
	var mod struct {
		Require []struct {
			Path     string
			Indirect bool
		}
	}
	if err := json.Unmarshal(out, &mod); err != nil {
		t.Fatal(err)
	}
	named := make(map[string]bool)
	_, table, _ := strings.Cut(read(t, "CONTRIBUTING.md"), "\n## Dependencies\n")
	table, _, _ = strings.Cut(table, "\n## ")
	for line := range strings.Lines(table) {
		if path, _, ok := strings.Cut(strings.TrimPrefix(line, "| `"), "` |"); ok && strings.HasPrefix(line, "| `") {
			named[path] = true
		}
	}
	for _, r := range mod.Require {
		if !r.Indirect && !named[r.Path] {
			t.Errorf("the table of dependencies in CONTRIBUTING.md does not name %s", r.Path)
		}
		delete(named, r.Path)
	}
	for path := range named {
		t.Errorf("the table of dependencies in CONTRIBUTING.md names %s, which go.mod does not require", path)
	}
}
