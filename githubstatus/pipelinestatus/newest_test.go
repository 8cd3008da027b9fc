package pipelinestatus_test

import (
	"context"
	"testing"

	"github.com/codesuite-go/codesuite/githubstatus"
	"github.com/codesuite-go/codesuite/githubstatus/pipelinestatus"
	"github.com/codesuite-go/codesuite/pipeline"
)

// A stage whose actions have all succeeded, in an execution that was stopped,
// is over or was stopped with it: what GitHub has stays if it may be true.
func TestUnsureStage(t *testing.T) {
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
		r := pipelinestatus.New(f, &newestStatuses{f, test.newest}, func(o *pipelinestatus.Options) { o.Stages = true })
		if err := r.Report(t.Context(), change("STARTED")); err != nil {
			t.Error(err)
		}
		t.Logf("GitHub has %q", test.newest)
		f.check(t, append([]string{"octo/hello@aaaa codepipeline/app error Stopped"}, test.want...)...)
	}
}

// What cannot tell the newest status gets one, so that nothing stays pending.
func TestUnsureStageOfWrapper(t *testing.T) {
	t.Parallel()
	f := &fake{execution: &pipeline.Execution{
		Status:    pipeline.StatusStopped,
		Actions:   []pipeline.ActionExecution{{ID: "1", Stage: "Build", Action: "Test", Status: pipeline.ActionSucceeded}},
		Revisions: []pipeline.Revision{onHello},
	}}
	if err := f.reporter(func(o *pipelinestatus.Options) { o.Stages = true }).Report(t.Context(), change("STOPPED")); err != nil {
		t.Error(err)
	}
	f.check(t, "octo/hello@aaaa codepipeline/app error Stopped", "octo/hello@aaaa codepipeline/app/Build error Stopped")
}

// How an action with a status of the future ended is not known, only that it
// did.
func TestUnsureAction(t *testing.T) {
	t.Parallel()
	const app = "octo/hello@aaaa codepipeline/app failure Failed"
	for newest, want := range map[githubstatus.State][]string{
		githubstatus.StateSuccess: {app},
		githubstatus.StateFailure: {app},
		githubstatus.StateError:   {app},
		githubstatus.StatePending: {app, "octo/hello@aaaa codepipeline/app/Build/Test failure Build/Test failed"},
	} {
		f := &fake{execution: &pipeline.Execution{
			Status:    pipeline.StatusFailed,
			Actions:   []pipeline.ActionExecution{{ID: "1", Stage: "Build", Action: "Test", Status: "Hibernated"}},
			Revisions: []pipeline.Revision{onHello},
		}}
		r := pipelinestatus.New(f, &newestStatuses{f, newest}, func(o *pipelinestatus.Options) { o.Actions = true })
		if err := r.Report(t.Context(), change("STARTED")); err != nil {
			t.Error(err)
		}
		t.Logf("GitHub has %q", newest)
		f.check(t, want...)
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
