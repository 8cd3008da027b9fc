package codecommit

import (
	"context"
	"errors"
	"iter"

	"github.com/aws/aws-sdk-go-v2/aws"
	awscodecommit "github.com/aws/aws-sdk-go-v2/service/codecommit"
	"github.com/aws/aws-sdk-go-v2/service/codecommit/types"

	"github.com/codesuite-go/codesuite/internal/apierror"
	"github.com/codesuite-go/codesuite/internal/gitobj"
	"github.com/codesuite-go/codesuite/internal/paging"
)

// ChangeType is the kind of a change to a file.
type ChangeType string

// The types of changes. The API has no renames: it lists a deletion and an
// addition.
const (
	ChangeAdded    ChangeType = "A"
	ChangeModified ChangeType = "M" // content, mode or type
	ChangeDeleted  ChangeType = "D"
)

// Change is a file, link or submodule that differs between two commits.
type Change struct {
	Type   ChangeType
	Path   string
	Before Entry // the zero Entry if it was added
	After  Entry // the zero Entry if it was deleted
}

// ChangesPerCall is how many changes [Repository.Changes] asks the API for at
// once. It may get fewer.
const ChangesPerCall = 1000

// Changes lists the differences between two commits, named by their IDs, with a
// call of GetDifferences a page. Without a before it lists all files, links and
// submodules of after as added. The order is the service's.
//
// The first error ends the sequence. Folders are not listed, and nothing proves
// that the listing is complete.
func (r *Repository) Changes(ctx context.Context, before, after string) iter.Seq2[Change, error] {
	return func(yield func(Change, error) bool) {
		for page, err := range r.ChangePages(ctx, before, after) {
			for _, change := range page {
				if !yield(change, nil) {
					return
				}
			}
			if err != nil {
				yield(Change{}, err)
				return
			}
		}
	}
}

// ChangePages lists as [Repository.Changes] does, one call of GetDifferences at a
// time: for a caller that works on one page before the next is there. The page
// beside an error holds what comes before the fault, and is the last.
func (r *Repository) ChangePages(ctx context.Context, before, after string) iter.Seq2[[]Change, error] {
	return func(yield func([]Change, error) bool) {
		for pages := r.changePages(before, after); !pages.done; {
			changes, err := pages.next(ctx)
			if !yield(changes, err) || err != nil {
				return
			}
		}
	}
}

// changePages are the pages of one listing.
type changePages struct {
	repo   *Repository
	in     *awscodecommit.GetDifferencesInput
	tokens paging.Tokens
	done   bool // the last page has been read
}

func (r *Repository) changePages(before, after string) *changePages {
	in := &awscodecommit.GetDifferencesInput{
		RepositoryName:       &r.name,
		AfterCommitSpecifier: &after,
		MaxResults:           aws.Int32(ChangesPerCall),
	}
	if before != "" {
		in.BeforeCommitSpecifier = &before
	}
	return &changePages{repo: r, in: in}
}

// next returns the changes of the next page, up to the first that is wrong.
func (p *changePages) next(ctx context.Context) ([]Change, error) {
	out, err := p.repo.getDifferences(ctx, p.in)
	if err != nil {
		return nil, err
	}
	changes := make([]Change, 0, len(out.Differences))
	for _, d := range out.Differences {
		change, err := newChange(d)
		if err != nil {
			return changes, p.malformed(err)
		}
		changes = append(changes, change)
	}
	if p.in.NextToken, err = p.tokens.Next(out.NextToken, len(changes)); err != nil {
		return changes, p.malformed(err)
	}
	p.done = p.in.NextToken == nil
	return changes, nil
}

func (p *changePages) malformed(err error) error {
	return p.repo.malformed("GetDifferences", differencesObject(p.in), err)
}

// getDifferences returns the page of in. The service does not document how
// large a page may be: one that it finds too large is asked for in its own size.
func (r *Repository) getDifferences(ctx context.Context, in *awscodecommit.GetDifferencesInput) (*awscodecommit.GetDifferencesOutput, error) {
	out, err := call(ctx, r, "GetDifferences", differencesObject(in),
		func(ctx context.Context, optFns ...func(*awscodecommit.Options)) (*awscodecommit.GetDifferencesOutput, error) {
			return r.api.GetDifferences(ctx, in, optFns...)
		})
	if err != nil && in.MaxResults != nil && apierror.Code(err) == "InvalidMaxResultsException" {
		in.MaxResults = nil
		return r.getDifferences(ctx, in)
	}
	return out, err
}

// differencesObject names the commits of in as git does.
func differencesObject(in *awscodecommit.GetDifferencesInput) string {
	if in.BeforeCommitSpecifier == nil {
		return *in.AfterCommitSpecifier
	}
	return *in.BeforeCommitSpecifier + ".." + *in.AfterCommitSpecifier
}

func newChange(d types.Difference) (Change, error) {
	change := Change{Type: ChangeType(d.ChangeType)}
	var err error
	if change.Before, err = newEntry(d.BeforeBlob); err != nil {
		return Change{}, err
	}
	if change.After, err = newEntry(d.AfterBlob); err != nil {
		return Change{}, err
	}
	switch change.Path = change.After.Path; {
	case change.Path != "":
		return change, nil
	case change.Before.Path != "":
		change.Path = change.Before.Path
		return change, nil
	}
	return Change{}, errors.New("the reply lists a change without a path")
}

func newEntry(b *types.BlobMetadata) (Entry, error) {
	if b == nil || aws.ToString(b.Path) == "" {
		return Entry{}, nil
	}
	mode, err := gitobj.ParseMode(aws.ToString(b.Mode))
	return Entry{Path: *b.Path, Mode: Mode(mode), ID: aws.ToString(b.BlobId)}, err
}
