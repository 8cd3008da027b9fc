package conformance_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// choiceLists are the types of test servers whose comments list what the server
// does where AWS leaves a choice.
var choiceLists = []string{"codecommit/codecommittest.Server", "codecommit/ci/citest.Server", "pipeline/pipelinetest.JobOptions", "pipeline/pipelinetest.Server"}

// TestChoices checks that each choice of the test servers has a row.
func TestChoices(t *testing.T) {
	t.Parallel()
	var listed []string
	for _, identifier := range choiceLists {
		folder, name := place(identifier)
		entries := entries(comments(t, folder)[name])
		if len(entries) < 5 {
			t.Errorf("the comment of %s has %d entries", identifier, len(entries))
		}
		for _, e := range entries {
			listed = append(listed, identifier+": "+e)
		}
	}
	rows := make(map[string]bool) // choices of rows, and whether they are in a list
	for _, c := range checks() {
		for _, choice := range c.choices {
			rows[choice] = false
		}
	}
	for _, e := range listed {
		found := false
		for choice := range rows {
			if strings.HasPrefix(e, choice) {
				rows[choice], found = true, true
			}
		}
		if !found {
			t.Errorf("no row is about this choice, whose beginning belongs into the choices of one: %s", e)
		}
	}
	for _, choice := range slices.Sorted(maps.Keys(rows)) {
		if !rows[choice] {
			t.Errorf("a row is about %q, which is in no list", choice)
		}
	}
}

// undocumented is what comments say of a service where its documentation ends.
var undocumented = regexp.MustCompile(`(?i)\b(?:(?:AWS|CodeCommit|CodePipeline|CodeBuild|EventBridge|the service|service) (?:does not (?:document|say|promise|publish)|(?:document|publishe)s n(?:o|either)|is not known to)|(?:not |un)(?:documented|published)\b)`)

// elsewhere are declarations whose comments say so of something that no code rests on.
var elsewhere = map[string]string{
	"codecommit/ci.mark":                  "a mark is a line that readers see",
	"githubstatus/pipelinestatus.Options": "an event that may come is handled as well",
	"pipeline/actiontype.BuiltIn":         "the catalogue leaves these types out",
	"pipeline/approval.CodeCommit.closed": "the code sorts the list",
}

// TestUndocumented checks that code whose comment says that AWS does not document
// something is named by a row. A comment of a package counts for all of it.
func TestUndocumented(t *testing.T) {
	t.Parallel()
	named := make(map[string]bool)
	for _, c := range checks() {
		for _, identifier := range c.rests {
			folder, name := place(identifier)
			named[folder+"."+name], named[folder] = true, true
		}
	}
	found, exceptions := 0, 0
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.IsDir() {
			return err
		}
		if name := d.Name(); name == "testdata" || strings.HasPrefix(name, ".") && path != root {
			return filepath.SkipDir
		}
		folder, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		folder = filepath.ToSlash(folder)
		if files, err := filepath.Glob(filepath.Join(path, "*.go")); err != nil || len(files) == 0 || folder == "examples/internal/conformance" {
			return err
		}
		for name, text := range comments(t, folder) {
			at := strings.TrimSuffix(folder+"."+name, ".")
			if !undocumented.MatchString(text) {
				continue
			}
			found++
			if elsewhere[at] != "" {
				exceptions++
			} else if !named[at] {
				t.Errorf("%s: the comment says %q, and no row names it", at, undocumented.FindString(text))
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if found < 8 || exceptions != len(elsewhere) {
		t.Errorf("%d comments say that something is not documented, %d of them exceptions", found, exceptions)
	}
}

// place returns the folder and the name of an identifier of rows.
func place(identifier string) (folder, name string) {
	slash := strings.LastIndex(identifier, "/") + 1
	last, name, _ := strings.Cut(identifier[slash:], ".")
	return identifier[:slash] + last, name
}

// comments returns all comments of the package in the folder by the declaration that
// they are of or in, "" for that of the package, each as one line.
func comments(t *testing.T, folder string) map[string]string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(root, filepath.FromSlash(folder), "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	all := make(map[string]string)
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, group := range f.Comments {
			name := ""
			for _, d := range f.Decls {
				from := d.Pos()
				if doc := docOf(d); doc != nil {
					from = doc.Pos()
				}
				if from <= group.Pos() && group.End() <= d.End() {
					name = nameOf(d, group)
				}
			}
			if name == "" && group != f.Doc {
				name = fmt.Sprintf("(%s)", filepath.Base(file))
			}
			all[name] += group.Text() + "\n"
		}
	}
	for name, text := range all {
		if !slices.Contains(choiceLists, folder+"."+name) { // whose lines are entries
			all[name] = strings.Join(strings.Fields(text), " ")
		}
	}
	return all
}

func docOf(d ast.Decl) *ast.CommentGroup {
	switch d := d.(type) {
	case *ast.FuncDecl:
		return d.Doc
	case *ast.GenDecl:
		return d.Doc
	}
	return nil
}

// nameOf returns the name of the declaration that the comment is of or in.
func nameOf(d ast.Decl, group *ast.CommentGroup) string {
	switch d := d.(type) {
	case *ast.FuncDecl:
		return funcName(d)
	case *ast.GenDecl:
		name := ""
		for _, spec := range d.Specs {
			switch spec := spec.(type) {
			case *ast.TypeSpec:
				if name == "" || spec.Pos() <= group.Pos() {
					name = spec.Name.Name
				}
			case *ast.ValueSpec:
				if name == "" || spec.Pos() <= group.Pos() {
					name = spec.Names[0].Name
				}
			}
		}
		return name
	}
	return ""
}

// leaveChoice begins the list of choices.
var leaveChoice = regexp.MustCompile(`leaves?\s+a\s+choice`)

// entries returns the entries of the list of choices in a comment, each as one line.
func entries(text string) []string {
	at := leaveChoice.FindStringIndex(text)
	if at == nil {
		return nil
	}
	var all []string
	for i, part := range strings.Split(text[at[1]:], "\n  - ") {
		entry, rest, last := strings.Cut(part, "\n\n")
		if i > 0 {
			all = append(all, strings.Join(strings.Fields(entry), " "))
		}
		if i > 0 && last && rest != "" {
			break // another list
		}
	}
	return all
}
