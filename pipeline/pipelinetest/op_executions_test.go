package pipelinetest_test

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awscodepipeline "github.com/aws/aws-sdk-go-v2/service/codepipeline"
	"github.com/aws/aws-sdk-go-v2/service/codepipeline/types"

	"github.com/codesuite-go/codesuite/events"
	"github.com/codesuite-go/codesuite/pipeline/pipelinetest"
)

func TestStopAndWait(t *testing.T) {
	t.Parallel()
	p := app()
	done := false
	stopping := false
	p.Stages[1].Actions[0].Run = func(r pipelinetest.ActionRun) pipelinetest.Outcome {
		if stopping = r.Stopping; !done {
			return pipelinetest.Outcome{State: pipelinetest.StateInProgress}
		}
		return pipelinetest.Outcome{}
	}
	server, client := newServer(t, p)
	id := begin(t, server, "app")
	server.Settle()
	seen := len(server.Events())
	if err := stop(t.Context(), client, "app", id, false); err != nil {
		t.Fatal(err)
	}
	server.Settle()
	if !stopping {
		t.Error("the action was not told that the execution stops")
	}
	diff(t, "statuses", []string{"Stopping"}, statuses(t, client, "app", id))
	if err := stop(t.Context(), client, "app", id, false); code(err) != "DuplicatedStopRequestException" {
		t.Errorf("second stop: %v", err)
	}
	if err := retry(t.Context(), client, "app", "Build", id, types.StageRetryModeFailedActions); code(err) != "StageNotRetryableException" {
		t.Errorf("retry while stopping: %v", err)
	}
	done = true
	server.Settle()
	diff(t, "events", lines(`
		STOPPING
		Build STOPPING
		Build/Compile SUCCEEDED
		Build STOPPED
		STOPPED
	`), states(t, server)[seen:])
	if err := stop(t.Context(), client, "app", id, true); code(err) != "PipelineExecutionNotStoppableException" {
		t.Errorf("stop of a stopped execution: %v", err)
	}
	event, err := events.Decode(server.Events()[seen])
	if err != nil {
		t.Fatal(err)
	}
	if got := event.(*events.PipelineExecutionStateChange).StopComments; got != "for a test" {
		t.Errorf("stop comments %q", got)
	}
	list, err := client.ListPipelineExecutions(t.Context(), &awscodepipeline.ListPipelineExecutionsInput{PipelineName: aws.String("app")})
	if err != nil {
		t.Fatal(err)
	}
	if got := list.PipelineExecutionSummaries[0]; *got.StopTrigger.Reason != "for a test" || got.Status != "Stopped" {
		t.Errorf("summary %+v", got)
	}

	// A stopped execution goes on where it was.
	if err := retry(t.Context(), client, "app", "Build", id, types.StageRetryModeFailedActions); err != nil {
		t.Fatal(err)
	}
	server.Settle()
	diff(t, "statuses", []string{"Succeeded"}, statuses(t, client, "app", id))
	if n := len(actions(t, client, "app", id)); n != 4 {
		t.Errorf("%d action executions", n)
	}
}

func TestAbandon(t *testing.T) {
	t.Parallel()
	for _, wait := range []bool{false, true} {
		server, client := newServer(t, short("p"))
		id := begin(t, server, "p")
		server.Settle()
		seen := len(server.Events())
		if wait {
			if err := stop(t.Context(), client, "p", id, false); err != nil {
				t.Fatal(err)
			}
			server.Settle()
		}
		if err := stop(t.Context(), client, "p", id, true); err != nil {
			t.Fatal(err)
		}
		if err := stop(t.Context(), client, "p", id, true); code(err) != "DuplicatedStopRequestException" {
			t.Errorf("second stop: %v", err)
		}
		server.Settle()
		diff(t, "events", lines(`
			STOPPING
			Approve STOPPING
			Approve/Approve ABANDONED
			Approve STOPPED
			STOPPED
		`), states(t, server)[seen:])
		diff(t, "statuses", []string{"Stopped"}, statuses(t, client, "p", id))
		run := actions(t, client, "p", id)[0]
		if run.Status != types.ActionExecutionStatusAbandoned {
			t.Errorf("the approval is %s", run.Status)
		}
		_, err := client.PutApprovalResult(t.Context(), &awscodepipeline.PutApprovalResultInput{
			PipelineName: aws.String("p"), StageName: aws.String("Approve"), ActionName: aws.String("Approve"), Token: run.ActionExecutionId,
			Result: &types.ApprovalResult{Status: types.ApprovalStatusApproved, Summary: aws.String("yes")},
		})
		if code(err) != "ApprovalAlreadyCompletedException" {
			t.Errorf("approval of an abandoned action: %v", err)
		}
	}
}

// An execution that waits for a stage stops without one, and the next in the
// queue is not held up.
func TestStopWaiting(t *testing.T) {
	t.Parallel()
	p := short("p")
	p.ExecutionMode = "QUEUED"
	server, client := newServer(t, p)
	a := begin(t, server, "p")
	server.Settle()
	b := begin(t, server, "p")
	server.Settle()
	c := begin(t, server, "p")
	server.Settle()
	seen := len(server.Events())
	if err := stop(t.Context(), client, "p", b, false); err != nil {
		t.Fatal(err)
	}
	server.Settle()
	diff(t, "events", []string{"STOPPING", "STOPPED"}, states(t, server)[seen:])
	if err := retry(t.Context(), client, "p", "Approve", b, types.StageRetryModeFailedActions); code(err) != "StageNotRetryableException" {
		t.Errorf("retry of an execution that was stopped while it waited: %v", err)
	}
	if err := approve(t, client, "p", a, types.ApprovalStatusApproved); err != nil {
		t.Fatal(err)
	}
	server.Settle()
	if err := approve(t, client, "p", c, types.ApprovalStatusApproved); err != nil {
		t.Error(err)
	}

	// So does one that was to enter next.
	d := begin(t, server, "p")
	e := begin(t, server, "p")
	if err := stop(t.Context(), client, "p", d, true); err != nil {
		t.Fatal(err)
	}
	server.Settle()
	if err := approve(t, client, "p", e, types.ApprovalStatusApproved); err != nil {
		t.Error(err)
	}
	server.Settle()
	diff(t, "statuses", []string{"Succeeded", "Stopped", "Succeeded", "Stopped", "Succeeded"}, statuses(t, client, "p", a, b, c, d, e))
}

// A stage that the next execution is about to enter cannot be retried, and an
// execution cannot be one too many.
// A stop between the end of the last stage and that of the execution counts.
func TestStopAtTheEnd(t *testing.T) {
	t.Parallel()
	server, client := newServer(t, app())
	id := begin(t, server, "app")
	for list := states(t, server); list[len(list)-1] != "Deploy SUCCEEDED"; list = states(t, server) {
		if !server.Advance() {
			t.Fatalf("the last stage has not ended: %v", list)
		}
	}
	if err := stop(t.Context(), client, "app", id, false); err != nil {
		t.Fatal(err)
	}
	server.Settle()
	list := states(t, server)
	diff(t, "events", []string{"STOPPING", "STOPPED"}, list[len(list)-2:])
}

// An execution that is to stop is not superseded while it waits for a stage.
func TestStopWhileOvertaken(t *testing.T) {
	t.Parallel()
	p := app()
	p.Stages[1].Actions[0].Run = func(pipelinetest.ActionRun) pipelinetest.Outcome {
		return pipelinetest.Outcome{State: pipelinetest.StateInProgress}
	}
	server, client := newServer(t, p)
	first, second := begin(t, server, "app"), begin(t, server, "app")
	server.Settle()
	third := begin(t, server, "app")
	if err := stop(t.Context(), client, "app", second, false); err != nil {
		t.Fatal(err)
	}
	server.Settle(third)
	diff(t, "statuses", []string{"InProgress", "Stopping", "InProgress"}, statuses(t, client, "app", first, second, third))
	server.Settle()
	diff(t, "statuses", []string{"InProgress", "Stopped", "InProgress"}, statuses(t, client, "app", first, second, third))
}

// A retry forgets how the execution was stopped before.
func TestStopAfterRetry(t *testing.T) {
	t.Parallel()
	p := app()
	p.Stages[1].Actions[0].Run = func(pipelinetest.ActionRun) pipelinetest.Outcome {
		return pipelinetest.Outcome{State: pipelinetest.StateInProgress}
	}
	server, client := newServer(t, p)
	id := begin(t, server, "app")
	server.Settle()
	if err := stop(t.Context(), client, "app", id, true); err != nil {
		t.Fatal(err)
	}
	server.Settle()
	if err := retry(t.Context(), client, "app", "Build", id, types.StageRetryModeFailedActions); err != nil {
		t.Fatal(err)
	}
	list, err := client.ListPipelineExecutions(t.Context(), &awscodepipeline.ListPipelineExecutionsInput{PipelineName: aws.String("app")})
	if err != nil {
		t.Fatal(err)
	}
	if got := list.PipelineExecutionSummaries[0].StopTrigger; got != nil {
		t.Errorf("stop trigger %+v of an execution that goes on", got)
	}
	server.Settle()
	for _, abandon := range []bool{false, true} {
		if err := stop(t.Context(), client, "app", id, abandon); err != nil {
			t.Errorf("stop, abandon %v: %v", abandon, err)
		}
	}
	server.Settle()
	diff(t, "statuses", []string{"Stopped"}, statuses(t, client, "app", id))
}

func TestRetryOfAnotherVersion(t *testing.T) {
	t.Parallel()
	p := app()
	p.Stages[1].Actions[0].Run = failFirst
	server, client := newServer(t, p)
	id := begin(t, server, "app")
	server.Settle()
	if err := server.Update(p); err != nil {
		t.Fatal(err)
	}
	if err := retry(t.Context(), client, "app", "Build", id, types.StageRetryModeFailedActions); code(err) != "StageNotRetryableException" {
		t.Errorf("retry: %v", err)
	}
}

func TestRetryConflicts(t *testing.T) {
	t.Parallel()
	server, client := newServer(t, short("p"))
	a := begin(t, server, "p")
	server.Settle()
	b := begin(t, server, "p")
	server.Settle()
	if err := approve(t, client, "p", a, types.ApprovalStatusRejected); err != nil {
		t.Fatal(err)
	}
	for get(t, client, "p", a).Status == "InProgress" {
		server.Advance(a)
	}
	state, err := client.GetPipelineState(t.Context(), &awscodepipeline.GetPipelineStateInput{Name: aws.String("p")})
	if err != nil {
		t.Fatal(err)
	}
	if s := state.StageStates[1]; *s.InboundExecution.PipelineExecutionId != b || *s.LatestExecution.PipelineExecutionId != a {
		t.Errorf("stage %+v", s)
	}
	if err := retry(t.Context(), client, "p", "Approve", a, types.StageRetryModeFailedActions); code(err) != "ConflictException" {
		t.Errorf("retry of a stage that is kept for another execution: %v", err)
	}

	p := short("p")
	p.ExecutionMode = "PARALLEL"
	server, client = newServer(t, p)
	a = begin(t, server, "p")
	server.Settle()
	if err := approve(t, client, "p", a, types.ApprovalStatusRejected); err != nil {
		t.Fatal(err)
	}
	server.Settle()
	for range 50 {
		begin(t, server, "p")
	}
	if err := retry(t.Context(), client, "p", "Approve", a, types.StageRetryModeFailedActions); code(err) != "ConcurrentPipelineExecutionsLimitExceededException" {
		t.Errorf("retry of an execution that is one too many: %v", err)
	}
}

// A stop is told to custom actions, which may end by themselves.
func TestStopCustomAction(t *testing.T) {
	t.Parallel()
	p := short("p")
	p.Stages[1].Actions[0] = pipelinetest.CustomAction("Work", "Build", "Worker", "1", nil)
	server, client := newServer(t, p)
	id := begin(t, server, "p")
	server.Settle()
	if err := stop(t.Context(), client, "p", id, false); err != nil {
		t.Fatal(err)
	}
	server.Settle()
	diff(t, "statuses", []string{"Stopping"}, statuses(t, client, "p", id))
	if err := server.Finish(id, "Approve", "Work", pipelinetest.Outcome{State: pipelinetest.StateFailed}); err != nil {
		t.Fatal(err)
	}
	server.Settle()
	diff(t, "statuses", []string{"Stopped"}, statuses(t, client, "p", id))
	if err := retry(t.Context(), client, "p", "Approve", id, types.StageRetryModeAllActions); err != nil {
		t.Error(err)
	}
}

func TestUpdate(t *testing.T) {
	t.Parallel()
	server, client := newServer(t, short("p"))
	a := begin(t, server, "p")
	server.Settle()
	b := begin(t, server, "p")
	server.Settle()
	seen := len(server.Events())
	p := short("p")
	p.Stages = append(p.Stages, pipelinetest.Stage{Name: "More", Actions: []pipelinetest.Action{pipelinetest.ApprovalAction("More")}})
	if err := server.Update(p); err != nil {
		t.Fatal(err)
	}
	diff(t, "events", lines(`
		Approve/Approve CANCELED
		Approve CANCELED
		CANCELED
		CANCELED
	`), states(t, server)[seen:])
	diff(t, "statuses", []string{"Cancelled", "Cancelled"}, statuses(t, client, "p", a, b))
	c := begin(t, server, "p")
	server.Settle()
	if got := get(t, client, "p", c); *got.PipelineVersion != 2 || got.Status != "InProgress" {
		t.Errorf("execution %+v", got)
	}
	if err := retry(t.Context(), client, "p", "Approve", a, types.StageRetryModeFailedActions); code(err) != "StageNotRetryableException" {
		t.Errorf("retry of the old structure: %v", err)
	}
	for version, stages := range map[int32]int{1: 2, 2: 3} {
		out, err := client.GetPipeline(t.Context(), &awscodepipeline.GetPipelineInput{Name: aws.String("p"), Version: aws.Int32(version)})
		if err != nil {
			t.Fatal(err)
		}
		if len(out.Pipeline.Stages) != stages || *out.Pipeline.Version != version {
			t.Errorf("version %d has %d stages", version, len(out.Pipeline.Stages))
		}
	}
	if _, err := client.GetPipeline(t.Context(), &awscodepipeline.GetPipelineInput{Name: aws.String("p"), Version: aws.Int32(3)}); code(err) != "PipelineVersionNotFoundException" {
		t.Errorf("version 3: %v", err)
	}
	for want, bad := range map[string]pipelinetest.Pipeline{
		"0 stages": {Name: "p"},
		"give it to NewServer, Start or AddPipeline, or call CreatePipeline": short("unknown"),
	} {
		if err := server.Update(bad); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("update to %+v: %v, want %q", bad, err, want)
		}
	}
}
