package main_test

import (
	"maps"
	"os"
	"regexp"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/codesuite-go/codesuite/examples/internal/testzip"
	"github.com/codesuite-go/codesuite/pipeline/pipelinetest"
)

// TestPermissions compares the policy in the template with what the function
// calls, for jobs that succeed, fail and outlive their credentials.
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
	var allowed []string
	for _, m := range regexp.MustCompile(`- codepipeline:(\w+)`).FindAllStringSubmatch(template(t), -1) {
		allowed = append(allowed, m[1])
	}
	slices.Sort(allowed)
	if diff := cmp.Diff(slices.Sorted(maps.Keys(w.Calls())), allowed); diff != "" {
		t.Errorf("the policy (-calls +policy):\n%s", diff)
	}
}

func template(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("template.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
