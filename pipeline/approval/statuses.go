package approval

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/codesuite-go/codesuite/pipeline"
)

// CheckState is the state of a [StatusCheck].
type CheckState string

// The states. A reader maps what it does not know to CheckFailed.
const (
	CheckPending CheckState = "pending"
	CheckPassed  CheckState = "passed"
	CheckFailed  CheckState = "failed"
)

// StatusCheck is the newest result of one check of a commit.
type StatusCheck struct {
	Context string // such as "ci/build"; upper and lower case are the same
	State   CheckState
	// AppID is the GitHub App that made a check run, 0 for a commit status.
	AppID int64
}

// StatusReader reads the checks of commits.
type StatusReader interface {
	// Reads reports whether the reader knows the provider of the source.
	Reads(s Subject) bool
	// StatusChecks returns all checks of the revision: the newest of each, and all
	// of them or an error.
	StatusChecks(ctx context.Context, s Subject) ([]StatusCheck, error)
}

// RequiredStatus is a check that a commit must have.
type RequiredStatus struct {
	Context string
	// AppID, if not 0, is the GitHub App that must have made it. Anybody who may push
	// can set a commit status in any context, but only an App its check runs.
	AppID int64
}

// Statuses approves if every check of each source revision has passed, and there is
// at least one of each. It waits while one is pending or a required one is missing.
//
// The statuses that package pipelinestatus sets for the pipeline itself are left
// out, as they are pending while the approval waits.
type Statuses struct {
	Readers []StatusReader
	// Sources are the names of the source actions that count; none are all.
	Sources []string
	// Required are the checks that each revision must have.
	Required []RequiredStatus
	// Ignore are contexts that do not count unless they are required, in which *
	// stands for any text.
	Ignore []string
	// OnFailure is the decision if a check has failed: DecisionWait, the default,
	// or DecisionReject.
	OnFailure Decision
}

var _ Rule = (*Statuses)(nil)

// Name is "statuses".
func (r *Statuses) Name() string { return "statuses" }

func (r *Statuses) check() error {
	if _, err := checkOnFailure(r.OnFailure); err != nil {
		return err
	}
	if len(r.Readers) == 0 {
		return errors.New("Statuses.Readers is empty: give it a reader of statuses")
	}
	for _, q := range r.Required {
		if strings.TrimSpace(q.Context) == "" || q.AppID < 0 {
			return errors.New("Statuses.Required has an empty context, or an ID of an App below 0")
		}
	}
	if slices.Contains(r.Ignore, "*") {
		return errors.New(`Statuses.Ignore has "*", with which nothing would count`)
	}
	return nil
}

// Judge reads the checks.
func (r *Statuses) Judge(ctx context.Context, a *pipeline.Approval, _ time.Time) (Decision, string, error) {
	if err := r.check(); err != nil {
		return DecisionWait, "", err
	}
	count := 0
	decision, reason, err := judgeSources(a, r.Sources, r.Readers, "statuses", r.OnFailure, func(reader StatusReader, s Subject) (finding, error) {
		checks, err := reader.StatusChecks(ctx, s)
		tally := r.tally(a.Pipeline, checks)
		count += tally.passed
		switch {
		case err != nil:
			return finding{}, err
		case len(tally.failed) > 0:
			return finding{failed: fmt.Sprintf("failed on %v: %s", s, some(tally.failed))}, nil
		case len(tally.pending) > 0:
			return finding{waits: fmt.Sprintf("pending on %v: %s", s, some(tally.pending))}, nil
		case len(tally.missing) > 0:
			return finding{waits: fmt.Sprintf("missing on %v: %s", s, some(tally.missing))}, nil
		case tally.passed == 0:
			return finding{waits: fmt.Sprintf("%v has no status", s)}, nil
		}
		return finding{}, nil
	})
	if decision == DecisionApprove {
		reason = fmt.Sprintf("%d passed, none pending or failed", count)
	}
	return decision, reason, err
}

// tally is what the checks of a commit come to.
type tally struct {
	passed                   int
	pending, failed, missing []string
}

func (r *Statuses) tally(pipeline string, checks []StatusCheck) tally {
	var t tally
	for _, c := range checks {
		if !slices.ContainsFunc(r.Required, func(q RequiredStatus) bool { return q.is(c) }) && (own(c.Context, pipeline) ||
			slices.ContainsFunc(r.Ignore, func(pattern string) bool { return matches(pattern, c.Context) })) {
			continue
		}
		switch c.State {
		case CheckPassed:
			t.passed++
		case CheckPending:
			t.pending = append(t.pending, c.Context)
		default:
			t.failed = append(t.failed, c.Context)
		}
	}
	for _, q := range r.Required {
		if !slices.ContainsFunc(checks, q.is) {
			t.missing = append(t.missing, q.Context)
		}
	}
	return t
}

// is reports whether the check is the required one.
func (q RequiredStatus) is(c StatusCheck) bool {
	return strings.EqualFold(q.Context, c.Context) && (q.AppID == 0 || q.AppID == c.AppID)
}

// own reports whether the context is one that package pipelinestatus gives to the
// statuses of the pipeline.
func own(context, pipeline string) bool {
	prefix := "codepipeline/" + pipeline
	if len(context) < len(prefix) || !strings.EqualFold(context[:len(prefix)], prefix) {
		return false
	}
	rest := context[len(prefix):]
	return rest == "" || strings.ContainsAny(rest[:1], "~/ ")
}
