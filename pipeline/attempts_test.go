package pipeline_test

import (
	"math/rand/v2"
	"strconv"
	"testing"
	"time"

	"github.com/codesuite-go/codesuite/pipeline"
	"github.com/codesuite-go/codesuite/pipeline/pipelinetest"
)

// Whatever fails and however it is retried, the attempts are as many as the
// server has made.
func TestServerAttempts(t *testing.T) {
	t.Parallel()
	for seed := range uint64(60) {
		random := rand.New(rand.NewPCG(seed, 0))
		p := webPipeline()
		p.Stages[1].Actions = nil
		for i := range 1 + random.IntN(4) {
			a := pipelinetest.CodeBuildAction("Build"+strconv.Itoa(i), "build")
			a.RunOrder = 1 + random.IntN(2)
			a.Run = func(pipelinetest.ActionRun) pipelinetest.Outcome {
				if random.IntN(3) == 0 {
					return pipelinetest.Outcome{State: pipelinetest.StateFailed}
				}
				return pipelinetest.Outcome{}
			}
			p.Stages[1].Actions = append(p.Stages[1].Actions, a)
		}
		p.Stages = p.Stages[:2]
		server, client := newServer(t, p)
		now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
		server.SetClock(func() time.Time {
			now = now.Add(time.Millisecond)
			return now
		})
		id := start(t, client, web)
		server.Settle()
		for want := 2; want <= 6; want++ {
			mode := pipeline.RetryFailedActions
			if random.IntN(2) == 0 {
				mode = pipeline.RetryAllActions
			}
			if client.Retry(t.Context(), web, id, p.Stages[1].Name, mode) != nil {
				break // the stage has succeeded
			}
			server.Settle()
			e, err := client.Execution(t.Context(), web, id)
			if err != nil {
				t.Fatal(err)
			}
			if e.Attempts != want {
				t.Fatalf("seed %d: %d attempts, want %d", seed, e.Attempts, want)
			}
		}
		server.Close()
	}
}
