package githubstatus_test

import (
	"context"
	"testing"

	"github.com/codesuite-go/codesuite/githubstatus"
	"github.com/codesuite-go/codesuite/pipeline"
)

// A stage whose actions have all succeeded, in an execution that was stopped,
// is over or was stopped with it: what GitHub has stays if it may be true.
func TestReporterUnsureStage(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		newest githubstatus.State // "" for none
		want   []string
	}{
		{newest: ""},
		{newest: githubstatus.StateSuccess},
		{newest: githubstatus.StateError},
		{newest: githubstatus.StatePending, want: []string{"octo/hello@aaaa codepipeline/app/Build error Stopped"}},
		// By an instance that knew the run before the retry.
		{newest: githubstatus.StateFailure, want: []string{"octo/hello@aaaa codepipeline/app/Build error Stopped"}},
	} {
		f := &fake{execution: &pipeline.Execution{
			Status:    pipeline.StatusStopped,
			Actions:   []pipeline.ActionExecution{{ID: "1", Stage: "Build", Action: "Test", Status: pipeline.ActionSucceeded}},
			Revisions: []pipeline.Revision{onHello},
		}}
		r := githubstatus.NewReporter(f, &newestStatuses{f, test.newest}, func(o *githubstatus.ReporterOptions) { o.Stages = true })
		if err := r.Report(t.Context(), change("STARTED")); err != nil {
			t.Error(err)
		}
		t.Logf("GitHub has %q", test.newest)
		f.check(t, append([]string{"octo/hello@aaaa codepipeline/app error Stopped"}, test.want...)...)
	}
}

// newestStatuses tells a newest status.
type newestStatuses struct {
	*fake
	newest githubstatus.State
}

func (s *newestStatuses) Newest(context.Context, githubstatus.Commit, string) (githubstatus.Status, bool, error) {
	return githubstatus.Status{State: s.newest}, s.newest != "", nil
}
