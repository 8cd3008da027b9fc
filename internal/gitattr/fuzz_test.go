package gitattr_test

import (
	"testing"

	"github.com/codesuite-go/codesuite/internal/gitattr"
)

// FuzzParse adds arbitrary files and looks paths up, both as an attributes
// file of the root and of a directory.
func FuzzParse(f *testing.F) {
	f.Add([]byte("# comment\n*.go text eol=lf\n\"a b\" -text\n[attr]m ident !eol\n[a-c]*/** m\n"), "d/a.go", "d")
	f.Add([]byte("**/x/**/*a*b?[!x-z] binary\n/d/ export-ignore\n"), "d/x/ab", "d/x")
	f.Add([]byte("[attr]a b\n[attr]b a text\nf a\r\n\"\\303\\244\" working-tree-encoding=UTF-16\n"), "f", "")
	f.Add([]byte("[[:alpha:]-z][]-] -ident\n[[:x text\n\\\n"), "[", "a")
	f.Fuzz(func(t *testing.T, content []byte, path, dir string) {
		var set gitattr.Set
		set.Add(dir, content)
		before := set.Lookup(path, false)
		set.Add("", content)
		set.Add(dir, content)
		var again gitattr.Set
		again.Add("", content)
		again.Add(dir, content)
		for _, isDir := range []bool{false, true} {
			a := set.Lookup(path, isDir)
			if a != again.Lookup(path, isDir) {
				t.Fatalf("the order of Add changed the attributes of %q", path)
			}
			out, err := gitattr.Convert(content, path, "0123456789012345678901234567890123456789", a)
			if err == nil && string(out) != string(content) && !a.Converts() {
				t.Fatalf("Converts is false, but Convert changed the content")
			}
		}
		if _, err := gitattr.Convert(content, path, "", before); err != nil && !before.Converts() {
			t.Fatalf("Converts is false, but Convert failed: %v", err)
		}
	})
}
