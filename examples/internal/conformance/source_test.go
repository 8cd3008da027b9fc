package conformance_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/codesuite-go/codesuite/internal/gittest"
)

const (
	message = "The message of the commit\n\nand its second paragraph.\n" // of the newest commit

	manyFiles = 1205      // more than one page of any size that is known
	limit     = 6 << 20   // of the content of a file, in bytes
	small     = limit     // the size of the file "limit.bin"
	large     = limit + 1 // the size of the file "large.bin"
)

// newSource returns the repository with all that the checks look at.
func newSource(t *testing.T) *gittest.Repo {
	t.Helper()
	r := gittest.New(t)
	for i := range manyFiles {
		r.Write(fmt.Sprintf("many/%02d/%04d", i%20, i), fmt.Sprintf("%d\n", i))
	}
	for _, name := range []string{"a.b", "a/b", "a-b", "aa", "B", "folder/file"} {
		r.Write(name, name+"\n")
	}
	r.Write("limit.bin", strings.Repeat("\x00", small))
	r.Write("large.bin", strings.Repeat("\x00", large))
	r.Write("run.sh", "#!/bin/sh\n")
	if err := os.Chmod(r.Dir+"/run.sh", 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("folder/file", r.Dir+"/link"); err != nil {
		t.Skip("there are no symbolic links: ", err)
	}
	first := r.Commit("first")
	r.Git("update-index", "--add", "--cacheinfo", "160000,"+first+",submodule")
	r.Git("commit", "--quiet", "--message="+message)
	r.Git("tag", "light")
	r.Git("tag", "--annotate", "--message=annotated", "annotated")
	r.Git("tag", "tree", "HEAD^{tree}")
	r.Git("branch", "both", "HEAD")
	r.Git("tag", "both", first)
	addOdd(r)
	return r
}

// addOdd adds the branches "old" and "odd", of small trees that differ, and "alone",
// without a common ancestor.
func addOdd(r *gittest.Repo) {
	tree := func(entries ...string) string {
		return strings.TrimSpace(string(r.Output([]byte(strings.Join(entries, "\x00")+"\x00"), "mktree", "-z")))
	}
	one, two := r.Blob("one\n"), r.Blob("two\n")
	folder := tree("100644 blob " + one + "\tfile")
	void := strings.TrimSpace(string(r.Output(nil, "mktree")))
	old := r.CommitTree(tree(
		"100644 blob "+one+"\tbecomes-folder",
		"100644 blob "+one+"\tbecomes-link",
		"100644 blob "+two+"\tdeleted",
		"100644 blob "+one+"\tmodified",
		"040000 tree "+folder+"\tbefore",
	), "old")
	// Git's porcelain makes neither a folder without files nor such a name.
	odd := r.CommitTree(tree(
		"040000 tree "+folder+"\tbecomes-folder",
		"120000 blob "+one+"\tbecomes-link",
		"100644 blob "+two+"\tmodified",
		"040000 tree "+folder+"\tafter",
		"040000 tree "+void+"\tvoid",
		"100644 blob "+one+"\tcaf\xe9",
	), "odd", old)
	odd = strings.TrimSpace(string(r.Output([]byte("tree "+r.Git("rev-parse", odd+"^{tree}")+"\nparent "+old+
		"\nauthor A <a@example.com> 1709210096 +0000\ncommitter A <a@example.com> 1709210096 +0000\nencoding ISO-8859-1\n\nodd\n"),
		"hash-object", "-t", "commit", "-w", "--stdin")))
	r.Git("branch", "old", old)
	r.Git("branch", "odd", odd)
	r.Git("branch", "alone", r.CommitTree(folder, "alone"))
}
