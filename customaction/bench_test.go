package customaction_test

import (
	"context"
	"sync/atomic"
	"testing"

	"github.com/codesuite-go/codesuite/customaction"
	"github.com/codesuite-go/codesuite/pipeline/action"
	"github.com/codesuite-go/codesuite/pipeline/actiontype"
	"github.com/codesuite-go/codesuite/pipeline/pipelinetest"
)

// BenchmarkJobs runs jobs that do nothing, over HTTP, on 16 slots.
func BenchmarkJobs(b *testing.B) {
	const jobs = 2000
	polls := 0
	for b.Loop() {
		b.StopTimer()
		server := pipelinetest.NewServer(b)
		for range jobs {
			if _, err := server.AddJob(pipelinetest.JobSpec{Type: pipelinetest.ActionType{Category: "Build", Owner: "Custom", Provider: "Make", Version: "1"}}); err != nil {
				b.Fatal(err)
			}
		}
		ctx, stop := context.WithCancel(b.Context())
		var reported atomic.Int64
		worker := customaction.Open(server.Config(), actiontype.Type{Category: "Build", Provider: "Make", Version: "1"},
			action.HandlerFunc(succeed), func(o *customaction.Options) {
				o.Concurrency = 16
				o.OnEvent = func(e customaction.Event) {
					if e.Type == customaction.EventReported && reported.Add(1) == jobs {
						stop()
					}
				}
			})
		b.StartTimer()
		if err := worker.Run(ctx); err != nil {
			b.Fatal(err)
		}
		b.StopTimer()
		polls += server.Count("PollForJobs")
		stop()
		server.Close()
		b.StartTimer()
	}
	all := float64(jobs * b.N)
	b.ReportMetric(all/b.Elapsed().Seconds(), "jobs/s")
	b.ReportMetric(float64(polls)/all, "polls/job")
}
