package customaction_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/codesuite-go/codesuite/customaction"
	"github.com/codesuite-go/codesuite/events"
	"github.com/codesuite-go/codesuite/pipeline/action"
)

// fakeAPI returns an API in memory that has one job, instead of
// codepipeline.NewFromConfig(cfg).
func fakeAPI() *service {
	s := new(service)
	s.add(1)
	return s
}

func ExampleWorker_Run() {
	ctx, stop := context.WithTimeout(context.Background(), time.Minute)
	defer stop()

	lint := customaction.ActionType{Category: "Test", Provider: "Lint", Version: "1"}
	handler := action.HandlerFunc(func(ctx context.Context, job *action.Job) (*action.Result, error) {
		project := job.Configuration()["Project"]
		if project == "" {
			return nil, action.Failf(action.ConfigurationError, "set the project in the action's configuration")
		}
		return &action.Result{Summary: "no problems in project " + project}, nil
	})
	worker := customaction.NewWorker(fakeAPI(), lint, handler, func(o *customaction.Options) {
		o.Concurrency = 4
		o.OnEvent = func(e customaction.Event) {
			if e.Type == customaction.Reported {
				fmt.Printf("%s of %s: %s\n", e.Action, e.Pipeline, e.Outcome)
				stop() // a real worker runs until it is told to stop, by SIGTERM for instance
			}
		}
	})
	if err := worker.Run(ctx); err != nil {
		fmt.Println(err)
	}
	// Output: Make of pipeline: Succeeded
}

func ExampleWorker_HandleAction() {
	worker := customaction.NewWorker(fakeAPI(), customaction.ActionType{Category: "Test", Provider: "Lint", Version: "1"},
		action.HandlerFunc(succeed))
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
	// property "Project" is "", declared is "String required"
}

func ExampleActionType_ARN() {
	lint := customaction.ActionType{Category: "Test", Provider: "Lint", Version: "1"}
	fmt.Println(lint.ARN("eu-west-1", "111122223333"))
	// Output: arn:aws:codepipeline:eu-west-1:111122223333:actiontype:Custom/Test/Lint/1
}
