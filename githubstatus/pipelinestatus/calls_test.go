package pipelinestatus_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/codesuite-go/codesuite/events"
	"github.com/codesuite-go/codesuite/githubstatus/pipelinestatus"
	"github.com/codesuite-go/codesuite/pipeline/pipelinetest"
)

// calls counts the calls of each operation.
func (s *scene) calls() map[string]int {
	calls := map[string]int{"GitHub": s.github.Count("")}
	for _, name := range []string{"GetPipelineExecution", "ListActionExecutions", "ListPipelineExecutions"} {
		calls[name] = s.Count(name)
	}
	return calls
}

// The events of an execution that the rule of Pattern lets through are three:
// STARTED, for which there is no commit yet, the source action's, and the end.
func TestCalls(t *testing.T) {
	t.Parallel()
	s := newScene(t, app("app", build(), pipelinetest.ConnectionSource("Src", gitHub, "octo/hello", "main")))
	s.start(t, "app", pipelinetest.Trigger{}, map[string]string{"Src": commitA})
	s.Settle()
	s.noErrors(t)
	want := map[string]int{"GetPipelineExecution": 5, "ListActionExecutions": 5, "ListPipelineExecutions": 4, "GitHub": 2}
	if diff := cmp.Diff(want, s.calls()); diff != "" {
		t.Errorf("calls (-want +got):\n%s", diff)
	}
}

// An event of an old execution costs no more calls the more newer ones are on
// its commit.
func TestCallsShared(t *testing.T) {
	t.Parallel()
	p := app("app", pipelinetest.ApprovalAction("Review"), pipelinetest.ConnectionSource("Src", gitHub, "octo/hello", "main"))
	p.ExecutionMode = "PARALLEL"
	s := newScene(t, p)
	s.OnEvent(nil)
	var ids []string
	for range 40 {
		ids = append(ids, s.start(t, "app", pipelinetest.Trigger{}, map[string]string{"Src": commitA}))
	}
	s.Settle()
	s.options = append(s.options, func(o *pipelinestatus.Options) { o.Stages, o.Actions = true, true })
	s.ResetCalls()
	if err := s.fresh().Report(t.Context(), change("STARTED", func(e *events.PipelineExecutionStateChange) { e.ExecutionID, e.Region = ids[0], s.Config().Region })); err != nil {
		t.Error(err)
	}
	// The execution and the newest one, before and after a status is set.
	want := map[string]int{"GetPipelineExecution": 4, "ListActionExecutions": 4, "ListPipelineExecutions": 2, "GitHub": 1}
	if diff := cmp.Diff(want, s.calls()); diff != "" {
		t.Errorf("calls (-want +got):\n%s", diff)
	}
}
