package pipelinestatus

import (
	"context"
	"iter"
	"strings"

	"github.com/codesuite-go/codesuite/githubstatus"
	"github.com/codesuite-go/codesuite/pipeline"
)

// ExecutionHistory lists the executions of a pipeline. [*pipeline.Client]
// implements it. If an [Executions] implements it, the Reporter asks for newer
// executions on the same commit and for the reasons of stops. Otherwise the
// execution that was reported last counts.
type ExecutionHistory interface {
	// Executions lists the executions of the pipeline, the newest first.
	Executions(ctx context.Context, pipeline string, optFns ...func(*pipeline.ListOptions)) iter.Seq2[*pipeline.ExecutionSummary, error]
}

var _ ExecutionHistory = (*pipeline.Client)(nil)

const (
	// maxHistory is how many executions are looked through for newer ones.
	maxHistory = 500
	// maxSharing is how many newer executions on one commit are considered.
	maxSharing = 50
)

// laterExecution is an execution that started after that of the event. Its
// snapshot is taken only if it counts: many executions may share a commit, and
// mostly the newest counts.
type laterExecution struct {
	summary  *pipeline.ExecutionSummary
	snapshot *snapshot // nil until then
}

// history returns the later executions on the same commits, the newest first.
func (r *Reporter) history(ctx context.Context, s *snapshot, targets []target) (map[commitKey][]*laterExecution, error) {
	from, err := r.executionsOf(s.key)
	if err != nil {
		return nil, err
	}
	executions, ok := from.(ExecutionHistory)
	if !ok || s.execution == nil {
		return nil, nil
	}
	later := map[commitKey][]*laterExecution{}
	n := 0
	for summary, err := range executions.Executions(ctx, s.key.pipeline) {
		if err != nil {
			return nil, err
		}
		if summary.ID == s.key.id {
			s.comment(summary)
			return later, nil
		}
		// Rollbacks have contexts of their own.
		if (summary.Type == pipeline.ExecutionRollback) == s.rollback() {
			other := &laterExecution{summary: summary}
			for _, t := range targets {
				if len(later[t.key]) < maxSharing && shares(summary, t.source.commit) {
					later[t.key] = append(later[t.key], other)
				}
			}
		}
		if n++; n == maxHistory {
			return later, nil
		}
	}
	return nil, nil // not listed yet, so it is the newest
}

// later returns the snapshot of an execution that is later than that of s.
func (r *Reporter) later(ctx context.Context, s *snapshot, l *laterExecution) (*snapshot, error) {
	if l.snapshot != nil {
		return l.snapshot, nil
	}
	key := s.key
	key.id = l.summary.ID
	other, err := r.snapshot(ctx, key)
	if err != nil {
		return nil, err
	}
	other.comment(l.summary)
	l.snapshot = other
	return other, nil
}

// comment takes the reason of a stop from the summary if no event had it.
func (s *snapshot) comment(summary *pipeline.ExecutionSummary) {
	if s.events.comments == "" {
		s.events.comments = summary.StopReason
	}
}

func shares(summary *pipeline.ExecutionSummary, c githubstatus.Commit) bool {
	for _, revision := range summary.Revisions {
		if strings.EqualFold(revision.ID, c.SHA) && strings.EqualFold(revision.Repository, c.Owner+"/"+c.Repo) {
			return true
		}
	}
	return false
}
