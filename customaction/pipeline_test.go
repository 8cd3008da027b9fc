package customaction_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awscodepipeline "github.com/aws/aws-sdk-go-v2/service/codepipeline"

	"github.com/codesuite-go/codesuite/customaction"
	"github.com/codesuite-go/codesuite/events"
	"github.com/codesuite-go/codesuite/pipeline/action"
	"github.com/codesuite-go/codesuite/pipeline/actiontype"
	"github.com/codesuite-go/codesuite/pipeline/pipelinetest"
)

// rig is a pipeline with a custom or third-party action, and a worker for it
// that hears of its events.
type rig struct {
	t      *testing.T
	server *pipelinetest.Server
	client *awscodepipeline.Client
	worker *customaction.Worker
	events chan customaction.Event
	stop   func() error
}

func newRig(t *testing.T, a pipelinetest.Action, handler action.HandlerFunc, optFns ...func(*customaction.Options)) *rig {
	t.Helper()
	r := &rig{t: t, events: make(chan customaction.Event, 1000)}
	source := pipelinetest.CodeCommitSource("Source", "app", "main")
	a.Inputs = source.Outputs
	r.server = pipelinetest.NewServer(t, pipelinetest.Pipeline{Name: "app", Stages: []pipelinetest.Stage{
		{Name: "Source", Actions: []pipelinetest.Action{source}},
		{Name: "Build", Actions: []pipelinetest.Action{a}},
	}})
	r.client = awscodepipeline.NewFromConfig(r.server.Config())
	option := func(o *customaction.Options) {
		o.MinWait, o.MaxWait = 24*time.Hour, 24*time.Hour // events alone wake it
		o.OnEvent = func(e customaction.Event) { r.events <- e }
	}
	r.worker = customaction.New(r.client, actiontype.Type{Category: a.Type.Category, Owner: a.Type.Owner, Provider: a.Type.Provider, Version: a.Type.Version},
		handler, append([]func(*customaction.Options){option}, optFns...)...)
	var mux events.Mux
	if err := errors.Join(events.On(&mux, r.worker.HandleAction), events.On(&mux, r.worker.HandlePipeline)); err != nil {
		t.Fatal(err)
	}
	r.server.OnEvent(func(payload []byte) {
		if _, err := mux.Invoke(t.Context(), payload); err != nil {
			t.Error(err)
		}
	})
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- r.worker.Run(ctx) }()
	r.stop = func() error {
		cancel()
		return <-done
	}
	t.Cleanup(cancel)
	r.await(customaction.EventIdle)
	return r
}

// await waits for an event of the type.
func (r *rig) await(eventType customaction.EventType) customaction.Event {
	r.t.Helper()
	timeout := time.After(30 * time.Second)
	for {
		select {
		case e := <-r.events:
			if e.Type == eventType {
				return e
			}
		case <-timeout:
			r.t.Fatalf("no event %s", eventType)
		}
	}
}

func (r *rig) start() (id string) {
	r.t.Helper()
	id, err := r.server.StartExecution("app", pipelinetest.Trigger{})
	if err != nil {
		r.t.Fatal(err)
	}
	r.server.Settle()
	return id
}

func (r *rig) status(id string) string {
	r.t.Helper()
	out, err := r.client.GetPipelineExecution(r.t.Context(), &awscodepipeline.GetPipelineExecutionInput{PipelineName: aws.String("app"), PipelineExecutionId: &id})
	if err != nil {
		r.t.Fatal(err)
	}
	return string(out.PipelineExecution.Status)
}

func lint() pipelinetest.Action {
	return pipelinetest.CustomAction("Lint", "Test", "Lint", "1", map[string]string{"Level": "strict"})
}

// The event of an action that starts wakes the worker, and its result lets the
// pipeline go on, after a continuation.
func TestPipeline(t *testing.T) {
	t.Parallel()
	r := newRig(t, lint(), func(_ context.Context, j *action.Job) (*action.Result, error) {
		if j.ContinuationToken() == "" {
			return &action.Result{ContinuationToken: "half"}, nil
		}
		return &action.Result{Summary: j.Configuration()["Level"]}, nil
	})
	id := r.start()
	equal(t, "first outcome", r.await(customaction.EventReported).Outcome, customaction.OutcomeContinued)
	r.worker.Notify() // no event tells of the next job
	e := r.await(customaction.EventReported)
	equal(t, "last outcome", e.Outcome, customaction.OutcomeSucceeded)
	equal(t, "place", e.Pipeline+"/"+e.Stage+"/"+e.Action, "app/Build/Lint")
	r.server.Settle()
	equal(t, "status", r.status(id), "Succeeded")
	if err := r.stop(); err != nil {
		t.Error(err)
	}
	equal(t, "jobs", len(r.server.Jobs()), 2)
}

// An execution that is stopped without waiting for its actions ends the job.
func TestPipelineStopped(t *testing.T) {
	t.Parallel()
	t.Run("events", func(t *testing.T) {
		t.Parallel()
		testStopped(t, true, func(o *customaction.Options) { o.WatchInterval = -1 })
	})
	t.Run("watch", func(t *testing.T) {
		t.Parallel()
		testStopped(t, false, func(o *customaction.Options) { o.WatchInterval = 20 * time.Millisecond })
	})
}

// testStopped abandons the action of a job, of which the worker hears by events
// or by asking.
func testStopped(t *testing.T, hears bool, option func(*customaction.Options)) {
	t.Helper()
	var cause atomic.Value
	r := newRig(t, lint(), func(ctx context.Context, _ *action.Job) (*action.Result, error) {
		<-ctx.Done()
		cause.Store(context.Cause(ctx))
		return nil, ctx.Err()
	}, option)
	id := r.start()
	r.await(customaction.EventAcknowledged)
	if !hears {
		r.server.OnEvent(nil)
	}
	if _, err := r.client.StopPipelineExecution(t.Context(), &awscodepipeline.StopPipelineExecutionInput{
		PipelineName: aws.String("app"), PipelineExecutionId: &id, Abandon: true,
	}); err != nil {
		t.Fatal(err)
	}
	r.server.Settle()
	e := r.await(customaction.EventReported)
	if e.Accepted {
		t.Errorf("event %+v of a job that nobody waits for", e)
	}
	if cause.Load() != customaction.ErrAbandoned {
		t.Errorf("cause %v", cause.Load())
	}
	equal(t, "status", r.status(id), "Stopped")
	if err := r.stop(); err != nil {
		t.Error(err)
	}
}

func TestPipelineFailed(t *testing.T) {
	t.Parallel()
	r := newRig(t, lint(), func(context.Context, *action.Job) (*action.Result, error) {
		return nil, action.Failf(action.FailureTypeConfigurationError, "no such level")
	})
	id := r.start()
	r.await(customaction.EventReported)
	r.server.Settle()
	equal(t, "status", r.status(id), "Failed")
	if err := r.stop(); err != nil {
		t.Error(err)
	}
	job := r.server.Jobs()[0]
	equal(t, "failure", job.Result.FailureType+": "+job.Result.Message, "ConfigurationError: no such level")
}

func TestPipelineThirdParty(t *testing.T) {
	t.Parallel()
	r := newRig(t, pipelinetest.ThirdPartyAction("Scan", "Test", "Partner", "1", nil), func(context.Context, *action.Job) (*action.Result, error) {
		return &action.Result{Summary: "clean"}, nil
	}, func(o *customaction.Options) {
		o.ClientToken = func(_ context.Context, id string) (string, error) {
			if id != pipelinetest.DefaultClientID {
				return "", errors.New("another client")
			}
			return pipelinetest.DefaultClientToken, nil
		}
	})
	id := r.start()
	equal(t, "outcome", r.await(customaction.EventReported).Outcome, customaction.OutcomeSucceeded)
	r.server.Settle()
	equal(t, "status", r.status(id), "Succeeded")
	if err := r.stop(); err != nil {
		t.Error(err)
	}
	equal(t, "summary", r.server.Jobs()[0].Result.Summary, "clean")
}

// A worker gets the jobs with its value of the queryable property alone.
func TestQueryParam(t *testing.T) {
	t.Parallel()
	server := pipelinetest.NewServer(t)
	client := awscodepipeline.NewFromConfig(server.Config())
	for _, want := range []bool{true, false} {
		if created, err := makeType().Ensure(t.Context(), client); created != want || err != nil {
			t.Fatalf("Ensure() = %v, %v, want %v", created, err, want)
		}
	}
	ids := make(map[string]string)
	for _, project := range []string{"a", "b"} {
		id, err := server.AddJob(pipelinetest.JobSpec{
			Type:          pipelinetest.ActionType{Category: "Build", Owner: "Custom", Provider: "Make", Version: "1"},
			Configuration: map[string]string{"Project": project, "Token": "t"},
		})
		if err != nil {
			t.Fatal(err)
		}
		ids[project] = id
	}
	ctx, stop := context.WithTimeout(t.Context(), time.Minute)
	defer stop()
	worker := customaction.New(client, makeType(), action.HandlerFunc(succeed), func(o *customaction.Options) {
		o.Concurrency = 2
		o.QueryParam = map[string]string{"Project": "b"}
		o.OnEvent = func(e customaction.Event) {
			if e.Type == customaction.EventReported {
				stop()
			}
		}
	})
	if err := worker.Run(ctx); err != nil {
		t.Error(err)
	}
	for project, want := range map[string]bool{"a": false, "b": true} {
		j, _ := server.Job(ids[project])
		equal(t, project, j.Status.Ended(), want)
	}
}
