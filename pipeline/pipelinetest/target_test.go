package pipelinetest_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awscodepipeline "github.com/aws/aws-sdk-go-v2/service/codepipeline"
	"github.com/aws/aws-sdk-go-v2/service/codepipeline/types"

	"github.com/codesuite-go/codesuite/pipeline/pipelinetest"
)

func fleet(run func(pipelinetest.ActionRun) pipelinetest.Outcome) pipelinetest.Pipeline {
	deploy := pipelinetest.EC2DeployAction("Roll", "Fleet", "web", "SourceArtifact")
	deploy.Run = run
	return pipelinetest.Pipeline{Name: "fleet", Stages: []pipelinetest.Stage{
		{Name: "Source", Actions: []pipelinetest.Action{pipelinetest.S3Source("Source", "bucket", "app.zip")}},
		{Name: "Deploy", Actions: []pipelinetest.Action{deploy}},
	}}
}

// targets returns the targets of the newest action with their events, such as
// "Succeeded BeforeDeploy=Succeeded".
func targets(t *testing.T, client *awscodepipeline.Client, execution string, statuses ...string) []string {
	t.Helper()
	in := &awscodepipeline.ListDeployActionExecutionTargetsInput{
		PipelineName: aws.String("fleet"), ActionExecutionId: actions(t, client, "fleet", execution)[0].ActionExecutionId, MaxResults: aws.Int32(1),
	}
	if len(statuses) > 0 {
		in.Filters = []types.TargetFilter{{Name: types.TargetFilterNameTargetStatus, Values: statuses}}
	}
	list := []string{}
	pages := awscodepipeline.NewListDeployActionExecutionTargetsPaginator(client, in)
	for pages.HasMorePages() {
		page, err := pages.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if len(page.Targets) > 1 {
			t.Errorf("a page of %d targets, want 1 at most", len(page.Targets))
		}
		for _, target := range page.Targets {
			text := *target.Status
			if *target.TargetType != "EC2" {
				t.Errorf("target %s has the type %s", *target.TargetId, *target.TargetType)
			}
			for _, e := range target.Events {
				text += " " + *e.Name + "=" + *e.Status
			}
			list = append(list, text)
		}
	}
	return list
}

func TestTargets(t *testing.T) {
	t.Parallel()
	server, client := newServer(t, fleet(nil))
	now := start
	server.SetClock(func() time.Time { return now })
	server.SetSimulation(pipelinetest.Simulation{Speed: 1})
	id := begin(t, server, "fleet")
	server.Settle()
	now = now.Add(3 * time.Second)
	server.Settle()
	const all = "Succeeded BeforeDeploy=Succeeded Deploy=Succeeded AfterDeploy=Succeeded"
	for _, step := range []struct {
		after time.Duration
		want  []string
	}{
		{0, []string{"InProgress BeforeDeploy=InProgress", "Pending"}},
		{31 * time.Second, []string{"InProgress BeforeDeploy=Succeeded Deploy=Succeeded AfterDeploy=InProgress", "Pending"}},
		{15 * time.Second, []string{all, "InProgress BeforeDeploy=InProgress"}},
		{44 * time.Second, []string{all, all}},
	} {
		now = now.Add(step.after)
		server.Settle()
		diff(t, fmt.Sprintf("targets after %s", now.Sub(start)), step.want, targets(t, client, id))
	}
	equal(t, "status", types.PipelineExecutionStatusSucceeded, get(t, client, "fleet", id).Status)
	diff(t, "failed targets", []string{}, targets(t, client, id, "Failed", "Skipped"))
	diff(t, "succeeded targets", []string{all, all}, targets(t, client, id, "Succeeded"))
}

func TestTargetsOfFailure(t *testing.T) {
	t.Parallel()
	server, client := newServer(t, fleet(func(pipelinetest.ActionRun) pipelinetest.Outcome {
		return pipelinetest.Outcome{State: pipelinetest.StateFailed}
	}))
	id := begin(t, server, "fleet")
	server.Settle()
	diff(t, "targets", []string{"Failed BeforeDeploy=Succeeded Deploy=Succeeded AfterDeploy=Failed", "Skipped"}, targets(t, client, id))
	diff(t, "skipped targets", []string{"Skipped"}, targets(t, client, id, "Skipped"))
}

// A test has targets of its own.
func TestTargetsOfOutcome(t *testing.T) {
	t.Parallel()
	server, client := newServer(t, fleet(func(r pipelinetest.ActionRun) pipelinetest.Outcome {
		event := pipelinetest.TargetEvent{Name: "Copy", Status: "Succeeded", Message: "3 files", CommandID: "c-1", Started: start}
		return pipelinetest.Outcome{Targets: []pipelinetest.Target{{ID: "i-1", Status: "Succeeded", Events: []pipelinetest.TargetEvent{event}}, {ID: "i-2"}}}
	}))
	id := begin(t, server, "fleet")
	server.Settle()
	diff(t, "targets", []string{"Succeeded Copy=Succeeded", "InProgress"}, targets(t, client, id))
	deploy := actions(t, client, "fleet", id)[0].ActionExecutionId
	out, err := client.ListDeployActionExecutionTargets(t.Context(), &awscodepipeline.ListDeployActionExecutionTargetsInput{ActionExecutionId: deploy})
	if err != nil {
		t.Fatal(err)
	}
	e := out.Targets[0].Events[0]
	if *e.Context.Message != "3 files" || *e.Context.SsmCommandId != "c-1" || !e.StartTime.Equal(start) || e.EndTime != nil {
		t.Errorf("event %+v with context %+v", e, e.Context)
	}
}

func TestTargetErrors(t *testing.T) {
	t.Parallel()
	server, client := newServer(t, fleet(nil), app())
	id := begin(t, server, "fleet")
	server.Settle()
	list := actions(t, client, "fleet", id)
	deploy, source := list[0].ActionExecutionId, list[1].ActionExecutionId
	out, err := client.ListDeployActionExecutionTargets(t.Context(), &awscodepipeline.ListDeployActionExecutionTargetsInput{ActionExecutionId: source})
	if err != nil || len(out.Targets) != 0 {
		t.Errorf("targets of a source: %v, %v", out, err)
	}
	for name, test := range map[string]struct {
		in   awscodepipeline.ListDeployActionExecutionTargetsInput
		want string
	}{
		"no such action":   {awscodepipeline.ListDeployActionExecutionTargetsInput{ActionExecutionId: aws.String("1")}, "ActionExecutionNotFoundException"},
		"another pipeline": {awscodepipeline.ListDeployActionExecutionTargetsInput{PipelineName: aws.String("app"), ActionExecutionId: deploy}, "ActionExecutionNotFoundException"},
		"no such pipeline": {awscodepipeline.ListDeployActionExecutionTargetsInput{PipelineName: aws.String("none"), ActionExecutionId: deploy}, "PipelineNotFoundException"},
		"odd filter": {awscodepipeline.ListDeployActionExecutionTargetsInput{ActionExecutionId: deploy,
			Filters: []types.TargetFilter{{Name: "TARGET_TYPE", Values: []string{"EC2"}}}}, "ValidationException"},
		"odd token": {awscodepipeline.ListDeployActionExecutionTargetsInput{ActionExecutionId: deploy, NextToken: aws.String("x")}, "InvalidNextTokenException"},
		"odd page":  {awscodepipeline.ListDeployActionExecutionTargetsInput{ActionExecutionId: deploy, MaxResults: aws.Int32(101)}, "ValidationException"},
	} {
		if _, err := client.ListDeployActionExecutionTargets(t.Context(), &test.in); code(err) != test.want {
			t.Errorf("%s: %v, want %s", name, err, test.want)
		}
	}
}
