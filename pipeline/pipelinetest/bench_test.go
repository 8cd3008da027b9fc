package pipelinetest_test

import (
	"fmt"
	"testing"

	"github.com/codesuite-go/codesuite/pipeline/pipelinetest"
)

// BenchmarkExecution runs an execution of 16 state changes to its end, in a
// server that has run many.
func BenchmarkExecution(b *testing.B) {
	server, _ := newServer(b, app())
	events := 0
	server.OnEvent(func([]byte) { events++ })
	b.ReportAllocs()
	for b.Loop() {
		if _, err := server.StartExecution("app", pipelinetest.Trigger{}); err != nil {
			b.Fatal(err)
		}
		server.Settle()
	}
	b.ReportMetric(float64(events)/b.Elapsed().Seconds(), "events/s")
}

// BenchmarkWaiting advances one of many executions, the others of which wait
// for a job.
func BenchmarkWaiting(b *testing.B) {
	p := app()
	p.Stages[1].Actions = []pipelinetest.Action{pipelinetest.CustomAction("Work", "Build", "Worker", "1", nil, "SourceArtifact")}
	p.Stages[2].Actions[0].Inputs[0] = "SourceArtifact"
	p.ExecutionMode = "QUEUED"
	pipelines := make([]pipelinetest.Pipeline, 2000)
	for i := range pipelines {
		pipelines[i] = p
		pipelines[i].Name = fmt.Sprintf("p%d", i)
	}
	server, _ := newServer(b, append(pipelines, app())...)
	for _, p := range pipelines {
		begin(b, server, p.Name)
	}
	server.Settle()
	for b.Loop() {
		begin(b, server, "app")
		server.Settle()
	}
}
