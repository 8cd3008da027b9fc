package ci

import (
	"context"
	"errors"

	"github.com/codesuite-go/codesuite/events"
)

// handleApproval handles an event after which the approval rules of a pull request may
// be satisfied: it is merged if its builds have succeeded. The builds that end later
// merge it themselves.
func (h *Handler) handleApproval(ctx context.Context, e *events.PullRequestStateChange, flows []*flow) error {
	var pr *pullRequest
	for _, f := range flows {
		if f.Merge == "" {
			continue
		}
		if pr == nil {
			var err error
			pr, err = h.readPullRequest(ctx, e.Region, e.Repository(), e.PullRequestID)
			if errors.Is(err, errGone) || err == nil && pr.Closed {
				return nil
			}
			if err != nil {
				return err
			}
		}
		s := pr.subject(f)
		for r, err := range h.recent(ctx, f, pr.created.Add(-maxSkew)) {
			if err != nil {
				return err
			}
			if !r.sameRevision(&s) {
				continue
			}
			if r.state != StateSucceeded {
				break
			}
			report := newReport(f, e.Account, e.Region, &r.subject)
			report.Build, report.State = r.build, r.state
			report.pullRequest(pr, &r.subject)
			merge := f.Flow
			merge.Approve = false // the event may be that of the handler's own approval
			_, err := h.vote(ctx, &merge, report)
			return err
		}
	}
	return nil
}
