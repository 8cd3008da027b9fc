//go:build unix

package main_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/codesuite-go/codesuite/pipeline/pipelinetest"
)

// TestFleet runs the jobs of two workers through lost replies and throttling.
func TestFleet(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.SetFaults(pipelinetest.Faults{ThrottleRate: 0.05, ErrorRate: 0.02, LateErrorRate: 0.1, LateDropRate: 0.1, Seed: 1})
	w.SetJobOptions(pipelinetest.JobOptions{ReofferAfter: time.Second}) // of what the replies of polls lost
	const jobs = 40
	ids := make([]string, jobs)
	for i := range ids {
		ids[i] = w.add(t, pipelinetest.JobSpec{
			Inputs:  []pipelinetest.Artifact{{Name: "Source"}},
			Outputs: []pipelinetest.Artifact{{Name: "Out"}},
		}, nil)
	}
	// The jobs of one worker wait until the other one has a job, too, whose polls may
	// all have failed so far.
	dir := t.TempDir()
	file := func(own, other string) string {
		return definition(t, fmt.Sprintf(`: > %[1]s/%[2]s; until [ -e %[1]s/%[3]s ]; do sleep 0.05; done; echo "$CODESUITE_JOB_ID" > "$CODESUITE_OUTPUT_Out/id"`, dir, own, other), object{"concurrency": 4})
	}
	one := w.start(t, file("one", "two"), "AWS_ACCESS_KEY_ID=AKIDONE")
	two := w.start(t, file("two", "one"), "AWS_ACCESS_KEY_ID=AKIDTWO")
	for _, id := range ids {
		w.ended(t, id)
	}
	for _, p := range []*worker{one, two} {
		if status := p.stop(t); status != 0 {
			t.Errorf("exit status %d", status)
		}
	}
	by := make(map[string]int)
	for _, id := range ids {
		job, _ := w.Job(id)
		if job.Status != pipelinetest.JobStatusSucceeded {
			t.Errorf("job %s is %s: %+v", id, job.Status, job.Result)
			continue
		}
		reporters := make(map[string]bool)
		for _, e := range job.History {
			if e.Type == pipelinetest.JobEventReported {
				reporters[e.Caller.AccessKeyID] = true
			}
		}
		if len(reporters) != 1 {
			t.Errorf("job %s was reported by %v", id, reporters)
		}
		for key := range reporters {
			by[key]++
		}
		if got := w.output(t, job, "Out")[0].Body; got != id+"\n" {
			t.Errorf("the artifact of job %s is that of %s", id, got)
		}
		if n := strings.Count(one.stderr.String()+two.stderr.String(), `msg="customaction: job started" job=`+id+" "); n != 1 {
			t.Errorf("job %s was started %d times", id, n)
		}
	}
	if by["AKIDONE"] == 0 || by["AKIDTWO"] == 0 {
		t.Errorf("jobs by worker: %v", by)
	}
	w.isClean(t)
}
