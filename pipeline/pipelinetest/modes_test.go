package pipelinetest_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awscodepipeline "github.com/aws/aws-sdk-go-v2/service/codepipeline"
	"github.com/aws/aws-sdk-go-v2/service/codepipeline/types"

	"github.com/codesuite-go/codesuite/pipeline/pipelinetest"
)

// approve answers the approval of the execution.
func approve(t testing.TB, client *awscodepipeline.Client, pipeline, id string, status types.ApprovalStatus) error {
	t.Helper()
	for _, a := range actions(t, client, pipeline, id) {
		if a.Input.ActionTypeId.Category == types.ActionCategoryApproval && a.Status == types.ActionExecutionStatusInProgress {
			_, err := client.PutApprovalResult(t.Context(), &awscodepipeline.PutApprovalResultInput{
				PipelineName: aws.String(pipeline), StageName: a.StageName, ActionName: a.ActionName,
				Token: a.Output.ExecutionResult.ExternalExecutionId, Result: &types.ApprovalResult{Status: status, Summary: aws.String("")},
			})
			return err
		}
	}
	return errors.New("no approval waits")
}

func statuses(t testing.TB, client *awscodepipeline.Client, pipeline string, ids ...string) []string {
	t.Helper()
	var list []string
	for _, id := range ids {
		list = append(list, string(get(t, client, pipeline, id).Status))
	}
	return list
}

func TestSuperseded(t *testing.T) {
	t.Parallel()
	server, client := newServer(t, short("short"))
	var ids []string
	for range 4 {
		ids = append(ids, begin(t, server, "short"))
		server.Settle()
	}
	diff(t, "statuses", []string{"InProgress", "Superseded", "Superseded", "InProgress"}, statuses(t, client, "short", ids...))
	state, err := client.GetPipelineState(t.Context(), &awscodepipeline.GetPipelineStateInput{Name: aws.String("short")})
	if err != nil {
		t.Fatal(err)
	}
	approval := state.StageStates[1]
	if *approval.LatestExecution.PipelineExecutionId != ids[0] || *approval.InboundExecution.PipelineExecutionId != ids[3] || len(approval.InboundExecutions) != 1 {
		t.Errorf("stage %+v", approval)
	}
	if err := approve(t, client, "short", ids[0], types.ApprovalStatusRejected); err != nil {
		t.Fatal(err)
	}
	server.Settle()
	if err := approve(t, client, "short", ids[3], types.ApprovalStatusApproved); err != nil {
		t.Fatal(err)
	}
	server.Settle()
	diff(t, "statuses", []string{"Failed", "Superseded", "Superseded", "Succeeded"}, statuses(t, client, "short", ids...))
	if err := retry(t.Context(), client, "short", "Approve", ids[0], types.StageRetryModeFailedActions); code(err) != "NotLatestPipelineExecutionException" {
		t.Errorf("retry of an execution that was overtaken: %v", err)
	}
}

// Executions that were started at once do not supersede each other in a
// stage that is free.
func TestSupersededAtOnce(t *testing.T) {
	t.Parallel()
	server, client := newServer(t, app())
	ids := []string{begin(t, server, "app"), begin(t, server, "app"), begin(t, server, "app")}
	server.Settle()
	diff(t, "statuses", []string{"Succeeded", "Superseded", "Succeeded"}, statuses(t, client, "app", ids...))
}

// An execution that meets a newer one, which waits, is superseded.
func TestSupersededByRollback(t *testing.T) {
	t.Parallel()
	server, client := newServer(t, app())
	target := begin(t, server, "app")
	server.Settle()
	if _, err := client.DisableStageTransition(t.Context(), &awscodepipeline.DisableStageTransitionInput{
		PipelineName: aws.String("app"), StageName: aws.String("Deploy"), TransitionType: types.StageTransitionTypeInbound, Reason: aws.String("a freeze"),
	}); err != nil {
		t.Fatal(err)
	}
	old := begin(t, server, "app")
	rollback, err := client.RollbackStage(t.Context(), &awscodepipeline.RollbackStageInput{
		PipelineName: aws.String("app"), StageName: aws.String("Deploy"), TargetPipelineExecutionId: aws.String(target),
	})
	if err != nil {
		t.Fatal(err)
	}
	server.Settle()
	diff(t, "statuses", []string{"Superseded", "InProgress"}, statuses(t, client, "app", old, *rollback.PipelineExecutionId))
}

func TestQueued(t *testing.T) {
	t.Parallel()
	p := short("queue")
	p.ExecutionMode = "QUEUED"
	server, client := newServer(t, p)
	var ids []string
	for range 3 {
		ids = append(ids, begin(t, server, "queue"))
	}
	for range ids {
		server.Settle()
		for _, id := range ids {
			if approve(t, client, "queue", id, types.ApprovalStatusApproved) == nil {
				break
			}
		}
	}
	server.Settle()
	diff(t, "statuses", []string{"Succeeded", "Succeeded", "Succeeded"}, statuses(t, client, "queue", ids...))
	var ended []string
	for _, s := range states(t, server) {
		if s == "Approve SUCCEEDED" || s == "Approve STARTED" {
			ended = append(ended, s)
		}
	}
	diff(t, "events", []string{"Approve STARTED", "Approve SUCCEEDED", "Approve STARTED", "Approve SUCCEEDED", "Approve STARTED", "Approve SUCCEEDED"}, ended)
}

func TestParallel(t *testing.T) {
	t.Parallel()
	p := short("parallel")
	p.ExecutionMode = "PARALLEL"
	server, client := newServer(t, p)
	var ids []string
	for range 50 {
		ids = append(ids, begin(t, server, "parallel"))
	}
	if _, err := server.StartExecution("parallel", pipelinetest.Trigger{}); err == nil {
		t.Error("more than 50 executions are in progress")
	}
	_, err := client.StartPipelineExecution(t.Context(), &awscodepipeline.StartPipelineExecutionInput{Name: aws.String("parallel")})
	if code(err) != "ConcurrentPipelineExecutionsLimitExceededException" {
		t.Errorf("error %v", err)
	}
	server.Settle()
	state, err := client.GetPipelineState(t.Context(), &awscodepipeline.GetPipelineStateInput{Name: aws.String("parallel")})
	if err != nil {
		t.Fatal(err)
	}
	if latest := state.StageStates[1].ActionStates[0].LatestExecution; latest.Token != nil {
		t.Errorf("token %s of a parallel execution", *latest.Token)
	}
	for i, id := range ids {
		if err := approve(t, client, "parallel", id, types.ApprovalStatusApproved); err != nil {
			t.Fatalf("execution %d: %v", i, err)
		}
	}
	server.Settle()
	for i, id := range ids {
		if got := get(t, client, "parallel", id); got.Status != "Succeeded" || got.ExecutionMode != "PARALLEL" {
			t.Errorf("execution %d is %s in mode %s", i, got.Status, got.ExecutionMode)
		}
	}
}

func TestTransitions(t *testing.T) {
	t.Parallel()
	for _, mode := range []string{"SUPERSEDED", "QUEUED", "PARALLEL"} {
		for _, test := range []struct {
			stage string
			kind  types.StageTransitionType
		}{{"Approve", types.StageTransitionTypeInbound}, {"Source", types.StageTransitionTypeOutbound}} {
			t.Run(fmt.Sprint(mode, " ", test.kind), func(t *testing.T) {
				t.Parallel()
				p := short("p")
				p.ExecutionMode = mode
				server, client := newServer(t, p)
				name, stage := aws.String("p"), aws.String(test.stage)
				if _, err := client.DisableStageTransition(t.Context(), &awscodepipeline.DisableStageTransitionInput{
					PipelineName: name, StageName: stage, TransitionType: test.kind, Reason: aws.String("a release"),
				}); err != nil {
					t.Fatal(err)
				}
				begin(t, server, "p")
				server.Settle()
				begin(t, server, "p")
				server.Settle()
				inbound := func() types.StageState {
					t.Helper()
					state, err := client.GetPipelineState(t.Context(), &awscodepipeline.GetPipelineStateInput{Name: name})
					if err != nil {
						t.Fatal(err)
					}
					return state.StageStates[1]
				}
				waiting := 2
				if mode == "SUPERSEDED" {
					waiting = 1
				}
				s := inbound()
				if len(s.InboundExecutions) != waiting || s.InboundTransitionState.Enabled || *s.InboundTransitionState.DisabledReason != "a release" ||
					!s.InboundTransitionState.LastChangedAt.Equal(start) || s.LatestExecution != nil {
					t.Errorf("stage %+v", s)
				}
				if _, err := client.EnableStageTransition(t.Context(), &awscodepipeline.EnableStageTransitionInput{
					PipelineName: name, StageName: stage, TransitionType: test.kind,
				}); err != nil {
					t.Fatal(err)
				}
				server.Settle()
				waiting = 0
				if mode == "QUEUED" {
					waiting = 1
				}
				s = inbound()
				if len(s.InboundExecutions) != waiting || !s.InboundTransitionState.Enabled || s.InboundTransitionState.DisabledReason != nil || s.LatestExecution == nil {
					t.Errorf("stage %+v", s)
				}
			})
		}
	}
	_, client := newServer(t, short("p"))
	for _, in := range []*awscodepipeline.EnableStageTransitionInput{
		{PipelineName: aws.String("p"), StageName: aws.String("Source"), TransitionType: types.StageTransitionTypeInbound},
		{PipelineName: aws.String("p"), StageName: aws.String("Approve"), TransitionType: types.StageTransitionTypeOutbound},
		{PipelineName: aws.String("p"), StageName: aws.String("Approve"), TransitionType: "Sideways"},
	} {
		if _, err := client.EnableStageTransition(t.Context(), in); code(err) != "ValidationException" {
			t.Errorf("transition %s of %s: %v", in.TransitionType, *in.StageName, err)
		}
	}
}
