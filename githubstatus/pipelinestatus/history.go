package pipelinestatus

import (
	"context"
	"iter"
	"strings"

	"github.com/codesuite-go/codesuite/githubstatus"
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

const (
	// maxHistory is how many executions are looked through for newer ones.
	maxHistory = 500
	// maxSharing is how many newer ones on one commit are considered.
	maxSharing = 50
)

// newer is an execution after the one of the event. Its view is asked for only
// where it counts: many may share a commit, of which mostly the newest does.
type newer struct {
	summary *pipeline.ExecutionSummary
	view    *view // nil until then
}

// history returns the newer executions on the same commits, the newest first.
func (r *Reporter) history(ctx context.Context, v *view, targets []target) (map[place][]*newer, error) {
	executions, ok := r.executions.(ExecutionHistory)
	if !ok || v.execution == nil {
		return nil, nil
	}
	sharing := map[place][]*newer{}
	n := 0
	for summary, err := range executions.Executions(ctx, v.key.pipeline) {
		if err != nil {
			return nil, err
		}
		if summary.ID == v.key.id {
			v.comment(summary)
			return sharing, nil
		}
		// Rollbacks have contexts of their own.
		if (summary.Type == pipeline.ExecutionRollback) == v.rollback() {
			other := &newer{summary: summary}
			for _, t := range targets {
				if len(sharing[t.place]) < maxSharing && shares(summary, t.commit) {
					sharing[t.place] = append(sharing[t.place], other)
				}
			}
		}
		if n++; n == maxHistory {
			return sharing, nil
		}
	}
	return nil, nil // not listed yet, so it is the newest
}

// viewOf returns the view of an execution that is newer than v's.
func (r *Reporter) viewOf(ctx context.Context, v *view, n *newer) (*view, error) {
	if n.view != nil {
		return n.view, nil
	}
	key := v.key
	key.id = n.summary.ID
	view, err := r.view(ctx, key)
	if err != nil {
		return nil, err
	}
	view.comment(n.summary)
	n.view = view
	return view, nil
}

// comment takes the reason for a stop from the summary, if no event has told it.
func (v *view) comment(summary *pipeline.ExecutionSummary) {
	if v.told.comments == "" {
		v.told.comments = summary.StopReason
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
