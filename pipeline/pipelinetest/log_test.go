package pipelinetest_test

import (
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awslogs "github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	awscodepipeline "github.com/aws/aws-sdk-go-v2/service/codepipeline"
	"github.com/aws/aws-sdk-go-v2/service/codepipeline/types"

	"github.com/codesuite-go/codesuite/pipeline/pipelinetest"
)

// shell returns a pipeline with a Commands action.
func shell(change func(*pipelinetest.Action)) pipelinetest.Pipeline {
	run := pipelinetest.CommandsAction("Run", []string{"export VERSION='1.4'", "make COMMIT=#{Source.CommitId}"}, "SourceArtifact")
	run.Namespace, run.OutputVariables = "Run", []string{"VERSION", "MODE", "SECRET"}
	run.Environment = []pipelinetest.EnvironmentVariable{{Name: "MODE", Value: "fast"}, {Name: "SECRET", Value: "name", Type: "SECRETS_MANAGER"}}
	if change != nil {
		change(&run)
	}
	source := pipelinetest.CodeCommitSource("Source", "app", "main")
	source.Namespace, source.Revision = "Source", &pipelinetest.Revision{ID: "c0ffee"}
	return pipelinetest.Pipeline{Name: "shell", Stages: []pipelinetest.Stage{
		{Name: "Source", Actions: []pipelinetest.Action{source}},
		{Name: "Run", Actions: []pipelinetest.Action{run}},
	}}
}

// readLog returns the lines of the log with the ARN.
func readLog(t *testing.T, server *pipelinetest.Server, arn string) []string {
	t.Helper()
	group, stream, ok := strings.Cut(strings.TrimPrefix(arn, "arn:aws:logs:us-east-1:111122223333:log-group:"), ":log-stream:")
	if !ok {
		t.Fatalf("%q is not the ARN of a log stream", arn)
	}
	out, err := awslogs.NewFromConfig(server.Config()).GetLogEvents(t.Context(), &awslogs.GetLogEventsInput{
		LogGroupName: &group, LogStreamName: &stream, StartFromHead: aws.Bool(true),
	})
	if err != nil {
		t.Fatal(err)
	}
	lines := []string{}
	for _, e := range out.Events {
		lines = append(lines, strings.TrimSuffix(*e.Message, "\n"))
	}
	return lines
}

func TestCommands(t *testing.T) {
	t.Parallel()
	server, client := newServer(t, shell(nil))
	id := begin(t, server, "shell")
	server.Settle()
	run := actions(t, client, "shell", id)[0]
	arn := aws.ToString(run.Output.ExecutionResult.LogStreamARN)
	if want := "arn:aws:logs:us-east-1:111122223333:log-group:/aws/codepipeline/shell:log-stream:" + *run.ActionExecutionId; arn != want {
		t.Errorf("the log stream is %s, want %s", arn, want)
	}
	diff(t, "log", []string{
		"[Container] Entering phase BUILD", "[Container] Running command export VERSION='1.4'",
		"[Container] Running command make COMMIT=c0ffee", "[Container] Phase complete: BUILD State: SUCCEEDED",
	}, readLog(t, server, arn))
	variables := run.Output.OutputVariables
	diff(t, "variables", []string{"1.4", "fast"}, []string{variables["VERSION"], variables["MODE"]})
	if v := variables["SECRET"]; v == "" || v == "name" {
		t.Errorf("the variable of a secret is %q", v)
	}
	state, err := client.GetPipelineState(t.Context(), &awscodepipeline.GetPipelineStateInput{Name: aws.String("shell")})
	if err != nil {
		t.Fatal(err)
	}
	if got := aws.ToString(state.StageStates[1].ActionStates[0].LatestExecution.LogStreamARN); got != arn {
		t.Errorf("GetPipelineState has the log stream %q", got)
	}
	if got := actions(t, client, "shell", id)[1].Output.ExecutionResult.LogStreamARN; got != nil {
		t.Errorf("the source has the log stream %s", *got)
	}
}

// The lines of a log come as its action goes on, and end with it.
func TestLogGrows(t *testing.T) {
	t.Parallel()
	server, client := newServer(t, shell(nil))
	now := start
	server.SetClock(func() time.Time { return now })
	server.SetSimulation(pipelinetest.Simulation{Speed: 1})
	id := begin(t, server, "shell")
	server.Settle()
	now = now.Add(5 * time.Second)
	server.Settle()
	run := actions(t, client, "shell", id)[0]
	if run.Status != types.ActionExecutionStatusInProgress {
		t.Fatalf("the action is %s, want it to take its time", run.Status)
	}
	arn := *run.Output.ExecutionResult.LogStreamARN
	for _, step := range []struct {
		after time.Duration
		lines int
	}{{0, 1}, {20 * time.Second, 2}, {20 * time.Second, 3}} {
		now = now.Add(step.after)
		if got := readLog(t, server, arn); len(got) != step.lines {
			t.Errorf("after %s there are the lines %q, want %d", now.Sub(start), got, step.lines)
		}
	}
	if err := stop(t.Context(), client, "shell", id, true); err != nil {
		t.Fatal(err)
	}
	server.Settle()
	now = now.Add(time.Hour)
	if got := readLog(t, server, arn); len(got) != 3 {
		t.Errorf("an abandoned action goes on to write: %q", got)
	}
}

// A test writes the log of its own.
func TestLogOfOutcome(t *testing.T) {
	t.Parallel()
	p := shell(func(a *pipelinetest.Action) {
		a.Run = func(r pipelinetest.ActionRun) pipelinetest.Outcome {
			if r.Calls < 2 {
				return pipelinetest.Outcome{State: pipelinetest.StateInProgress, Log: []string{strings.Repeat("x", r.Calls+1)}}
			}
			return pipelinetest.Outcome{State: pipelinetest.StateFailed, Log: []string{"boom"}}
		}
	})
	server, client := newServer(t, p)
	id := begin(t, server, "shell")
	server.Settle()
	server.Settle()
	server.Settle()
	run := actions(t, client, "shell", id)[0]
	diff(t, "log", []string{"x", "xx", "boom"}, readLog(t, server, *run.Output.ExecutionResult.LogStreamARN))
	equal(t, "summary", "A command failed", *run.Output.ExecutionResult.ExternalExecutionSummary)
}
