package codecommit_test

import (
	"context"
	"errors"
	"testing"

	awscodecommit "github.com/aws/aws-sdk-go-v2/service/codecommit"

	"github.com/codesuite-go/codesuite/codecommit"
)

// silentAPI returns neither replies nor errors, as a careless fake does.
type silentAPI struct{}

func (silentAPI) GetBlob(context.Context, *awscodecommit.GetBlobInput, ...func(*awscodecommit.Options)) (*awscodecommit.GetBlobOutput, error) {
	return nil, nil
}

func (silentAPI) GetBranch(context.Context, *awscodecommit.GetBranchInput, ...func(*awscodecommit.Options)) (*awscodecommit.GetBranchOutput, error) {
	return nil, nil
}

func (silentAPI) GetCommit(context.Context, *awscodecommit.GetCommitInput, ...func(*awscodecommit.Options)) (*awscodecommit.GetCommitOutput, error) {
	return nil, nil
}

func (silentAPI) GetDifferences(context.Context, *awscodecommit.GetDifferencesInput, ...func(*awscodecommit.Options)) (*awscodecommit.GetDifferencesOutput, error) {
	return nil, nil
}

func (silentAPI) GetFolder(context.Context, *awscodecommit.GetFolderInput, ...func(*awscodecommit.Options)) (*awscodecommit.GetFolderOutput, error) {
	return nil, nil
}

func (silentAPI) GetRepository(context.Context, *awscodecommit.GetRepositoryInput, ...func(*awscodecommit.Options)) (*awscodecommit.GetRepositoryOutput, error) {
	return nil, nil
}

func (silentAPI) ListBranches(context.Context, *awscodecommit.ListBranchesInput, ...func(*awscodecommit.Options)) (*awscodecommit.ListBranchesOutput, error) {
	return nil, nil
}

func TestNoReply(t *testing.T) {
	t.Parallel()
	repo := codecommit.New(silentAPI{}, "staging")
	tests := []struct {
		operation string
		call      func(context.Context) error
	}{
		{"GetBlob", func(ctx context.Context) error { _, err := repo.Blob(ctx, emptyBlobID); return err }},
		{"GetBranch", func(ctx context.Context) error { _, err := repo.Resolve(ctx, "main"); return err }},
		{"GetCommit", func(ctx context.Context) error { _, err := repo.Resolve(ctx, unknownID); return err }},
		{"GetFolder", func(ctx context.Context) error { _, err := repo.Folder(ctx, unknownID, "docs"); return err }},
		{"GetFolder", func(ctx context.Context) error { _, err := repo.Resolve(ctx, "refs/tags/v1"); return err }},
		{"GetRepository", func(ctx context.Context) error { _, err := repo.DefaultBranch(ctx); return err }},
		{"GetDifferences", func(ctx context.Context) (err error) {
			for _, err = range repo.Changes(ctx, "", unknownID) {
			}
			return err
		}},
		{"ListBranches", func(ctx context.Context) (err error) {
			for _, err = range repo.Branches(ctx) {
			}
			return err
		}},
	}
	for _, test := range tests {
		var failed *codecommit.Error
		if err := test.call(t.Context()); !errors.As(err, &failed) || failed.Operation != test.operation {
			t.Errorf("%s without a reply: error %v, want an *Error of the operation", test.operation, err)
		}
	}
}
