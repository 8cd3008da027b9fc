package customaction_test

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
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

// The client of the SDK is a ThirdPartyAPI. What a program makes of it, such as one
// that counts its polls, has to keep these methods: embed both interfaces.
func ExampleThirdPartyAPI() {
	server, err := pipelinetest.Start() // in the place of CodePipeline
	if err != nil {
		fmt.Println(err)
		return
	}
	defer server.Close()
	const client = "0b1c2d3e-4f50-4617-8293-a4b5c6d7e8f9"
	if err := server.SetClientToken(client, "token of the client"); err != nil {
		fmt.Println(err)
		return
	}
	scan := actiontype.Type{Category: "Test", Owner: actiontype.OwnerThirdParty, Provider: "Scan", Version: "1"}
	if _, err := server.AddJob(pipelinetest.JobSpec{
		Type:     pipelinetest.ActionType{Category: "Test", Owner: "ThirdParty", Provider: "Scan", Version: "1"},
		Pipeline: "app", Stage: "Check", Action: "Scan", ClientID: client,
	}); err != nil {
		fmt.Println(err)
		return
	}

	codePipeline := awscodepipeline.NewFromConfig(server.Config())
	api := &countedPolls{API: codePipeline, ThirdPartyAPI: codePipeline}
	tokens := map[string]string{client: "token of the client"} // a program has them in a secret store
	ctx, stop := context.WithTimeout(context.Background(), time.Minute)
	defer stop()
	worker := customaction.New(api, scan, action.HandlerFunc(func(context.Context, *action.Job) (*action.Result, error) {
		return &action.Result{Summary: "nothing found"}, nil
	}), func(o *customaction.Options) {
		o.ClientToken = func(ctx context.Context, clientID string) (string, error) {
			return tokens[clientID], nil
		}
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
	fmt.Println("polled:", api.polls.Load() > 0)
	// Output:
	// Scan of app: Succeeded
	// polled: true
}

type countedPolls struct {
	customaction.API
	customaction.ThirdPartyAPI
	polls atomic.Int64
}

func (c *countedPolls) PollForThirdPartyJobs(ctx context.Context, in *awscodepipeline.PollForThirdPartyJobsInput, optFns ...func(*awscodepipeline.Options)) (*awscodepipeline.PollForThirdPartyJobsOutput, error) {
	c.polls.Add(1)
	return c.ThirdPartyAPI.PollForThirdPartyJobs(ctx, in, optFns...)
}

// A worker that polls seldom, and at once when something says that a job waits: an event
// from a queue, or a button.
func ExampleWorker_Notify() {
	server, err := pipelinetest.Start() // in the place of CodePipeline
	if err != nil {
		fmt.Println(err)
		return
	}
	defer server.Close()

	ctx, stop := context.WithTimeout(context.Background(), time.Minute)
	defer stop()
	idle := make(chan bool, 1)
	lint := actiontype.Type{Category: "Test", Provider: "Lint", Version: "1"}
	if _, err := lint.Ensure(ctx, awscodepipeline.NewFromConfig(server.Config())); err != nil {
		fmt.Println(err)
		return
	}
	worker := customaction.Open(server.Config(), lint, action.HandlerFunc(func(context.Context, *action.Job) (*action.Result, error) {
		return &action.Result{Summary: "no problems"}, nil
	}), func(o *customaction.Options) {
		o.MinWait, o.MaxWait = time.Hour, time.Hour
		o.OnEvent = func(e customaction.Event) {
			switch e.Type {
			case customaction.EventIdle:
				select {
				case idle <- true:
				default:
				}
			case customaction.EventReported:
				fmt.Println("a job:", e.Outcome)
				stop() // a program goes on until SIGTERM or the like
			}
		}
	})
	go func() {
		<-idle // the worker would now wait for an hour
		if _, err := server.AddJob(pipelinetest.JobSpec{
			Type: pipelinetest.ActionType{Category: "Test", Owner: "Custom", Provider: "Lint", Version: "1"},
		}); err != nil {
			fmt.Println(err)
		}
		worker.Notify()
	}()
	if err := worker.Run(ctx); err != nil {
		fmt.Println(err)
	}
	// Output: a job: Succeeded
}
