package ci

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"github.com/codesuite-go/codesuite/codecommit"
	"github.com/codesuite-go/codesuite/events"
	"github.com/codesuite-go/codesuite/internal/apierror"
	"github.com/codesuite-go/codesuite/internal/gitobj"
)

// handleReferences handles an event of branches and tags: of EventBridge or of a
// repository trigger.
func (h *Handler) handleReferences(ctx context.Context, e events.RefEvent) error {
	var failures []error
	for change := range e.RefChanges() {
		if err := h.reference(ctx, change); err != nil {
			failures = append(failures, fmt.Errorf("ci: %s %q of %s: %w", change.Kind, change.Name, change.Repository, err))
		}
	}
	return errors.Join(failures...)
}

func (h *Handler) reference(ctx context.Context, change events.RefChange) error {
	if change.Action == events.RefDeleted {
		return nil
	}
	attrs := []any{"repository", change.Repository, "reference", change.Ref}
	var flows []*flow
	for _, f := range h.flows {
		names := &f.branches
		switch {
		case f.Kind == KindBranch && change.Kind == events.RefBranch:
		case f.Kind == KindTag && change.Kind == events.RefTag:
			names = &f.tags
		default:
			continue
		}
		if f.repositories.match(change.Repository) && names.match(change.Name) {
			flows = append(flows, f)
		}
	}
	if len(flows) == 0 {
		h.notMine(ctx, "no flow builds the reference", attrs...)
		return nil
	}
	if err := h.foreign(change.Account, change.Region); err != nil {
		return err
	}
	if !gitobj.IsID(change.NewCommit) {
		return fmt.Errorf("the event's commit %.200q is no full commit ID of 40 hexadecimal digits", change.NewCommit)
	}
	var failures []error
	for _, f := range flows {
		failures = append(failures, h.buildReference(ctx, f, change))
	}
	return errors.Join(failures...)
}

func (h *Handler) buildReference(ctx context.Context, f *flow, change events.RefChange) error {
	s := subject{flow: f.Name, kind: string(f.Kind), repository: change.Repository, version: change.NewCommit}
	if f.Kind == KindTag {
		s.tag = change.Name
	} else {
		s.branch, s.before = change.Name, change.OldCommit
	}
	pushed, again := timeOf(change.Time), ""
	if f.Superseded == SupersededStop {
		head, err := h.head(ctx, &s)
		if err != nil {
			return err
		}
		if head == s.version {
			if again, head, err = h.stopOvertaken(ctx, f, &s, pushed); err != nil {
				return err
			}
		}
		if head != s.version {
			h.options.Logger.InfoContext(ctx, "ci: a newer push has its own event", "flow", f.Name, "repository", s.repository, "branch", s.branch, "commit", s.version, "newer", head)
			return nil
		}
	}
	s.identify(again)
	changed, err := h.changed(ctx, f, change.Repository, s.before, s.version)
	if err != nil {
		return err
	}
	if !changed {
		h.options.Logger.InfoContext(ctx, "ci: not built: no file of the flow's paths has changed", "flow", f.Name, "repository", s.repository, "branch", s.branch, "commit", s.version)
		return nil
	}
	_, err = h.build(ctx, f, s, pushed, f.Variables)
	var refused *StartError
	if errors.As(err, &refused) {
		return errors.Join(err, h.tellRefused(ctx, f, change.Account, change.Region, s, nil, refused))
	}
	return err
}

// head returns the commit of the subject's branch, "" if the branch is gone.
func (h *Handler) head(ctx context.Context, s *subject) (string, error) {
	repo := codecommit.New(h.clients.CodeCommit, s.repository, func(o *codecommit.Options) { o.Logger = h.options.Logger })
	head, err := repo.Resolve(ctx, "refs/heads/"+s.branch)
	switch {
	case errors.Is(err, fs.ErrNotExist) && apierror.Code(err) != "RepositoryDoesNotExistException":
		return "", nil
	case err != nil:
		return "", err
	}
	return head.ID, nil
}

// stopOvertaken stops the running builds of the branch's older commits. The commit
// may have been the head before: again is then the build of it that was stopped
// before the push, so that it is built once more.
//
// A build of another commit may also be one of a newer commit: head is that commit
// then, and nothing is stopped.
func (h *Handler) stopOvertaken(ctx context.Context, f *flow, s *subject, pushed time.Time) (again, head string, err error) {
	older, err := h.choose(ctx, f, h.now().Add(-maxRun), func(r *run) bool {
		if !r.sameTarget(s) {
			return false
		}
		if again == "" && r.version == s.version && r.state == StateStopped && r.build.End.Before(pushed) {
			again = r.build.ID
		}
		return r.running() && r.version != s.version
	})
	if err != nil || len(older) == 0 {
		return again, s.version, err
	}
	if head, err = h.head(ctx, s); err != nil || head != s.version {
		return "", head, err
	}
	return again, head, h.stopAll(ctx, f, older, "a newer commit was pushed")
}
