//go:build unix

package main_test

import (
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/codesuite-go/codesuite/pipeline/pipelinetest"
)

// TestPermissions compares the policy in the README with what a worker calls,
// whose jobs succeed and fail and outlive their credentials.
func TestPermissions(t *testing.T) {
	t.Parallel()
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	var allowed []string
	for _, m := range regexp.MustCompile(`"codepipeline:(\w+)"`).FindAllSubmatch(readme, -1) {
		allowed = append(allowed, string(m[1]))
	}
	slices.Sort(allowed)

	w := newWorld(t, pipelineOf(nil))
	dir := t.TempDir()
	now := time.Now()
	_, first := w.startPipeline(t)
	p := w.start(t, definition(t, `
		test "$CODESUITE_CONFIG_Target" != wrong
		echo begun > "$DIR/begun"; until test -e "$DIR/go"; do sleep 0.05; done; cp file "$CODESUITE_OUTPUT_Built/"
	`, object{"watchInterval": "10ms", "environment": object{"DIR": dir}}))
	awaitFile(t, filepath.Join(dir, "begun"))
	await(t, "a look at the action", func() bool { return w.Count("ListActionExecutions") > 0 })
	w.SetClock(func() time.Time { return now.Add(2 * time.Hour) })
	if err := os.WriteFile(filepath.Join(dir, "go"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if job := w.ended(t, first.ID); job.Status != pipelinetest.JobStatusSucceeded {
		t.Errorf("the job is %s: %+v", job.Status, job.Result)
	}
	w.ended(t, w.add(t, pipelinetest.JobSpec{Configuration: map[string]string{"Target": "wrong"}}, nil))
	p.stop(t)
	if diff := cmp.Diff(slices.Sorted(maps.Keys(w.Calls())), allowed); diff != "" {
		t.Errorf("the policy (-calls +policy):\n%s", diff)
	}
}
