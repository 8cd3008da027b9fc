package codecommit

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	awscodecommit "github.com/aws/aws-sdk-go-v2/service/codecommit"

	"github.com/codesuite-go/codesuite/internal/apierror"
	"github.com/codesuite-go/codesuite/internal/gitobj"
)

const (
	headsPrefix = "refs/heads/"
	tagsPrefix  = "refs/tags/"
)

// Resolve returns the commit that specifier names: a branch ("main"), a tag,
// annotated or not ("v1.2"), a full reference ("refs/heads/main",
// "refs/tags/v1.2"), a full commit ID, or "HEAD", "@" or "" for the tip of the
// default branch. Where a branch and a tag share a name, the branch counts;
// name the tag by its full reference.
//
// The error wraps [fs.ErrNotExist] for a name that does not exist and for one that
// does not lead to a commit, such as a tag of a tree. Resolve calls GetCommit, and
// before it GetBranch for a branch, GetBranch and GetFolder for a tag, GetFolder
// alone for a tag's full reference, GetRepository and GetBranch for HEAD.
func (r *Repository) Resolve(ctx context.Context, specifier string) (*Commit, error) {
	id, err := r.resolveID(ctx, specifier)
	if err != nil {
		return nil, err
	}
	return r.commit(ctx, id)
}

func (r *Repository) resolveID(ctx context.Context, specifier string) (id string, err error) {
	switch {
	case specifier == "" || specifier == "HEAD" || specifier == "@":
		return r.headTip(ctx)
	case gitobj.IsID(strings.ToLower(specifier)):
		return strings.ToLower(specifier), nil
	case strings.HasPrefix(specifier, headsPrefix):
		id, err = r.branchTip(ctx, specifier[len(headsPrefix):])
	case strings.HasPrefix(specifier, "refs/"):
		id, err = r.referenceTip(ctx, specifier)
	default:
		if id, err = r.branchTip(ctx, specifier); noReference(err) {
			id, err = r.referenceTip(ctx, tagsPrefix+specifier)
		}
	}
	if noReference(err) {
		err = &referenceError{repository: r.name, specifier: specifier, err: err}
	}
	return id, err
}

// noReference reports whether err says that there is no such branch, tag or
// commit, in a repository that exists.
func noReference(err error) bool {
	switch apierror.Code(err) {
	case "InvalidBranchNameException", "BranchNameRequiredException":
		return true
	case "RepositoryDoesNotExistException":
		return false
	}
	return errors.Is(err, fs.ErrNotExist)
}

type referenceError struct {
	repository, specifier string
	err                   error // of the last call
}

func (e *referenceError) Error() string {
	hint := ""
	if isAbbreviatedID(e.specifier) {
		hint = "; CodeCommit takes no abbreviated commit IDs"
	} else if strings.ContainsAny(e.specifier, "~^:") || strings.Contains(e.specifier, "@{") {
		hint = "; CodeCommit takes none of git's revision expressions"
	}
	return fmt.Sprintf("codecommit: resolve %q of %s: no branch or tag of that name leads to a commit%s", e.specifier, e.repository, hint)
}

func (e *referenceError) Unwrap() []error { return []error{fs.ErrNotExist, e.err} }

func isAbbreviatedID(s string) bool {
	return len(s) >= 4 && len(s) < gitobj.IDLength && strings.Trim(strings.ToLower(s), "0123456789abcdef") == ""
}

// headTip returns the commit ID at the tip of the default branch, and where there
// is none, that of the specifier HEAD: a repository may have a detached HEAD.
func (r *Repository) headTip(ctx context.Context) (string, error) {
	branch, err := r.DefaultBranch(ctx)
	switch {
	case err == nil:
		return r.branchTip(ctx, branch)
	case !noReference(err):
		return "", err
	}
	if id, headErr := r.referenceTip(ctx, "HEAD"); headErr == nil {
		return id, nil
	}
	return "", err
}

// DefaultBranch returns the name of the default branch, with a call of
// GetRepository. An empty repository has none: the error wraps
// [fs.ErrNotExist].
func (r *Repository) DefaultBranch(ctx context.Context) (string, error) {
	out, err := call(ctx, r, "GetRepository", "",
		func(ctx context.Context, optFns ...func(*awscodecommit.Options)) (*awscodecommit.GetRepositoryOutput, error) {
			return r.api.GetRepository(ctx, &awscodecommit.GetRepositoryInput{RepositoryName: &r.name}, optFns...)
		})
	if err != nil {
		return "", err
	}
	if m := out.RepositoryMetadata; m != nil && aws.ToString(m.DefaultBranch) != "" {
		return *m.DefaultBranch, nil
	}
	return "", fmt.Errorf("codecommit: resolve HEAD of %s: it has no default branch, the repository is empty: %w", r.name, fs.ErrNotExist)
}

// branchTip returns the commit ID at the tip of the branch of the short name.
func (r *Repository) branchTip(ctx context.Context, branch string) (string, error) {
	out, err := call(ctx, r, "GetBranch", branch,
		func(ctx context.Context, optFns ...func(*awscodecommit.Options)) (*awscodecommit.GetBranchOutput, error) {
			return r.api.GetBranch(ctx, &awscodecommit.GetBranchInput{RepositoryName: &r.name, BranchName: &branch}, optFns...)
		})
	if err != nil {
		return "", err
	}
	if out.Branch == nil || !gitobj.IsID(aws.ToString(out.Branch.CommitId)) {
		return "", r.malformed("GetBranch", branch, errors.New("the reply has no commit ID"))
	}
	return *out.Branch.CommitId, nil
}

// referenceTip returns the ID of the commit that the full reference names. The
// API has no call for it, but the reply of GetFolder names the commit.
func (r *Repository) referenceTip(ctx context.Context, reference string) (string, error) {
	out, err := r.getFolder(ctx, reference, "", reference)
	if err != nil {
		return "", err
	}
	if !gitobj.IsID(aws.ToString(out.CommitId)) {
		return "", r.malformed("GetFolder", reference, errors.New("the reply has no commit ID"))
	}
	return *out.CommitId, nil
}
