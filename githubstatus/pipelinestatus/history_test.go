package pipelinestatus_test

import (
	"context"
	"fmt"
	"iter"
	"testing"

	"github.com/codesuite-go/codesuite/events"
	"github.com/codesuite-go/codesuite/githubstatus/pipelinestatus"
	"github.com/codesuite-go/codesuite/pipeline"
)

// longHistory is a pipeline whose executions 0, 1, … are all about one commit.
// They run, but for those that failed.
type longHistory struct {
	*fake
	listed []int // the newest first
	failed map[string]bool
	// built are those that have come to the stage Build.
	built         map[string]bool
	asked, looked int // executions
}

func (h *longHistory) Execution(_ context.Context, _, id string) (*pipeline.Execution, error) {
	h.asked++
	x := &pipeline.Execution{ID: id, Status: pipeline.StatusInProgress, Revisions: []pipeline.Revision{onHello}}
	if h.failed[id] {
		x.Status = pipeline.StatusFailed
	}
	if h.built[id] {
		x.Actions = []pipeline.ActionExecution{{ID: "1", Stage: "Build", Action: "Test", Status: pipeline.ActionInProgress}}
	}
	return x, nil
}

func (h *longHistory) Executions(context.Context, string, ...func(*pipeline.ListOptions)) iter.Seq2[*pipeline.ExecutionSummary, error] {
	return func(yield func(*pipeline.ExecutionSummary, error) bool) {
		for _, i := range h.listed {
			h.looked++
			if !yield(&pipeline.ExecutionSummary{ID: fmt.Sprint(i), Revisions: []pipeline.Revision{onHello}}, nil) {
				return
			}
		}
	}
}

func TestHistory(t *testing.T) {
	t.Parallel()
	down := func(n int) (list []int) {
		for i := range n {
			list = append(list, n-1-i)
		}
		return list
	}
	const (
		running = "octo/hello@aaaa codepipeline/app pending Running"
		failed  = "octo/hello@aaaa codepipeline/app failure Failed"
		build   = "octo/hello@aaaa codepipeline/app/Build pending Running"
	)
	for _, test := range []struct {
		name          string
		listed        []int
		stage         bool // the event is of the stage, not of the execution
		want          []string
		asked, looked int // at most
	}{
		{"the newest", down(1), false, []string{running}, 2, 2},
		{"a newer one failed", down(10), false, []string{failed}, 4, 20},
		{"not listed yet", []int{9, 8}, false, []string{running}, 2, 4},
		{"too old to be found", down(2000), false, []string{failed}, 4, 1000},
		{"no newer one came to the stage", down(2000), true, []string{build}, 102, 1000},
	} {
		h := &longHistory{fake: newFake(), listed: test.listed,
			failed: map[string]bool{"9": true, "1999": true}, built: map[string]bool{"0": true}}
		r := pipelinestatus.New(h, h.fake, func(o *pipelinestatus.Options) { o.Stages = true })
		var err error
		if test.stage {
			err = r.ReportStage(t.Context(), &events.StageExecutionStateChange{
				Header: change("").Header, Pipeline: "app", ExecutionID: "0", Stage: "Build", State: events.StageStarted, Attempt: 1,
			})
		} else {
			err = r.Report(t.Context(), change("STARTED", func(e *events.PipelineExecutionStateChange) { e.ExecutionID = "0" }))
		}
		if err != nil {
			t.Errorf("%s: %v", test.name, err)
		}
		t.Log(test.name)
		h.check(t, test.want...)
		if h.asked > test.asked || h.looked > test.looked {
			t.Errorf("%s: %d executions were asked for and %d listed, want at most %d and %d", test.name, h.asked, h.looked, test.asked, test.looked)
		}
	}
}
