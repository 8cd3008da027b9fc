package pipeline_test

import (
	"testing"

	"github.com/codesuite-go/codesuite/pipeline"
	"github.com/codesuite-go/codesuite/pipeline/pipelinetest"
)

// BenchmarkExecution reports the calls that an execution costs once the host of
// its connection is known.
func BenchmarkExecution(b *testing.B) {
	p := webPipeline()
	p.Stages[0].Actions[0] = pipelinetest.ConnectionSource("Checkout",
		pipelinetest.Connection{ProviderType: "GitHubEnterpriseServer", Endpoint: "https://git.example.com"}, "octo/web", "main")
	server := pipelinetest.NewServer(b, p)
	client := pipeline.Open(server.Config())
	id, err := client.Start(b.Context(), web)
	if err != nil {
		b.Fatal(err)
	}
	server.Settle()
	if _, err := client.Execution(b.Context(), web, id); err != nil {
		b.Fatal(err)
	}
	server.ResetCalls()
	b.ReportAllocs()
	for b.Loop() {
		e, err := client.Execution(b.Context(), web, id)
		if err != nil {
			b.Fatal(err)
		}
		if len(e.Revisions) != 1 || e.Revisions[0].Host != "git.example.com" {
			b.Fatalf("revisions %+v", e.Revisions)
		}
	}
	b.ReportMetric(float64(server.Count())/float64(b.N), "calls/op")
}
