package ci

import (
	"context"
	"errors"
	"io/fs"

	"github.com/codesuite-go/codesuite/codecommit"
	"github.com/codesuite-go/codesuite/internal/apierror"
)

// changed reports whether a file of the flow's paths differs between the commits.
// It is true where there is nothing to compare with: for a new branch, without a
// merge base, and for a commit that no longer exists after a forced push.
//
// No more pages of differences are read than up to the first file that matches.
func (h *Handler) changed(ctx context.Context, f *flow, repository, before, after string) (bool, error) {
	if len(f.Paths) == 0 || before == "" {
		return true, nil
	}
	repo := codecommit.New(h.clients.CodeCommit, repository, func(o *codecommit.Options) { o.Logger = h.options.Logger })
	for change, err := range repo.Changes(ctx, before, after) {
		switch {
		case errors.Is(err, fs.ErrNotExist) && apierror.Code(err) != "RepositoryDoesNotExistException":
			h.options.Logger.InfoContext(ctx, "ci: a commit to compare with is gone", "flow", f.Name, "repository", repository, "before", before, "after", after)
			return true, nil
		case err != nil:
			return false, err
		case f.paths.match(change.Path):
			return true, nil
		}
	}
	return false, nil
}
