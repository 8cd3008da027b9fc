package codesuite_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/codesuite-go/codesuite"

// uses is the design: what each package may import of this module. Packages
// below internal may be imported by all, and import only each other. A path
// that ends in "/" stands for what is below it.
var uses = map[string][]string{
	"":                            nil,
	"codecommit":                  nil,
	"codecommit/archive":          {"codecommit"},
	"codecommit/ci":               {"codecommit", "events"},
	"codecommit/codecommittest":   nil,
	"codecommit/trigger":          {"codecommit"},
	"customaction":                {"events", "pipeline/action", "pipeline/actiontype"},
	"customaction/ec2build":       {"customaction", "events", "pipeline", "pipeline/action", "pipeline/actiontype"},
	"events":                      nil,
	"events/pattern":              {"events"},
	"githubstatus":                nil,
	"githubstatus/pipelinestatus": {"events", "events/pattern", "githubstatus", "pipeline"},
	"pipeline":                    {"events"},
	"pipeline/action":             {"events"},
	"pipeline/actiontype":         nil,
	"pipeline/definition":         {"events/pattern", "pipeline", "pipeline/actiontype"},
	"pipeline/multibranch":        {"codecommit", "codecommit/", "events", "pipeline"},
	"pipeline/pipelinetest":       {"pipeline/actiontype"},
}

// withoutSDK are the packages that must not make a program depend on the AWS
// SDK.
var withoutSDK = []string{"events", "events/pattern", "githubstatus"}

type listed struct {
	ImportPath    string
	Standard      bool
	Imports, Deps []string
	Module        *struct{ Path string }
}

// list returns what "go list" tells of the module's packages.
func list(t *testing.T) []listed {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", "list", "-json=ImportPath,Imports,Deps", "./...")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v\n%s", err, stderr.Bytes())
	}
	var packages []listed
	for d := json.NewDecoder(bytes.NewReader(out)); ; {
		var p listed
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			return packages
		} else if err != nil {
			t.Fatal(err)
		}
		packages = append(packages, p)
	}
}

// local returns the path of a package below the module's.
func local(importPath string) (string, bool) {
	if importPath == module {
		return "", true
	}
	return strings.CutPrefix(importPath, module+"/")
}

func isInternal(name string) bool { return strings.HasPrefix(name, "internal/") }

func TestLayers(t *testing.T) {
	t.Parallel()
	for _, p := range list(t) {
		name, _ := local(p.ImportPath)
		allowed, known := uses[name]
		if !known && !isInternal(name) {
			t.Errorf("package %s is not part of the design: add it to uses", name)
		}
		for _, path := range p.Imports {
			used, ok := local(path)
			if !ok {
				if path == "testing" && !strings.HasSuffix(name, "test") {
					t.Errorf("package %s imports testing", name)
				}
				continue
			}
			if isInternal(used) {
				continue
			}
			if strings.HasSuffix(used, "test") {
				t.Errorf("package %s imports %s, which is for tests", name, used)
			}
			if !slices.ContainsFunc(allowed, func(a string) bool {
				return used == a || strings.HasSuffix(a, "/") && strings.HasPrefix(used, a)
			}) {
				t.Errorf("package %s imports %s, which is not below it", name, used)
			}
		}
		if slices.Contains(withoutSDK, name) {
			for _, path := range p.Deps {
				if strings.HasPrefix(path, "github.com/aws/") {
					t.Errorf("package %s depends on %s: it is for programs without the AWS SDK", name, path)
				}
			}
		}
	}
}

// Each dependency of the module is one of everybody who uses it: it is
// named in CONTRIBUTING.md, with its reason.
func TestDependencies(t *testing.T) {
	t.Parallel()
	out, err := exec.CommandContext(t.Context(), "go", "mod", "edit", "-json", "go.mod").Output()
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
	text, err := os.ReadFile("CONTRIBUTING.md")
	if err != nil {
		t.Fatal(err)
	}
	named := make(map[string]bool)
	for line := range strings.Lines(string(text)) {
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
