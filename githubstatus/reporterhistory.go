package githubstatus

import (
	"context"
	"iter"
	"strings"

	"github.com/codesuite-go/codesuite/pipeline"
)

// ExecutionHistory is what a [Reporter] asks about the other executions of a
// pipeline, if its Executions has it, which [*pipeline.Client] does: whether a
// newer one is about the same commit, and why one was stopped. Without it the
// execution that was reported last counts.
type ExecutionHistory interface {
	// Executions lists the executions of the pipeline, the newest first.
	Executions(ctx context.Context, pipeline string, optFns ...func(*pipeline.ListOptions)) iter.Seq2[*pipeline.ExecutionSummary, error]
}

var _ ExecutionHistory = (*pipeline.Client)(nil)

// maxHistory is how many executions are looked through for newer ones.
const maxHistory = 500

// history returns the newer executions on the same commits, the newest first.
func (r *Reporter) history(ctx context.Context, v *view, targets []target) (map[place][]*view, error) {
	executions, ok := r.executions.(ExecutionHistory)
	if !ok || v.execution == nil {
		return nil, nil
	}
	var newer []*pipeline.ExecutionSummary
	found, n := false, 0
	for summary, err := range executions.Executions(ctx, v.key.pipeline) {
		if err != nil {
			return nil, err
		}
		if found = summary.ID == v.key.id; found {
			if v.told.comments == "" {
				v.told.comments = summary.StopReason
			}
			break
		}
		// Rollbacks have contexts of their own.
		if (summary.Type == pipeline.ExecutionRollback) == v.rollback() && len(summary.Revisions) > 0 {
			newer = append(newer, summary)
		}
		if n++; n == maxHistory {
			break
		}
	}
	if !found && n < maxHistory { // not listed yet, so it is the newest
		return nil, nil
	}
	views := map[place][]*view{}
	for _, summary := range newer {
		var other *view
		for _, t := range targets {
			if !shares(summary, t.commit) {
				continue
			}
			if other == nil {
				key := v.key
				key.id = summary.ID
				var err error
				if other, err = r.view(ctx, key); err != nil {
					return nil, err
				}
				other.told.comments = summary.StopReason
			}
			views[t.place] = append(views[t.place], other)
		}
	}
	return views, nil
}

func shares(summary *pipeline.ExecutionSummary, c Commit) bool {
	for _, revision := range summary.Revisions {
		if strings.EqualFold(revision.ID, c.SHA) && strings.EqualFold(revision.Repository, c.Owner+"/"+c.Repo) {
			return true
		}
	}
	return false
}
