package pipelinetest_test

import (
	"context"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awscodeconnections "github.com/aws/aws-sdk-go-v2/service/codeconnections"
	awscodepipeline "github.com/aws/aws-sdk-go-v2/service/codepipeline"
	"github.com/aws/aws-sdk-go-v2/service/codepipeline/types"

	"github.com/codesuite-go/codesuite/pipeline/pipelinetest"
)

func TestFaults(t *testing.T) {
	t.Parallel()
	server, client := newServer(t, app())
	connections := awscodeconnections.NewFromConfig(server.Config())
	call := func() error {
		_, err := client.ListPipelines(t.Context(), &awscodepipeline.ListPipelinesInput{})
		return err
	}
	for _, test := range []struct {
		name   string
		faults pipelinetest.Faults
		want   string
	}{
		{"none", pipelinetest.Faults{}, "<nil>"},
		{"denied", pipelinetest.Faults{Deny: []string{"ListPipelines"}}, "AccessDeniedException"},
		{"failed", pipelinetest.Faults{Fail: func(operation string) string { return "Oops" + operation }}, "OopsListPipelines"},
		{"errors", pipelinetest.Faults{ErrorRate: 1}, "InternalFailure"},
		{"late errors", pipelinetest.Faults{LateErrorRate: 1}, "InternalFailure"},
		{"throttled", pipelinetest.Faults{ThrottleRate: 1}, "ThrottlingException"},
	} {
		server.SetFaults(test.faults)
		if err := call(); code(err) != test.want {
			t.Errorf("%s: %v", test.name, err)
		}
	}
	for _, faults := range []pipelinetest.Faults{{DropRate: 1}, {LateDropRate: 1}, {TruncateRate: 1}} {
		server.SetFaults(faults)
		if err := call(); err == nil {
			t.Errorf("%+v: no error", faults)
		}
	}
	server.SetFaults(pipelinetest.Faults{Deny: []string{"GetHost"}})
	_, err := connections.GetHost(t.Context(), &awscodeconnections.GetHostInput{HostArn: aws.String("arn")})
	if code(err) != "AccessDeniedException" {
		t.Errorf("denied GetHost: %v", err)
	}
}

// A call that fails late has taken effect, so that its repetition with the
// same token starts nothing else.
func TestLateError(t *testing.T) {
	t.Parallel()
	for _, faults := range []pipelinetest.Faults{{LateErrorRate: 1}, {LateDropRate: 1}} {
		server, client := newServer(t, app())
		server.SetFaults(faults)
		attempts := 0
		server.OnCall(func(string) {
			if attempts++; attempts == 2 {
				server.SetFaults(pipelinetest.Faults{})
			}
		})
		if _, err := client.StartPipelineExecution(t.Context(), &awscodepipeline.StartPipelineExecutionInput{Name: aws.String("app")}); err != nil {
			t.Fatal(err)
		}
		out, err := client.ListPipelineExecutions(t.Context(), &awscodepipeline.ListPipelineExecutionsInput{PipelineName: aws.String("app")})
		if err != nil {
			t.Fatal(err)
		}
		if n := len(out.PipelineExecutionSummaries); n != 1 || attempts != 3 {
			t.Errorf("%d executions after %d calls", n, attempts)
		}
	}
}

func TestUnknownOperation(t *testing.T) {
	t.Parallel()
	server, _ := newServer(t)
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server.URL(), strings.NewReader("{}"))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("X-Amz-Target", "CodePipeline_20150709.PaintPipeline")
	reply, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer reply.Body.Close()
	if body, err := io.ReadAll(reply.Body); err != nil || reply.StatusCode != 400 || !strings.Contains(string(body), "UnknownOperationException") {
		t.Errorf("status %d: %s, %v", reply.StatusCode, body, err)
	}
	if !strings.HasPrefix(server.URL(), "http://127.0.0.1:") {
		t.Errorf("URL %s", server.URL())
	}
}

func TestClose(t *testing.T) {
	t.Parallel()
	server, err := pipelinetest.Start(app())
	if err != nil {
		t.Fatal(err)
	}
	server.SetFaults(pipelinetest.Faults{Latency: time.Hour})
	arrived := make(chan struct{}, 3)
	server.OnCall(func(string) { arrived <- struct{}{} })
	done := make(chan error)
	go func() {
		_, err := awscodepipeline.NewFromConfig(server.Config()).ListPipelines(context.Background(), &awscodepipeline.ListPipelinesInput{})
		done <- err
	}()
	<-arrived
	server.AutoAdvance(time.Millisecond)
	server.Close()
	server.Close()
	if err := <-done; err == nil {
		t.Error("a call of a closed server succeeded")
	}
	server.AutoAdvance(time.Millisecond)
}

// Everything at once, for the race detector.
func TestConcurrency(t *testing.T) {
	t.Parallel()
	p := app()
	p.ExecutionMode = "PARALLEL"
	p.Stages[1].Actions[0].Run = func(r pipelinetest.ActionRun) pipelinetest.Outcome {
		if r.Calls == 0 {
			return pipelinetest.Outcome{State: pipelinetest.StateInProgress}
		}
		return pipelinetest.Outcome{}
	}
	server, client := newServer(t, p)
	server.SetDelivery(pipelinetest.Delivery{DuplicateRate: 0.2, Reorder: 4})
	var mu sync.Mutex
	delivered := make(map[string]bool)
	server.OnEvent(func(payload []byte) {
		mu.Lock()
		defer mu.Unlock()
		delivered[string(payload)] = true
	})
	server.AutoAdvance(100 * time.Microsecond)
	var ids sync.Map
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 5 {
				out, err := client.StartPipelineExecution(t.Context(), &awscodepipeline.StartPipelineExecutionInput{Name: aws.String("app")})
				if err != nil {
					t.Error(err)
					return
				}
				ids.Store(*out.PipelineExecutionId, true)
				server.Advance()
				actions(t, client, "app", *out.PipelineExecutionId)
				get(t, client, "app", *out.PipelineExecutionId)
				if _, err := client.GetPipelineState(t.Context(), &awscodepipeline.GetPipelineStateInput{Name: aws.String("app")}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	ids.Range(func(id, _ any) bool {
		for get(t, client, "app", id.(string)).Status == types.PipelineExecutionStatusInProgress {
			server.Settle()
		}
		return true
	})
	server.Close()
	server.FlushEvents()
	if n := len(server.Events()); n != 20*16 || len(delivered) != n {
		t.Errorf("%d events, %d of them delivered", n, len(delivered))
	}
}

// The reply has the content type of the request, as CodeConnections has
// another than CodePipeline.
func TestContentType(t *testing.T) {
	t.Parallel()
	server, _ := newServer(t, app())
	for target, contentType := range map[string]string{
		"CodePipeline_20150709.ListPipelines":    "application/x-amz-json-1.1",
		"CodeConnections_20231201.GetConnection": "application/x-amz-json-1.0",
	} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server.URL(), strings.NewReader("{}"))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("X-Amz-Target", target)
		req.Header.Set("Content-Type", contentType)
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(resp.Body)
		resp.Body.Close()
		if got := resp.Header.Get("Content-Type"); got != contentType || strings.Contains(string(body), "UnknownOperation") {
			t.Errorf("%s: %s %s", target, got, body)
		}
	}
}
