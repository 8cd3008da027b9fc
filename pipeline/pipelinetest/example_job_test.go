package pipelinetest_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awscodepipeline "github.com/aws/aws-sdk-go-v2/service/codepipeline"
	"github.com/aws/aws-sdk-go-v2/service/codepipeline/types"

	"github.com/codesuite-go/codesuite/customaction"
	"github.com/codesuite-go/codesuite/pipeline/action"
	"github.com/codesuite-go/codesuite/pipeline/actiontype"
	"github.com/codesuite-go/codesuite/pipeline/pipelinetest"
)

// A job without a pipeline, what a worker does about it, and what the server
// tells of it afterwards.
func ExampleServer_AddJob() {
	server, err := pipelinetest.Start() // NewServer(t) in a test
	if err != nil {
		log.Fatal(err)
	}
	defer server.Close()
	id, err := server.AddJob(pipelinetest.JobSpec{
		Type:          pipelinetest.ActionType{Category: "Build", Provider: "Make", Version: "1"},
		Configuration: map[string]string{"Target": "all"},
		Inputs:        []pipelinetest.Artifact{{Name: "SourceArtifact"}},
	})
	if err != nil {
		log.Fatal(err)
	}

	ctx := context.Background()
	client := awscodepipeline.NewFromConfig(server.Config())
	out, err := client.PollForJobs(ctx, &awscodepipeline.PollForJobsInput{
		ActionTypeId: &types.ActionTypeId{Category: "Build", Owner: "Custom", Provider: aws.String("Make"), Version: aws.String("1")},
		MaxBatchSize: aws.Int32(10),
	})
	if err != nil {
		log.Fatal(err)
	}
	for _, job := range out.Jobs {
		fmt.Println("make", job.Data.ActionConfiguration.Configuration["Target"])
		if _, err := client.AcknowledgeJob(ctx, &awscodepipeline.AcknowledgeJobInput{JobId: job.Id, Nonce: job.Nonce}); err != nil {
			log.Fatal(err)
		}
		if _, err := client.PutJobSuccessResult(ctx, &awscodepipeline.PutJobSuccessResultInput{
			JobId:            job.Id,
			ExecutionDetails: &types.ExecutionDetails{Summary: aws.String("Built")},
		}); err != nil {
			log.Fatal(err)
		}
	}

	job, _ := server.Job(id)
	fmt.Println(job.Status, job.Result.Summary)
	for _, event := range job.History {
		fmt.Println("-", event.Type)
	}
	// Output:
	// make all
	// Succeeded Built
	// - Created
	// - Offered
	// - Acknowledged
	// - Reported
}

// A job that goes on where an earlier one stopped, and the job of a function.
func ExampleJobSpec() {
	server, err := pipelinetest.Start()
	if err != nil {
		log.Fatal(err)
	}
	defer server.Close()
	server.OnInvoke(func(function string, payload []byte) {
		var event struct {
			Job struct {
				Data struct {
					ActionConfiguration struct {
						Configuration struct{ UserParameters string }
					}
				}
			} `json:"CodePipeline.job"`
		}
		if err := json.Unmarshal(payload, &event); err != nil {
			log.Fatal(err)
		}
		fmt.Println(function, "is invoked with", event.Job.Data.ActionConfiguration.Configuration.UserParameters)
	})
	for _, spec := range []pipelinetest.JobSpec{
		{
			Type:     pipelinetest.ActionType{Category: "Build", Provider: "Make"},
			Pipeline: "app", Stage: "Build", Action: "Compile",
			Inputs: []pipelinetest.Artifact{{Name: "Source"}}, Outputs: []pipelinetest.Artifact{{Name: "Program"}},
			ContinuationToken: "half of it",
		},
		{
			Type:          pipelinetest.ActionType{Category: "Invoke", Owner: "AWS", Provider: "Lambda"},
			Configuration: map[string]string{"FunctionName": "check-links", "UserParameters": `{"depth": 2}`},
		},
	} {
		if _, err := server.AddJob(spec); err != nil {
			log.Fatal(err)
		}
	}
	out, err := awscodepipeline.NewFromConfig(server.Config()).PollForJobs(context.Background(), &awscodepipeline.PollForJobsInput{
		ActionTypeId: &types.ActionTypeId{Category: "Build", Owner: "Custom", Provider: aws.String("Make"), Version: aws.String("1")},
	})
	if err != nil {
		log.Fatal(err)
	}
	data := out.Jobs[0].Data
	fmt.Println(*data.PipelineContext.PipelineName, *data.InputArtifacts[0].Name, *data.OutputArtifacts[0].Name, *data.ContinuationToken)
	// Output:
	// check-links is invoked with {"depth": 2}
	// app Source Program half of it
}

// A function that a pipeline invokes, first with no token and then with its own.
func ExampleServer_OnInvoke() {
	checked := website
	checked.Stages = append(slices.Clone(website.Stages), pipelinetest.Stage{
		Name: "Check", Actions: []pipelinetest.Action{pipelinetest.LambdaAction("Check", "check-links", "", "BuildArtifact")},
	})
	server, err := pipelinetest.Start(checked)
	if err != nil {
		log.Fatal(err)
	}
	defer server.Close()
	client := awscodepipeline.NewFromConfig(server.Config())
	server.OnInvoke(func(function string, payload []byte) {
		var event struct {
			Job struct {
				ID   string
				Data struct{ ContinuationToken string }
			} `json:"CodePipeline.job"`
		}
		if err := json.Unmarshal(payload, &event); err != nil {
			log.Fatal(err)
		}
		in := &awscodepipeline.PutJobSuccessResultInput{JobId: aws.String(event.Job.ID)}
		fmt.Printf("%s, token %q\n", function, event.Job.Data.ContinuationToken)
		if event.Job.Data.ContinuationToken == "" {
			in.ContinuationToken = aws.String("page 2")
		}
		if _, err := client.PutJobSuccessResult(context.Background(), in); err != nil {
			log.Fatal(err)
		}
	})
	id, err := server.StartExecution("website", pipelinetest.Trigger{})
	if err != nil {
		log.Fatal(err)
	}
	server.Settle()
	out, err := client.GetPipelineExecution(context.Background(), &awscodepipeline.GetPipelineExecutionInput{
		PipelineName: aws.String("website"), PipelineExecutionId: aws.String(id),
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(out.PipelineExecution.Status)
	// Output:
	// check-links, token ""
	// check-links, token "page 2"
	// Succeeded
}

// Every offer comes twice, so that two workers may believe that a job is
// theirs. One of them is right.
func ExampleServer_SetJobOptions() {
	server, err := pipelinetest.Start()
	if err != nil {
		log.Fatal(err)
	}
	defer server.Close()
	server.SetJobOptions(pipelinetest.JobOptions{DuplicateRate: 1})
	if _, err := server.AddJob(pipelinetest.JobSpec{Type: pipelinetest.ActionType{Category: "Test", Provider: "Lab"}}); err != nil {
		log.Fatal(err)
	}

	ctx := context.Background()
	client := awscodepipeline.NewFromConfig(server.Config())
	var jobs []types.Job
	for range 2 {
		out, err := client.PollForJobs(ctx, &awscodepipeline.PollForJobsInput{
			ActionTypeId: &types.ActionTypeId{Category: "Test", Owner: "Custom", Provider: aws.String("Lab"), Version: aws.String("1")},
		})
		if err != nil {
			log.Fatal(err)
		}
		jobs = append(jobs, out.Jobs...)
	}
	for _, job := range jobs {
		_, err := client.AcknowledgeJob(ctx, &awscodepipeline.AcknowledgeJobInput{JobId: job.Id, Nonce: job.Nonce})
		fmt.Println("nonce", *job.Nonce, code(err))
	}
	// Output:
	// nonce 1 InvalidNonceException
	// nonce 2 <nil>
}

// A worker reads and writes artifacts in the server's own S3.
func ExampleServer_PutObject() {
	server, err := pipelinetest.Start() // NewServer, in a test
	if err != nil {
		fmt.Println(err)
		return
	}
	defer server.Close()
	id, err := server.AddJob(pipelinetest.JobSpec{
		Type:    pipelinetest.ActionType{Category: "Build", Provider: "Upper"},
		Inputs:  []pipelinetest.Artifact{{Name: "Source", Bucket: "artifacts", Key: "in"}},
		Outputs: []pipelinetest.Artifact{{Name: "Shout", Bucket: "artifacts", Key: "out"}},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	if err := server.PutObject("artifacts", "in", []byte("hello")); err != nil {
		fmt.Println(err)
		return
	}

	ctx, stop := context.WithTimeout(context.Background(), time.Minute)
	defer stop()
	upper := action.HandlerFunc(func(ctx context.Context, job *action.Job) (*action.Result, error) {
		file, err := job.OpenInput(ctx, "Source")
		if err != nil {
			return nil, err
		}
		defer file.Close()
		text, err := io.ReadAll(file)
		if err != nil {
			return nil, err
		}
		return nil, job.PutOutputFile(ctx, "Shout", bytes.NewReader(bytes.ToUpper(text)))
	})
	worker := customaction.Open(server.Config(), actiontype.Type{Category: "Build", Provider: "Upper", Version: "1"}, upper,
		func(o *customaction.Options) {
			o.OnEvent = func(e customaction.Event) {
				if e.Type == customaction.EventReported {
					stop()
				}
			}
		})
	if err := worker.Run(ctx); err != nil {
		fmt.Println(err)
	}
	job, _ := server.Job(id)
	shout, _ := server.Object("artifacts", "out")
	fmt.Printf("%s: %s\n", job.Status, shout)
	// Output: Succeeded: HELLO
}
