package repotest_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/fstest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/codesuite-go/codesuite/codecommit/codecommittest"
	"github.com/codesuite-go/codesuite/codecommit/trigger"
	"github.com/codesuite-go/codesuite/events"
	"github.com/codesuite-go/codesuite/events/dynamostore"
	"github.com/codesuite-go/codesuite/events/pattern"
	"github.com/codesuite-go/codesuite/githubstatus"
	"github.com/codesuite-go/codesuite/githubstatus/pipelineapproval"
	"github.com/codesuite-go/codesuite/pipeline"
	"github.com/codesuite-go/codesuite/pipeline/approval"
	"github.com/codesuite-go/codesuite/pipeline/pipelinetest"
)

func approveByRule(cfg aws.Config, secret func(context.Context) (string, error)) error {
	github := pipelineapproval.New(map[string]*githubstatus.Client{
		"github.com": githubstatus.New(githubstatus.TokenSource(secret)),
	})
	approver := approval.New(pipeline.Open(cfg), []approval.Policy{{
		Pipeline: "web", Stage: "Production",
		Rules: []approval.Rule{
			&approval.Window{Days: []time.Weekday{time.Monday, time.Tuesday}, From: 9 * time.Hour, To: 16 * time.Hour},
			&approval.Statuses{Readers: []approval.StatusReader{github}},
		},
	}})
	var mux events.Mux
	err := approver.Register(&mux)
	return err
}

func TestApproveByRule(t *testing.T) {
	t.Parallel()
	secret := func(context.Context) (string, error) { return "token", nil }
	if err := approveByRule(aws.Config{Region: "eu-west-1"}, secret); err != nil {
		t.Error(err)
	}
}

func handlePushes(cfg aws.Config, handle func(context.Context, events.RefEvent) error) (*events.Mux, error) {
	var mux events.Mux
	rule := pattern.Must(pattern.ReferenceFilter{Repository: pattern.Equals("staging")})
	err := errors.Join(
		mux.Use(events.Dedup(dynamostore.Open(cfg, "handled-events"))),
		events.On(&mux, pattern.When(rule, handle)),
	)
	fmt.Println(rule) // the EventPattern of the rule
	return &mux, err
}

func TestHandlePushes(t *testing.T) {
	t.Parallel()
	handle := func(context.Context, events.RefEvent) error { return nil }
	if _, err := handlePushes(aws.Config{Region: "eu-west-1"}, handle); err != nil {
		t.Error(err)
	}
}

func ensureTrigger(ctx context.Context, cfg aws.Config, functionARN string) error {
	triggers := trigger.Open(cfg, "staging")
	changed, err := triggers.Ensure(ctx, trigger.Trigger{
		Name:        trigger.NameFor("ci", "feature/login"),
		Destination: functionARN,
		Branches:    []string{"feature/login"},
		Events:      []trigger.Event{trigger.EventUpdate},
	})
	if err != nil {
		return err
	}
	fmt.Println(changed)
	return nil
}

func TestEnsureTrigger(t *testing.T) {
	t.Parallel()
	server := codecommittest.NewServer(t, codecommittest.FS("staging", fstest.MapFS{}))
	if err := ensureTrigger(t.Context(), server.Config(), "arn:aws:lambda:us-east-1:111122223333:function:updates"); err != nil {
		t.Fatal(err)
	}
	if n := server.Count("PutRepositoryTriggers"); n != 1 {
		t.Errorf("the triggers were written %d times, want once", n)
	}
}

func TestRelease(t *testing.T) {
	server := pipelinetest.NewServer(t, pipelinetest.Pipeline{Name: "web", Stages: []pipelinetest.Stage{
		{Name: "Source", Actions: []pipelinetest.Action{pipelinetest.CodeCommitSource("Source", "web", "main")}},
		{Name: "Production", Actions: []pipelinetest.Action{pipelinetest.ApprovalAction("Release")}},
	}})
	id, err := pipeline.Open(server.Config()).Start(t.Context(), "web")
	if err != nil {
		t.Fatal(err)
	}
	server.Settle() // until nothing goes on by itself
	if err := approveAll(t.Context(), server.Config()); err != nil {
		t.Fatal(err)
	}
	server.Settle()
	execution, err := pipeline.Open(server.Config()).Execution(t.Context(), "web", id)
	if err != nil || execution.Status != pipeline.StatusSucceeded {
		t.Errorf("the release ended with %v, %v", execution, err)
	}
}
