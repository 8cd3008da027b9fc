package conformance_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/codesuite-go/codesuite/codecommit/codecommittest"
	"github.com/codesuite-go/codesuite/pipeline/pipelinetest"
)

const root = "../../.." // of the repository

// TestTable checks that each row says all that the report shows, and that the code
// that rests on it is there.
func TestTable(t *testing.T) {
	t.Parallel()
	known := make(map[string]map[string]bool) // names by package
	seen := make(map[string]bool)
	for _, c := range checks() {
		if c.name == "" || c.assumes == "" || c.want == "" || c.otherwise == "" || len(c.rests) == 0 || c.run == nil || seen[c.name] {
			t.Errorf("the row %q is not complete, or twice in the table", c.name)
		}
		seen[c.name] = true
		for _, identifier := range c.rests {
			slash := strings.LastIndex(identifier, "/") + 1
			last, name, _ := strings.Cut(identifier[slash:], ".")
			folder := identifier[:slash] + last
			if known[folder] == nil {
				known[folder] = declared(t, folder)
			}
			if !known[folder][name] {
				t.Errorf("%s: the package %s has no %q", c.name, folder, name)
			}
		}
	}
	if len(seen) < 40 {
		t.Errorf("the table has %d rows", len(seen))
	}
}

// declared returns the names that the package in the folder declares, methods with
// their type: "Server", "Server.Close".
func declared(t *testing.T, folder string) map[string]bool {
	t.Helper()
	names := make(map[string]bool)
	dir := os.DirFS(root)
	files, err := fs.Glob(dir, path.Join(folder, "*.go"))
	if err != nil || len(files) == 0 {
		t.Errorf("there is no package in %s (%v)", folder, err)
	}
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), filepath.Join(root, filepath.FromSlash(file)), nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range f.Decls {
			switch d := d.(type) {
			case *ast.FuncDecl:
				name := d.Name.Name
				if d.Recv != nil {
					kind := d.Recv.List[0].Type
					if star, ok := kind.(*ast.StarExpr); ok {
						kind = star.X
					}
					if id, ok := kind.(*ast.Ident); ok {
						name = id.Name + "." + name
					}
				}
				names[name] = true
			case *ast.GenDecl:
				for _, spec := range d.Specs {
					switch spec := spec.(type) {
					case *ast.TypeSpec:
						names[spec.Name.Name] = true
					case *ast.ValueSpec:
						for _, n := range spec.Names {
							names[n.Name] = true
						}
					}
				}
			}
		}
	}
	return names
}

// TestDiffers checks that checks notice a service that does not do what is assumed.
func TestDiffers(t *testing.T) {
	t.Parallel()
	w := newLocal(t, func(s *servers) {
		s.commits.SetFaults(codecommittest.Faults{MissingCommit: "CommitRequiredException", ForgetTokens: true})
		s.pipelines.SetJobOptions(pipelinetest.JobOptions{SameNonce: true})
	})
	want := []string{
		"missing commits: specifiers", "comment token", "comment token after an update", "job offered again", "acknowledged twice", "tag of a tree",
		"empty repository: GetFolder",
	}
	var outcomes []outcome
	for _, c := range checks() {
		o := c.perform(t.Context(), w)
		outcomes = append(outcomes, o)
		if o.verdict == failed {
			t.Errorf("%s: %s", c.name, o.observed)
		}
		if got := o.verdict == differs; got != slices.Contains(want, c.name) && !(c.name == "missing commits: GetCommit") {
			t.Errorf("%s: %s: %s", c.name, o.verdict, o.observed)
		}
	}
	text := report(w, outcomes, today)
	for _, name := range want {
		if !strings.Contains(text, "| "+name+" | DIFFERS |") || !strings.Contains(text, "\n"+name+": ") {
			t.Errorf("the report does not say that %q differs:\n%s", name, text)
		}
	}
}

// TestSkipped checks that a run without a role says what it leaves out.
func TestSkipped(t *testing.T) {
	t.Parallel()
	w := new(world)
	skippedRows := 0
	for _, c := range checks() {
		if !c.role {
			continue
		}
		o := c.perform(t.Context(), w)
		if o.verdict != skipped || !strings.Contains(o.observed, "CODESUITE_AWS_ROLE") {
			t.Errorf("%s: %s: %s", c.name, o.verdict, o.observed)
		}
		skippedRows++
	}
	if skippedRows == 0 {
		t.Error("no check needs a role")
	}
}
