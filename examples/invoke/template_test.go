package main_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/codesuite-go/codesuite/examples/internal/cfntest"
	"github.com/codesuite-go/codesuite/examples/internal/testzip"
	"github.com/codesuite-go/codesuite/pipeline/pipelinetest"
)

// TestPermissions compares the role in the template with the calls of the
// function, for jobs that succeed, fail and outlive their credentials.
func TestPermissions(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.SetJobOptions(pipelinetest.JobOptions{ReplyTimeout: 24 * time.Hour})
	now := time.Now()
	_, good := w.add(t, "", testzip.Make(t), "Source")
	_, bad := w.add(t, `{"required": ["*"]}`, testzip.Make(t), "Source")
	w.SetClock(func() time.Time { return now.Add(2 * time.Hour) })
	for _, payload := range []string{good, bad} {
		if got := w.function.Invoke(t, payload); got.Failed {
			t.Errorf("got %+v", got)
		}
	}
	var calls []string
	for operation := range w.Calls() {
		calls = append(calls, "codepipeline:"+operation)
	}
	slices.Sort(calls)
	allowed := cfntest.Read(t, "template.yaml", nil).Calls(t, "Check")
	if diff := cmp.Diff(calls, allowed); diff != "" {
		t.Errorf("the role (-calls +role):\n%s", diff)
	}
}
