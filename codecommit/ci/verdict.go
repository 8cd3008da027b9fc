package ci

import (
	"context"
	"errors"
)

// verdict is what the builds of a pull request's revision say together.
type verdict int

const (
	verdictPending verdict = iota // a build has not started or not ended
	verdictPassed
	verdictFailed
)

// verdict returns what the builds of all flows with Approve or Merge that apply to
// the pull request say together: an approval belongs to the role of the function, and
// not to one of its flows.
func (h *Handler) verdict(ctx context.Context, r *Report) (verdict, error) {
	all := verdictOf(r.State)
	if all == verdictFailed {
		return all, nil
	}
	var pr *pullRequest
	for _, f := range h.reviews(r.Repository) {
		if f.Name == r.Flow || !f.Approve && f.Merge == "" {
			continue
		}
		if pr == nil {
			var err error
			if pr, err = h.readPullRequest(ctx, r.Region, r.Repository, r.PullRequest.ID); errors.Is(err, errGone) {
				return verdictPending, nil
			} else if err != nil {
				return verdictPending, err
			}
			if pr.RevisionID != r.PullRequest.RevisionID {
				return verdictPending, nil // the newer revision has its own builds
			}
		}
		applies, _, err := h.applies(ctx, f, pr)
		if err != nil {
			return verdictPending, err
		}
		if !applies {
			continue
		}
		of, err := h.verdictOn(ctx, f, pr)
		if err != nil {
			return verdictPending, err
		}
		switch {
		case of == verdictFailed:
			return of, nil
		case of == verdictPending:
			all = of
		}
	}
	return all, nil
}

// verdictOn returns what the flow's newest build of the revision says.
func (h *Handler) verdictOn(ctx context.Context, f *flow, pr *pullRequest) (verdict, error) {
	s := pr.subject(f)
	for r, err := range h.recent(ctx, f, pr.created.Add(-maxSkew)) {
		if err != nil {
			return verdictPending, err
		}
		if r.sameRevision(&s) {
			if h.retrying(&r) {
				return verdictPending, nil
			}
			return verdictOf(r.state), nil
		}
	}
	return verdictPending, nil
}

func verdictOf(s State) verdict {
	switch {
	case s == StateSucceeded:
		return verdictPassed
	case s.Terminal():
		return verdictFailed
	default:
		return verdictPending
	}
}
