package gitobj_test

import (
	"strings"
	"testing"

	"github.com/codesuite-go/codesuite/internal/gitobj"
	"github.com/codesuite-go/codesuite/internal/gittest"
)

// people are the author and committer of what git commits.
var people = []string{
	"GIT_AUTHOR_NAME=Ada Lovelace", "GIT_AUTHOR_EMAIL=ada@example.com", "GIT_AUTHOR_DATE=1484167798 -0800",
	"GIT_COMMITTER_NAME=Grace Hopper", "GIT_COMMITTER_EMAIL=grace@example.com", "GIT_COMMITTER_DATE=1484167800 +0530",
}

// repository is a bare repository that git makes, as an oracle.
type repository struct {
	testing.TB
	dir string
}

func newRepository(t testing.TB) repository {
	t.Helper()
	gittest.Need(t)
	r := repository{t, t.TempDir()}
	r.git("", "init", "-q", "--bare")
	return r
}

// git runs git and returns its output.
func (r repository) git(stdin string, args ...string) string {
	r.Helper()
	out, err := gittest.Run(r.dir, []byte(stdin), people, args...)
	if err != nil {
		r.Fatal(err)
	}
	return string(out)
}

// line is git without the newline at the end.
func (r repository) line(stdin string, args ...string) string {
	r.Helper()
	return strings.TrimSuffix(r.git(stdin, args...), "\n")
}

func TestBlobID(t *testing.T) {
	t.Parallel()
	r := newRepository(t)
	for _, content := range []string{"", "hello\n", "\x00\xff", strings.Repeat("0123456789", 100_000)} {
		want := r.line(content, "hash-object", "--stdin")
		if got := gitobj.BlobID([]byte(content)); got != want {
			t.Errorf("BlobID of %d bytes = %s, git says %s", len(content), got, want)
		}
		h := gitobj.NewHash("blob", int64(len(content)))
		for part := range strings.SplitAfterSeq(content, "5") {
			h.Write([]byte(part))
		}
		if got := gitobj.Sum(h); got != want {
			t.Errorf("the hash of %d bytes in parts = %s, git says %s", len(content), got, want)
		}
	}
}

func TestIsID(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]bool{
		gitobj.EmptyTreeID:                  true,
		strings.Repeat("0", 40):             true,
		"":                                  false,
		gitobj.EmptyTreeID[:39]:             false,
		gitobj.EmptyTreeID + "0":            false,
		strings.ToUpper(gitobj.EmptyTreeID): false,
		strings.Repeat("g", 40):             false,
		"refs/heads/main" + strings.Repeat("0", 25): false,
	} {
		if got := gitobj.IsID(s); got != want {
			t.Errorf("IsID(%q) = %t", s, got)
		}
	}
}
