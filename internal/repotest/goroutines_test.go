package repotest_test

import (
	"go/ast"
	"strings"
	"testing"
)

// TestGoroutines checks that the tests of each package that starts goroutines
// look for some that are left.
func TestGoroutines(t *testing.T) {
	t.Parallel()
	starts, looks := make(map[string]string), make(map[string]bool)
	for _, s := range parse(t) {
		if strings.HasPrefix(s.dir(), "examples") {
			continue // programs, which tests run as processes
		}
		ast.Inspect(s.File, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.GoStmt:
				if !s.isTest() {
					starts[s.dir()] = s.position(n.Pos())
				}
			case *ast.CallExpr:
				f, ok := n.Fun.(*ast.SelectorExpr)
				if !ok {
					break
				}
				if f.Sel.Name == "Go" && len(n.Args) == 1 && !s.isTest() {
					starts[s.dir()] = s.position(n.Pos())
				}
				if pkg, ok := f.X.(*ast.Ident); ok && pkg.Name == "leaktest" && s.isTest() {
					looks[s.dir()] = true
				}
			}
			return true
		})
	}
	for dir, at := range starts {
		if !looks[dir] {
			t.Errorf("%s starts a goroutine, and the tests of %s have no leaktest.Main", at, dir)
		}
	}
	if len(starts) < 5 {
		t.Errorf("%d packages start goroutines: are they started otherwise now?", len(starts))
	}
}
