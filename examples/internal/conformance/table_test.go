package conformance_test

import (
	"context"
	"fmt"
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
	"time"

	"github.com/codesuite-go/codesuite/codecommit/codecommittest"
	"github.com/codesuite-go/codesuite/examples/internal/asltest"
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
		if c.name == "" || c.assumes == "" || c.otherwise == "" || len(c.rests) == 0 || seen[c.name] ||
			(c.run == nil) != (c.want == "") || (c.run == nil) != (c.by != "") {
			t.Errorf("the row %q is not complete, or twice in the table", c.name)
		}
		seen[c.name] = true
		for _, identifier := range c.rests {
			folder, name := place(identifier)
			if known[folder] == nil {
				known[folder] = declared(t, folder)
			}
			if !known[folder][name] {
				t.Errorf("%s: the package %s has no %q", c.name, folder, name)
			}
		}
	}
	run := 0
	for _, c := range checks() {
		if c.run != nil {
			run++
		}
	}
	readme, err := os.ReadFile(filepath.Join(root, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	if count := fmt.Sprintf("a table of %d rows, %d of them", len(seen), run); !strings.Contains(string(readme), count) {
		t.Errorf("README.md does not say %q", count)
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
				names[funcName(d)] = true
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

// funcName returns the name of a function, a method's with its type.
func funcName(d *ast.FuncDecl) string {
	if d.Recv == nil {
		return d.Name.Name
	}
	kind := d.Recv.List[0].Type
	if star, ok := kind.(*ast.StarExpr); ok {
		kind = star.X
	}
	if generic, ok := kind.(*ast.IndexExpr); ok {
		kind = generic.X
	}
	if id, ok := kind.(*ast.Ident); ok {
		return id.Name + "." + d.Name.Name
	}
	return d.Name.Name
}

// TestDiffers checks that checks notice a service that does not do what is assumed.
func TestDiffers(t *testing.T) {
	t.Parallel()
	w := newLocal(t, func(s *servers) {
		s.commits.SetFaults(codecommittest.Faults{MissingCommit: "CommitRequiredException", ForgetTokens: true})
		s.pipelines.SetJobOptions(pipelinetest.JobOptions{SameNonce: true})
	})
	var outcomes []outcome
	for _, c := range checks() {
		o := c.perform(t.Context(), w)
		outcomes = append(outcomes, o)
		if o.verdict == failed {
			t.Errorf("%s: %s", c.name, o.observed)
		}
		if got := o.verdict == differs; got != slices.Contains(differentServer, c.name) && !(c.name == "missing commits: GetCommit") {
			t.Errorf("%s: %s: %s", c.name, o.verdict, o.observed)
		}
	}
	text := report(w, outcomes, today)
	for _, name := range differentServer {
		if !strings.Contains(text, "| "+name+" | DIFFERS |") || !strings.Contains(text, "\n"+name+": ") {
			t.Errorf("the report does not say that %q differs:\n%s", name, text)
		}
	}
}

// TestSkipped checks that a run without a role says what it leaves out.
func TestSkipped(t *testing.T) {
	t.Parallel()
	w := &world{lacking: map[need]string{needRole: "CODESUITE_AWS_ROLE is not set"}}
	skippedRows := 0
	for _, c := range checks() {
		if !slices.Contains(c.needs, needRole) {
			continue
		}
		if o := c.perform(t.Context(), w); o.verdict != skipped || o.observed != "there is no role" {
			t.Errorf("%s: %s: %s", c.name, o.verdict, o.observed)
		}
		skippedRows++
	}
	if skippedRows == 0 {
		t.Error("no check needs a role")
	}
}

// TestDenied checks that a missing permission is no answer of the service.
func TestDenied(t *testing.T) {
	t.Parallel()
	w := newLocal(t, func(s *servers) {
		s.commits.SetFaults(codecommittest.Faults{Deny: []string{"GetBranch"}})
		s.states["aws-sdk:ec2:describeInstances"] = &asltest.Error{Name: "Ec2.Ec2Exception", Cause: "You are not authorized to perform this operation. (Service: Ec2, Status Code: 403)"}
	})
	for _, c := range checks() {
		if c.name != "missing branch" && c.name != "errors of EC2" {
			continue
		}
		if o := c.perform(t.Context(), w); o.verdict != failed {
			t.Errorf("%s: %s: %s", c.name, o.verdict, o.observed)
		}
	}
}

// TestFailingSources checks that no check waits for long for what cannot come, as
// when the role lacks a permission and all sources fail.
func TestFailingSources(t *testing.T) {
	t.Parallel()
	w := newLocal(t, func(s *servers) {
		s.pipelines.SetSimulation(pipelinetest.Simulation{Run: func(r pipelinetest.ActionRun) (pipelinetest.Outcome, bool) {
			return pipelinetest.Outcome{State: pipelinetest.StateFailed, Summary: "denied"}, r.Type.Category == "Source"
		}})
	})
	var passed time.Duration
	pass := w.pass
	w.pass = func(ctx context.Context, d time.Duration) error {
		passed += d
		return pass(ctx, d)
	}
	hold := 0
	for _, c := range checks() {
		before := passed
		if o := c.perform(t.Context(), w); o.verdict == holds {
			hold++
		}
		if took := passed - before; took > 3*time.Minute {
			t.Errorf("%s takes %s", c.name, took)
		}
	}
	if hold < 60 {
		t.Errorf("%d checks hold", hold)
	}
}

// TestInterrupted checks that a run that is interrupted, or whose time is up, begins
// no further check, says so, and removes what it has made.
func TestInterrupted(t *testing.T) {
	t.Parallel()
	for _, reason := range []error{errInterrupted, errNoTime} {
		ctx, cancel := context.WithCancelCause(t.Context())
		w := new(world)
		removed := 0
		w.later("thing", func(ctx context.Context) error {
			removed++
			return ctx.Err()
		})
		first := check{name: "first", run: func(ctx context.Context, _ *world) (string, error) {
			cancel(reason)
			return "", ctx.Err()
		}}
		second := check{name: "second", run: func(context.Context, *world) (string, error) {
			t.Error("a check runs after the interruption")
			return "", nil
		}}
		for _, c := range []check{first, second} {
			if o := c.perform(ctx, w); o.verdict != skipped || o.observed != reason.Error() {
				t.Errorf("%s: %s: %s", c.name, o.verdict, o.observed)
			}
		}
		w.close(ctx)
		if removed != 1 || len(w.problems) > 0 {
			t.Errorf("%d things removed, with the problems %q", removed, w.problems)
		}
	}
}
