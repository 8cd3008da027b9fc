package pipelinetest_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	awscodepipeline "github.com/aws/aws-sdk-go-v2/service/codepipeline"
	"github.com/aws/aws-sdk-go-v2/service/codepipeline/types"

	"github.com/codesuite-go/codesuite/pipeline/pipelinetest"
)

// workerClient returns a client with an access key and connections of its own.
func workerClient(server *pipelinetest.Server, name string) *awscodepipeline.Client {
	cfg := server.Config()
	cfg.Credentials = aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
		return aws.Credentials{AccessKeyID: name, SecretAccessKey: "secret"}, nil
	})
	cfg.HTTPClient = awshttp.NewBuildableClient()
	return awscodepipeline.NewFromConfig(cfg)
}

// work lets a simple worker run jobs until ctx ends: it takes up to ten, and
// repeats results until they are accepted or moot.
func work(ctx context.Context, t testing.TB, client *awscodepipeline.Client) {
	for ctx.Err() == nil {
		out, err := client.PollForJobs(ctx, &awscodepipeline.PollForJobsInput{ActionTypeId: typeID(makeType), MaxBatchSize: aws.Int32(10)})
		if err != nil {
			continue
		}
		for _, j := range out.Jobs {
			ack, err := client.AcknowledgeJob(ctx, &awscodepipeline.AcknowledgeJobInput{JobId: j.Id, Nonce: j.Nonce})
			for err != nil && code(err) != "InvalidNonceException" && ctx.Err() == nil {
				ack, err = client.AcknowledgeJob(ctx, &awscodepipeline.AcknowledgeJobInput{JobId: j.Id, Nonce: j.Nonce})
			}
			if err != nil || ack.Status != "InProgress" {
				continue
			}
			in := &awscodepipeline.PutJobSuccessResultInput{JobId: j.Id}
			if j.Data.ContinuationToken == nil && (*j.Id)[0] < '4' {
				in.ContinuationToken = aws.String("more")
			}
			for ctx.Err() == nil {
				if _, err = client.PutJobSuccessResult(ctx, in); err == nil || code(err) == "InvalidJobStateException" {
					break
				}
			}
		}
	}
}

// Many workers at once and all that may go wrong: each job is one worker's,
// and takes one result.
func TestWorkers(t *testing.T) {
	t.Parallel()
	const jobs, workers = 100, 4
	server := pipelinetest.NewServer(t)
	server.SetJobOptions(pipelinetest.JobOptions{DuplicateRate: 0.2, ReofferAfter: 200 * time.Millisecond, ContinuationDelay: time.Millisecond})
	server.SetFaults(pipelinetest.Faults{ThrottleRate: 0.1, LateErrorRate: 0.05, ErrorRate: 0.02, DropRate: 0.01, LateDropRate: 0.02, TruncateRate: 0.01})
	for range jobs {
		if _, err := server.AddJob(makeJob); err != nil {
			t.Fatal(err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var wg sync.WaitGroup
	for i := range workers {
		client := workerClient(server, fmt.Sprint("WORKER", i))
		wg.Go(func() { work(ctx, t, client) })
	}
	wg.Go(func() {
		for ctx.Err() == nil { // looks on
			server.Jobs()
			server.JobCounts()
			server.Invocations()
			server.CredentialsValid("ASIA", "b", "k")
			time.Sleep(time.Millisecond)
		}
	})
	if err := server.WaitIdle(t.Context()); err != nil {
		t.Fatal(err)
	}
	cancel()
	wg.Wait()
	all := server.Jobs()
	continued := 0
	for _, j := range all {
		owner, accepted := "", 0
		for _, e := range j.History {
			switch {
			case e.Code != "":
			case e.Type == pipelinetest.JobEventAcknowledged && owner == "":
				owner = e.Caller.AccessKeyID
			case e.Type == pipelinetest.JobEventAcknowledged && owner != e.Caller.AccessKeyID:
				t.Errorf("job %s is acknowledged by %s and by %s", j.ID, owner, e.Caller.AccessKeyID)
			case e.Type == pipelinetest.JobEventReported && owner != e.Caller.AccessKeyID:
				t.Errorf("job %s is the one of %s, and its result that of %s", j.ID, owner, e.Caller.AccessKeyID)
			case e.Type == pipelinetest.JobEventReported:
				accepted++
			}
		}
		if accepted != 1 || j.Status != pipelinetest.JobStatusSucceeded {
			t.Errorf("job %s is %s with %d results", j.ID, j.Status, accepted)
		}
		if j.ContinuedBy != "" {
			continued++
		}
	}
	if len(all) != jobs+continued || continued == 0 {
		t.Errorf("%d jobs, %d of them continued", len(all), continued)
	}
}

// Pipelines advance, are stopped and abandoned while workers run their jobs.
func TestWorkersOfPipelines(t *testing.T) {
	t.Parallel()
	p := custom()
	p.ExecutionMode = "PARALLEL"
	server := pipelinetest.NewServer(t, p)
	server.AutoAdvance(100 * time.Microsecond)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var workers, starts sync.WaitGroup
	for i := range 2 {
		client := workerClient(server, fmt.Sprint("WORKER", i))
		workers.Go(func() { work(ctx, t, client) })
	}
	client := awscodepipeline.NewFromConfig(server.Config())
	executions := make(chan string, 40)
	for i := range 2 {
		starts.Go(func() {
			for n := range 20 {
				id, err := server.StartExecution(p.Name, pipelinetest.Trigger{})
				if err != nil {
					t.Error(err)
					return
				}
				executions <- id
				if n%4 == 3 {
					stop(ctx, client, p.Name, id, i == 0) // too late for some
				}
			}
		})
	}
	starts.Wait()
	close(executions)
	for id := range executions {
		for status := types.PipelineExecutionStatusInProgress; status == types.PipelineExecutionStatusInProgress || status == types.PipelineExecutionStatusStopping; {
			status = get(t, client, p.Name, id).Status
			time.Sleep(time.Millisecond)
		}
	}
	cancel()
	workers.Wait()
	for _, j := range server.Jobs() {
		if !j.Status.Ended() {
			t.Errorf("job %s is %s", j.ID, j.Status)
		}
	}
}
