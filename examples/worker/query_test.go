//go:build unix

package main_test

import (
	"testing"

	"github.com/codesuite-go/codesuite/pipeline/pipelinetest"
)

// TestQuery has a worker for one value of the queryable property.
func TestQuery(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	file := definition(t, "true", object{
		"actionType": object{
			"category": "Build", "provider": "Make", "version": "1",
			"properties": []object{{"name": "Pool", "required": true, "queryable": true}},
		},
		"query": object{"Pool": "arm"},
	})
	if status, _, stderr := w.run(t, "-config", file, "-ensure"); status != 0 {
		t.Fatal(stderr)
	}
	other := w.add(t, pipelinetest.JobSpec{Configuration: map[string]string{"Pool": "x86"}}, nil)
	id := w.add(t, pipelinetest.JobSpec{Configuration: map[string]string{"Pool": "arm"}}, nil)
	p := w.start(t, file)
	if job := w.ended(t, id); job.Status != pipelinetest.JobStatusSucceeded {
		t.Errorf("the job is %s: %+v", job.Status, job.Result)
	}
	p.stop(t)
	if job, _ := w.Job(other); job.Count(pipelinetest.JobEventAcknowledged) != 0 {
		t.Error("the worker took a job of another pool")
	}
}
