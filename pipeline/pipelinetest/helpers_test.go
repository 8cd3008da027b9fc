package pipelinetest_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awscodepipeline "github.com/aws/aws-sdk-go-v2/service/codepipeline"
	"github.com/aws/aws-sdk-go-v2/service/codepipeline/types"
	"github.com/aws/smithy-go"
	"github.com/google/go-cmp/cmp"

	"github.com/codesuite-go/codesuite/events"
	"github.com/codesuite-go/codesuite/pipeline/pipelinetest"
)

var start = time.Date(2026, 5, 7, 13, 22, 34, 629e6, time.UTC)

// app returns a pipeline of a GitHub source, two builds and a deployment.
func app() pipelinetest.Pipeline {
	return pipelinetest.Pipeline{
		Name: "app",
		Stages: []pipelinetest.Stage{
			{Name: "Source", Actions: []pipelinetest.Action{pipelinetest.GitHubSource("Source", "octo", "app", "main")}},
			{Name: "Build", Actions: []pipelinetest.Action{
				pipelinetest.CodeBuildAction("Compile", "app-build", "SourceArtifact"),
				pipelinetest.CodeBuildAction("Lint", "app-lint", "SourceArtifact"),
			}},
			{Name: "Deploy", Actions: []pipelinetest.Action{pipelinetest.CodeDeployAction("Deploy", "app", "prod", "CompileArtifact")}},
		},
	}
}

// short returns a pipeline of a source and an approval.
func short(name string) pipelinetest.Pipeline {
	return pipelinetest.Pipeline{
		Name: name,
		Stages: []pipelinetest.Stage{
			{Name: "Source", Actions: []pipelinetest.Action{pipelinetest.CodeCommitSource("Source", "app", "main")}},
			{Name: "Approve", Actions: []pipelinetest.Action{pipelinetest.ApprovalAction("Approve")}},
		},
	}
}

// failFirst fails an action in the first attempt of an execution.
func failFirst(r pipelinetest.ActionRun) pipelinetest.Outcome {
	if r.Attempt == 1 {
		return pipelinetest.Outcome{State: pipelinetest.StateFailed}
	}
	return pipelinetest.Outcome{}
}

// newServer returns a server with a clock that stands still and a client.
func newServer(t testing.TB, pipelines ...pipelinetest.Pipeline) (*pipelinetest.Server, *awscodepipeline.Client) {
	t.Helper()
	server := pipelinetest.NewServer(t, pipelines...)
	server.SetClock(func() time.Time { return start })
	return server, awscodepipeline.NewFromConfig(server.Config())
}

// begin starts an execution.
func begin(t testing.TB, server *pipelinetest.Server, pipeline string, revisions ...pipelinetest.SourceRevision) string {
	t.Helper()
	id, err := server.StartExecution(pipeline, pipelinetest.Trigger{}, revisions...)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// states returns the events that the server emitted, such as "Build/Lint FAILED".
func states(t testing.TB, server *pipelinetest.Server) []string {
	t.Helper()
	var list []string
	for _, payload := range server.Events() {
		list = append(list, state(t, payload))
	}
	return list
}

func state(t testing.TB, payload []byte) string {
	t.Helper()
	event, err := events.Decode(payload)
	if err != nil {
		t.Fatalf("event %s: %v", payload, err)
	}
	switch e := event.(type) {
	case *events.PipelineExecutionStateChange:
		return string(e.State)
	case *events.StageExecutionStateChange:
		return e.Stage + " " + string(e.State)
	case *events.ActionExecutionStateChange:
		return e.Stage + "/" + e.Action + " " + string(e.State)
	}
	t.Fatalf("event %s is a %T", payload, event)
	return ""
}

func diff(t testing.TB, what string, want, got any, opts ...cmp.Option) {
	t.Helper()
	if d := cmp.Diff(want, got, opts...); d != "" {
		t.Errorf("%s mismatch (-want +got):\n%s", what, d)
	}
}

// get returns the execution.
func get(t testing.TB, client *awscodepipeline.Client, pipeline, id string) *types.PipelineExecution {
	t.Helper()
	out, err := client.GetPipelineExecution(t.Context(), &awscodepipeline.GetPipelineExecutionInput{
		PipelineName: aws.String(pipeline), PipelineExecutionId: aws.String(id),
	})
	if err != nil {
		t.Fatal(err)
	}
	return out.PipelineExecution
}

// actions returns the action executions of the execution, newest first.
func actions(t testing.TB, client *awscodepipeline.Client, pipeline, id string) []types.ActionExecutionDetail {
	t.Helper()
	out, err := client.ListActionExecutions(t.Context(), &awscodepipeline.ListActionExecutionsInput{
		PipelineName: aws.String(pipeline), Filter: &types.ActionExecutionFilter{PipelineExecutionId: aws.String(id)},
	})
	if err != nil {
		t.Fatal(err)
	}
	return out.ActionExecutionDetails
}

// listActions lists action executions with either filter or both.
func listActions(t testing.TB, client *awscodepipeline.Client, pipeline, execution, latest *string) error {
	in := &awscodepipeline.ListActionExecutionsInput{PipelineName: pipeline, Filter: &types.ActionExecutionFilter{PipelineExecutionId: execution}}
	if latest != nil {
		in.Filter.LatestInPipelineExecution = &types.LatestInPipelineExecutionFilter{PipelineExecutionId: latest, StartTimeRange: types.StartTimeRangeAll}
	}
	_, err := client.ListActionExecutions(t.Context(), in)
	return err
}

func code(err error) string {
	var apiErr smithy.APIError
	if errors.As(err, &apiErr) {
		return apiErr.ErrorCode()
	}
	return fmt.Sprint(err)
}

func stop(ctx context.Context, client *awscodepipeline.Client, pipeline, id string, abandon bool) error {
	_, err := client.StopPipelineExecution(ctx, &awscodepipeline.StopPipelineExecutionInput{
		PipelineName: aws.String(pipeline), PipelineExecutionId: aws.String(id), Abandon: abandon, Reason: aws.String("for a test"),
	})
	return err
}

func retry(ctx context.Context, client *awscodepipeline.Client, pipeline, stage, id string, mode types.StageRetryMode) error {
	_, err := client.RetryStageExecution(ctx, &awscodepipeline.RetryStageExecutionInput{
		PipelineName: aws.String(pipeline), StageName: aws.String(stage), PipelineExecutionId: aws.String(id), RetryMode: mode,
	})
	return err
}

func lines(s string) []string {
	var list []string
	for line := range strings.Lines(s) {
		if line = strings.TrimSpace(line); line != "" {
			list = append(list, line)
		}
	}
	return list
}
