package codecommit_test

import (
	"context"
	"errors"
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awscodecommit "github.com/aws/aws-sdk-go-v2/service/codecommit"
	"github.com/aws/aws-sdk-go-v2/service/codecommit/types"
	"github.com/google/go-cmp/cmp"

	"github.com/codesuite-go/codesuite/codecommit"
	"github.com/codesuite-go/codesuite/codecommit/codecommittest"
)

const unknownID = "0123456789abcdef0123456789abcdef01234567"

// newRefsRepo returns a repository with references of all kinds, and the
// commits by their message.
func newRefsRepo(t testing.TB) (g *gitRepo, commits map[string]string) {
	t.Helper()
	g = newGitRepo(t)
	commits = map[string]string{}
	for _, name := range []string{"one", "two", "three"} {
		g.write("file", name, 0o644)
		commits[name] = g.commit(name)
		switch name {
		case "one":
			g.git("tag", "light")
			g.git("tag", "-a", "-m", "annotated", "annotated")
			g.git("tag", "-a", "-m", "a tag of a tag", "nested", "annotated")
			g.git("tag", "same")
			g.git("tag", "release/1.0")
			g.git("branch", "release/next")
			g.git("tag", "to-tree", "HEAD^{tree}")
			g.git("tag", "to-blob", "HEAD:file")
			g.git("tag", "-a", "-m", "annotated", "annotated-tree", "HEAD^{tree}")
		case "two":
			g.git("branch", "same")
			g.git("branch", "feature/a/b")
			g.git("update-ref", "refs/notes/review", "HEAD")
		}
	}
	return g, commits
}

func TestResolve(t *testing.T) {
	t.Parallel()
	g, commits := newRefsRepo(t)
	s := codecommittest.NewServer(t, codecommittest.Git("staging", g.dir))
	r := open(s, "staging")
	tests := []struct{ specifier, want, calls string }{
		{"main", "three", "GetBranch GetCommit"},
		{"refs/heads/main", "three", "GetBranch GetCommit"},
		{"", "three", "GetBranch GetCommit GetRepository"},
		{"HEAD", "three", "GetBranch GetCommit GetRepository"},
		{"@", "three", "GetBranch GetCommit GetRepository"},
		{"feature/a/b", "two", "GetBranch GetCommit"},
		{"refs/heads/feature/a/b", "two", "GetBranch GetCommit"},
		{"light", "one", "GetBranch GetCommit GetFolder"},
		{"refs/tags/light", "one", "GetCommit GetFolder"},
		{"annotated", "one", "GetBranch GetCommit GetFolder"},
		{"refs/tags/annotated", "one", "GetCommit GetFolder"},
		{"nested", "one", "GetBranch GetCommit GetFolder"},
		{"release/1.0", "one", "GetBranch GetCommit GetFolder"},
		{"release/next", "one", "GetBranch GetCommit"},
		{"same", "two", "GetBranch GetCommit"},
		{"refs/heads/same", "two", "GetBranch GetCommit"},
		{"refs/tags/same", "one", "GetCommit GetFolder"},
		{"refs/notes/review", "two", "GetCommit GetFolder"},
		{commits["two"], "two", "GetCommit"},
		{strings.ToUpper(commits["two"]), "two", "GetCommit"},
	}
	for _, test := range tests {
		s.ResetCalls()
		c, err := r.Resolve(t.Context(), test.specifier)
		if err != nil {
			t.Errorf("Resolve(%q): %v", test.specifier, err)
			continue
		}
		if c.ID != commits[test.want] || c.Subject() != test.want {
			t.Errorf("Resolve(%q) = %s %q, want %s %q", test.specifier, c.ID, c.Subject(), commits[test.want], test.want)
		}
		want := map[string]int{}
		for _, call := range strings.Fields(test.calls) {
			want[call] = 1
		}
		if diff := cmp.Diff(want, s.Calls()); diff != "" {
			t.Errorf("Resolve(%q): calls (-want +got):\n%s", test.specifier, diff)
		}
	}
}

func TestResolveNotExist(t *testing.T) {
	t.Parallel()
	g, commits := newRefsRepo(t)
	s := codecommittest.NewServer(t, codecommittest.Git("staging", g.dir), codecommittest.FS("empty", nil))
	const noReference = `no branch or tag of that name leads to a commit`
	tests := []struct{ repository, specifier, want string }{
		{"staging", "nope", `codecommit: resolve "nope" of staging: ` + noReference},
		{"staging", "feature", noReference},
		{"staging", "feature/a", noReference},
		{"staging", "refs/heads/nope", `codecommit: resolve "refs/heads/nope" of staging: ` + noReference},
		{"staging", "refs/tags/nope", `codecommit: resolve "refs/tags/nope" of staging: ` + noReference},
		{"staging", "refs/heads/", noReference},
		{"staging", "refs/heads/main~1", noReference + "; CodeCommit takes none of git's revision expressions"},
		{"staging", "refs/", noReference},
		{"staging", "main~1", noReference + "; CodeCommit takes none of git's revision expressions"},
		{"staging", "main^", noReference + "; CodeCommit takes none of git's revision expressions"},
		{"staging", "main@{1}", noReference + "; CodeCommit takes none of git's revision expressions"},
		{"staging", "HEAD:file", noReference + "; CodeCommit takes none of git's revision expressions"},
		{"staging", "user@host", noReference},
		{"staging", "with space", noReference},
		{"staging", "\x00\xff", noReference},
		{"staging", strings.Repeat("long", 500), noReference},
		{"staging", commits["one"][:7], noReference + "; CodeCommit takes no abbreviated commit IDs"},
		{"staging", commits["one"] + "0", noReference},
		{"staging", unknownID, `codecommit: get commit "` + unknownID + `" of staging: `},
		{"staging", g.git("rev-parse", "HEAD^{tree}"), `codecommit: get commit "`},
		{"staging", "to-tree", noReference},
		{"staging", "to-blob", noReference},
		{"staging", "annotated-tree", noReference},
		{"staging", "refs/tags/to-tree", noReference},
		{"unknown", "main", `codecommit: get branch "main" of unknown: `},
		{"unknown", "", `codecommit: get repository of unknown: `},
		{"unknown", "refs/tags/v1", `codecommit: get folder "refs/tags/v1" of unknown: `},
		{"unknown", unknownID, `codecommit: get commit "` + unknownID + `" of unknown: `},
		{"empty", "", `codecommit: resolve HEAD of empty: it has no default branch, the repository is empty`},
		{"empty", "HEAD", `codecommit: resolve HEAD of empty: it has no default branch, the repository is empty`},
		{"empty", "main", noReference},
	}
	missing := []string{"", "InvalidCommitIdException", "CommitIdDoesNotExistException", "InvalidCommitException", "CommitDoesNotExistException"}
	for _, code := range missing { // the service documents none
		s.SetFaults(codecommittest.Faults{MissingCommit: code})
		for _, test := range tests {
			c, err := open(s, test.repository).Resolve(t.Context(), test.specifier)
			if c != nil || !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("%s: Resolve(%q) of %s = %v, %v, want fs.ErrNotExist", code, test.specifier, test.repository, c, err)
			} else if !strings.Contains(err.Error(), test.want) {
				t.Errorf("%s: Resolve(%q) of %s: error %q, want one with %q", code, test.specifier, test.repository, err, test.want)
			}
		}
	}

	s.SetFaults(codecommittest.Faults{})
	_, err := open(s, "staging").Resolve(t.Context(), "refs/heads/nope")
	if missing := (*types.BranchDoesNotExistException)(nil); !errors.As(err, &missing) {
		t.Errorf("error %v does not wrap the service's", err)
	}
}

func TestResolveDenied(t *testing.T) {
	t.Parallel()
	g, commits := newRefsRepo(t)
	s := codecommittest.NewServer(t, codecommittest.Git("staging", g.dir))
	r := open(s, "staging")
	tests := []struct{ specifier, operation string }{
		{"main", "GetBranch"},
		{"main", "GetCommit"},
		{commits["one"], "GetCommit"},
		{"light", "GetBranch"},
		{"light", "GetFolder"},
		{"refs/tags/light", "GetFolder"},
		{"HEAD", "GetRepository"},
		{"HEAD", "GetBranch"},
	}
	for _, test := range tests {
		s.SetFaults(codecommittest.Faults{Deny: []string{test.operation}})
		_, err := r.Resolve(t.Context(), test.specifier)
		if !errors.Is(err, fs.ErrPermission) || errors.Is(err, fs.ErrNotExist) {
			t.Errorf("Resolve(%q) without %s: %v, want fs.ErrPermission", test.specifier, test.operation, err)
			continue
		}
		if want := "allow the IAM action codecommit:" + test.operation; !strings.Contains(err.Error(), want) {
			t.Errorf("Resolve(%q): error %q, want one with %q", test.specifier, err, want)
		}
	}
}

func TestCommit(t *testing.T) {
	t.Parallel()
	g := newGitRepo(t)
	first := g.commit("First")
	g.git("checkout", "-q", "-b", "side")
	side := g.commit("Side")
	g.git("checkout", "-q", "main")
	g.git("merge", "-q", "--no-ff", "-m", "\nMerge  \n\nwith a body\n", "side")
	r := open(codecommittest.NewServer(t, codecommittest.Git("staging", g.dir)), "staging")
	got, err := r.Resolve(t.Context(), "main")
	if err != nil {
		t.Fatal(err)
	}
	want := &codecommit.Commit{
		ID:      g.git("rev-parse", "HEAD"),
		TreeID:  g.git("rev-parse", "HEAD^{tree}"),
		Parents: []string{first, side},
		Author: codecommit.Signature{Name: "Ana Author", Email: "ana@example.com",
			Time: time.Unix(1484167798, 0).In(time.FixedZone("", -8*3600))},
		Committer: codecommit.Signature{Name: "Carl Committer", Email: "carl@example.com",
			Time: time.Unix(1500000000, 0).In(time.FixedZone("", 5*3600+1800))},
		Message: "Merge\n\nwith a body\n",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("commit (-want +got):\n%s", diff)
	}
	if _, offset := got.Committer.Time.Zone(); offset != 5*3600+1800 {
		t.Errorf("the committer's offset is %d s, want 19800", offset)
	}
	if got.Subject() != "Merge" {
		t.Errorf("Subject() = %q", got.Subject())
	}
	if empty := (&codecommit.Commit{}).Subject(); empty != "" {
		t.Errorf("Subject() without a message = %q", empty)
	}
}

func TestCommitReplies(t *testing.T) {
	t.Parallel()
	user := func(date string) *types.UserInfo {
		return &types.UserInfo{Name: aws.String("Ana"), Email: aws.String("ana@example.com"), Date: &date}
	}
	good := func() *types.Commit {
		return &types.Commit{CommitId: aws.String(unknownID), TreeId: aws.String(unknownID),
			Author: user("1484167798 -0800"), Committer: user("1484167798 -0800")}
	}
	change := func(f func(*types.Commit)) *types.Commit {
		c := good()
		f(c)
		return c
	}
	tests := []struct {
		name  string
		reply *types.Commit
		want  time.Time // of the committer
		err   string
	}{
		{name: "good", reply: good(), want: time.Unix(1484167798, 0)},
		{name: "no commit ID", reply: change(func(c *types.Commit) { c.CommitId = nil }), want: time.Unix(1484167798, 0)},
		{name: "no zone", reply: change(func(c *types.Commit) { c.Committer = user("1484167798") }), want: time.Unix(1484167798, 0)},
		{name: "before 1970", reply: change(func(c *types.Commit) { c.Committer = user("-86400 +0000") }), want: time.Unix(-86400, 0)},
		{name: "odd zone", reply: change(func(c *types.Commit) { c.Committer = user("0 +051800") }), want: time.Unix(0, 0)},
		{name: "no commit", err: "no commit with a tree"},
		{name: "no tree", reply: change(func(c *types.Commit) { c.TreeId = nil }), err: "no commit with a tree"},
		{name: "odd tree", reply: change(func(c *types.Commit) { c.TreeId = aws.String("tree") }), err: "no commit with a tree"},
		{name: "another commit", reply: change(func(c *types.Commit) { c.CommitId = aws.String("1" + unknownID[1:]) }), err: "the reply has the commit 1123456789abcdef0123456789abcdef01234567"},
		{name: "no committer", reply: change(func(c *types.Commit) { c.Committer = nil }), err: "committer: missing"},
		{name: "no author", reply: change(func(c *types.Commit) { c.Author = nil }), err: "author: missing"},
		{name: "no date", reply: change(func(c *types.Commit) { c.Author.Date = nil }), err: `author: "" is not a date`},
		{name: "ISO date", reply: change(func(c *types.Commit) { c.Author = user("2017-01-11T12:49:58Z") }), err: "is not a date"},
		{name: "bad zone", reply: change(func(c *types.Commit) { c.Committer = user("1484167798 PST") }), err: `committer: date "1484167798 PST"`},
	}
	for _, test := range tests {
		api := &fakeAPI{getCommit: func(context.Context, *awscodecommit.GetCommitInput) (*awscodecommit.GetCommitOutput, error) {
			return &awscodecommit.GetCommitOutput{Commit: test.reply}, nil
		}}
		c, err := codecommit.New(api, "staging").Resolve(t.Context(), unknownID)
		switch {
		case test.err == "" && err != nil:
			t.Errorf("%s: %v", test.name, err)
		case test.err == "":
			if !c.Committer.Time.Equal(test.want) || c.ID != unknownID {
				t.Errorf("%s: %v of %s, want %v", test.name, c.Committer.Time, c.ID, test.want)
			}
		case err == nil || !strings.Contains(err.Error(), test.err):
			t.Errorf("%s: error %v, want one with %q", test.name, err, test.err)
		}
	}
}

func TestResolveOddReplies(t *testing.T) {
	t.Parallel()
	api := &fakeAPI{
		getBranch: func(context.Context, *awscodecommit.GetBranchInput) (*awscodecommit.GetBranchOutput, error) {
			return &awscodecommit.GetBranchOutput{}, nil
		},
		getFolder: func(context.Context, *awscodecommit.GetFolderInput) (*awscodecommit.GetFolderOutput, error) {
			return &awscodecommit.GetFolderOutput{}, nil
		},
	}
	r := codecommit.New(api, "staging")
	for _, specifier := range []string{"main", "refs/tags/v1"} {
		_, err := r.Resolve(t.Context(), specifier)
		if err == nil || !strings.Contains(err.Error(), "the reply has no commit ID") || errors.Is(err, fs.ErrNotExist) {
			t.Errorf("Resolve(%q) of an empty reply: %v", specifier, err)
		}
	}
}

func TestResolveIsPinned(t *testing.T) {
	t.Parallel()
	s := codecommittest.NewServer(t, codecommittest.FS("staging", fstest.MapFS{"file": {Data: []byte("before")}}))
	fsys := newFS(t, open(s, "staging"), "main")
	id, err := s.Commit("staging", "main", fstest.MapFS{"file": {Data: []byte("after")}})
	if err != nil {
		t.Fatal(err)
	}
	if got := fstestRead(t, fsys, "file"); got != "before" || fsys.Commit().ID == id {
		t.Errorf("the FS has %q of %s: it follows the branch", got, fsys.Commit().ID)
	}
}
