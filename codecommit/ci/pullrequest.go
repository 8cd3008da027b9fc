package ci

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awscodecommit "github.com/aws/aws-sdk-go-v2/service/codecommit"
	"github.com/aws/aws-sdk-go-v2/service/codecommit/types"

	"github.com/codesuite-go/codesuite/events"
	"github.com/codesuite-go/codesuite/internal/apierror"
	"github.com/codesuite-go/codesuite/internal/console"
)

// pullRequest is a pull request as it is now.
type pullRequest struct {
	PullRequest
	repository string
	mergeBase  string
	created    time.Time
}

// errGone is a pull request that does not exist, or not in the repository.
var errGone = errors.New("no such pull request")

// readPullRequest returns the pull request. It is errGone if the repository has none
// with the ID.
func (h *Handler) readPullRequest(ctx context.Context, region, repository, id string) (*pullRequest, error) {
	out, err := h.clients.CodeCommit.GetPullRequest(ctx, &awscodecommit.GetPullRequestInput{PullRequestId: &id})
	if err == nil && (out == nil || out.PullRequest == nil) {
		err = apierror.ErrNoReply
	}
	if err != nil {
		switch apierror.Code(err) {
		case "PullRequestDoesNotExistException", "InvalidPullRequestIdException":
			return nil, errGone
		}
		return nil, &Error{Service: "codecommit", Operation: "GetPullRequest", Object: id, Err: err}
	}
	from := out.PullRequest
	for _, target := range from.PullRequestTargets {
		if aws.ToString(target.RepositoryName) != repository {
			continue
		}
		pr := &pullRequest{
			repository: repository,
			mergeBase:  aws.ToString(target.MergeBase),
			created:    aws.ToTime(from.CreationDate),
			PullRequest: PullRequest{
				ID: id, RevisionID: aws.ToString(from.RevisionId),
				SourceCommit: aws.ToString(target.SourceCommit), DestinationCommit: aws.ToString(target.DestinationCommit),
				SourceBranch: branchName(target.SourceReference), DestinationBranch: branchName(target.DestinationReference),
				Title: aws.ToString(from.Title), AuthorARN: aws.ToString(from.AuthorArn),
				URL:    console.PullRequest(region, repository, id),
				Closed: from.PullRequestStatus == types.PullRequestStatusEnumClosed,
				Merged: target.MergeMetadata != nil && target.MergeMetadata.IsMerged,
			},
		}
		if pr.SourceCommit == "" {
			return nil, &Error{Service: "codecommit", Operation: "GetPullRequest", Object: id, Err: errors.New("the reply has no source commit")}
		}
		return pr, nil
	}
	return nil, errGone
}

func branchName(reference *string) string {
	return strings.TrimPrefix(aws.ToString(reference), "refs/heads/")
}

// subject is the subject of the flow's build of the pull request's revision.
func (p *pullRequest) subject(f *flow) subject {
	return subject{
		flow: f.Name, kind: string(f.Kind), repository: p.repository,
		pullRequest: p.ID, revision: p.RevisionID,
		sourceCommit: p.SourceCommit, destinationCommit: p.DestinationCommit,
		sourceBranch: p.SourceBranch, destinationBranch: p.DestinationBranch,
		version: p.SourceCommit,
	}
}

// reviews are the review flows for the repository.
func (h *Handler) reviews(repository string) []*flow {
	var list []*flow
	for _, f := range h.flows {
		if f.Kind == KindReview && f.repositories.match(repository) {
			list = append(list, f)
		}
	}
	return list
}

// handlePullRequest handles an event of a pull request.
func (h *Handler) handlePullRequest(ctx context.Context, e *events.PullRequestStateChange) error {
	closed := e.Status == events.PullRequestStatusClosed || e.IsMerged
	switch e.Event {
	case events.PullRequestCreated, events.PullRequestSourceBranchUpdated:
	case events.PullRequestStatusChanged, events.PullRequestMergeStatusUpdated:
		if !closed {
			return nil
		}
	case events.PullRequestApprovalStateChanged, events.PullRequestApprovalRuleOverridden,
		events.PullRequestApprovalRuleUpdated, events.PullRequestApprovalRuleDeleted:
		if closed || !h.merges() {
			return nil
		}
	default:
		return nil
	}
	repository := e.Repository()
	if e.PullRequestID == "" || repository == "" {
		return errors.New("ci: the event of a pull request lacks its ID or its repository: is it an event of CodeCommit?")
	}
	flows := h.reviews(repository)
	if len(flows) == 0 {
		h.notMine(ctx, "no flow reviews the repository", "repository", repository, "pullRequest", e.PullRequestID)
		return nil
	}
	if err := h.foreign(e.Account, e.Region); err != nil {
		return fmt.Errorf("ci: pull request %.40s of %s: %w", e.PullRequestID, repository, err)
	}
	var failures []error
	switch e.Event {
	case events.PullRequestCreated, events.PullRequestSourceBranchUpdated:
		failures = append(failures, h.review(ctx, e, flows))
	case events.PullRequestStatusChanged, events.PullRequestMergeStatusUpdated:
		for _, f := range flows {
			failures = append(failures, h.stopClosed(ctx, f, repository, e.PullRequestID))
		}
	default:
		failures = append(failures, h.handleApproval(ctx, e, flows))
	}
	if err := errors.Join(failures...); err != nil {
		return fmt.Errorf("ci: pull request %.40s of %s: %w", e.PullRequestID, repository, err)
	}
	return nil
}

// review starts the builds of a new revision.
func (h *Handler) review(ctx context.Context, e *events.PullRequestStateChange, flows []*flow) error {
	repository := e.Repository()
	pr, err := h.readPullRequest(ctx, e.Region, repository, e.PullRequestID)
	attrs := []any{"repository", repository, "pullRequest", e.PullRequestID}
	switch {
	case errors.Is(err, errGone):
		h.notMine(ctx, "the repository has no such pull request", attrs...)
		return nil
	case err != nil:
		return err
	case pr.Closed:
		h.options.Logger.InfoContext(ctx, "ci: the pull request is closed", attrs...)
		return nil
	case e.SourceCommit != "" && e.SourceCommit != pr.SourceCommit || e.RevisionID != "" && e.RevisionID != pr.RevisionID:
		h.options.Logger.InfoContext(ctx, "ci: a newer push has its own event", append(attrs, "commit", e.SourceCommit, "newer", pr.SourceCommit)...)
		return nil
	}
	if e.DestinationCommit != "" {
		pr.DestinationCommit = e.DestinationCommit // that of the API follows the branch
	}
	pushed := timeOf(e.Time)
	var failures []error
	for _, f := range flows {
		if e.Event == events.PullRequestSourceBranchUpdated {
			overtaken, err := h.stopOlder(ctx, f, e.Region, pr)
			if overtaken {
				h.options.Logger.InfoContext(ctx, "ci: a newer push has its own event", append(attrs, "commit", e.SourceCommit)...)
				return errors.Join(failures...)
			}
			failures = append(failures, err)
		}
		failures = append(failures, h.reviewFlow(ctx, f, e.Account, e.Region, pr, pushed))
	}
	return errors.Join(failures...)
}

func (h *Handler) reviewFlow(ctx context.Context, f *flow, account, region string, pr *pullRequest, pushed time.Time) error {
	s := pr.subject(f)
	s.identify("")
	applies, reason, err := h.applies(ctx, f, pr)
	if err != nil {
		return err
	}
	if !applies {
		h.options.Logger.InfoContext(ctx, "ci: not built: "+reason, "flow", f.Name, "repository", pr.repository, "pullRequest", pr.ID, "commit", pr.SourceCommit)
		return nil
	}
	_, err = h.buildReview(ctx, f, account, region, pr, s, pushed)
	return err
}

// buildReview starts the build, and tells the pull request if that is refused.
func (h *Handler) buildReview(ctx context.Context, f *flow, account, region string, pr *pullRequest, s subject, at time.Time) (run, error) {
	r, err := h.build(ctx, f, s, at, f.Variables)
	var refused *StartError
	if errors.As(err, &refused) {
		err = errors.Join(err, h.tellRefused(ctx, f, account, region, s, pr, refused))
	}
	return r, err
}

// applies reports whether the flow builds the pull request, and if not, why.
func (h *Handler) applies(ctx context.Context, f *flow, pr *pullRequest) (ok bool, reason string, err error) {
	switch {
	case !f.destinations.match(pr.DestinationBranch):
		return false, "the flow is not for the destination branch", nil
	case !f.sources.match(pr.SourceBranch):
		return false, "the flow is not for the source branch", nil
	case !f.authors.match(pr.AuthorARN):
		return false, "the flow is not for the author", nil
	case f.DraftPrefix != "" && len(pr.Title) >= len(f.DraftPrefix) && strings.EqualFold(pr.Title[:len(f.DraftPrefix)], f.DraftPrefix):
		return false, "the pull request is a draft", nil
	}
	changed, err := h.changed(ctx, f, pr.repository, pr.mergeBase, pr.SourceCommit)
	if err != nil {
		return false, "", err
	}
	return changed, "no file of the flow's paths has changed", nil
}

// stopOlder stops the running builds of the pull request's older revisions. A build of
// another revision may also be one of a newer revision, pushed since the pull request
// was read: overtaken is true then, and nothing is stopped.
func (h *Handler) stopOlder(ctx context.Context, f *flow, region string, pr *pullRequest) (overtaken bool, err error) {
	if f.Superseded != SupersededStop {
		return false, nil
	}
	s := pr.subject(f)
	older, err := h.choose(ctx, f, h.sinceCreated(pr), func(r *run) bool {
		return r.running() && r.sameTarget(&s) && !r.sameRevision(&s)
	})
	if err != nil || len(older) == 0 {
		return false, err
	}
	now, err := h.readPullRequest(ctx, region, pr.repository, pr.ID)
	if errors.Is(err, errGone) || err == nil && now.RevisionID != pr.RevisionID {
		return true, nil
	}
	if err != nil {
		return false, err
	}
	return false, h.stopAll(ctx, f, older, "a newer revision was pushed")
}

// sinceCreated is the time since when builds of the pull request may be running.
func (h *Handler) sinceCreated(pr *pullRequest) time.Time {
	longest, created := h.now().Add(-maxRun), pr.created.Add(-maxSkew)
	if created.After(longest) {
		return created
	}
	return longest
}

// stopClosed stops the running builds of a pull request that was closed or merged.
func (h *Handler) stopClosed(ctx context.Context, f *flow, repository, id string) error {
	if f.Superseded != SupersededStop {
		return nil
	}
	s := subject{flow: f.Name, kind: string(f.Kind), repository: repository, pullRequest: id}
	return h.stopRunning(ctx, f, h.now().Add(-maxRun), "the pull request is closed", func(r *run) bool {
		return r.running() && r.sameTarget(&s)
	})
}

// stopRunning stops those of the flow's builds that started at the time or later and
// that which chooses.
func (h *Handler) stopRunning(ctx context.Context, f *flow, since time.Time, reason string, which func(*run) bool) error {
	chosen, err := h.choose(ctx, f, since, which)
	return errors.Join(err, h.stopAll(ctx, f, chosen, reason))
}

// choose returns those of the flow's builds that started at the time or later and
// that which chooses. It is called for all of them, the newest first. With an error,
// there may be more.
func (h *Handler) choose(ctx context.Context, f *flow, since time.Time, which func(*run) bool) ([]run, error) {
	var chosen []run
	for r, err := range h.recent(ctx, f, since) {
		if err != nil {
			return chosen, err
		}
		if which(&r) {
			chosen = append(chosen, r)
		}
	}
	return chosen, nil
}

func (h *Handler) stopAll(ctx context.Context, f *flow, runs []run, reason string) error {
	var failures []error
	for i := range runs {
		failures = append(failures, h.stop(ctx, f, &runs[i], reason))
	}
	return errors.Join(failures...)
}

// foreign returns an error for an event of another account or Region.
func (h *Handler) foreign(account, region string) error {
	o := &h.options
	if o.Account != "" && o.Account != account || o.Region != "" && o.Region != region {
		return fmt.Errorf("%w: it is of account %.20q in Region %.40q, the handler is for account %q in Region %q: narrow the rule",
			ErrForeign, account, region, o.Account, o.Region)
	}
	return nil
}

// notMine notes an event that concerns no flow.
func (h *Handler) notMine(ctx context.Context, reason string, attrs ...any) {
	h.options.Logger.InfoContext(ctx, "ci: not mine: "+reason, attrs...)
}

// timeOf returns the time of an event, zero if it has none.
func timeOf(t events.Timestamp) time.Time {
	at, err := t.Time()
	if err != nil {
		return time.Time{}
	}
	return at
}
