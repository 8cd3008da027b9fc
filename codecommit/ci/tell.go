package ci

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"time"

	"github.com/codesuite-go/codesuite/events"
)

// maxTellings is how often one event is told: each time but the first because the
// truth has changed meanwhile.
const maxTellings = 10

// CodeBuild ends a batch build, and starts an automatic retry, some seconds after the
// build that this follows from. It has no event of the end of a batch build, and none
// of a retry that it does not start. What the handler waits for it looks for so often.
const (
	pollEvery = 2 * time.Second
	maxPolls  = 10
)

// handleBuild handles an event of a build. The event only says where to look: the
// truth is what CodeBuild and CodeCommit say now, so that events may come in any
// order and any number.
func (h *Handler) handleBuild(ctx context.Context, e *events.BuildStateChange) error {
	attrs := []any{"project", e.Project, "build", e.BuildARN}
	if e.Project == "" || e.BuildARN == "" {
		return errors.New("ci: the event of a build lacks its project or its ID: is it an event of CodeBuild?")
	}
	if !slices.ContainsFunc(h.flows, func(f *flow) bool { return f.Project == e.Project }) {
		h.notMine(ctx, "no flow has the project", attrs...)
		return nil
	}
	s := subjectOf(&e.Build)
	if s.flow == "" && len(e.Build.Environment.Variables) > 0 {
		h.notMine(ctx, "the build is of no flow", attrs...)
		return nil
	}
	if err := h.foreign(e.Account, e.Region); err != nil {
		return fmt.Errorf("ci: build %s: %w", e.BuildID(), err)
	}
	if err := h.tellBuild(ctx, e, &s); err != nil {
		return fmt.Errorf("ci: build %s: %w", e.BuildID(), err)
	}
	return nil
}

func (h *Handler) tellBuild(ctx context.Context, e *events.BuildStateChange, s *subject) error {
	id := e.BuildID()
	attrs := []any{"project", e.Project, "build", id}
	var of *run // the build of the event, as far as it is needed
	read := func() error {
		runs, err := builds{h.clients.CodeBuild}.get(ctx, []string{id})
		if err == nil && len(runs) > 0 {
			of = &runs[0]
		}
		return err
	}
	if s.flow == "" {
		if err := read(); err != nil {
			return err
		}
		if of == nil || of.flow == "" {
			h.notMine(ctx, "the build is of no flow", attrs...)
			return nil
		}
		s = &of.subject
	}
	i := slices.IndexFunc(h.flows, func(f *flow) bool { return f.Name == s.flow && f.Project == e.Project })
	if i < 0 || string(h.flows[i].Kind) != s.kind || s.repository != "" && !h.flows[i].repositories.match(s.repository) {
		h.notMine(ctx, "the build is of a flow that is not there or has changed", append(attrs, "flow", s.flow)...)
		return nil
	}
	f := h.flows[i]
	if f.Kind != KindReview && h.options.Report == nil {
		return nil
	}
	if f.Batch {
		if of == nil {
			if err := read(); err != nil {
				return err
			}
		}
		if of == nil || of.batch == "" {
			h.notMine(ctx, "the build is no part of a batch build", append(attrs, "flow", f.Name)...)
			return nil
		}
		id = buildID(of.batch)
	}
	return h.tell(ctx, f, e, id)
}

// tell tells what is true of the run's revision, and once more when CodeBuild has run a
// failed build again or has failed to.
func (h *Handler) tell(ctx context.Context, f *flow, e *events.BuildStateChange, id string) error {
	r, err := h.tellNow(ctx, f, e, id)
	if err != nil || r == nil || r.State != StateRetrying {
		return err
	}
	if err := h.awaitRetry(ctx, f, r.Build.ID); err != nil {
		return err
	}
	_, err = h.tellNow(ctx, f, e, id)
	return err
}

// tellNow tells what is true of the run's revision until that does not change any
// more. The report is nil if the run is none of the flow's.
func (h *Handler) tellNow(ctx context.Context, f *flow, e *events.BuildStateChange, id string) (*Report, error) {
	var last, r *Report
	voted := false // on last
	for i := 0; ; i++ {
		now, running, err := h.truth(ctx, f, e, id)
		if err != nil || now == nil {
			return nil, err
		}
		if last != nil && reflect.DeepEqual(now, last) {
			if voted {
				break
			}
			// A vote may come later than that of another instance on a newer build.
			if voted, err = h.vote(ctx, &f.Flow, r); err != nil || !voted {
				return r, errors.Join(err, h.hook(ctx, r))
			}
			continue
		}
		if i == maxTellings {
			return nil, fmt.Errorf("the build or its pull request has changed %d times while it was told: the event has to come again", i)
		}
		if i == 0 && now.outdated() && f.Superseded == SupersededStop {
			for _, old := range running {
				if err := h.stop(ctx, f, old, "it is of an older revision, or the pull request is closed"); err != nil {
					return nil, err
				}
			}
		}
		last, r, voted = now, now.clone(), false
		if err := h.details(ctx, &f.Flow, r); err != nil {
			return nil, err
		}
		if f.Kind != KindReview {
			break
		}
		if err := h.comment(ctx, &f.Flow, r); err != nil {
			if verdictOf(r.State) == verdictFailed { // nobody may merge for want of a comment
				_, revoked := h.vote(ctx, &f.Flow, r)
				err = errors.Join(err, revoked)
			}
			return nil, errors.Join(err, h.hook(ctx, r))
		}
	}
	return r, h.hook(ctx, r)
}

func (h *Handler) hook(ctx context.Context, r *Report) error {
	if h.options.Report == nil {
		return nil
	}
	if err := h.options.Report(ctx, *r); err != nil {
		return fmt.Errorf("option Report: %w", err)
	}
	return nil
}

// truth returns what is true now of the revision that the run is of, and those of its
// runs that are running. The report is nil if the run is none of the flow's.
func (h *Handler) truth(ctx context.Context, f *flow, e *events.BuildStateChange, id string) (*Report, []*run, error) {
	own, newest, err := h.newest(ctx, f, id)
	attrs := []any{"flow", f.Name, "project", f.Project, "build", id}
	switch {
	case err != nil:
		return nil, nil, err
	case own == nil:
		h.notMine(ctx, "CodeBuild does not know the build", attrs...)
		return nil, nil, nil
	case own.flow != f.Name || own.batch != "":
		h.notMine(ctx, "the build is of another flow or part of a batch build", attrs...)
		return nil, nil, nil
	case f.Kind == KindReview && own.version != own.sourceCommit:
		h.notMine(ctx, "somebody has started the build with another source version than the commit of the pull request", append(attrs, "version", own.version)...)
		return nil, nil, nil
	}
	if f.Batch && e.Status.Terminal() && own == newest {
		if newest, err = h.ended(ctx, f, newest); err != nil {
			return nil, nil, err
		}
		own = newest
	}
	r := newReport(f, e.Account, e.Region, &newest.subject)
	r.Build = newest.build
	if f.Kind == KindReview {
		pr, err := h.readPullRequest(ctx, e.Region, newest.repository, newest.pullRequest)
		if errors.Is(err, errGone) {
			h.notMine(ctx, "the repository has no such pull request", append(attrs, "repository", newest.repository, "pullRequest", newest.pullRequest)...)
			return nil, nil, nil
		}
		if err != nil {
			return nil, nil, err
		}
		r.pullRequest(pr, &newest.subject)
	} else if f.Kind == KindBranch && f.Superseded == SupersededStop {
		head, err := h.head(ctx, &newest.subject)
		if err != nil {
			return nil, nil, err
		}
		if head != newest.version {
			r.SupersededBy = head
		}
	}
	switch r.State = newest.state; {
	case r.State == StateStopped && r.SupersededBy != "":
		r.State = StateSuperseded
	case h.retrying(newest):
		r.State = StateRetrying
	default:
		r.Problem = newest.retry.problem
	}
	var running []*run
	for _, of := range []*run{own, newest} {
		if of.running() && !slices.Contains(running, of) {
			running = append(running, of)
		}
	}
	return r, running, nil
}

// ended waits for the end of a batch build of which no build is running. Where the
// next ones start instead, it returns as soon as they run.
func (h *Handler) ended(ctx context.Context, f *flow, r *run) (*run, error) {
	for range maxPolls {
		if !r.running() || slices.ContainsFunc(r.build.Groups, func(g Group) bool { return g.State == StateInProgress }) {
			return r, nil
		}
		if err := h.sleep(ctx, pollEvery); err != nil {
			return nil, err
		}
		runs, err := h.runner(f).get(ctx, []string{r.build.ID})
		if err != nil {
			return nil, err
		}
		if len(runs) > 0 {
			r = &runs[0]
		}
	}
	return nil, fmt.Errorf("the batch build %s has not ended yet, and nothing of it is running: the event has to come again", r.build.ID)
}

// tellRefused tells that no build of the subject could be started, unless there is
// one of the same revision. The pull request is nil for other kinds than reviews.
func (h *Handler) tellRefused(ctx context.Context, f *flow, account, region string, s subject, pr *pullRequest, refused *StartError) error {
	if pr == nil && h.options.Report == nil {
		return nil
	}
	r := newReport(f, account, region, &s)
	r.State, r.Problem = StateNotStarted, refused.Problem
	if pr == nil {
		return h.hook(ctx, r)
	}
	r.pullRequest(pr, &s)
	for found, err := range h.recent(ctx, f, pr.created.Add(-maxSkew)) {
		if err != nil {
			h.options.Logger.WarnContext(ctx, "ci: whether there is a build cannot be read", "flow", f.Name, "error", err)
			break
		}
		if found.sameRevision(&s) {
			return nil
		}
	}
	told := h.comment(ctx, &f.Flow, r)
	_, err := h.vote(ctx, &f.Flow, r)
	return errors.Join(told, err, h.hook(ctx, r))
}

func newReport(f *flow, account, region string, s *subject) *Report {
	return &Report{
		Flow: f.Name, Kind: f.Kind, Account: account, Region: region, Repository: s.repository,
		Branch: s.branch, Tag: s.tag, Schedule: s.schedule, Commit: s.version,
	}
}

// pullRequest sets the pull request, at the revision of the subject.
func (r *Report) pullRequest(now *pullRequest, s *subject) {
	pr := now.PullRequest
	if pr.RevisionID != s.revision || pr.SourceCommit != s.sourceCommit {
		r.SupersededBy = pr.SourceCommit
	}
	pr.RevisionID, pr.SourceCommit, pr.DestinationCommit = s.revision, s.sourceCommit, s.destinationCommit
	r.PullRequest = &pr
}

// outdated reports whether nobody waits for the build any more.
func (r *Report) outdated() bool {
	return r.SupersededBy != "" || r.PullRequest != nil && r.PullRequest.Closed
}

// clone returns a copy for functions that may change it.
func (r *Report) clone() *Report {
	c := *r
	if r.PullRequest != nil {
		pr := *r.PullRequest
		c.PullRequest = &pr
	}
	c.Build.ReportARNs, c.Build.Groups = slices.Clone(r.Build.ReportARNs), slices.Clone(r.Build.Groups)
	return &c
}
