package main

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"

	"github.com/codesuite-go/codesuite/internal/githubtest"
	"github.com/codesuite-go/codesuite/pipeline"
	"github.com/codesuite-go/codesuite/pipeline/pipelinetest"
)

// testDeliveries delivers the events of several executions late, twice, in
// another order and to several instances at once, some of which have just
// started, while GitHub fails now and then. In the end every commit must show
// what became of it.
func testDeliveries(t *testing.T, binary string) {
	for seed := range uint64(4) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			deliveries(t, binary, seed)
		})
	}
}

func deliveries(t *testing.T, binary string, seed uint64) {
	random := rand.New(rand.NewPCG(seed, 1))
	warmth := rand.New(rand.NewPCG(seed, 2)) // for events, which come at any time
	slow, end := byHand("Build")
	flaky := pipelinetest.CodeBuildAction("Test", "flaky", "SourceArtifact")
	flaky.Run = func(r pipelinetest.ActionRun) pipelinetest.Outcome {
		if r.Attempt == 1 {
			return pipelinetest.Outcome{State: pipelinetest.StateFailed, Summary: "flaky"}
		}
		return pipelinetest.Outcome{}
	}
	broken := pipelinetest.CodeBuildAction("Build", "broken", "SourceArtifact")
	broken.Run = func(pipelinetest.ActionRun) pipelinetest.Outcome {
		return pipelinetest.Outcome{State: pipelinetest.StateFailed, Summary: "broken"}
	}
	w := newWorld(t, binary,
		pipelineOf("slow", website(commitA), slow),
		pipelineOf("flaky", connectionTo("GitHub", "", "Source", "octo/website", commitA), flaky),
		pipelineOf("broken", website(commitA), broken))

	// As Lambda does, each event has an instance of its own while it is handled.
	var running sync.WaitGroup
	limit := make(chan struct{}, 3)
	w.aws.SetDelivery(pipelinetest.Delivery{DuplicateRate: 0.3, Reorder: 6, Seed: seed})
	w.aws.OnEvent(func(payload []byte) {
		warm := warmth.IntN(3) > 0 // never called twice at a time
		limit <- struct{}{}
		running.Go(func() {
			defer func() { <-limit }()
			w.deliver(payload, warm)
		})
	})
	var faults []githubtest.Fault
	for range 30 {
		switch random.IntN(20) {
		case 0:
			faults = append(faults, githubtest.Fail(502))
		case 1:
			faults = append(faults, githubtest.FailAfterStore(500))
		case 2:
			faults = append(faults, githubtest.Drop())
		default:
			faults = append(faults, githubtest.None())
		}
	}
	w.github.SetFaults(faults...)

	start := func(name, commit string) string {
		id, err := w.aws.StartExecution(name, pipelinetest.Trigger{}, pipelinetest.SourceRevision{Action: "Source", Revision: pipelinetest.Revision{ID: commit}})
		if err != nil {
			t.Fatal(err)
		}
		for range random.IntN(12) {
			w.aws.Advance()
		}
		return id
	}
	start("slow", commitA)
	flakyID := start("flaky", commitA)
	start("broken", commitA)
	for w.aws.Advance() { // A is in Build
	}
	start("slow", commitB)
	for w.aws.Advance() { // B waits for it
	}
	start("slow", commitC) // and is overtaken
	for w.aws.Advance() {
	}
	if err := w.pipelines.Retry(t.Context(), "flaky", flakyID, "Test", pipeline.RetryFailedActions); err != nil {
		t.Fatal(err)
	}
	end.Store(&pipelinetest.Outcome{})
	w.aws.Settle()
	running.Wait()
	w.github.Up()
	w.redrive()
	w.mu.Lock()
	if len(w.dead) > 0 {
		t.Errorf("%d events are dead:\n%s", len(w.dead), strings.Join(w.errors, "\n"))
	}
	w.mu.Unlock()

	for _, s := range []struct{ commit, context, state, description string }{
		{commitA, "codepipeline/slow", "success", "Succeeded"},
		{commitA, "codepipeline/flaky", "success", "Succeeded"},
		{commitA, "codepipeline/broken", "failure", "Build/Build failed: broken"},
		{commitB, "codepipeline/slow", "error", "Superseded by a newer execution"},
		{commitC, "codepipeline/slow", "success", "Succeeded"},
	} {
		if got := newest(w.github, "octo/website", s.commit, s.context); got.State != s.state || !strings.HasPrefix(got.Description, s.description) {
			t.Errorf("%s of %s is %s (%s), want %s (%s); it was %s", s.context, s.commit[:7], got.State, got.Description, s.state, s.description,
				states(w.github, "octo/website", s.commit, s.context))
		}
	}
}
