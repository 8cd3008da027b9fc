package approval

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/codesuite-go/codesuite/events"
	"github.com/codesuite-go/codesuite/pipeline"
)

// PullRequest is a merged pull request whose merge made a source revision.
type PullRequest struct {
	Name   string // for messages, such as "pull request 12"
	URL    string
	Author string // login or ARN; empty if nobody knows
	// Approvers approve what was merged, each once, and Objectors want changes.
	Approvers, Objectors []string

	// The approval rules of CodeCommit.
	RulesSatisfied, RulesNotSatisfied []string
	RulesOverridden                   bool
}

// PullRequestReader reads the pull requests of commits.
type PullRequestReader interface {
	// Reads reports whether the reader knows the provider of the source.
	Reads(s Subject) bool
	// PullRequest returns the pull request whose merge made the revision, nil if
	// there is none.
	PullRequest(ctx context.Context, s Subject) (*PullRequest, error)
	// Member reports whether somebody belongs to the team, "organization/team".
	Member(ctx context.Context, s Subject, team, login string) (bool, error)
}

// Reviews approves if each source revision was made by the merge of a pull request
// that enough of the reviewers have approved, as it was merged, and none of them wants
// changes. The author's own approval does not count.
//
// On CodeCommit, the approval rules of the pull request must be satisfied as well;
// there must be one, and nobody may have overridden them. CodeCommit knows no
// objections.
type Reviews struct {
	Readers []PullRequestReader
	// Sources are the names of the source actions that count; none are all.
	Sources []string
	// Approvals is how many reviewers must have approved; 0 is 1.
	Approvals int
	// Reviewers are logins ("mona") and teams ("octo/owners") on GitHub, and ARNs of
	// those who approve on CodeCommit, in which * stands for any text. Without an
	// ARN, everybody whom CodeCommit lets approve counts. On GitHub everybody can
	// review, so that one must be named.
	Reviewers []string
	// OnFailure is the decision if a revision has no such pull request:
	// DecisionWait, the default, or DecisionReject.
	OnFailure Decision
}

var _ Rule = (*Reviews)(nil)

// Name is "reviews".
func (r *Reviews) Name() string { return "reviews" }

func (r *Reviews) check() error {
	if _, err := checkOnFailure(r.OnFailure); err != nil {
		return err
	}
	switch {
	case len(r.Readers) == 0:
		return errors.New("Reviews.Readers is empty: give it a reader of pull requests")
	case r.Approvals < 0:
		return fmt.Errorf("Reviews.Approvals is %d: set it to 1 or more", r.Approvals)
	}
	logins, others := 0, 0
	for _, reviewer := range r.Reviewers {
		switch parts := strings.Split(reviewer, "/"); {
		case strings.HasPrefix(reviewer, "arn:") && strings.Contains(reviewer, ":role/"):
			return fmt.Errorf("the reviewer %.100q is a role, which approves as arn:PARTITION:sts::ACCOUNT:assumed-role/ROLE/SESSION: write that, with * for the session", reviewer)
		case strings.HasPrefix(reviewer, "arn:"):
			others++
		case len(parts) > 2 || slices.Contains(parts, "") || strings.ContainsAny(reviewer, "* @,:"):
			return fmt.Errorf("the reviewer %.100q is neither a login, nor a team such as octo/owners, nor an ARN", reviewer)
		case len(parts) == 2:
			others++
		default:
			logins++
		}
	}
	if others == 0 && logins > 0 && logins < r.needed() {
		return fmt.Errorf("Reviews.Approvals is %d, but there are only %d Reviewers", r.Approvals, logins)
	}
	return nil
}

func (r *Reviews) needed() int { return max(r.Approvals, 1) }

// Judge reads the pull requests.
func (r *Reviews) Judge(ctx context.Context, a *pipeline.Approval, _ time.Time) (Decision, string, error) {
	if err := r.check(); err != nil {
		return DecisionWait, "", err
	}
	return judgeSources(a, r.Sources, r.Readers, "pull requests", r.OnFailure, func(reader PullRequestReader, s Subject) (finding, error) {
		p, err := reader.PullRequest(ctx, s)
		if err != nil {
			return finding{}, err
		}
		names, objection, err := r.approvers(ctx, reader, s, p)
		if err != nil || objection != "" {
			return finding{failed: fmt.Sprintf("%v: %s", s, objection)}, err
		}
		return finding{passed: fmt.Sprintf("%s is approved by %s", p.Name, some(names))}, nil
	})
}

// approvers returns the reviewers who approve the pull request, or why that is not
// enough.
func (r *Reviews) approvers(ctx context.Context, reader PullRequestReader, s Subject, p *PullRequest) (names []string, objection string, err error) {
	onCodeCommit := s.Provider == events.ProviderCodeCommit
	switch {
	case p == nil:
		return nil, "the commit is not that of the merge of a pull request", nil
	case p.Author == "":
		return nil, "the author of " + p.Name + " is not known", nil
	case onCodeCommit && p.RulesOverridden:
		return nil, "the approval rules of " + p.Name + " are overridden", nil
	case onCodeCommit && len(p.RulesNotSatisfied) > 0:
		return nil, "approval rules of " + p.Name + " are not satisfied: " + some(p.RulesNotSatisfied), nil
	case onCodeCommit && len(p.RulesSatisfied) == 0:
		return nil, p.Name + " has no approval rule", nil
	}
	for _, objector := range p.Objectors {
		if counts, err := r.counts(ctx, reader, s, objector); err != nil {
			return nil, "", err
		} else if counts {
			return nil, objector + " wants changes of " + p.Name, nil
		}
	}
	for _, approver := range p.Approvers {
		if strings.EqualFold(approver, p.Author) || slices.ContainsFunc(names, func(name string) bool { return strings.EqualFold(name, approver) }) {
			continue
		}
		if counts, err := r.counts(ctx, reader, s, approver); err != nil {
			return nil, "", err
		} else if counts {
			names = append(names, approver)
		}
	}
	if len(names) < r.needed() {
		objection = fmt.Sprintf("%s has %d of %d approvals", p.Name, len(names), r.needed())
		if len(names) > 0 {
			objection += " (" + some(names) + ")"
		}
		return nil, objection, nil
	}
	return names, "", nil
}

// counts reports whether somebody is one of the reviewers.
func (r *Reviews) counts(ctx context.Context, reader PullRequestReader, s Subject, name string) (bool, error) {
	onCodeCommit, arns := s.Provider == events.ProviderCodeCommit, false
	for _, reviewer := range r.Reviewers {
		isARN := strings.HasPrefix(reviewer, "arn:")
		arns = arns || isARN
		switch {
		case isARN != onCodeCommit:
		case isARN && matches(reviewer, name), !isARN && strings.EqualFold(reviewer, name):
			return true, nil
		case !isARN && strings.Contains(reviewer, "/"):
			if member, err := reader.Member(ctx, s, reviewer, name); member || err != nil {
				return member, err
			}
		}
	}
	return onCodeCommit && !arns, nil
}
