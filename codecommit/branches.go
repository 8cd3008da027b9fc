package codecommit

import (
	"context"
	"iter"

	"github.com/aws/aws-sdk-go-v2/aws"
	awscodecommit "github.com/aws/aws-sdk-go-v2/service/codecommit"

	"github.com/codesuite-go/codesuite/internal/apierror"
)

// tokens are the continuation tokens that a listing has returned.
type tokens map[string]bool

// add reports whether the token is new.
func (t tokens) add(token string) bool {
	if t[token] {
		return false
	}
	t[token] = true
	return true
}

// Branches lists the short names of the branches, with a call of ListBranches
// a page. The API lists no tags. The first error ends the sequence.
func (r *Repository) Branches(ctx context.Context) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		var token *string
		seen := make(tokens)
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
			if aws.ToString(out.NextToken) == "" {
				return
			}
			if !seen.add(*out.NextToken) {
				yield("", r.malformed("ListBranches", "", apierror.ErrSameToken))
				return
			}
			token = out.NextToken
		}
	}
}
