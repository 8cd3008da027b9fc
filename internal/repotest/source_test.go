package repotest_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
)

const (
	module = "github.com/codesuite-go/codesuite"
	root   = "../.." // of the repository
)

// listed is a package as "go list" shows it.
type listed struct {
	ImportPath    string
	Dir           string
	Name          string
	Imports, Deps []string
}

// list returns the packages that the patterns match, seen from the root.
func list(t *testing.T, patterns ...string) []listed {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", append([]string{"list", "-json=ImportPath,Dir,Name,Imports,Deps"}, patterns...)...)
	cmd.Dir = root
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

// local returns the path of a package below that of the root, which is "" for
// the root itself.
func local(importPath string) (string, bool) {
	if importPath == module {
		return "", true
	}
	return strings.CutPrefix(importPath, module+"/")
}

// isInternal reports whether the package is below internal, that of the root or that
// of a package, which the compiler keeps from all others.
func isInternal(name string) bool {
	return strings.HasPrefix(name, "internal/") || strings.Contains(name, "/internal/") && !strings.HasPrefix(name, "examples/")
}

// isPublic reports whether users of the library can import the package.
func isPublic(name string) bool {
	return name != "" && name != "examples" && !strings.HasPrefix(name, "examples/") && !isInternal(name)
}

// source is a parsed file of Go.
type source struct {
	file string // its path from the root, with slashes
	set  *token.FileSet
	*ast.File
}

func (s source) dir() string {
	if dir := path.Dir(s.file); dir != "." {
		return dir
	}
	return ""
}

func (s source) isTest() bool { return strings.HasSuffix(s.file, "_test.go") }

// position names a place in the source.
func (s source) position(p token.Pos) string {
	position := s.set.Position(p)
	position.Filename = s.file
	return position.String()
}

// sources returns all files of Go in the repository, whatever system they are
// for.
var sources = sync.OnceValues(func() ([]source, error) {
	var all []source
	err := filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && name != root && (strings.HasPrefix(d.Name(), ".") || d.Name() == "testdata"):
			return fs.SkipDir
		case d.IsDir() || !strings.HasSuffix(name, ".go"):
			return nil
		}
		set := token.NewFileSet()
		f, err := parser.ParseFile(set, name, nil, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, name)
		if err != nil {
			return err
		}
		all = append(all, source{filepath.ToSlash(rel), set, f})
		return nil
	})
	return all, err
})

func parse(t *testing.T) []source {
	t.Helper()
	all, err := sources()
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// byFolder returns the files of Go in each folder, except tests.
func byFolder(t *testing.T) map[string][]source {
	t.Helper()
	folders := make(map[string][]source)
	for _, s := range parse(t) {
		if !s.isTest() {
			folders[s.dir()] = append(folders[s.dir()], s)
		}
	}
	return folders
}

// tracked returns the paths of the files in the repository, and skips the test
// where there is only a copy of them.
func tracked(t *testing.T) []string {
	t.Helper()
	return files(t, "--cached")
}

// files returns the paths of the files that "git ls-files" lists with the
// options, and skips the test where there is only a copy of them.
func files(t *testing.T, options ...string) []string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "git", append([]string{"ls-files", "-z"}, options...)...)
	cmd.Dir = root
	out, err := cmd.Output()
	if err != nil {
		t.Skip("this is no clone of the repository")
	}
	return slices.DeleteFunc(strings.Split(string(out), "\x00"), func(name string) bool {
		if name == "" {
			return true
		}
		info, err := os.Lstat(filepath.Join(root, name))
		return err != nil || !info.Mode().IsRegular() // deleted and not yet committed
	})
}

func read(t *testing.T, name string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(root, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
