package repotest_test

import (
	"context"
	"fmt"
	"io/fs"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awscodepipeline "github.com/aws/aws-sdk-go-v2/service/codepipeline"

	"github.com/codesuite-go/codesuite/customaction"
	"github.com/codesuite-go/codesuite/events"
	"github.com/codesuite-go/codesuite/githubstatus"
	"github.com/codesuite-go/codesuite/githubstatus/pipelinestatus"
	"github.com/codesuite-go/codesuite/pipeline"
	"github.com/codesuite-go/codesuite/pipeline/action"
	"github.com/codesuite-go/codesuite/pipeline/actiontype"
	"github.com/codesuite-go/codesuite/pipeline/pipelinetest"
)

// The code of README.md about pipelines, as it stands there, with what is
// around it.

func release(ctx context.Context, cfg aws.Config) error {
	client := pipeline.Open(cfg)
	id, err := client.Start(ctx, "web")
	if err != nil {
		return err
	}
	execution, err := client.Wait(ctx, "web", id)
	if err != nil {
		return err
	}
	for _, revision := range execution.Revisions {
		fmt.Println(execution.Status, revision.Provider, revision.Repository, revision.ID)
	}
	return nil
}

func statuses(cfg aws.Config, secret func(context.Context) (string, error)) (*events.Mux, error) {
	reporter := pipelinestatus.New(pipeline.Open(cfg), githubstatus.New(githubstatus.TokenSource(secret)))
	var mux events.Mux
	err := reporter.Register(&mux)
	return &mux, err
}

// licence is a job's handler, and lambdaHandler the Lambda function with it.
func licence() action.Handler {
	handler := action.HandlerFunc(func(ctx context.Context, job *action.Job) (*action.Result, error) {
		source, err := job.Input(ctx, "SourceArtifact")
		if err != nil {
			return nil, err
		}
		if _, err := fs.Stat(source, "LICENSE"); err != nil {
			return nil, action.Failf(action.FailureTypeJobFailed, "there is no licence: %w", err)
		}
		return &action.Result{Summary: "the licence is there"}, nil
	})
	return handler
}

func Example_pipeline() {
	source := pipelinetest.ConnectionSource("Source", pipelinetest.Connection{ProviderType: "GitHub"}, "octo/web", "main")
	source.Revision = &pipelinetest.Revision{ID: "ddbe7ef257512f9455e9b74a5ebe8ef831e615b7"}
	server, err := pipelinetest.Start(pipelinetest.Pipeline{Name: "web", Stages: []pipelinetest.Stage{
		{Name: "Source", Actions: []pipelinetest.Action{source}},
		{Name: "Build", Actions: []pipelinetest.Action{pipelinetest.CodeBuildAction("Build", "web", "SourceArtifact")}},
	}})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer server.Close()
	// The pipeline advances with each call that asks for it.
	server.OnCall(func(operation string) {
		if operation == "GetPipelineExecution" {
			server.Settle()
		}
	})
	if err := release(context.Background(), server.Config()); err != nil {
		fmt.Println(err)
	}
	// Output:
	// Succeeded GitHub octo/web ddbe7ef257512f9455e9b74a5ebe8ef831e615b7
}

func TestStatuses(t *testing.T) {
	t.Parallel()
	mux, err := statuses(aws.Config{Region: "eu-west-1"}, func(context.Context) (string, error) { return "token", nil })
	if err != nil {
		t.Fatal(err)
	}
	// Nothing that concerns the reporter: no call is made.
	if _, err := mux.Invoke(t.Context(), []byte(`{"source":"aws.events","detail-type":"Scheduled Event","detail":{}}`)); err != nil {
		t.Error(err)
	}
}

func TestLicence(t *testing.T) {
	t.Parallel()
	job := action.NewJob(action.Details{ID: "1"})
	outcome := action.Run(t.Context(), licence(), job)
	if outcome.Failure == nil || outcome.Failure.Type != action.FailureTypeConfigurationError {
		t.Errorf("a job without the artifact ends with %+v, want a ConfigurationError", outcome)
	}
}

// work runs the worker of a custom action.
func work(ctx context.Context, cfg aws.Config, handler action.Handler) error {
	check := actiontype.Type{
		Category: "Test", Provider: "Licence", Version: "1",
		Inputs: actiontype.ArtifactCount{Min: 1, Max: 1},
	}
	if _, err := check.Ensure(ctx, awscodepipeline.NewFromConfig(cfg)); err != nil {
		return err
	}
	worker := customaction.Open(cfg, check, handler, func(o *customaction.Options) { o.Concurrency = 4 })
	err := worker.Run(ctx) // until ctx ends; the jobs that run then are finished
	return err
}

func TestWork(t *testing.T) {
	t.Parallel()
	server := pipelinetest.NewServer(t, pipelinetest.Pipeline{Name: "web", Stages: []pipelinetest.Stage{
		{Name: "Source", Actions: []pipelinetest.Action{pipelinetest.GitHubSource("Source", "octo", "web", "main")}},
		{Name: "Test", Actions: []pipelinetest.Action{pipelinetest.CustomAction("Test", "Test", "Licence", "1", nil)}},
	}})
	id, err := pipeline.Open(server.Config()).Start(t.Context(), "web")
	if err != nil {
		t.Fatal(err)
	}
	server.Settle()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	err = work(ctx, server.Config(), action.HandlerFunc(func(context.Context, *action.Job) (*action.Result, error) {
		cancel() // the job is done all the same
		return nil, nil
	}))
	if err != nil {
		t.Error(err)
	}
	server.Settle()
	execution, err := pipeline.Open(server.Config()).Execution(t.Context(), "web", id)
	if err != nil {
		t.Fatal(err)
	}
	if execution.Status != pipeline.StatusSucceeded {
		t.Errorf("the execution is %s", execution.Status)
	}
}
