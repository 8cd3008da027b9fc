package codecommittest_test

import (
	"context"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awscodecommit "github.com/aws/aws-sdk-go-v2/service/codecommit"

	"github.com/codesuite-go/codesuite/codecommit/codecommittest"
)

// The environment of a git hook must not lead to another repository.
func TestGitEnvironment(t *testing.T) {
	r, other := newRepository(t), newRepository(t)
	r.write("a", "1", 0o644)
	id := r.commit("first")
	other.commit("other")
	t.Setenv("GIT_DIR", filepath.Join(other.dir, ".git"))
	t.Setenv("GIT_WORK_TREE", other.dir)
	t.Setenv("GIT_INDEX_FILE", filepath.Join(other.dir, "index"))
	t.Setenv("GIT_OBJECT_DIRECTORY", filepath.Join(other.dir, ".git", "objects"))
	t.Setenv("GIT_NAMESPACE", "n")
	t.Setenv("GIT_TRACE", "1")
	s := codecommittest.NewServer(t, codecommittest.Git("app", r.dir))
	out, err := newClient(s).GetFile(t.Context(), &awscodecommit.GetFileInput{RepositoryName: aws.String("app"), FilePath: aws.String("a")})
	if err != nil || *out.CommitId != id {
		t.Errorf("GetFile = %v, %v, want commit %s", out, err, id)
	}
	branches, err := newClient(s).ListBranches(t.Context(), &awscodecommit.ListBranchesInput{RepositoryName: aws.String("app")})
	if err != nil || len(branches.Branches) != 1 {
		t.Errorf("ListBranches = %v, %v", branches, err)
	}
}

func TestNoGit(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	_, err := codecommittest.Start(codecommittest.Git("app", "."))
	if err == nil || !strings.Contains(err.Error(), "the git program is needed") {
		t.Errorf("error %v", err)
	}
}

// What git says about a repository of somebody else reaches the user.
func TestDubiousOwnership(t *testing.T) {
	r := newRepository(t)
	r.commit("first")
	for _, dir := range []string{r.dir, filepath.Join(r.dir, ".git")} {
		if err := os.Chown(dir, 12345, 12345); err != nil {
			t.Skip("only root gives files away")
		}
	}
	t.Setenv("GIT_CONFIG_GLOBAL", os.DevNull)
	t.Setenv("GIT_CONFIG_SYSTEM", os.DevNull)
	_, err := codecommittest.Start(codecommittest.Git("app", r.dir))
	if err == nil || !strings.Contains(err.Error(), "dubious ownership") || !strings.Contains(err.Error(), "safe.directory") {
		t.Errorf("error %v", err)
	}
	// A user who trusts it says so as git asks.
	t.Setenv("GIT_CONFIG_COUNT", "1")
	t.Setenv("GIT_CONFIG_KEY_0", "safe.directory")
	t.Setenv("GIT_CONFIG_VALUE_0", "*")
	s := codecommittest.NewServer(t, codecommittest.Git("app", r.dir))
	if _, err := newClient(s).GetRepository(t.Context(), &awscodecommit.GetRepositoryInput{RepositoryName: aws.String("app")}); err != nil {
		t.Error(err)
	}
}

// A folder of a work tree, a linked work tree and a .git folder are the
// repository, as for git itself.
func TestGitFolders(t *testing.T) {
	t.Parallel()
	r := newRepository(t)
	r.write("docs/a", "1", 0o644)
	id := r.commit("first")
	linked := filepath.Join(t.TempDir(), "linked\ntree")
	r.git("worktree", "add", "-q", "-b", "topic", linked)
	s := codecommittest.NewServer(t,
		codecommittest.Git("sub", filepath.Join(r.dir, "docs")),
		codecommittest.Git("dotgit", filepath.Join(r.dir, ".git")),
		codecommittest.Git("linked", linked))
	for name, branch := range map[string]string{"sub": "main", "dotgit": "main", "linked": "topic"} {
		out, err := newClient(s).GetRepository(t.Context(), &awscodecommit.GetRepositoryInput{RepositoryName: &name})
		if err != nil || *out.RepositoryMetadata.DefaultBranch != branch {
			t.Errorf("%s: %v, %v, want branch %s", name, out, err, branch)
		}
		folder, err := newClient(s).GetFolder(t.Context(), &awscodecommit.GetFolderInput{RepositoryName: &name, FolderPath: aws.String("docs")})
		if err != nil || *folder.CommitId != id {
			t.Errorf("%s: %v, %v, want commit %s", name, folder, err, id)
		}
	}
}

// A partial clone lacks blobs that it could fetch: it must not, nor hang.
func TestPartialClone(t *testing.T) {
	t.Parallel()
	r := newRepository(t)
	r.write("a", "1", 0o644)
	r.commit("first")
	r.git("config", "uploadpack.allowFilter", "true")
	clone := filepath.Join(t.TempDir(), "clone")
	r.git("clone", "-q", "--no-checkout", "--filter=blob:none", "file://"+r.dir, clone)
	s := codecommittest.NewServer(t, codecommittest.Git("app", clone))
	client := newClient(s)
	for range 2 {
		_, err := client.GetFile(t.Context(), &awscodecommit.GetFileInput{RepositoryName: aws.String("app"), FilePath: aws.String("a")})
		wantError(t, "GetFile", err, "InternalFailure")
		folder, err := client.GetFolder(t.Context(), &awscodecommit.GetFolderInput{RepositoryName: aws.String("app"), FolderPath: aws.String("")})
		if err != nil || len(folder.Files) != 1 {
			t.Errorf("GetFolder = %v, %v", folder, err)
		}
	}
	if missing := r.count(clone); missing == 0 {
		t.Error("the clone is complete: nothing was tested")
	}
}

// count returns how many objects the clone lacks.
func (r repository) count(clone string) (n int) {
	for line := range strings.Lines(r.git("-C", clone, "rev-list", "--objects", "--all", "--missing=print")) {
		if strings.HasPrefix(line, "?") {
			n++
		}
	}
	return n
}

// A repository that has lost objects.
func TestMissingObjects(t *testing.T) {
	t.Parallel()
	r := newRepository(t)
	r.write("docs/a", "1", 0o644)
	r.write("b", "2", 0o644)
	r.commit("first")
	for _, spec := range []string{"HEAD:docs", "HEAD:b"} {
		id := r.git("rev-parse", spec)
		if err := os.Remove(filepath.Join(r.dir, ".git", "objects", id[:2], id[2:])); err != nil {
			t.Fatal(err)
		}
	}
	s := codecommittest.NewServer(t, codecommittest.Git("app", r.dir))
	client := newClient(s)
	_, err := client.GetFolder(t.Context(), &awscodecommit.GetFolderInput{RepositoryName: aws.String("app"), FolderPath: aws.String("docs")})
	wantError(t, "GetFolder", err, "InternalFailure")
	if err != nil && !strings.Contains(err.Error(), "the repository is incomplete: it lacks the tree") {
		t.Errorf("error %q", err)
	}
	_, err = client.GetDifferences(t.Context(), &awscodecommit.GetDifferencesInput{RepositoryName: aws.String("app"), AfterCommitSpecifier: aws.String("main")})
	wantError(t, "GetDifferences", err, "InternalFailure")
	_, err = client.GetFile(t.Context(), &awscodecommit.GetFileInput{RepositoryName: aws.String("app"), FilePath: aws.String("b")})
	wantError(t, "GetFile", err, "InternalFailure")
}

// Clients that leave, or that read slowly, do not spoil a git process for
// others.
func TestImpatientClients(t *testing.T) {
	t.Parallel()
	r := newRepository(t)
	r.write("large", strings.Repeat("0123456789abcdef", 5<<20/16), 0o644)
	r.write("small", "1", 0o644)
	r.commit("first")
	s := codecommittest.NewServer(t, codecommittest.Git("app", r.dir))
	id := r.git("rev-parse", "HEAD:large")
	for range 8 {
		ctx, cancel := context.WithCancel(t.Context())
		resp := post(ctx, t, s, "GetBlob", `{"repositoryName":"app","blobId":"`+id+`"}`)
		if resp.StatusCode != http.StatusOK {
			t.Errorf("status %s", resp.Status)
		}
		if _, err := resp.Body.Read(make([]byte, 100)); err != nil {
			t.Error(err)
		}
		cancel()
		resp.Body.Close()
	}
	out, err := newClient(s).GetFile(t.Context(), &awscodecommit.GetFileInput{RepositoryName: aws.String("app"), FilePath: aws.String("large")})
	if err != nil || len(out.FileContent) != 5<<20 {
		t.Errorf("GetFile: %v", err)
	}
}
