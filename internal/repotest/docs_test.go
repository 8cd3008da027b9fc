package repotest_test

import (
	"go/ast"
	"go/token"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestPackageDocs checks that the comment of each package is in its doc.go, and
// nowhere else. A package of one file has it there.
func TestPackageDocs(t *testing.T) {
	t.Parallel()
	for dir, files := range byFolder(t) {
		var with []string
		for _, s := range files {
			if s.Doc != nil {
				with = append(with, path.Base(s.file))
			}
		}
		switch {
		case len(with) != 1:
			t.Errorf("the package in %q has its comment in %q, want one file", dir, with)
		case with[0] != "doc.go" && (isPublic(dir) || len(files) > 3) && files[0].Name.Name != "main":
			t.Errorf("the package in %q has its comment in %s, want doc.go", dir, with[0])
		}
	}
}

// maxDocWords is how many words a reader takes in within two minutes.
const maxDocWords = 520

// TestDocLength checks that the comment of each package is read in two minutes.
func TestDocLength(t *testing.T) {
	t.Parallel()
	for dir, files := range byFolder(t) {
		for _, s := range files {
			if n := len(strings.Fields(s.Doc.Text())); n > maxDocWords {
				t.Errorf("the comment of the package in %q has %d words, want at most %d: move what is about one name to its comment", dir, n, maxDocWords)
			}
		}
	}
}

// TestRootDoc checks that the documentation of the root has each public package, once
// and in order.
func TestRootDoc(t *testing.T) {
	t.Parallel()
	folders := byFolder(t)
	const module = "github.com/codesuite-go/codesuite/"
	var has, want []string
	for _, s := range folders[""] {
		for _, item := range regexp.MustCompile(`(?m)^\s*- \[`+regexp.QuoteMeta(module)+`([^\]]+)\]`).FindAllStringSubmatch(s.Doc.Text(), -1) {
			has = append(has, item[1])
		}
	}
	for dir := range folders {
		if isPublic(dir) {
			want = append(want, dir)
		}
	}
	slices.Sort(want)
	if diff := cmp.Diff(want, has); diff != "" {
		t.Errorf("the list of packages in doc.go (- want, + has):\n%s", diff)
	}
}

// TestExamples checks that each public package shows its use.
func TestExamples(t *testing.T) {
	t.Parallel()
	examples := make(map[string]int)
	for _, s := range parse(t) {
		for _, d := range s.Decls {
			f, ok := d.(*ast.FuncDecl)
			if !ok || !s.isTest() || f.Recv != nil || !strings.HasPrefix(f.Name.Name, "Example") {
				continue
			}
			if !strings.HasPrefix(path.Base(s.file), "example_") && isPublic(s.dir()) {
				t.Errorf("%s: %s is not in a file example_….go", s.position(f.Pos()), f.Name.Name)
			}
			if strings.HasSuffix(s.Name.Name, "_test") {
				examples[s.dir()]++
			}
		}
	}
	for dir := range byFolder(t) {
		if isPublic(dir) && examples[dir] == 0 {
			t.Errorf("package %s has no example in %s_test", dir, path.Base(dir))
		}
	}
}

// TestExportedNames checks that each exported name has a comment, in which a
// function, method or type comes first. Methods of internal types may go
// without: most are those of an interface of the standard library.
func TestExportedNames(t *testing.T) {
	t.Parallel()
	for dir, files := range byFolder(t) {
		if files[0].Name.Name == "main" {
			continue
		}
		for _, s := range files {
			for _, d := range s.Decls {
				switch d := d.(type) {
				case *ast.FuncDecl:
					if d.Name.IsExported() && (d.Recv == nil || isPublic(dir) && ast.IsExported(receiver(d))) {
						s.need(t, d.Name, d.Doc, isPublic(dir))
					}
				case *ast.GenDecl:
					s.needAll(t, d, isPublic(dir))
				}
			}
		}
	}
}

// receiver returns the name of a method's type.
func receiver(f *ast.FuncDecl) string {
	e := f.Recv.List[0].Type
	for {
		switch x := e.(type) {
		case *ast.StarExpr:
			e = x.X
		case *ast.IndexExpr:
			e = x.X
		case *ast.IndexListExpr:
			e = x.X
		case *ast.Ident:
			return x.Name
		default:
			return ""
		}
	}
}

func (s source) needAll(t *testing.T, d *ast.GenDecl, members bool) {
	t.Helper()
	for _, spec := range d.Specs {
		switch spec := spec.(type) {
		case *ast.TypeSpec:
			if !spec.Name.IsExported() {
				continue
			}
			doc := spec.Doc
			if doc == nil {
				doc = d.Doc
			}
			s.need(t, spec.Name, doc, true)
			if x, ok := spec.Type.(*ast.StructType); ok && members {
				s.needMembers(t, spec.Name.Name, x.Fields)
			}
		case *ast.ValueSpec:
			// A group has one comment for all of its names.
			if spec.Doc == nil && spec.Comment == nil && d.Doc == nil {
				for _, name := range spec.Names {
					if name.IsExported() {
						t.Errorf("%s: %s %s has no comment", s.position(name.Pos()), d.Tok, name.Name)
					}
				}
			}
		}
	}
}

// needMembers checks the exported fields of a struct that is an option of the
// user's. Those of data stand for themselves where a group has a comment.
func (s source) needMembers(t *testing.T, name string, fields *ast.FieldList) {
	t.Helper()
	if !strings.HasSuffix(name, "Options") && name != "Options" {
		return
	}
	commented := false // the field before, of the same group
	last := token.Pos(0)
	for _, f := range fields.List {
		if f.Doc != nil || f.Comment != nil {
			commented = true
		} else if last != 0 && s.set.Position(f.Pos()).Line > s.set.Position(last).Line+1 {
			commented = false
		}
		last = f.End()
		for _, n := range f.Names {
			if n.IsExported() && !commented {
				t.Errorf("%s: option %s.%s has no comment", s.position(n.Pos()), name, n.Name)
			}
		}
	}
}

func (s source) need(t *testing.T, name *ast.Ident, doc *ast.CommentGroup, first bool) {
	t.Helper()
	if doc == nil {
		t.Errorf("%s: %s has no comment", s.position(name.Pos()), name.Name)
		return
	}
	words := strings.Fields(doc.Text())
	if len(words) > 0 && (words[0] == "A" || words[0] == "An" || words[0] == "The") {
		words = words[1:]
	}
	if first && (len(words) == 0 || strings.TrimRight(words[0], ",:.") != name.Name) {
		t.Errorf("%s: the comment of %s does not begin with its name", s.position(name.Pos()), name.Name)
	}
}
