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
	"github.com/codesuite-go/codesuite/pipeline/actiontype"
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
	lint := actiontype.Type{Category: "Test", Provider: "Lint", Version: "1"}
	handler := action.HandlerFunc(func(ctx context.Context, job *action.Job) (*action.Result, error) {
		level := job.Configuration()["Level"]
		if level == "" {
			return nil, action.Failf(action.FailureTypeConfigurationError, "set Level in the configuration of the action")
		}
		return &action.Result{Summary: "no problems at level " + level}, nil
	})
	worker := customaction.Open(cfg, lint, handler, func(o *customaction.Options) {
		o.Concurrency = 4
		o.OnEvent = func(e customaction.Event) {
			if e.Type == customaction.EventReported {
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

func ExampleWorker_HandleAction() {
	worker := customaction.New(awscodepipeline.New(awscodepipeline.Options{Region: "eu-west-1"}), actiontype.Type{Category: "Test", Provider: "Lint", Version: "1"},
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
