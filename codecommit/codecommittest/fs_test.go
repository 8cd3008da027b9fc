package codecommittest_test

import (
	"io/fs"
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/aws/aws-sdk-go-v2/aws"
	awscodecommit "github.com/aws/aws-sdk-go-v2/service/codecommit"
	"github.com/google/go-cmp/cmp"

	"github.com/codesuite-go/codesuite/codecommit/codecommittest"
)

// dirFS is the work tree in the folder.
func dirFS(dir string) fs.FS { return os.DirFS(dir) }

func removeAll(t *testing.T, dir string) {
	if err := os.RemoveAll(dir); err != nil {
		t.Error(err)
	}
}

// A work tree as a file system has the tree that git makes of it, also with
// its .git folder and an empty folder.
func TestFSAsGit(t *testing.T) {
	t.Parallel()
	r := newRepository(t)
	r.files()
	r.commit("files")
	r.git("rm", "-q", "--cached", "vendor/module") // a file system has none
	r.git("commit", "-q", "-m", "no submodule")
	s := codecommittest.NewServer(t, codecommittest.FS("app", dirFS(r.dir)))
	client := newClient(s)
	root, err := client.GetFolder(t.Context(), &awscodecommit.GetFolderInput{RepositoryName: aws.String("app"), FolderPath: aws.String("/")})
	if err != nil {
		t.Fatal(err)
	}
	if want := r.git("rev-parse", "HEAD^{tree}"); *root.TreeId != want {
		t.Errorf("tree %s, git says %s", *root.TreeId, want)
	}
	got := listing(t, client, awscodecommit.GetDifferencesInput{RepositoryName: aws.String("app"), AfterCommitSpecifier: aws.String("HEAD")})
	if diff := cmp.Diff(r.lsTree("-r", "HEAD"), got); diff != "" {
		t.Errorf("listing mismatch (-git +got):\n%s", diff)
	}
	for _, e := range r.lsTree("-r", "HEAD") {
		blob, err := client.GetBlob(t.Context(), &awscodecommit.GetBlobInput{RepositoryName: aws.String("app"), BlobId: &e.ID})
		if err != nil {
			t.Errorf("GetBlob %s: %v", e.Path, err)
		} else if e.Mode == "120000" && string(blob.Content) != r.git("cat-file", "blob", e.ID) {
			t.Errorf("link %s = %q", e.Path, blob.Content)
		}
	}
	// The commit object is git's, too.
	c, err := client.GetCommit(t.Context(), &awscodecommit.GetCommitInput{RepositoryName: aws.String("app"), CommitId: root.CommitId})
	if err != nil {
		t.Fatal(err)
	}
	a := c.Commit.Author
	text := "tree " + *c.Commit.TreeId + "\nauthor " + *a.Name + " <" + *a.Email + "> " + *a.Date +
		"\ncommitter " + *a.Name + " <" + *a.Email + "> " + *a.Date + "\n\n" + *c.Commit.Message
	if want := strings.TrimSpace(r.run(text, "hash-object", "-t", "commit", "--stdin")); *root.CommitId != want {
		t.Errorf("commit %s, git says %s", *root.CommitId, want)
	}
}

func TestFSModes(t *testing.T) {
	t.Parallel()
	s := codecommittest.NewServer(t, codecommittest.FS("app", fstest.MapFS{
		"file":         {Mode: 0o600},
		"owner":        {Mode: 0o700},
		"others":       {Mode: 0o611},
		"link":         {Mode: fs.ModeSymlink, Data: []byte("file")},
		"folder/empty": {Mode: fs.ModeDir},
		".git/config":  {},
		"d/.GIT/x":     {},
		"d/.gitignore": {},
	}))
	modes := map[string]string{}
	for _, e := range listing(t, newClient(s), awscodecommit.GetDifferencesInput{RepositoryName: aws.String("app"), AfterCommitSpecifier: aws.String("main")}) {
		modes[e.Path] = e.Mode
	}
	want := map[string]string{"file": "100644", "owner": "100755", "others": "100644", "link": "120000", "d/.gitignore": "100644"}
	if diff := cmp.Diff(want, modes); diff != "" {
		t.Errorf("modes mismatch (-want +got):\n%s", diff)
	}
}

func TestCommit(t *testing.T) {
	t.Parallel()
	s := codecommittest.NewServer(t, codecommittest.FS("app", fstest.MapFS{"a": {Data: []byte("1")}}), codecommittest.FS("empty", nil))
	client := newClient(s)
	tip := func(repository, branch string) string {
		t.Helper()
		out, err := client.GetBranch(t.Context(), &awscodecommit.GetBranchInput{RepositoryName: &repository, BranchName: &branch})
		if err != nil {
			t.Fatal(err)
		}
		return *out.Branch.CommitId
	}
	parents := func(repository, id string) []string {
		t.Helper()
		out, err := client.GetCommit(t.Context(), &awscodecommit.GetCommitInput{RepositoryName: &repository, CommitId: &id})
		if err != nil {
			t.Fatal(err)
		}
		return out.Commit.Parents
	}
	first := tip("app", "main")
	second, err := s.Commit("app", "main", fstest.MapFS{"b": {Data: []byte("2")}})
	if err != nil {
		t.Fatal(err)
	}
	topic, err := s.Commit("app", "topic/x", fstest.MapFS{"c": {Data: []byte("3")}})
	if err != nil {
		t.Fatal(err)
	}
	if got := tip("app", "main"); got != second || second == first {
		t.Errorf("main is at %s, want %s", got, second)
	}
	if got := tip("app", "topic/x"); got != topic {
		t.Errorf("topic/x is at %s, want %s", got, topic)
	}
	for id, want := range map[string][]string{first: {}, second: {first}, topic: {second}} {
		if diff := cmp.Diff(want, parents("app", id)); diff != "" {
			t.Errorf("parents of %s mismatch (-want +got):\n%s", id, diff)
		}
	}
	if err := s.SetRef("app", "refs/heads/main", first); err != nil {
		t.Fatal(err)
	}
	if err := s.SetRef("app", "refs/tags/v2", second); err != nil {
		t.Fatal(err)
	}
	if err := s.SetRef("app", "refs/heads/topic/x", ""); err != nil {
		t.Fatal(err)
	}
	if got := tip("app", "main"); got != first {
		t.Errorf("after SetRef main is at %s, want %s", got, first)
	}
	branches, err := client.ListBranches(t.Context(), &awscodecommit.ListBranchesInput{RepositoryName: aws.String("app")})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"main"}, branches.Branches); diff != "" {
		t.Errorf("branches mismatch (-want +got):\n%s", diff)
	}
	file, err := client.GetFile(t.Context(), &awscodecommit.GetFileInput{RepositoryName: aws.String("app"), CommitSpecifier: aws.String("v2"), FilePath: aws.String("b")})
	if err != nil || string(file.FileContent) != "2" || *file.CommitId != second {
		t.Errorf("b at v2: %+v, %v", file, err)
	}
	// The first commit of an empty repository.
	id, err := s.Commit("empty", "main", fstest.MapFS{})
	if err != nil || tip("empty", "main") != id || len(parents("empty", id)) != 0 {
		t.Errorf("first commit %s, %v", id, err)
	}
}

func TestCommitErrors(t *testing.T) {
	t.Parallel()
	r := newRepository(t)
	files := fstest.MapFS{"a": {}}
	s := codecommittest.NewServer(t, codecommittest.FS("app", files), codecommittest.Git("git", r.dir))
	for name, call := range map[string]func() error{
		"unknown repository": func() error { _, err := s.Commit("none", "main", files); return err },
		"git's repository":   func() error { _, err := s.Commit("git", "main", files); return err },
		"bad branch":         func() error { _, err := s.Commit("app", "a..b", files); return err },
		"no files":           func() error { _, err := s.Commit("app", "main", nil); return err },
		"odd file":           func() error { _, err := s.Commit("app", "main", fstest.MapFS{"p": {Mode: fs.ModeSocket}}); return err },
		"ref of git's":       func() error { return s.SetRef("git", "refs/heads/main", "") },
		"short ref":          func() error { return s.SetRef("app", "main", "") },
		"bad ref":            func() error { return s.SetRef("app", "refs/heads/a b", "") },
		"unknown commit":     func() error { return s.SetRef("app", "refs/heads/b", "4b825dc642cb6eb9a060e54bf8d69288fbee4904") },
	} {
		if err := call(); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	if out, err := newClient(s).GetRepository(t.Context(), &awscodecommit.GetRepositoryInput{RepositoryName: aws.String("app")}); err != nil || *out.RepositoryMetadata.DefaultBranch != "main" {
		t.Errorf("after errors: %v, %v", out, err)
	}
}
