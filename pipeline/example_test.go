package pipeline_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"strings"
	"time"

	"github.com/codesuite-go/codesuite/events"
	"github.com/codesuite-go/codesuite/pipeline"
	"github.com/codesuite-go/codesuite/pipeline/pipelinetest"
)

// exampleServer serves a pipeline with two sources whose tests fail at first.
// It advances by itself.
func exampleServer() *pipelinetest.Server {
	checkout := pipelinetest.ConnectionSource("Checkout", pipelinetest.Connection{ProviderType: "GitHub"}, "octo/web", "main")
	checkout.Revision = &pipelinetest.Revision{ID: "ddbe7ef257512f9455e9b74a5ebe8ef831e615b7", Message: "Greet politely"}
	settings := pipelinetest.CodeCommitSource("Settings", "web-settings", "main")
	settings.Revision = &pipelinetest.Revision{ID: "64d7fa205c844ab07a516a10a515f1422023bbc3", Message: "Use two instances"}
	test := pipelinetest.CodeBuildAction("Test", "web-test", "CheckoutArtifact")
	test.Run = func(r pipelinetest.ActionRun) pipelinetest.Outcome {
		if r.Attempt == 1 {
			return pipelinetest.Outcome{State: pipelinetest.StateFailed, Summary: "Build terminated with state: FAILED"}
		}
		return pipelinetest.Outcome{}
	}
	server, err := pipelinetest.Start(pipelinetest.Pipeline{Name: "web", Stages: []pipelinetest.Stage{
		{Name: "Source", Actions: []pipelinetest.Action{checkout, settings}},
		{Name: "Build", Actions: []pipelinetest.Action{test}},
	}})
	if err != nil {
		log.Fatal(err)
	}
	server.AutoAdvance(time.Millisecond)
	return server
}

// exampleOptions poll quickly, as the server of the examples is quick.
func exampleOptions(o *pipeline.Options) { o.PollInterval = 5 * time.Millisecond }

func Example() {
	server := exampleServer()
	defer server.Close()
	ctx := context.Background()

	client := pipeline.Open(server.Config(), exampleOptions)
	id, err := client.Start(ctx, "web")
	if err != nil {
		log.Fatal(err)
	}
	execution, err := client.Wait(ctx, "web", id)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(execution.Status)
	for _, action := range execution.Failed() {
		fmt.Printf("%s of stage %s: %s\n", action.Action, action.Stage, action.Summary)
	}
	// Output:
	// Failed
	// Test of stage Build: Build terminated with state: FAILED
}

func ExampleClient_Execution() {
	server := exampleServer()
	defer server.Close()
	ctx := context.Background()

	client := pipeline.Open(server.Config(), exampleOptions)
	id, err := client.Start(ctx, "web")
	if err != nil {
		log.Fatal(err)
	}
	if _, err := client.Wait(ctx, "web", id); err != nil {
		log.Fatal(err)
	}

	execution, err := client.Execution(ctx, "web", id)
	if err != nil {
		log.Fatal(err)
	}
	for _, r := range execution.Revisions {
		fmt.Printf("%s: %s %s, branch %s, commit %.7s: %s\n", r.Action, r.Provider, r.Repository, r.Branch, r.ID, r.Message)
	}
	// Output:
	// Checkout: GitHub octo/web, branch main, commit ddbe7ef: Greet politely
	// Settings: CodeCommit web-settings, branch main, commit 64d7fa2: Use two instances
}

// A build of one commit, started once however often this runs.
func ExampleClient_Start() {
	server := exampleServer()
	defer server.Close()
	ctx := context.Background()

	client := pipeline.Open(server.Config())
	start := func() string {
		id, err := client.Start(ctx, "web", func(o *pipeline.StartOptions) {
			o.Revisions = []pipeline.SourceRevisionOverride{
				{Action: "Checkout", Type: pipeline.RevisionCommitID, Value: "937e494cb4945e6779b92fd38188921384a0fa2c"},
			}
			o.Token = "937e494cb4945e6779b92fd38188921384a0fa2c"
		})
		if err != nil {
			log.Fatal(err)
		}
		return id
	}
	first, second := start(), start()
	fmt.Println(first == second)
	// Output: true
}

func ExampleClient_Watch() {
	server := exampleServer()
	defer server.Close()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()

	client := pipeline.Open(server.Config(), exampleOptions)
	id, err := client.Start(ctx, "web")
	if err != nil {
		log.Fatal(err)
	}
	for change, err := range client.Watch(ctx, "web", id) {
		if err != nil {
			log.Fatal(err)
		}
		switch change.Type {
		case pipeline.ChangeActionEnded:
			fmt.Println(change.Action.Stage, change.Action.Action, change.Action.Status)
		case pipeline.ChangeExecution:
			fmt.Println(change.Execution.Status)
		}
	}
	// Output:
	// InProgress
	// Source Checkout Succeeded
	// Source Settings Succeeded
	// Build Test Failed
	// Failed
}

func ExampleClient_Retry() {
	server := exampleServer()
	defer server.Close()
	ctx := context.Background()

	client := pipeline.Open(server.Config(), exampleOptions)
	id, err := client.Start(ctx, "web")
	if err != nil {
		log.Fatal(err)
	}
	execution, err := client.Wait(ctx, "web", id)
	if err != nil {
		log.Fatal(err)
	}
	for _, action := range execution.Failed() {
		if err := client.Retry(ctx, "web", id, action.Stage, pipeline.RetryFailedActions); err != nil {
			log.Fatal(err)
		}
	}
	if execution, err = client.Wait(ctx, "web", id); err != nil {
		log.Fatal(err)
	}
	fmt.Println(execution.Status, "in attempt", execution.Attempts)
	// Output: Succeeded in attempt 2
}

// A release is frozen: executions wait in front of the stage, and go on later.
func ExampleClient_Transitions() {
	server := exampleServer()
	defer server.Close()
	ctx := context.Background()

	client := pipeline.Open(server.Config(), exampleOptions)
	show := func() {
		transitions, err := client.Transitions(ctx, "web")
		if err != nil {
			log.Fatal(err)
		}
		for _, t := range transitions {
			fmt.Println(t.Stage, t.Enabled, t.Reason)
		}
	}
	if err := client.DisableTransition(ctx, "web", "Build", pipeline.TransitionInbound, "frozen until Monday"); err != nil {
		log.Fatal(err)
	}
	show()
	if err := client.EnableTransition(ctx, "web", "Build", pipeline.TransitionInbound); err != nil {
		log.Fatal(err)
	}
	show()
	// Output:
	// Build false frozen until Monday
	// Build true
}

func ExampleConsoleURL() {
	fmt.Println(pipeline.ConsoleURL("eu-west-1", "web", ""))
	fmt.Println(pipeline.ConsoleURL("us-gov-west-1", "web", "1f2e3d4c-5b6a-4788-9a0b-1c2d3e4f5a6b"))
	// Output:
	// https://eu-west-1.console.aws.amazon.com/codesuite/codepipeline/pipelines/web/view?region=eu-west-1
	// https://us-gov-west-1.console.amazonaws-us-gov.com/codesuite/codepipeline/pipelines/web/executions/1f2e3d4c-5b6a-4788-9a0b-1c2d3e4f5a6b/timeline?region=us-gov-west-1
}

// A reviewer who asks for what is new and approves it.
func ExampleClient_Approvals() {
	server := reviewServer()
	defer server.Close()
	ctx := context.Background()

	client := pipeline.Open(server.Config(), exampleOptions)
	for approval, err := range client.Approvals(ctx, "web") {
		if err != nil {
			log.Fatal(err)
		}
		message, err := client.ApprovalMessage(ctx, approval)
		if err != nil {
			log.Fatal(err)
		}
		for _, source := range message.Sources {
			fmt.Printf("%s: %.7s %s\n", source.Action, source.ID, source.Message)
		}
		if err := client.Approve(ctx, approval, "Looks good"); err != nil {
			log.Fatal(err)
		}
		// Another answer has no effect.
		err = client.Reject(ctx, approval, "Not on a Friday")
		var answered *pipeline.AnsweredError
		if errors.As(err, &answered) {
			fmt.Println(answered.Verdict, answered.Summary)
		}
	}
	// Output:
	// Checkout: ddbe7ef Greet politely
	// Approved Looks good
}

// A chat message for the reviewers. Markdown makes one for a chat that renders it.
func ExampleApprovalMessage_Text() {
	server := reviewServer()
	defer server.Close()
	ctx := context.Background()

	client := pipeline.Open(server.Config(), exampleOptions)
	for approval, err := range client.Approvals(ctx, "web") {
		if err != nil {
			log.Fatal(err)
		}
		message, err := client.ApprovalMessage(ctx, approval, func(o *pipeline.MessageOptions) {
			o.Author = func(context.Context, pipeline.Revision) (string, error) { return "Jane Doe", nil }
		})
		if err != nil {
			log.Fatal(err)
		}
		for line := range strings.Lines(message.Text()) {
			if strings.Contains(line, "Jane Doe") {
				fmt.Print(line)
			}
		}
	}
	// Output:
	// ddbe7ef2: https://github.com/octo/web/commit/ddbe7ef257512f9455e9b74a5ebe8ef831e615b7 Greet politely (Jane Doe)
}

// The page with the changes since an earlier commit, at the provider of the revision.
func ExampleRevision_CompareURL() {
	revision := pipeline.Revision{
		Provider: events.ProviderGitHub, Host: "github.com", Repository: "octo/web", ID: "ddbe7ef3f1d5c0de34bd1cbb7e9b3d0f5dd7c6a1",
	}
	fmt.Println(revision.CompareURL("937e494cb4945e6779b92fd38188921384a0fa2c"))
	// Output:
	// https://github.com/octo/web/compare/937e494cb4945e6779b92fd38188921384a0fa2c...ddbe7ef3f1d5c0de34bd1cbb7e9b3d0f5dd7c6a1
}

// The entry condition of a deployment is overridden.
func ExampleClient_Override() {
	server := reviewServer()
	defer server.Close()
	ctx := context.Background()

	client := pipeline.Open(server.Config(), exampleOptions)
	for approval, err := range client.Approvals(ctx, "web") {
		if err != nil {
			log.Fatal(err)
		}
		if err := client.Approve(ctx, approval, ""); err != nil {
			log.Fatal(err)
		}
		execution, err := client.Wait(ctx, "web", approval.ExecutionID)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(execution.Status)
		if err := client.Override(ctx, "web", execution.ID, "Deploy", pipeline.ConditionBeforeEntry); err != nil {
			log.Fatal(err)
		}
		if execution, err = client.Wait(ctx, "web", execution.ID); err != nil {
			log.Fatal(err)
		}
		fmt.Println(execution.Status)
	}
	// Output:
	// Failed
	// Succeeded
}

// reviewServer serves a pipeline whose execution waits for an approval, in front of a
// deployment that an alarm forbids. It advances by itself.
func reviewServer() *pipelinetest.Server {
	checkout := pipelinetest.ConnectionSource("Checkout", pipelinetest.Connection{ProviderType: "GitHub"}, "octo/web", "main")
	checkout.Revision = &pipelinetest.Revision{ID: "ddbe7ef257512f9455e9b74a5ebe8ef831e615b7", Message: "Greet politely"}
	server, err := pipelinetest.Start(pipelinetest.Pipeline{Name: "web", Stages: []pipelinetest.Stage{
		{Name: "Source", Actions: []pipelinetest.Action{checkout}},
		{Name: "Review", Actions: []pipelinetest.Action{pipelinetest.ApprovalAction("Ask")}},
		{
			Name: "Deploy", Actions: []pipelinetest.Action{pipelinetest.CodeDeployAction("Rollout", "web", "production", "CheckoutArtifact")},
			BeforeEntry: &pipelinetest.Condition{Result: "FAIL", Rules: []pipelinetest.Rule{{
				Name: "Calm", Provider: "CloudWatchAlarm", Configuration: map[string]string{"AlarmName": "errors"},
				Run: func(pipelinetest.RuleRun) pipelinetest.Outcome {
					return pipelinetest.Outcome{State: pipelinetest.StateFailed, Summary: "The alarm is ALARM"}
				},
			}}},
		},
	}})
	if err != nil {
		log.Fatal(err)
	}
	if _, err := server.StartExecution("web", pipelinetest.Trigger{Type: "Webhook"}); err != nil {
		log.Fatal(err)
	}
	server.Settle()
	server.AutoAdvance(time.Millisecond)
	return server
}
