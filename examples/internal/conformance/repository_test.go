package conformance_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	awscodecommit "github.com/aws/aws-sdk-go-v2/service/codecommit"
	"github.com/aws/aws-sdk-go-v2/service/codecommit/types"

	"github.com/codesuite-go/codesuite/codecommit"
	"github.com/codesuite-go/codesuite/codecommit/gitfetch"
)

// repositoryChecks are those of reading a repository.
var repositoryChecks = []check{
	{
		name:      "empty repository: default branch",
		assumes:   "GetRepository returns no default branch for a repository without a commit.",
		rests:     []string{"codecommit.Repository.DefaultBranch", "codecommit.Repository.headTip"},
		want:      "none",
		otherwise: "Resolve(\"HEAD\") of an empty repository fails with another error than fs.ErrNotExist.",
		needs:     []need{needContent},
		run: func(ctx context.Context, w *world) (string, error) {
			out, err := w.codecommit.GetRepository(ctx, &awscodecommit.GetRepositoryInput{RepositoryName: aws.String(w.empty())})
			if err != nil {
				return "", err
			}
			return yes(aws.ToString(out.RepositoryMetadata.DefaultBranch) == "", "none", "%q", aws.ToString(out.RepositoryMetadata.DefaultBranch))
		},
	},
	{
		name:      "empty repository: GetFolder",
		assumes:   "GetFolder without a specifier is a CommitDoesNotExistException in a repository without a commit.",
		rests:     []string{"codecommit.Error.Is"},
		want:      "CommitDoesNotExistException",
		otherwise: "The error may not answer errors.Is for fs.ErrNotExist.",
		needs:     []need{needContent},
		run: func(ctx context.Context, w *world) (string, error) {
			_, err := w.codecommit.GetFolder(ctx, &awscodecommit.GetFolderInput{RepositoryName: aws.String(w.empty()), FolderPath: aws.String("")})
			return answer(err)
		},
	},
	{
		name:      "GetDifferences: largest page",
		assumes:   "GetDifferences takes a MaxResults of 1000, and fills the page.",
		rests:     []string{"codecommit.ChangesPerCall", "codecommit.Repository.getDifferences", "codecommit/codecommittest.Server"},
		want:      "1000 entries",
		otherwise: "Listings take more calls: 100 of the 1,000 files of a page are ten times as many.",
		needs:     []need{needContent},
		run: func(ctx context.Context, w *world) (string, error) {
			return w.page(ctx, aws.Int32(codecommit.ChangesPerCall))
		},
	},
	{
		name:      "GetDifferences: usual page",
		assumes:   "A page of GetDifferences has 100 entries if MaxResults is not given.",
		rests:     []string{"codecommit/codecommittest.Server"},
		choices:   []string{"codecommit/codecommittest.Server: A page of GetDifferences has 100 entries"},
		want:      "100 entries",
		otherwise: "Only the test server differs: the library gives MaxResults.",
		needs:     []need{needContent},
		run: func(ctx context.Context, w *world) (string, error) {
			return w.page(ctx, nil)
		},
	},
	{
		name:      "GetDifferences: order",
		assumes:   "GetDifferences without a before lists all files sorted by the bytes of their paths.",
		rests:     []string{"codecommit/archive.Archive.Write", "codecommit/codecommittest.Server"},
		want:      "sorted",
		otherwise: "Archives stay right, and hold more of the listing in memory.",
		needs:     []need{needContent},
		run: func(ctx context.Context, w *world) (string, error) {
			list, err := w.differences(ctx)
			if err != nil {
				return "", err
			}
			paths := make([]string, len(list))
			for i, d := range list {
				paths[i] = aws.ToString(d.AfterBlob.Path)
			}
			for i := 1; i < len(paths); i++ {
				if paths[i-1] >= paths[i] {
					return fmt.Sprintf("%q before %q", paths[i-1], paths[i]), nil
				}
			}
			return "sorted", nil
		},
	},
	{
		name:      "GetDifferences: completeness",
		assumes:   "GetDifferences without a before lists every file, link and submodule as added, without a before blob.",
		rests:     []string{"codecommit.Repository.Changes", "codecommit.newChange"},
		choices:   []string{"codecommit/codecommittest.Server: GetDifferences without beforeCommitSpecifier"},
		want:      "all, of type A, without a before blob",
		otherwise: "Archives ask GetFolder for each folder whose listing is not complete.",
		needs:     []need{needContent},
		run: func(ctx context.Context, w *world) (string, error) {
			list, err := w.differences(ctx)
			if err != nil {
				return "", err
			}
			missing := make(map[string]bool)
			for name := range strings.SplitSeq(w.source.Git("ls-tree", "-r", "-z", "--name-only", "main"), "\x00") {
				if name != "" {
					missing[name] = true
				}
			}
			odd := 0
			for _, d := range list {
				delete(missing, aws.ToString(d.AfterBlob.Path))
				if d.ChangeType != types.ChangeTypeEnumAdded || d.BeforeBlob != nil {
					odd++
				}
			}
			return yes(len(missing) == 0 && odd == 0, "all, of type A, without a before blob",
				"%d missing, such as %q; %d of another form", len(missing), slices.Sorted(maps.Keys(missing)), odd)
		},
	},
	{
		name:      "GetDifferences: modes",
		assumes:   "GetDifferences shows the modes of git as six octal digits.",
		rests:     []string{"codecommit.newEntry", "codecommit.Mode.String"},
		want:      "100644 100755 120000 160000",
		otherwise: "Archives fail, or have wrong modes, unless GetFolder is asked.",
		needs:     []need{needContent},
		run: func(ctx context.Context, w *world) (string, error) {
			list, err := w.differences(ctx)
			if err != nil {
				return "", err
			}
			modes := make(map[string]bool)
			for _, d := range list {
				modes[aws.ToString(d.AfterBlob.Mode)] = true
			}
			return strings.Join(slices.Sorted(maps.Keys(modes)), " "), nil
		},
	},
	{
		name:      "files of 6 MB",
		assumes:   "GetBlob and GetFile return 6,291,456 bytes, and are a FileTooLargeException for one byte more.",
		rests:     []string{"codecommit.ErrTooLarge", "codecommit/codecommittest.Server"},
		choices:   []string{"codecommit/codecommittest.Server: GetFile and GetBlob of more than"},
		want:      "success, success, FileTooLargeException, FileTooLargeException",
		otherwise: "Files of about 6 MB are not fetched by Git's protocol, and the archive fails.",
		needs:     []need{needContent},
		run: func(ctx context.Context, w *world) (string, error) {
			var errs []error
			for _, name := range []string{"limit.bin", "large.bin"} {
				_, err := w.codecommit.GetBlob(ctx, &awscodecommit.GetBlobInput{RepositoryName: &w.name, BlobId: aws.String(w.source.Git("rev-parse", "main:"+name))})
				_, fileErr := w.codecommit.GetFile(ctx, &awscodecommit.GetFileInput{RepositoryName: &w.name, CommitSpecifier: aws.String("refs/heads/main"), FilePath: &name})
				errs = append(errs, err, fileErr)
			}
			return answers(errs...)
		},
	},
	{
		name:      "Git's protocol: single files",
		assumes:   "A fetch may ask for the ID of a file alone.",
		rests:     []string{"codecommit/gitfetch.LargeBlob", "codecommit/gitfetch.Fetch"},
		want:      "1 file alone",
		otherwise: "A file over 6 MB costs a shallow fetch of the whole commit.",
		needs:     []need{needContent},
		run: func(ctx context.Context, w *world) (string, error) {
			ctx, cancel := context.WithCancel(ctx)
			defer cancel()
			var fetched gitfetch.Fetch
			fetch := gitfetch.LargeBlob(w.git, func(o *gitfetch.Options) {
				o.OnFetch = func(f gitfetch.Fetch) { fetched = f }
			})
			content, err := fetch(ctx, codecommit.BlobRef{
				Repository: w.name, Commit: w.source.Git("rev-parse", "main"), Path: "large.bin", ID: w.source.Git("rev-parse", "main:large.bin"),
			})
			if err != nil {
				return "", err
			}
			n, err := io.Copy(io.Discard, content)
			if err := errors.Join(err, content.Close()); err != nil {
				return "", err
			}
			if n != large {
				return fmt.Sprintf("%d bytes", n), nil
			}
			return yes(fetched.Blobs == 1, "1 file alone", "the whole commit: %d objects", fetched.Objects)
		},
	},
}

// page returns how many entries the first page of all files has.
func (w *world) page(ctx context.Context, limit *int32) (string, error) {
	out, err := w.codecommit.GetDifferences(ctx, &awscodecommit.GetDifferencesInput{
		RepositoryName: &w.name, AfterCommitSpecifier: aws.String(w.source.Git("rev-parse", "main")), MaxResults: limit,
	})
	if err != nil {
		return answer(err)
	}
	return fmt.Sprintf("%d entries", len(out.Differences)), nil
}

// differences lists all files.
func (w *world) differences(ctx context.Context) ([]types.Difference, error) {
	var list []types.Difference
	p := awscodecommit.NewGetDifferencesPaginator(w.codecommit, &awscodecommit.GetDifferencesInput{
		RepositoryName: &w.name, AfterCommitSpecifier: aws.String(w.source.Git("rev-parse", "main")),
	}, func(o *awscodecommit.GetDifferencesPaginatorOptions) { o.StopOnDuplicateToken = true })
	for p.HasMorePages() {
		out, err := p.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		list = append(list, out.Differences...)
	}
	for _, d := range list {
		if d.AfterBlob == nil {
			return nil, errors.New("GetDifferences returned an entry without an after blob")
		}
	}
	return list, nil
}
