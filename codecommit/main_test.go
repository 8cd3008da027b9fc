package codecommit_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	awscodecommit "github.com/aws/aws-sdk-go-v2/service/codecommit"

	"github.com/codesuite-go/codesuite/codecommit"
	"github.com/codesuite-go/codesuite/codecommit/codecommittest"
	"github.com/codesuite-go/codesuite/internal/gittest"
	"github.com/codesuite-go/codesuite/internal/leaktest"
)

func TestMain(m *testing.M) { leaktest.Main(m, "codesuite/codecommit") }

// open returns the repository of the name on the server.
func open(s *codecommittest.Server, name string, optFns ...func(*codecommit.Options)) *codecommit.Repository {
	return codecommit.Open(s.Config(), name, optFns...)
}

// gitRepo is a repository of the git program.
type gitRepo struct {
	t   testing.TB
	dir string
}

func newGitRepo(t testing.TB) *gitRepo {
	t.Helper()
	gittest.Need(t)
	g := &gitRepo{t: t, dir: t.TempDir()}
	g.git("init", "-q", "-b", "main")
	return g
}

// git runs git and returns what it prints.
func (g *gitRepo) git(args ...string) string {
	g.t.Helper()
	return g.gitInput("", args...)
}

func (g *gitRepo) gitInput(input string, args ...string) string {
	g.t.Helper()
	out, err := gittest.Run(g.dir, []byte(input), []string{
		"GIT_AUTHOR_NAME=Ana Author", "GIT_AUTHOR_EMAIL=ana@example.com", "GIT_AUTHOR_DATE=1484167798 -0800",
		"GIT_COMMITTER_NAME=Carl Committer", "GIT_COMMITTER_EMAIL=carl@example.com", "GIT_COMMITTER_DATE=1500000000 +0530",
	}, args...)
	if err != nil {
		g.t.Fatal(err)
	}
	return strings.TrimSpace(string(out))
}

// write writes a file of the work tree.
func (g *gitRepo) write(name, content string, perm os.FileMode) {
	g.t.Helper()
	name = filepath.Join(g.dir, name)
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		g.t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(content), perm); err != nil {
		g.t.Fatal(err)
	}
}

func (g *gitRepo) symlink(target, name string) {
	g.t.Helper()
	name = filepath.Join(g.dir, name)
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		g.t.Fatal(err)
	}
	if err := os.Symlink(target, name); err != nil {
		g.t.Fatal(err)
	}
}

// commit commits the work tree and returns the commit's ID.
func (g *gitRepo) commit(message string) string {
	g.t.Helper()
	g.git("add", "-A")
	g.git("commit", "-q", "--allow-empty", "-m", message)
	return g.git("rev-parse", "HEAD")
}

// fakeAPI is an API whose operations are functions.
type fakeAPI struct {
	codecommit.API // nil: what is not set panics

	getBlob        func(context.Context, *awscodecommit.GetBlobInput) (*awscodecommit.GetBlobOutput, error)
	getBranch      func(context.Context, *awscodecommit.GetBranchInput) (*awscodecommit.GetBranchOutput, error)
	getCommit      func(context.Context, *awscodecommit.GetCommitInput) (*awscodecommit.GetCommitOutput, error)
	getDifferences func(context.Context, *awscodecommit.GetDifferencesInput) (*awscodecommit.GetDifferencesOutput, error)
	getFolder      func(context.Context, *awscodecommit.GetFolderInput) (*awscodecommit.GetFolderOutput, error)
	listBranches   func(context.Context, *awscodecommit.ListBranchesInput) (*awscodecommit.ListBranchesOutput, error)
}

func (f *fakeAPI) GetBlob(ctx context.Context, in *awscodecommit.GetBlobInput, _ ...func(*awscodecommit.Options)) (*awscodecommit.GetBlobOutput, error) {
	return f.getBlob(ctx, in)
}

func (f *fakeAPI) GetBranch(ctx context.Context, in *awscodecommit.GetBranchInput, _ ...func(*awscodecommit.Options)) (*awscodecommit.GetBranchOutput, error) {
	return f.getBranch(ctx, in)
}

func (f *fakeAPI) GetCommit(ctx context.Context, in *awscodecommit.GetCommitInput, _ ...func(*awscodecommit.Options)) (*awscodecommit.GetCommitOutput, error) {
	return f.getCommit(ctx, in)
}

func (f *fakeAPI) GetDifferences(ctx context.Context, in *awscodecommit.GetDifferencesInput, _ ...func(*awscodecommit.Options)) (*awscodecommit.GetDifferencesOutput, error) {
	return f.getDifferences(ctx, in)
}

func (f *fakeAPI) GetFolder(ctx context.Context, in *awscodecommit.GetFolderInput, _ ...func(*awscodecommit.Options)) (*awscodecommit.GetFolderOutput, error) {
	return f.getFolder(ctx, in)
}

func (f *fakeAPI) ListBranches(ctx context.Context, in *awscodecommit.ListBranchesInput, _ ...func(*awscodecommit.Options)) (*awscodecommit.ListBranchesOutput, error) {
	return f.listBranches(ctx, in)
}
