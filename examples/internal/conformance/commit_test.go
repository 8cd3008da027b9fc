package conformance_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	awscodecommit "github.com/aws/aws-sdk-go-v2/service/codecommit"
	"github.com/aws/aws-sdk-go-v2/service/codecommit/types"
)

// commitChecks are those of commits that differ, and of odd ones: see addOdd.
var commitChecks = []check{
	{
		name:      "GetDifferences: two commits",
		assumes:   "Between two commits there are added, modified and deleted paths, and no renames; a file that becomes a link is modified, and one that becomes a folder is deleted.",
		rests:     []string{"codecommit.Repository.Changes", "codecommit/ci.Handler.changed", "codecommit/codecommittest.Server"},
		want:      "A after/file, D becomes-folder, A becomes-folder/file, M becomes-link, D before/file, D deleted, M modified",
		otherwise: "Flows with Paths miss a change, or build for none.",
		needs:     []need{needContent, needOdd},
		run: func(ctx context.Context, w *world) (string, error) {
			list, err := w.changes(ctx, &awscodecommit.GetDifferencesInput{BeforeCommitSpecifier: aws.String("old"), AfterCommitSpecifier: aws.String("odd")})
			if err != nil {
				return answer(err)
			}
			// The one whose name is no UTF-8 is that of another check.
			list = slices.DeleteFunc(list, func(text string) bool { return strings.HasPrefix(text, "A caf") })
			return strings.Join(list, ", "), nil
		},
	},
	{
		name:      "GetDifferences: folder",
		assumes:   "Paths are full, also below afterPath.",
		rests:     []string{"codecommit/codecommittest.Faults"},
		want:      "A folder/file",
		otherwise: "Only the test server differs: the library lists whole trees.",
		needs:     []need{needContent},
		run: func(ctx context.Context, w *world) (string, error) {
			list, err := w.changes(ctx, &awscodecommit.GetDifferencesInput{AfterCommitSpecifier: aws.String("refs/heads/main"), AfterPath: aws.String("folder")})
			if err != nil {
				return answer(err)
			}
			return strings.Join(list, ", "), nil
		},
	},
	{
		name:      "names that are not UTF-8",
		assumes:   "GetDifferences and GetFolder have U+FFFD in place of a byte that is no UTF-8.",
		rests:     []string{"codecommit/archive.Archive.Write", "codecommit/codecommittest.Server"},
		choices:   []string{"codecommit/codecommittest.Server: Names, messages and paths that are not UTF-8"},
		want:      `"A caf\ufffd", "caf\ufffd"`,
		otherwise: "Archives of such trees have another name, or fail with another error.",
		needs:     []need{needContent, needOdd},
		run: func(ctx context.Context, w *world) (string, error) {
			list, err := w.changes(ctx, &awscodecommit.GetDifferencesInput{AfterCommitSpecifier: aws.String("odd")})
			if err != nil {
				return answer(err)
			}
			out, err := w.codecommit.GetFolder(ctx, &awscodecommit.GetFolderInput{RepositoryName: &w.name, CommitSpecifier: aws.String("odd"), FolderPath: aws.String("")})
			if err != nil {
				return answer(err)
			}
			var found []string
			for _, text := range list {
				if strings.HasPrefix(text, "A caf") {
					found = append(found, fmt.Sprintf("%+q", text))
				}
			}
			for _, f := range out.Files {
				if name := aws.ToString(f.AbsolutePath); strings.HasPrefix(name, "caf") {
					found = append(found, fmt.Sprintf("%+q", name))
				}
			}
			return strings.Join(found, ", "), nil
		},
	},
	{
		name:      "folder without files",
		assumes:   "A folder without files is in GetFolder and not in GetDifferences.",
		rests:     []string{"codecommit/archive.Archive.Write", "codecommit/codecommittest.Server"},
		choices:   []string{"codecommit/codecommittest.Server: Folders without files"},
		want:      "in GetFolder alone",
		otherwise: "Archives lack such a folder, or have it twice.",
		needs:     []need{needContent, needOdd},
		run: func(ctx context.Context, w *world) (string, error) {
			list, err := w.changes(ctx, &awscodecommit.GetDifferencesInput{AfterCommitSpecifier: aws.String("odd")})
			if err != nil {
				return answer(err)
			}
			out, err := w.codecommit.GetFolder(ctx, &awscodecommit.GetFolderInput{RepositoryName: &w.name, CommitSpecifier: aws.String("odd"), FolderPath: aws.String("")})
			if err != nil {
				return answer(err)
			}
			inFolder := slices.ContainsFunc(out.SubFolders, func(f types.Folder) bool { return aws.ToString(f.AbsolutePath) == "void" })
			inList := slices.ContainsFunc(list, func(text string) bool { return strings.Contains(text, "void") })
			return yes(inFolder && !inList, "in GetFolder alone", "in GetFolder: %v, in GetDifferences: %v", inFolder, inList)
		},
	},
	{
		name:      "headers of a commit",
		assumes:   "The additionalData of a commit are the headers after its committer.",
		rests:     []string{"codecommit.Commit", "codecommit/codecommittest.Server"},
		choices:   []string{"codecommit/codecommittest.Server: The additionalData of a commit"},
		want:      "encoding ISO-8859-1",
		otherwise: "export-subst does not see the encoding of a message.",
		needs:     []need{needContent, needOdd},
		run: func(ctx context.Context, w *world) (string, error) {
			id := w.source.Git("rev-parse", "odd")
			out, err := w.codecommit.GetCommit(ctx, &awscodecommit.GetCommitInput{RepositoryName: &w.name, CommitId: &id})
			if err != nil {
				return answer(err)
			}
			return strings.TrimSpace(aws.ToString(out.Commit.AdditionalData)), nil
		},
	},
	{
		name:      "unrelated commits",
		assumes:   "GetMergeConflicts of commits without a common ancestor is a TipsDivergenceExceededException.",
		rests:     []string{"codecommit/codecommittest.Server"},
		choices:   []string{"codecommit/codecommittest.Server: Of several merge bases the newest"},
		want:      "TipsDivergenceExceededException",
		otherwise: "Only the test server differs.",
		needs:     []need{needContent, needOdd},
		run: func(ctx context.Context, w *world) (string, error) {
			_, err := w.codecommit.GetMergeConflicts(ctx, &awscodecommit.GetMergeConflictsInput{
				RepositoryName: &w.name, SourceCommitSpecifier: aws.String("alone"), DestinationCommitSpecifier: aws.String("odd"), MergeOption: types.MergeOptionTypeEnumThreeWayMerge,
			})
			return answer(err)
		},
	},
}

// changes lists differences as "A path", sorted by path.
func (w *world) changes(ctx context.Context, in *awscodecommit.GetDifferencesInput) ([]string, error) {
	in.RepositoryName = &w.name
	type change struct{ kind, path string }
	var list []change
	for p := awscodecommit.NewGetDifferencesPaginator(w.codecommit, in); p.HasMorePages(); {
		out, err := p.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		for _, d := range out.Differences {
			blob := d.AfterBlob
			if blob == nil {
				blob = d.BeforeBlob
			}
			if blob == nil {
				return nil, errors.New("GetDifferences returned an entry without a blob")
			}
			list = append(list, change{string(d.ChangeType), aws.ToString(blob.Path)})
		}
	}
	slices.SortFunc(list, func(a, b change) int { return strings.Compare(a.path, b.path) })
	var texts []string
	for _, c := range list {
		texts = append(texts, c.kind+" "+c.path)
	}
	return texts, nil
}
