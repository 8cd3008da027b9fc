package codecommittest_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/aws/aws-sdk-go-v2/aws"
	awscodecommit "github.com/aws/aws-sdk-go-v2/service/codecommit"
	"github.com/aws/aws-sdk-go-v2/service/codecommit/types"

	"github.com/codesuite-go/codesuite/codecommit/codecommittest"
)

// Every error of every operation that is not shown elsewhere.
func TestErrors(t *testing.T) {
	t.Parallel()
	s := codecommittest.NewServer(t, codecommittest.FS("app", fstest.MapFS{"docs/a": {Data: []byte("hello\n")}}))
	client := newClient(s)
	head, err := client.GetBranch(t.Context(), &awscodecommit.GetBranchInput{RepositoryName: aws.String("app"), BranchName: aws.String("main")})
	if err != nil {
		t.Fatal(err)
	}
	commit := *head.Branch.CommitId
	app := aws.String("app")
	branch := func(name *string) error {
		_, err := client.GetBranch(t.Context(), &awscodecommit.GetBranchInput{RepositoryName: app, BranchName: name})
		return err
	}
	getCommit := func(id string) error {
		_, err := client.GetCommit(t.Context(), &awscodecommit.GetCommitInput{RepositoryName: app, CommitId: &id})
		return err
	}
	blob := func(id string) error {
		_, err := client.GetBlob(t.Context(), &awscodecommit.GetBlobInput{RepositoryName: app, BlobId: &id})
		return err
	}
	folder := func(path string) error {
		_, err := client.GetFolder(t.Context(), &awscodecommit.GetFolderInput{RepositoryName: app, FolderPath: &path})
		return err
	}
	file := func(path string) error {
		_, err := client.GetFile(t.Context(), &awscodecommit.GetFileInput{RepositoryName: app, FilePath: &path})
		return err
	}
	differences := func(in awscodecommit.GetDifferencesInput) error {
		in.RepositoryName = app
		_, err := client.GetDifferences(t.Context(), &in)
		return err
	}
	batch := func(ids ...string) error {
		_, err := client.BatchGetCommits(t.Context(), &awscodecommit.BatchGetCommitsInput{RepositoryName: app, CommitIds: append([]string{}, ids...)})
		return err
	}
	repositories := func(names ...string) error {
		_, err := client.BatchGetRepositories(t.Context(), &awscodecommit.BatchGetRepositoriesInput{RepositoryNames: append([]string{}, names...)})
		return err
	}
	for _, test := range []struct {
		what string
		err  error
		want string
	}{
		{"GetBranch without a name", branch(nil), "BranchNameRequiredException"},
		{"GetBranch of an empty name", branch(aws.String("")), "BranchNameRequiredException"},
		{"GetBranch of a bad name", branch(aws.String("a b")), "InvalidBranchNameException"},
		{"GetBranch of a long name", branch(aws.String(strings.Repeat("n", 257))), "InvalidBranchNameException"},
		{"GetBranch of a longest name", branch(aws.String(strings.Repeat("n", 256))), "BranchDoesNotExistException"},
		{"GetBranch of an unknown name", branch(aws.String("none")), "BranchDoesNotExistException"},
		{"GetBranch of a full name", branch(aws.String("refs/heads/main")), "BranchDoesNotExistException"},
		{"GetBranch of a commit ID", branch(&commit), "BranchDoesNotExistException"},

		{"GetCommit of no ID", getCommit(""), "CommitIdRequiredException"},
		{"GetCommit of a branch", getCommit("main"), "InvalidCommitIdException"},
		{"GetCommit of a short ID", getCommit(commit[:39]), "InvalidCommitIdException"},
		{"GetCommit of an unknown ID", getCommit(noID), "CommitIdDoesNotExistException"},
		{"GetCommit of a tree", getCommit(emptyID), "CommitIdDoesNotExistException"},

		{"GetBlob of no ID", blob(""), "BlobIdRequiredException"},
		{"GetBlob of a short ID", blob("abc"), "InvalidBlobIdException"},
		{"GetBlob of two lines", blob(noID + "\n" + noID), "InvalidBlobIdException"},
		{"GetBlob of an unknown ID", blob(noID), "BlobIdDoesNotExistException"},
		{"GetBlob of a commit", blob(commit), "BlobIdDoesNotExistException"},

		{"GetFolder of nothing", folder("none"), "FolderDoesNotExistException"},
		{"GetFolder of a file", folder("docs/a"), "FolderDoesNotExistException"},
		{"GetFolder below a file", folder("docs/a/b"), "FolderDoesNotExistException"},
		{"GetFolder outside", folder("../x"), "InvalidPathException"},
		{"GetFolder with a dot", folder("./docs"), "InvalidPathException"},
		{"GetFolder with two slashes", folder("docs//x"), "InvalidPathException"},
		{"GetFolder of a long path", folder(strings.Repeat("n/", 2049)), "InvalidPathException"},

		{"GetFile of no path", file(""), "PathRequiredException"},
		{"GetFile of the root", file("/"), "FileDoesNotExistException"},
		{"GetFile of a folder", file("docs"), "FileDoesNotExistException"},
		{"GetFile of nothing", file("none"), "FileDoesNotExistException"},
		{"GetFile below a file", file("docs/a/b"), "FileDoesNotExistException"},
		{"GetFile outside", file("docs/../../a"), "InvalidPathException"},
		{"GetFile of a NUL", file("a\x00b"), "InvalidPathException"},

		{"GetDifferences after nothing", differences(awscodecommit.GetDifferencesInput{AfterCommitSpecifier: aws.String("")}), "CommitRequiredException"},
		{"GetDifferences after an unknown", differences(awscodecommit.GetDifferencesInput{AfterCommitSpecifier: aws.String("none")}), "CommitDoesNotExistException"},
		{"GetDifferences before an unknown", differences(awscodecommit.GetDifferencesInput{AfterCommitSpecifier: aws.String("main"), BeforeCommitSpecifier: aws.String(noID)}), "CommitDoesNotExistException"},
		{"GetDifferences before a bad one", differences(awscodecommit.GetDifferencesInput{AfterCommitSpecifier: aws.String("main"), BeforeCommitSpecifier: aws.String("a b")}), "InvalidCommitException"},
		{"GetDifferences of a bad path", differences(awscodecommit.GetDifferencesInput{AfterCommitSpecifier: aws.String("main"), BeforePath: aws.String("..")}), "InvalidPathException"},
		{"GetDifferences with a bad token", differences(awscodecommit.GetDifferencesInput{AfterCommitSpecifier: aws.String("main"), NextToken: aws.String("garbage")}), "InvalidContinuationTokenException"},
		{"GetDifferences with an empty token", differences(awscodecommit.GetDifferencesInput{AfterCommitSpecifier: aws.String("main"), NextToken: aws.String("")}), "InvalidContinuationTokenException"},

		{"BatchGetCommits of none", batch(), "CommitIdsListRequiredException"},
		{"BatchGetCommits of too many", batch(make([]string, 101)...), "CommitIdsLimitExceededException"},
		{"BatchGetRepositories of none", repositories(), "RepositoryNamesRequiredException"},
		{"BatchGetRepositories of too many", repositories(make([]string, 101)...), "MaximumRepositoryNamesExceededException"},
		{"BatchGetRepositories of a bad name", repositories("app", "a b"), "InvalidRepositoryNameException"},
	} {
		wantError(t, test.what, test.err, test.want)
	}
	// The SDK has types for them.
	var missing *types.BranchDoesNotExistException
	if err := branch(aws.String("none")); !errors.As(err, &missing) {
		t.Errorf("error of type %T", err)
	}
}

// All operations on a repository agree about its name.
func TestRepositoryNames(t *testing.T) {
	t.Parallel()
	s := codecommittest.NewServer(t, codecommittest.FS("app", fstest.MapFS{"a": {}}))
	client := newClient(s)
	for operation, call := range map[string]func(ctx context.Context, name *string) error{
		"GetRepository": func(ctx context.Context, name *string) error {
			_, err := client.GetRepository(ctx, &awscodecommit.GetRepositoryInput{RepositoryName: name})
			return err
		},
		"GetBranch": func(ctx context.Context, name *string) error {
			_, err := client.GetBranch(ctx, &awscodecommit.GetBranchInput{RepositoryName: name, BranchName: aws.String("main")})
			return err
		},
		"ListBranches": func(ctx context.Context, name *string) error {
			_, err := client.ListBranches(ctx, &awscodecommit.ListBranchesInput{RepositoryName: name})
			return err
		},
		"GetCommit": func(ctx context.Context, name *string) error {
			_, err := client.GetCommit(ctx, &awscodecommit.GetCommitInput{RepositoryName: name, CommitId: aws.String(noID)})
			return err
		},
		"BatchGetCommits": func(ctx context.Context, name *string) error {
			_, err := client.BatchGetCommits(ctx, &awscodecommit.BatchGetCommitsInput{RepositoryName: name, CommitIds: []string{noID}})
			return err
		},
		"GetFolder": func(ctx context.Context, name *string) error {
			_, err := client.GetFolder(ctx, &awscodecommit.GetFolderInput{RepositoryName: name, FolderPath: aws.String("")})
			return err
		},
		"GetFile": func(ctx context.Context, name *string) error {
			_, err := client.GetFile(ctx, &awscodecommit.GetFileInput{RepositoryName: name, FilePath: aws.String("a")})
			return err
		},
		"GetBlob": func(ctx context.Context, name *string) error {
			_, err := client.GetBlob(ctx, &awscodecommit.GetBlobInput{RepositoryName: name, BlobId: aws.String(noID)})
			return err
		},
		"GetDifferences": func(ctx context.Context, name *string) error {
			_, err := client.GetDifferences(ctx, &awscodecommit.GetDifferencesInput{RepositoryName: name, AfterCommitSpecifier: aws.String("main")})
			return err
		},
		"GetRepositoryTriggers": func(ctx context.Context, name *string) error {
			_, err := client.GetRepositoryTriggers(ctx, &awscodecommit.GetRepositoryTriggersInput{RepositoryName: name})
			return err
		},
		"PutRepositoryTriggers": func(ctx context.Context, name *string) error {
			_, err := client.PutRepositoryTriggers(ctx, &awscodecommit.PutRepositoryTriggersInput{RepositoryName: name, Triggers: []types.RepositoryTrigger{}})
			return err
		},
		"TestRepositoryTriggers": func(ctx context.Context, name *string) error {
			_, err := client.TestRepositoryTriggers(ctx, &awscodecommit.TestRepositoryTriggersInput{RepositoryName: name, Triggers: []types.RepositoryTrigger{}})
			return err
		},
	} {
		for name, want := range map[string]string{
			"":                       "RepositoryNameRequiredException",
			"a b":                    "InvalidRepositoryNameException",
			"a/b":                    "InvalidRepositoryNameException",
			"app.git":                "InvalidRepositoryNameException",
			strings.Repeat("n", 101): "InvalidRepositoryNameException",
			"other":                  "RepositoryDoesNotExistException",
			"App":                    "RepositoryDoesNotExistException",
		} {
			wantError(t, operation+" of "+name, call(t.Context(), &name), want)
		}
	}
}
