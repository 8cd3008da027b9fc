package conformance_test

import (
	"context"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	awscodecommit "github.com/aws/aws-sdk-go-v2/service/codecommit"
)

// referenceChecks are those of names of commits, and of what is missing.
var referenceChecks = []check{
	{
		name:      "annotated tag",
		assumes:   "GetFolder of the full reference of a tag, annotated or not, returns the ID of the tag's commit.",
		rests:     []string{"codecommit.Repository.referenceTip"},
		want:      "the commit, the commit",
		otherwise: "Resolve(\"v1.2\") fails for tags.",
		needs:     []need{needContent},
		run: func(ctx context.Context, w *world) (string, error) {
			var found []string
			for _, name := range []string{"refs/tags/light", "refs/tags/annotated"} {
				text, err := w.folderCommit(ctx, name, map[string]string{"main": "the commit", "annotated": "the tag object"})
				if err != nil {
					return "", err
				}
				found = append(found, text)
			}
			return strings.Join(found, ", "), nil
		},
	},
	{
		name:      "tag of a tree",
		assumes:   "GetFolder of a tag that leads to no commit is a CommitDoesNotExistException.",
		rests:     []string{"codecommit.noReference", "codecommit/codecommittest.Server"},
		want:      "CommitDoesNotExistException",
		otherwise: "The error of Resolve may not answer errors.Is for fs.ErrNotExist.",
		needs:     []need{needContent, needOdd},
		run: func(ctx context.Context, w *world) (string, error) {
			return w.folderCommit(ctx, "refs/tags/tree", nil)
		},
	},
	{
		name:      "branch and tag of one name",
		assumes:   "A name that a branch and a tag share is the branch.",
		rests:     []string{"codecommit/codecommittest.Server"},
		want:      "the branch",
		otherwise: "Only the test server differs: Resolve asks for the branch first.",
		needs:     []need{needContent},
		run: func(ctx context.Context, w *world) (string, error) {
			return w.folderCommit(ctx, "both", map[string]string{"refs/heads/both": "the branch", "refs/tags/both": "the tag"})
		},
	},
	{
		name:      "missing branch",
		assumes:   "GetBranch of a branch that is not there is a BranchDoesNotExistException, also of the name of a tag.",
		rests:     []string{"codecommit.noReference", "codecommit.Error.Is"},
		want:      "BranchDoesNotExistException, BranchDoesNotExistException",
		otherwise: "Resolve fails for tags, or its error does not answer errors.Is for fs.ErrNotExist.",
		needs:     []need{needContent},
		run: func(ctx context.Context, w *world) (string, error) {
			var errs []error
			for _, name := range []string{"no-such-branch", "light"} {
				_, err := w.codecommit.GetBranch(ctx, &awscodecommit.GetBranchInput{RepositoryName: &w.name, BranchName: &name})
				errs = append(errs, err)
			}
			return answers(errs...)
		},
	},
	{
		name:      "missing commits: specifiers",
		assumes:   "A specifier that leads nowhere, be it a name, an unknown ID or an abbreviated one, is a CommitDoesNotExistException.",
		rests:     []string{"codecommit.Error.Is", "codecommit/codecommittest.Faults"},
		choices:   []string{"codecommit/codecommittest.Server: A commit specifier is a full commit ID"},
		want:      "CommitDoesNotExistException, CommitDoesNotExistException, CommitDoesNotExistException",
		otherwise: "Codes other than these and those of the next check may not answer errors.Is for fs.ErrNotExist.",
		needs:     []need{needContent},
		run: func(ctx context.Context, w *world) (string, error) {
			var errs []error
			for _, name := range []string{"no-such-name", strings.Repeat("ab", 20), w.source.Git("rev-parse", "--short=10", "main")} {
				_, err := w.codecommit.GetFolder(ctx, &awscodecommit.GetFolderInput{RepositoryName: &w.name, CommitSpecifier: &name, FolderPath: aws.String("")})
				errs = append(errs, err)
			}
			return answers(errs...)
		},
	},
	{
		name:      "missing commits: GetCommit",
		assumes:   "GetCommit of an unknown ID is a CommitIdDoesNotExistException, of other text an InvalidCommitIdException.",
		rests:     []string{"codecommit.Error.Is", "codecommit/codecommittest.Faults"},
		want:      "CommitIdDoesNotExistException, InvalidCommitIdException",
		otherwise: "The error may not answer errors.Is for fs.ErrNotExist.",
		needs:     []need{needContent},
		run: func(ctx context.Context, w *world) (string, error) {
			var errs []error
			for _, id := range []string{strings.Repeat("ab", 20), "main"} {
				_, err := w.codecommit.GetCommit(ctx, &awscodecommit.GetCommitInput{RepositoryName: &w.name, CommitId: &id})
				errs = append(errs, err)
			}
			return answers(errs...)
		},
	},
	{
		name:      "missing paths",
		assumes:   "A missing folder is a FolderDoesNotExistException, a missing file, a folder and a submodule are a FileDoesNotExistException.",
		rests:     []string{"codecommit.Error.Is", "codecommit/codecommittest.Server"},
		want:      "FolderDoesNotExistException, FileDoesNotExistException, FileDoesNotExistException, FileDoesNotExistException",
		otherwise: "The error may not answer errors.Is for fs.ErrNotExist.",
		needs:     []need{needContent},
		run: func(ctx context.Context, w *world) (string, error) {
			_, err := w.codecommit.GetFolder(ctx, &awscodecommit.GetFolderInput{RepositoryName: &w.name, CommitSpecifier: aws.String("main"), FolderPath: aws.String("missing")})
			errs := []error{err}
			for _, name := range []string{"missing", "folder", "submodule"} {
				_, err := w.codecommit.GetFile(ctx, &awscodecommit.GetFileInput{RepositoryName: &w.name, CommitSpecifier: aws.String("main"), FilePath: &name})
				errs = append(errs, err)
			}
			return answers(errs...)
		},
	},
	{
		name:      "dates of commits",
		assumes:   "GetCommit shows the dates of git as seconds and an offset, and the message with its line breaks.",
		rests:     []string{"internal/gitobj.ParseDate", "codecommit.Commit"},
		want:      "as git",
		otherwise: "Archives have other times, and export-subst other texts.",
		needs:     []need{needContent},
		run: func(ctx context.Context, w *world) (string, error) {
			id := w.source.Git("rev-parse", "main")
			out, err := w.codecommit.GetCommit(ctx, &awscodecommit.GetCommitInput{RepositoryName: &w.name, CommitId: &id})
			if err != nil {
				return "", err
			}
			got := fmt.Sprintf("%s|%s|%s", aws.ToString(out.Commit.Author.Date), aws.ToString(out.Commit.Committer.Date), aws.ToString(out.Commit.Message))
			want := strings.TrimSpace(w.source.Git("log", "-1", "--date=raw", "--format=%ad|%cd|", "main")) + message
			return yes(got == want, "as git", "%q instead of %q", got, want)
		},
	},
}

// folderCommit returns which of the revisions of git GetFolder finds for a
// specifier, in the words of the map, or the error code.
func (w *world) folderCommit(ctx context.Context, specifier string, words map[string]string) (string, error) {
	out, err := w.codecommit.GetFolder(ctx, &awscodecommit.GetFolderInput{RepositoryName: &w.name, CommitSpecifier: &specifier, FolderPath: aws.String("")})
	if err != nil {
		return answer(err)
	}
	for revision, word := range words {
		if aws.ToString(out.CommitId) == w.source.Git("rev-parse", revision) {
			return word, nil
		}
	}
	return "another commit", nil
}
