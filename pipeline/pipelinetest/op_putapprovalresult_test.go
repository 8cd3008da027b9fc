package pipelinetest_test

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awscodepipeline "github.com/aws/aws-sdk-go-v2/service/codepipeline"
	"github.com/aws/aws-sdk-go-v2/service/codepipeline/types"

	"github.com/codesuite-go/codesuite/events"
	"github.com/codesuite-go/codesuite/pipeline/pipelinetest"
)

func TestPutApprovalResult(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		status  types.ApprovalStatus
		summary string
		want    string // execution, action, summary, error
	}{
		{types.ApprovalStatusApproved, "Ship it", "Succeeded Succeeded Ship it "},
		{types.ApprovalStatusApproved, "", "Succeeded Succeeded Approved by arn:aws:iam::111122223333:user/test "},
		{types.ApprovalStatusRejected, "Not on a Friday", "Failed Failed Not on a Friday JobFailed"},
		{types.ApprovalStatusRejected, "", "Failed Failed Rejected by arn:aws:iam::111122223333:user/test JobFailed"},
	} {
		server, client := newServer(t, short("p"))
		id := begin(t, server, "p")
		server.Settle()
		state := func() *types.ActionExecution {
			t.Helper()
			out, err := client.GetPipelineState(t.Context(), &awscodepipeline.GetPipelineStateInput{Name: aws.String("p")})
			if err != nil {
				t.Fatal(err)
			}
			return out.StageStates[1].ActionStates[0].LatestExecution
		}
		in := &awscodepipeline.PutApprovalResultInput{
			PipelineName: aws.String("p"), StageName: aws.String("Approve"), ActionName: aws.String("Approve"),
			Token: state().Token, Result: &types.ApprovalResult{Status: test.status, Summary: &test.summary},
		}
		out, err := client.PutApprovalResult(t.Context(), in)
		if err != nil {
			t.Fatal(err)
		}
		if !out.ApprovedAt.Equal(start) {
			t.Errorf("approved at %s", out.ApprovedAt)
		}
		server.Settle()
		run := actions(t, client, "p", id)[0]
		result := run.Output.ExecutionResult
		errorCode := ""
		if result.ErrorDetails != nil {
			errorCode = *result.ErrorDetails.Code
		}
		got := string(get(t, client, "p", id).Status) + " " + string(run.Status) + " " + *result.ExternalExecutionSummary + " " + errorCode
		diff(t, "result", test.want, got)
		if after := state(); after.Token != nil || *after.LastUpdatedBy != "arn:aws:iam::111122223333:user/test" || *run.UpdatedBy != *after.LastUpdatedBy {
			t.Errorf("state %+v", after)
		}
		if _, err := client.PutApprovalResult(t.Context(), in); code(err) != "ApprovalAlreadyCompletedException" {
			t.Errorf("second approval: %v", err)
		}
	}
}

func TestPutApprovalResultErrors(t *testing.T) {
	t.Parallel()
	p := app()
	p.Stages[2].Actions[0] = pipelinetest.ApprovalAction("Approve")
	p.Stages[1].Actions[0].Run = func(pipelinetest.ActionRun) pipelinetest.Outcome {
		return pipelinetest.Outcome{State: pipelinetest.StateInProgress}
	}
	server, client := newServer(t, p)
	id := begin(t, server, "app")
	server.Settle()
	build := *actions(t, client, "app", id)[1].ActionExecutionId
	for _, test := range []struct{ pipeline, stage, action, token, status, want string }{
		{"other", "Deploy", "Approve", build, "Approved", "PipelineNotFoundException"},
		{"app", "Other", "Approve", build, "Approved", "StageNotFoundException"},
		{"app", "Deploy", "Other", build, "Approved", "ActionNotFoundException"},
		{"app", "Build", "Compile", build, "Approved", "InvalidApprovalTokenException"},
		{"app", "Deploy", "Approve", build, "Approved", "InvalidApprovalTokenException"},
		{"app", "Deploy", "Approve", id, "Approved", "InvalidApprovalTokenException"},
		{"app", "Deploy", "Approve", "token", "Approved", "ValidationException"},
		{"app", "Deploy", "Approve", build, "Perhaps", "ValidationException"},
		{"", "Deploy", "Approve", build, "Approved", "ValidationException"},
	} {
		_, err := client.PutApprovalResult(t.Context(), &awscodepipeline.PutApprovalResultInput{
			PipelineName: &test.pipeline, StageName: &test.stage, ActionName: &test.action, Token: &test.token,
			Result: &types.ApprovalResult{Status: types.ApprovalStatus(test.status), Summary: aws.String("")},
		})
		if code(err) != test.want {
			t.Errorf("%+v: %v", test, err)
		}
	}
}

func TestApprovalTimeout(t *testing.T) {
	t.Parallel()
	p := app()
	p.Stages[1].Actions = []pipelinetest.Action{pipelinetest.ApprovalAction("Long"), pipelinetest.ApprovalAction("Short")}
	p.Stages[1].Actions[1].Timeout = 30 * time.Minute
	p.Stages[2].Actions[0].Inputs[0] = "SourceArtifact"
	server, client := newServer(t, p)
	out, err := client.GetPipeline(t.Context(), &awscodepipeline.GetPipelineInput{Name: aws.String("app")})
	if err != nil {
		t.Fatal(err)
	}
	if a := out.Pipeline.Stages[1].Actions; *a[1].TimeoutInMinutes != 30 || a[0].TimeoutInMinutes != nil {
		t.Errorf("actions %+v", a)
	}
	id := begin(t, server, "app")
	server.Settle()
	for _, test := range []struct {
		after time.Duration
		want  string
	}{
		{30*time.Minute - 1, "InProgress InProgress"},
		{30 * time.Minute, "Failed InProgress"},
		{7*24*time.Hour - 1, "Failed InProgress"},
		{7 * 24 * time.Hour, "Failed Failed"},
	} {
		server.SetClock(func() time.Time { return start.Add(test.after) })
		server.Settle()
		list := actions(t, client, "app", id)
		if got := string(list[0].Status + " " + list[1].Status); got != test.want {
			t.Errorf("after %s: %s, want %s", test.after, got, test.want)
		}
	}
	if e := get(t, client, "app", id); e.Status != "Failed" {
		t.Errorf("status %s", e.Status)
	}
}

func TestRollback(t *testing.T) {
	t.Parallel()
	fail := false
	p := app()
	p.Stages[2].Actions[0].Run = func(pipelinetest.ActionRun) pipelinetest.Outcome {
		if fail {
			return pipelinetest.Outcome{State: pipelinetest.StateFailed}
		}
		return pipelinetest.Outcome{}
	}
	parallel := short("parallel")
	parallel.ExecutionMode = "PARALLEL"
	server, client := newServer(t, p, parallel)
	revision := func(id string) pipelinetest.SourceRevision {
		return pipelinetest.SourceRevision{Action: "Source", Revision: pipelinetest.Revision{ID: id}}
	}
	good := begin(t, server, "app", revision(commit))
	server.Settle()
	fail = true
	bad := begin(t, server, "app", revision("badbadbadbadbadbadbadbadbadbadbadbadbadb"))
	server.Settle()
	fail = false
	rollback := func(pipeline, stage, target string) (string, error) {
		out, err := client.RollbackStage(t.Context(), &awscodepipeline.RollbackStageInput{
			PipelineName: &pipeline, StageName: &stage, TargetPipelineExecutionId: &target,
		})
		if err != nil {
			return "", err
		}
		return *out.PipelineExecutionId, nil
	}
	seen := len(server.Events())
	id, err := rollback("app", "Deploy", good)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := rollback("app", "Deploy", good); code(err) != "ConflictException" {
		t.Errorf("rollback of a stage that is occupied: %v", err)
	}
	server.Settle()
	diff(t, "events", lines(`
		STARTED
		Deploy STARTED
		Deploy/Deploy STARTED
		Deploy/Deploy SUCCEEDED
		Deploy SUCCEEDED
		SUCCEEDED
	`), states(t, server)[seen:])
	e := get(t, client, "app", id)
	if e.ExecutionType != "ROLLBACK" || *e.RollbackMetadata.RollbackTargetPipelineExecutionId != good || e.Trigger.TriggerType != "ManualRollback" ||
		len(e.ArtifactRevisions) != 1 || *e.ArtifactRevisions[0].RevisionId != commit {
		t.Errorf("execution %+v", e)
	}
	deploys := [2]types.ActionExecutionDetail{actions(t, client, "app", id)[0], actions(t, client, "app", good)[0]}
	diff(t, "input artifacts", deploys[1].Input.InputArtifacts, deploys[0].Input.InputArtifacts, ignoreUnexported)
	event, err := events.Decode(server.Events()[seen])
	if err != nil || event.(*events.PipelineExecutionStateChange).Trigger.Type != "ManualRollback" {
		t.Errorf("event %+v, %v", event, err)
	}

	par := begin(t, server, "parallel")
	server.Settle()
	if err := approve(t, client, "parallel", par, types.ApprovalStatusApproved); err != nil {
		t.Fatal(err)
	}
	server.Settle()
	for _, test := range []struct{ pipeline, stage, target, want string }{
		{"other", "Deploy", good, "PipelineNotFoundException"},
		{"app", "Other", good, "StageNotFoundException"},
		{"app", "Deploy", par, "PipelineExecutionNotFoundException"},
		{"app", "Deploy", "e", "ValidationException"},
		{"app", "Source", good, "UnableToRollbackStageException"},
		{"app", "Deploy", bad, "UnableToRollbackStageException"},
		{"app", "Deploy", id, "UnableToRollbackStageException"},
		{"parallel", "Approve", par, "UnableToRollbackStageException"},
	} {
		if _, err := rollback(test.pipeline, test.stage, test.target); code(err) != test.want {
			t.Errorf("%+v: %v", test, err)
		}
	}
	if err := server.Update(p); err != nil {
		t.Fatal(err)
	}
	if _, err := rollback("app", "Deploy", good); code(err) != "PipelineExecutionOutdatedException" {
		t.Errorf("rollback to another structure: %v", err)
	}
}

func TestPutActionRevision(t *testing.T) {
	t.Parallel()
	server, client := newServer(t, app())
	put := func(stage, action, revision, change string) (*awscodepipeline.PutActionRevisionOutput, error) {
		t.Helper()
		created := start.Add(-1)
		return client.PutActionRevision(t.Context(), &awscodepipeline.PutActionRevisionInput{
			PipelineName: aws.String("app"), StageName: &stage, ActionName: &action,
			ActionRevision: &types.ActionRevision{RevisionId: &revision, RevisionChangeId: &change, Created: &created},
		})
	}
	first, err := put("Source", "Source", commit, "change-1")
	if err != nil || !first.NewRevision {
		t.Fatalf("%+v, %v", first, err)
	}
	server.Settle()
	e := get(t, client, "app", *first.PipelineExecutionId)
	if r := e.ArtifactRevisions[0]; *r.RevisionId != commit || *r.RevisionChangeIdentifier != "change-1" || e.Trigger.TriggerType != "PutActionRevision" {
		t.Errorf("execution %+v", e)
	}
	again, err := put("Source", "Source", commit, "change-1")
	if err != nil || again.NewRevision || *again.PipelineExecutionId != *first.PipelineExecutionId {
		t.Errorf("%+v, %v", again, err)
	}
	for _, test := range []struct{ stage, action, revision, want string }{
		{"Other", "Source", commit, "StageNotFoundException"},
		{"Source", "Other", commit, "ActionNotFoundException"},
		{"Build", "Lint", commit, "ActionNotFoundException"},
		{"Source", "Source", "", "ValidationException"},
	} {
		if _, err := put(test.stage, test.action, test.revision, "c"); code(err) != test.want {
			t.Errorf("%+v: %v", test, err)
		}
	}
}
