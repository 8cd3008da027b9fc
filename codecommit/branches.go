package codecommit

import (
	"context"
	"iter"

	awscodecommit "github.com/aws/aws-sdk-go-v2/service/codecommit"

	"github.com/codesuite-go/codesuite/internal/paging"
)

// Branches lists the short names of the branches, with a call of ListBranches
// for each page. The API lists no tags. The first error ends the sequence.
func (r *Repository) Branches(ctx context.Context) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		var token *string
		var tokens paging.Tokens
		for {
			out, err := call(ctx, r, "ListBranches", "",
				func(ctx context.Context, optFns ...func(*awscodecommit.Options)) (*awscodecommit.ListBranchesOutput, error) {
					return r.api.ListBranches(ctx, &awscodecommit.ListBranchesInput{RepositoryName: &r.name, NextToken: token}, optFns...)
				})
			if err != nil {
				yield("", err)
				return
			}
			for _, name := range out.Branches {
				if !yield(name, nil) {
					return
				}
			}
			if token, err = tokens.Next(out.NextToken, len(out.Branches)); err != nil {
				yield("", r.malformed("ListBranches", "", err))
				return
			} else if token == nil {
				return
			}
		}
	}
}
