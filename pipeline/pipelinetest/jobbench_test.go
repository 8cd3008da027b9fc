package pipelinetest_test

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awscodepipeline "github.com/aws/aws-sdk-go-v2/service/codepipeline"

	"github.com/codesuite-go/codesuite/pipeline/pipelinetest"
)

// BenchmarkJobs runs jobs through the API, with 16 workers that poll for ten
// at a time: poll, acknowledge, result.
func BenchmarkJobs(b *testing.B) {
	server := pipelinetest.NewServer(b)
	spec := pipelinetest.JobSpec{Type: makeType, Configuration: map[string]string{"Target": "all"},
		Inputs: []pipelinetest.Artifact{{Name: "In"}}, Outputs: []pipelinetest.Artifact{{Name: "Out"}}}
	for range b.N {
		if _, err := server.AddJob(spec); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportAllocs()
	b.ResetTimer()
	var wg sync.WaitGroup
	var done atomic.Int64
	for i := range 16 {
		client := workerClient(server, fmt.Sprint("WORKER", i))
		wg.Go(func() {
			for done.Load() < int64(b.N) {
				out, err := client.PollForJobs(b.Context(), &awscodepipeline.PollForJobsInput{ActionTypeId: typeID(makeType), MaxBatchSize: aws.Int32(10)})
				if err != nil {
					b.Error(err)
					return
				}
				for _, j := range out.Jobs {
					if _, err := client.AcknowledgeJob(b.Context(), &awscodepipeline.AcknowledgeJobInput{JobId: j.Id, Nonce: j.Nonce}); err != nil {
						b.Error(err)
					}
					if _, err := client.PutJobSuccessResult(b.Context(), &awscodepipeline.PutJobSuccessResultInput{JobId: j.Id}); err != nil {
						b.Error(err)
					}
					done.Add(1)
				}
			}
		})
	}
	wg.Wait()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "jobs/s")
	b.ReportMetric(float64(server.Count())/b.Elapsed().Seconds(), "calls/s")
}

// BenchmarkPoll polls for a job of a queue of many, some of which wait to be
// offered again.
func BenchmarkPoll(b *testing.B) {
	for _, waiting := range []int{100, 10_000, 100_000} {
		b.Run(fmt.Sprint("waiting=", waiting), func(b *testing.B) {
			s := newJobServer(b)
			for range waiting {
				s.add(makeJob)
			}
			b.ReportAllocs()
			for b.Loop() {
				s.add(makeJob)
				s.next()
			}
		})
	}
}

// BenchmarkAddJob adds jobs.
func BenchmarkAddJob(b *testing.B) {
	s := newJobServer(b)
	b.ReportAllocs()
	for b.Loop() {
		s.add(makeJob)
	}
}
