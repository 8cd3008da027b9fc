package pipelinetest_test

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/codepipeline/types"

	"github.com/codesuite-go/codesuite/pipeline/pipelinetest"
)

// Each step is one event, and parallel actions start before one ends.
func TestAdvance(t *testing.T) {
	t.Parallel()
	server, client := newServer(t, app())
	if server.Advance() {
		t.Error("a server without executions advanced")
	}
	id := begin(t, server, "app")
	for n := 1; ; n++ {
		if got := len(server.Events()); got != n {
			t.Fatalf("%d events after %d steps", got, n-1)
		}
		if !server.Advance() {
			break
		}
	}
	diff(t, "events", lines(`
		STARTED
		Source STARTED
		Source/Source STARTED
		Source/Source SUCCEEDED
		Source SUCCEEDED
		Build STARTED
		Build/Compile STARTED
		Build/Lint STARTED
		Build/Compile SUCCEEDED
		Build/Lint SUCCEEDED
		Build SUCCEEDED
		Deploy STARTED
		Deploy/Deploy STARTED
		Deploy/Deploy SUCCEEDED
		Deploy SUCCEEDED
		SUCCEEDED
	`), states(t, server))
	if got := get(t, client, "app", id).Status; got != types.PipelineExecutionStatusSucceeded {
		t.Errorf("status %s", got)
	}
}

func TestFailure(t *testing.T) {
	t.Parallel()
	p := app()
	p.Stages[1].Actions[0].Run = func(r pipelinetest.ActionRun) pipelinetest.Outcome {
		if r.Attempt == 1 {
			return pipelinetest.Outcome{State: pipelinetest.StateFailed}
		}
		return pipelinetest.Outcome{Summary: "All tests pass", ExternalID: "app-build:2", URL: pipelinetest.NoURL}
	}
	server, client := newServer(t, p)
	id := begin(t, server, "app")
	server.Settle()
	diff(t, "events", lines(`
		Build STARTED
		Build/Compile STARTED
		Build/Lint STARTED
		Build/Lint SUCCEEDED
		Build/Compile FAILED
		Build FAILED
		FAILED
	`), states(t, server)[5:])
	if got := get(t, client, "app", id).Status; got != types.PipelineExecutionStatusFailed {
		t.Errorf("status %s", got)
	}
	compile := actions(t, client, "app", id)[1]
	result := compile.Output.ExecutionResult
	if *compile.ActionName != "Compile" || *result.ErrorDetails.Code != "JobFailed" ||
		*result.ErrorDetails.Message != "Build terminated with state: FAILED" || *result.ExternalExecutionSummary != "Build terminated with state: FAILED" {
		t.Errorf("action %+v", compile)
	}

	seen := len(server.Events())
	if err := retry(t.Context(), client, "app", "Build", id, types.StageRetryModeFailedActions); err != nil {
		t.Fatal(err)
	}
	server.Settle()
	diff(t, "events", lines(`
		RESUMED
		Build RESUMED
		Build/Compile STARTED
		Build/Compile SUCCEEDED
		Build SUCCEEDED
		Deploy STARTED
		Deploy/Deploy STARTED
		Deploy/Deploy SUCCEEDED
		Deploy SUCCEEDED
		SUCCEEDED
	`), states(t, server)[seen:])
	list := actions(t, client, "app", id)
	if len(list) != 5 {
		t.Fatalf("%d action executions", len(list))
	}
	again := list[1]
	if again.Status != types.ActionExecutionStatusSucceeded || *again.Output.ExecutionResult.ExternalExecutionSummary != "All tests pass" ||
		again.Output.ExecutionResult.ExternalExecutionUrl != nil || *again.ActionExecutionId == *compile.ActionExecutionId {
		t.Errorf("second run %+v", again)
	}
}

func TestRetryAllActions(t *testing.T) {
	t.Parallel()
	p := app()
	p.Stages[1].Actions[0].Run = failFirst
	server, client := newServer(t, p)
	id := begin(t, server, "app")
	server.Settle()
	seen := len(server.Events())
	if err := retry(t.Context(), client, "app", "Build", id, types.StageRetryModeAllActions); err != nil {
		t.Fatal(err)
	}
	server.Settle()
	diff(t, "events", lines(`
		RESUMED
		Build RESUMED
		Build/Compile STARTED
		Build/Lint STARTED
	`), states(t, server)[seen:seen+4])
	if got := get(t, client, "app", id).Status; got != types.PipelineExecutionStatusSucceeded {
		t.Errorf("status %s", got)
	}
}

func TestRunOrder(t *testing.T) {
	t.Parallel()
	p := app()
	p.Stages[1].Actions[0].RunOrder = 2
	p.Stages[1].Actions = append(p.Stages[1].Actions, pipelinetest.CodeBuildAction("Test", "app-test", "LintArtifact"))
	p.Stages[1].Actions[2].RunOrder = 7
	server, _ := newServer(t, p)
	begin(t, server, "app")
	server.Settle()
	diff(t, "events", lines(`
		Build STARTED
		Build/Lint STARTED
		Build/Lint SUCCEEDED
		Build/Compile STARTED
		Build/Compile SUCCEEDED
		Build/Test STARTED
		Build/Test SUCCEEDED
		Build SUCCEEDED
	`), states(t, server)[5:13])
}

// An action that stays in progress is asked once for each step that is tried,
// and others go on meanwhile.
func TestInProgress(t *testing.T) {
	t.Parallel()
	p := app()
	var calls []int
	p.Stages[1].Actions[0].Run = func(r pipelinetest.ActionRun) pipelinetest.Outcome {
		calls = append(calls, r.Calls)
		if r.Calls < 3 {
			return pipelinetest.Outcome{State: pipelinetest.StateInProgress, Summary: "half way", ExternalID: "app-build:1"}
		}
		return pipelinetest.Outcome{}
	}
	server, client := newServer(t, p)
	id := begin(t, server, "app")
	server.Settle()
	first := len(calls)
	if got := get(t, client, "app", id).Status; got != types.PipelineExecutionStatusInProgress || first == 0 {
		t.Errorf("status %s after %d calls", got, first)
	}
	compile := actions(t, client, "app", id)[1]
	if *compile.Output.ExecutionResult.ExternalExecutionSummary != "half way" || compile.Status != types.ActionExecutionStatusInProgress {
		t.Errorf("action %+v", compile)
	}
	for len(calls) < 4 {
		server.Settle()
	}
	diff(t, "calls", []int{0, 1, 2, 3}, calls)
	compile = actions(t, client, "app", id)[2]
	if *compile.Output.ExecutionResult.ExternalExecutionId != "app-build:1" {
		t.Errorf("action %+v", compile)
	}
	if got := get(t, client, "app", id).Status; got != types.PipelineExecutionStatusSucceeded {
		t.Errorf("status %s", got)
	}
}

// A function may use the server, and what happens meanwhile counts.
func TestRunUsesServer(t *testing.T) {
	t.Parallel()
	var server *pipelinetest.Server
	p := app()
	p.Stages[1].Actions[0].Run = func(r pipelinetest.ActionRun) pipelinetest.Outcome {
		if err := server.Finish(r.ExecutionID, r.Stage, r.Action, pipelinetest.Outcome{Summary: "from outside"}); err != nil {
			t.Error(err)
		}
		for server.Advance() {
		}
		return pipelinetest.Outcome{State: pipelinetest.StateFailed}
	}
	server, client := newServer(t, p)
	id := begin(t, server, "app")
	server.Settle()
	if got := get(t, client, "app", id).Status; got != types.PipelineExecutionStatusSucceeded {
		t.Errorf("status %s", got)
	}
	if err := server.Finish(id, "Build", "Compile", pipelinetest.Outcome{}); err == nil {
		t.Error("an action ended twice")
	}
}

// Actions that need a job wait; Finish ends them, and approvals too.
func TestFinish(t *testing.T) {
	t.Parallel()
	p := app()
	p.Stages[1].Actions = []pipelinetest.Action{
		pipelinetest.CustomAction("Custom", "Build", "Jenkins", "1", map[string]string{"ProjectName": "app"}, "SourceArtifact"),
		pipelinetest.ThirdPartyAction("Partner", "Test", "Runscope", "1", nil, "SourceArtifact"),
		pipelinetest.LambdaAction("Function", "check", "prod"),
		pipelinetest.LambdaAction("Plain", "check", ""),
		pipelinetest.ApprovalAction("Approve"),
	}
	p.Stages[0].Actions[0].Outputs = pipelinetest.S3Source("v1.0@main", "b", "k").Outputs // "v1_0_mainArtifact"
	p.Stages[1].Actions[0].Inputs[0], p.Stages[1].Actions[1].Inputs[0] = "v1_0_mainArtifact", "v1_0_mainArtifact"
	p.Stages[2].Actions[0].Inputs[0] = "v1_0_mainArtifact"
	server, client := newServer(t, p)
	id := begin(t, server, "app", pipelinetest.SourceRevision{Action: "Source", Revision: pipelinetest.Revision{ID: commit}})
	server.Settle()
	for _, a := range actions(t, client, "app", id)[:5] {
		if a.Status != types.ActionExecutionStatusInProgress {
			t.Errorf("%s is %s", *a.ActionName, a.Status)
		}
		if err := server.Finish(id, "Build", *a.ActionName, pipelinetest.Outcome{State: pipelinetest.StateInProgress, URL: "https://example.com/run"}); err != nil {
			t.Error(err)
		}
		outcome := pipelinetest.Outcome{Variables: map[string]string{"k": "v"}}
		if err := server.Finish(id, "Build", *a.ActionName, outcome); err != nil {
			t.Error(err)
		}
		if err := server.Finish(id, "Build", *a.ActionName, outcome); err == nil {
			t.Errorf("%s ended twice", *a.ActionName)
		}
	}
	server.Settle()
	list := actions(t, client, "app", id)
	if got := get(t, client, "app", id).Status; got != types.PipelineExecutionStatusSucceeded || len(list) != 7 {
		t.Errorf("status %s of %d actions", got, len(list))
	}
	for _, a := range list[1:6] {
		if *a.Output.ExecutionResult.ExternalExecutionUrl != "https://example.com/run" || a.Output.OutputVariables["k"] != "v" {
			t.Errorf("action %+v", a.Output)
		}
	}
	for _, names := range [][3]string{{"unknown", "Build", "Custom"}, {id, "Unknown", "Custom"}, {id, "Build", "Unknown"}} {
		if err := server.Finish(names[0], names[1], names[2], pipelinetest.Outcome{}); err == nil {
			t.Errorf("%v ended", names)
		}
	}
}

func TestAutoAdvance(t *testing.T) {
	t.Parallel()
	server, client := newServer(t, app())
	server.AutoAdvance(time.Millisecond)
	server.AutoAdvance(100 * time.Microsecond)
	id := begin(t, server, "app")
	for get(t, client, "app", id).Status == types.PipelineExecutionStatusInProgress {
		time.Sleep(time.Millisecond)
	}
	server.AutoAdvance(0)
	if got := get(t, client, "app", id).Status; got != types.PipelineExecutionStatusSucceeded {
		t.Errorf("status %s", got)
	}
	server.AutoAdvance(time.Millisecond) // ends with the server
}

func TestAdvanceOnCall(t *testing.T) {
	t.Parallel()
	server, client := newServer(t, app())
	server.OnCall(func(string) { server.Advance() })
	id := begin(t, server, "app")
	for range 15 {
		get(t, client, "app", id)
	}
	if got := get(t, client, "app", id).Status; got != types.PipelineExecutionStatusSucceeded {
		t.Errorf("status %s", got)
	}
}

// Executions take turns, or the ones that are named advance.
func TestTurns(t *testing.T) {
	t.Parallel()
	server, client := newServer(t, app(), short("short"))
	a, b := begin(t, server, "app"), begin(t, server, "short")
	server.Settle(b)
	if got := len(actions(t, client, "app", a)); got != 0 {
		t.Errorf("the other execution has %d actions", got)
	}
	if server.Advance(b, "unknown") {
		t.Error("an execution that waits advanced")
	}
	c := begin(t, server, "short")
	for range 4 {
		server.Advance()
	}
	if na, nc := len(actions(t, client, "app", a)), len(actions(t, client, "short", c)); na != 1 || nc != 1 {
		t.Errorf("%d and %d actions", na, nc)
	}
}
