package codecommittest_test

import (
	"os/exec"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awscodecommit "github.com/aws/aws-sdk-go-v2/service/codecommit"
	"github.com/google/go-cmp/cmp"

	"github.com/codesuite-go/codesuite/codecommit/codecommittest"
)

const (
	noID    = "1111111111111111111111111111111111111111"
	emptyID = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"
)

func TestSpecifiers(t *testing.T) {
	t.Parallel()
	r := newRepository(t)
	r.write("a", "1", 0o644)
	first := r.commit("first")
	r.write("a", "2", 0o644)
	second := r.commit("second")
	r.git("branch", "feature/x", first)
	r.git("branch", "both", first)
	r.git("tag", "both", second)
	r.git("tag", "light", first)
	r.git("tag", "-m", "annotated", "annotated", first)
	r.git("tag", "-m", "nested", "nested", "annotated")
	r.git("tag", "tree", first+"^{tree}")
	r.git("tag", "-m", "blob", "blob", first+":a")
	r.git("update-ref", "refs/notes/x", first)
	r.git("pack-refs", "--all")
	r.git("branch", "loose", first)
	blob, tree, tag := r.git("rev-parse", first+":a"), r.git("rev-parse", first+"^{tree}"), r.git("rev-parse", "annotated")
	s := codecommittest.NewServer(t, codecommittest.Git("app", r.dir))
	client := newClient(s)
	get := func(specifier *string) (string, error) {
		out, err := client.GetFolder(t.Context(), &awscodecommit.GetFolderInput{
			RepositoryName: aws.String("app"), CommitSpecifier: specifier, FolderPath: aws.String("")})
		if err != nil {
			return "", err
		}
		return *out.CommitId, nil
	}
	for specifier, want := range map[string]string{
		"main":             second,
		"HEAD":             second,
		"feature/x":        first,
		"loose":            first,
		"both":             first, // a branch goes first
		"light":            first,
		"annotated":        first,
		"nested":           first,
		"refs/heads/main":  second,
		"refs/heads/both":  first,
		"refs/tags/both":   second,
		"refs/tags/nested": first,
		"refs/notes/x":     first,
		first:              first,
		second:             second,
	} {
		if got, err := get(&specifier); err != nil || got != want {
			t.Errorf("%s is %s, %v, want %s", specifier, got, err, want)
		}
	}
	if got, err := get(nil); err != nil || got != second {
		t.Errorf("no specifier is %s, %v, want %s", got, err, second)
	}
	for specifier, want := range map[string]string{
		"none":            "CommitDoesNotExistException",
		"refs/heads/none": "CommitDoesNotExistException",
		"heads/main":      "CommitDoesNotExistException",
		"tree":            "CommitDoesNotExistException",
		"blob":            "CommitDoesNotExistException",
		noID:              "CommitDoesNotExistException",
		blob:              "CommitDoesNotExistException",
		tree:              "CommitDoesNotExistException",
		tag:               "CommitDoesNotExistException", // the ID of a tag, not of a commit
		first[:12]:        "CommitDoesNotExistException", // a name like another
		"":                "InvalidCommitException",
		"main~1":          "InvalidCommitException",
		"main^{commit}":   "InvalidCommitException",
		"main:a":          "InvalidCommitException",
		"main..loose":     "InvalidCommitException",
		"main@{0}":        "InvalidCommitException",
		":/first":         "InvalidCommitException",
		"@":               "InvalidCommitException",
		"main\nloose":     "InvalidCommitException",
		"main loose":      "InvalidCommitException",
		"refs/heads/":     "InvalidCommitException",
		"/main":           "InvalidCommitException",
		"a.lock/b":        "InvalidCommitException",
		"\x00":            "InvalidCommitException",
		"\u00e4//\u00f6":  "InvalidCommitException",
	} {
		_, err := get(&specifier)
		wantError(t, specifier, err, want)
	}
	s.SetFaults(codecommittest.Faults{MissingCommit: "InvalidCommitIdException"})
	for _, specifier := range []string{"none", noID, "main~1"} {
		_, err := get(&specifier)
		wantError(t, "switched: "+specifier, err, "InvalidCommitIdException")
	}
}

// The rules for names are git's.
func TestNamesAsGit(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("no git program")
	}
	s := codecommittest.NewServer(t, codecommittest.FS("app", nil))
	for _, name := range []string{
		"a", "a/b", "a.b", "a-b", "A_b", "ü", "a@b", "a{b", "a}", "@a", "@/a", "a/@", "-a", "a-", "a;b", "a|b", "a'b", "a\"b", "a$b", "a!b", "a%b", "a&b", "(a)", "<a>", "#a", "a=b", "a+b", "a,b",
		"", "@", "a b", "a~b", "a^b", "a:b", "a?b", "a*b", "a[b", "a]b", "a\\b", "a\x01b", "a\x7fb", "a\tb", "a..b", "a.", "a./b", ".a", "a/.b", "a//b", "/a", "a/", "a.lock", "a.lock/b", "a/b.lock", "a.locks", "a@{b", "a@{",
	} {
		ref := "refs/heads/" + name
		want := exec.Command("git", "check-ref-format", ref).Run() == nil
		if err := s.SetRef("app", ref, ""); (err == nil) != want {
			t.Errorf("SetRef(%q) = %v, git check-ref-format says %t", ref, err, want)
		}
	}
}

func TestMovingBranch(t *testing.T) {
	t.Parallel()
	r := newRepository(t)
	first := r.commit("first")
	s := codecommittest.NewServer(t, codecommittest.Git("app", r.dir))
	client := newClient(s)
	tip := func() string {
		t.Helper()
		out, err := client.GetBranch(t.Context(), &awscodecommit.GetBranchInput{RepositoryName: aws.String("app"), BranchName: aws.String("main")})
		if err != nil {
			t.Fatal(err)
		}
		return *out.Branch.CommitId
	}
	if got := tip(); got != first {
		t.Errorf("main is at %s, want %s", got, first)
	}
	for range 3 {
		r.write("a", tip(), 0o644)
		want := r.commit("next") // objects that the running git processes have not seen
		if got := tip(); got != want {
			t.Errorf("after a commit main is at %s, want %s", got, want)
		}
		file, err := client.GetFile(t.Context(), &awscodecommit.GetFileInput{RepositoryName: aws.String("app"), FilePath: aws.String("a")})
		if err != nil || *file.CommitId != want {
			t.Errorf("after a commit: %v, %v", file, err)
		}
		r.git("pack-refs", "--all")
		r.git("repack", "-q", "-a", "-d")
		if got := tip(); got != want {
			t.Errorf("after packing main is at %s, want %s", got, want)
		}
	}
	r.git("update-ref", "refs/heads/main", first)
	if got := tip(); got != first {
		t.Errorf("after a reset main is at %s, want %s", got, first)
	}
	r.git("update-ref", "-d", "refs/heads/main")
	_, err := client.GetBranch(t.Context(), &awscodecommit.GetBranchInput{RepositoryName: aws.String("app"), BranchName: aws.String("main")})
	wantError(t, "after its end", err, "BranchDoesNotExistException")
}

// An empty repository has no default branch, whoever made it.
func TestEmptyRepository(t *testing.T) {
	t.Parallel()
	r := newRepository(t)
	s := codecommittest.NewServer(t, codecommittest.Git("git", r.dir), codecommittest.FS("fs", nil))
	client := newClient(s)
	for _, name := range []string{"git", "fs"} {
		repository, err := client.GetRepository(t.Context(), &awscodecommit.GetRepositoryInput{RepositoryName: &name})
		if err != nil {
			t.Fatal(err)
		}
		if b := repository.RepositoryMetadata.DefaultBranch; b != nil {
			t.Errorf("%s: default branch %q", name, *b)
		}
		branches, err := client.ListBranches(t.Context(), &awscodecommit.ListBranchesInput{RepositoryName: &name})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]string{}, branches.Branches); diff != "" {
			t.Errorf("%s: branches mismatch (-want +got):\n%s", name, diff)
		}
		_, err = client.GetBranch(t.Context(), &awscodecommit.GetBranchInput{RepositoryName: &name, BranchName: aws.String("main")})
		wantError(t, name+": GetBranch", err, "BranchDoesNotExistException")
		_, err = client.GetFolder(t.Context(), &awscodecommit.GetFolderInput{RepositoryName: &name, FolderPath: aws.String("")})
		wantError(t, name+": GetFolder", err, "CommitDoesNotExistException")
		if err != nil && !strings.Contains(err.Error(), "no default branch") {
			t.Errorf("%s: error %q", name, err)
		}
		_, err = client.GetFile(t.Context(), &awscodecommit.GetFileInput{RepositoryName: &name, FilePath: aws.String("a")})
		wantError(t, name+": GetFile", err, "CommitDoesNotExistException")
		_, err = client.GetDifferences(t.Context(), &awscodecommit.GetDifferencesInput{RepositoryName: &name, AfterCommitSpecifier: aws.String("HEAD")})
		wantError(t, name+": GetDifferences", err, "CommitDoesNotExistException")
		_, err = client.GetBlob(t.Context(), &awscodecommit.GetBlobInput{RepositoryName: &name, BlobId: aws.String(noID)})
		wantError(t, name+": GetBlob", err, "BlobIdDoesNotExistException")
	}
}

func TestDetachedHead(t *testing.T) {
	t.Parallel()
	r := newRepository(t)
	first := r.commit("first")
	r.commit("second")
	r.git("checkout", "-q", "--detach", first)
	s := codecommittest.NewServer(t, codecommittest.Git("app", r.dir))
	client := newClient(s)
	repository, err := client.GetRepository(t.Context(), &awscodecommit.GetRepositoryInput{RepositoryName: aws.String("app")})
	if err != nil {
		t.Fatal(err)
	}
	if b := repository.RepositoryMetadata.DefaultBranch; b != nil {
		t.Errorf("default branch %q", *b)
	}
	folder, err := client.GetFolder(t.Context(), &awscodecommit.GetFolderInput{RepositoryName: aws.String("app"), FolderPath: aws.String(""), CommitSpecifier: aws.String("HEAD")})
	if err != nil || *folder.CommitId != first {
		t.Errorf("HEAD is %v, %v, want %s", folder, err, first)
	}
}
