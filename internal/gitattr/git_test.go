package gitattr_test

import (
	"fmt"
	"path"
	"strings"
	"testing"

	"github.com/codesuite-go/codesuite/internal/gittest"
)

// A repo is a git repository that serves as the oracle.
type repo struct {
	t   testing.TB
	dir string
}

func newRepo(t testing.TB) *repo {
	t.Helper()
	gittest.Need(t)
	r := &repo{t: t, dir: t.TempDir()}
	r.git("", "init", "-q", "--bare")
	r.git("", "config", "core.autocrlf", "false")
	r.git("", "config", "core.eol", "lf")
	return r
}

func (r *repo) git(stdin string, args ...string) string {
	r.t.Helper()
	out, err := gittest.Run(r.dir, []byte(stdin), []string{
		"GIT_AUTHOR_NAME=A U Thor", "GIT_AUTHOR_EMAIL=author@example.com", "GIT_AUTHOR_DATE=1112911993 +0200",
		"GIT_COMMITTER_NAME=C O Mitter", "GIT_COMMITTER_EMAIL=committer@example.com", "GIT_COMMITTER_DATE=1112912053 -0730",
	}, append([]string{"--git-dir", r.dir}, args...)...)
	if err != nil {
		r.t.Fatal(err)
	}
	return string(out)
}

// index makes the files, by path, the whole index and returns their blob IDs.
func (r *repo) index(files map[string]string) map[string]string {
	r.t.Helper()
	var paths, contents []string
	for p, c := range files {
		paths, contents = append(paths, p), append(contents, c)
	}
	ids := map[string]string{}
	var info strings.Builder
	for i, id := range gittest.Blobs(r.t, r.dir, contents) {
		ids[paths[i]] = id
		fmt.Fprintf(&info, "100644 %s\t%s\x00", id, paths[i])
	}
	r.git("", "read-tree", "--empty")
	r.git(info.String(), "update-index", "-z", "--add", "--index-info")
	return ids
}

var attributes = []string{"export-ignore", "export-subst", "text", "eol", "crlf", "ident", "working-tree-encoding", "filter", "diff"}

// checkAttr asks git for the attributes of paths according to the index. A
// path that ends in a slash is a directory.
func (r *repo) checkAttr(paths []string) map[string][]string {
	r.t.Helper()
	out := r.git(strings.Join(paths, "\x00")+"\x00", append([]string{"check-attr", "--cached", "-z", "--stdin"}, attributes...)...)
	fields := strings.Split(strings.TrimSuffix(out, "\x00"), "\x00")
	got := map[string][]string{}
	for i := 0; i+2 < len(fields); i += 3 {
		got[fields[i]] = append(got[fields[i]], fields[i+2])
	}
	return got
}

// archive writes the index as a tree and returns the members git archive
// makes of it, by name, with their contents.
func (r *repo) archive() map[string]string {
	r.t.Helper()
	tree := strings.TrimSpace(r.git("", "write-tree"))
	return gittest.Members(r.t, []byte(r.git("", "archive", "--format=tar", tree)))
}

// parents returns the directories above p, without the root.
func parents(p string) []string {
	var dirs []string
	for d := path.Dir(p); d != "."; d = path.Dir(d) {
		dirs = append(dirs, d)
	}
	return dirs
}
