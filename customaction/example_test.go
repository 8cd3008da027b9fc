package customaction_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	awscodepipeline "github.com/aws/aws-sdk-go-v2/service/codepipeline"

	"github.com/codesuite-go/codesuite/customaction"
	"github.com/codesuite-go/codesuite/events"
	"github.com/codesuite-go/codesuite/pipeline/action"
	"github.com/codesuite-go/codesuite/pipeline/pipelinetest"
)

func ExampleWorker_Run() {
	server, err := pipelinetest.Start() // in the place of CodePipeline
	if err != nil {
		fmt.Println(err)
		return
	}
	defer server.Close()
	if _, err := server.AddJob(pipelinetest.JobSpec{
		Type:     pipelinetest.ActionType{Category: "Test", Owner: "Custom", Provider: "Lint", Version: "1"},
		Pipeline: "app", Stage: "Check", Action: "Lint", Configuration: map[string]string{"Level": "strict"},
	}); err != nil {
		fmt.Println(err)
		return
	}
	cfg := server.Config() // that of config.LoadDefaultConfig, in a program

	ctx, stop := context.WithTimeout(context.Background(), time.Minute)
	defer stop()
	lint := customaction.ActionType{Category: "Test", Provider: "Lint", Version: "1"}
	handler := action.HandlerFunc(func(ctx context.Context, job *action.Job) (*action.Result, error) {
		level := job.Configuration()["Level"]
		if level == "" {
			return nil, action.Failf(action.ConfigurationError, "set Level in the configuration of the action")
		}
		return &action.Result{Summary: "no problems at level " + level}, nil
	})
	worker := customaction.Open(cfg, lint, handler, func(o *customaction.Options) {
		o.Concurrency = 4
		o.OnEvent = func(e customaction.Event) {
			if e.Type == customaction.Reported {
				fmt.Printf("%s of %s: %s\n", e.Action, e.Pipeline, e.Outcome)
				stop() // a program goes on until SIGTERM or the like
			}
		}
	})
	if err := worker.Run(ctx); err != nil {
		fmt.Println(err)
	}
	// Output: Lint of app: Succeeded
}

func ExampleActionType_Ensure() {
	server, err := pipelinetest.Start() // in the place of CodePipeline
	if err != nil {
		fmt.Println(err)
		return
	}
	defer server.Close()
	client := awscodepipeline.NewFromConfig(server.Config())
	ctx := context.Background()

	lint := customaction.ActionType{Category: "Test", Provider: "Lint", Version: "1", Inputs: customaction.ArtifactCount{Min: 1, Max: 1}}
	for range 2 {
		created, err := lint.Ensure(ctx, client)
		fmt.Println(created, err)
	}

	lint.Properties = []customaction.Property{{Name: "Level", Description: "strict or lenient"}}
	_, err = lint.Ensure(ctx, client)
	fmt.Println(err)
	var changed *customaction.ChangedError
	if errors.As(err, &changed) {
		lint.Version = changed.NextVersion
		created, err := lint.Ensure(ctx, client)
		fmt.Println(created, err)
	}
	// Output:
	// true <nil>
	// false <nil>
	// customaction: action type Custom/Test/Lint/1 exists with another definition: property "Level" is not there, declared is "String": it cannot be changed, declare it with another version, the next is 2
	// true <nil>
}

func ExampleWorker_HandleAction() {
	worker := customaction.NewWorker(awscodepipeline.New(awscodepipeline.Options{Region: "eu-west-1"}), customaction.ActionType{Category: "Test", Provider: "Lint", Version: "1"},
		action.HandlerFunc(func(context.Context, *action.Job) (*action.Result, error) { return nil, nil }))
	var mux events.Mux
	if err := errors.Join(events.On(&mux, worker.HandleAction), events.On(&mux, worker.HandlePipeline)); err != nil {
		fmt.Println(err)
		return
	}
	// Pass on what a queue receives from a rule of EventBridge, while the
	// worker runs.
	_, err := mux.Invoke(context.Background(), []byte(`{
		"version": "0", "source": "aws.codepipeline", "detail-type": "CodePipeline Action Execution State Change",
		"account": "111122223333", "region": "eu-west-1", "time": "2026-05-07T13:22:34Z",
		"detail": {"pipeline": "app", "execution-id": "e1", "stage": "Check", "action": "Lint", "state": "STARTED",
			"type": {"owner": "Custom", "category": "Test", "provider": "Lint", "version": "1"}, "version": 1}
	}`))
	fmt.Println(err)
	// Output: <nil>
}

func ExampleActionType_Validate() {
	err := customaction.ActionType{
		Category: "Build", Provider: "Make", Version: "1",
		ExecutionURLTemplate: "https://ci.example.com/{Config:Project}/{ExternalExecutionId}",
		Properties:           []customaction.Property{{Name: "Project"}},
	}.Validate()
	fmt.Println(err)
	// Output: customaction: action type Custom/Build/Make/1: ExecutionURLTemplate: {Config:Project}: the property must be required and must not be secret
}

func ExampleActionType_Diff() {
	declared := customaction.ActionType{
		Category: "Build", Provider: "Make", Version: "2",
		Inputs:     customaction.ArtifactCount{Min: 1, Max: 1},
		Properties: []customaction.Property{{Name: "Project", Required: true}},
	}
	existing := customaction.ActionType{
		Category: "Build", Provider: "Make", Version: "1",
		Inputs: customaction.ArtifactCount{Min: 0, Max: 1},
	}
	for _, d := range declared.Diff(existing) {
		fmt.Println(d)
	}
	// Output:
	// Inputs is "0 to 1", declared is "1 to 1"
	// property "Project" is not there, declared is "String required"
}

func ExampleActionType_ARN() {
	lint := customaction.ActionType{Category: "Test", Provider: "Lint", Version: "1"}
	fmt.Println(lint.ARN("eu-west-1", "111122223333"))
	// Output: arn:aws:codepipeline:eu-west-1:111122223333:actiontype:Custom/Test/Lint/1
}
