package ci_test

import (
	"context"
	"strings"
	"testing"
	"time"

	awscodebuild "github.com/aws/aws-sdk-go-v2/service/codebuild"
	"github.com/google/go-cmp/cmp"

	"github.com/codesuite-go/codesuite/codecommit/ci"
	"github.com/codesuite-go/codesuite/codecommit/ci/citest"
)

// unretried returns a world whose second build has failed just now after the first one
// was approved, and CodeBuild may not run it again. The event of the failure waits. It
// returns the pull request as well.
func unretried(t *testing.T) (*world, string) {
	t.Helper()
	p := project(failing(2))
	p.AutoRetryLimit = 2
	w := newWorld(t, []ci.Flow{approving}, nil, p)
	w.push("topic", "a", "1")
	id := w.open("topic")
	w.settle()
	if got := w.approvals(id); len(got) != 1 {
		t.Fatalf("%v approve after a success", got)
	}
	w.again()
	w.deliver()
	w.builds.SetFaults(citest.Faults{Deny: []string{"RetryBuild"}})
	w.builds.Settle()
	w.reports = nil
	out, err := awscodebuild.NewFromConfig(w.builds.Config()).BatchGetBuilds(t.Context(), &awscodebuild.BatchGetBuildsInput{Ids: []string{w.builds.Builds()[1].ID}})
	if err != nil {
		t.Fatal(err)
	}
	ahead := out.Builds[0].EndTime.Sub(w.now()) // as the builds have run in no time
	w.handler.SetClock(func() time.Time { return w.now().Add(ahead) })
	return w, id
}

// again starts the first build again.
func (w *world) again() {
	w.Helper()
	client := awscodebuild.NewFromConfig(w.builds.Config())
	if _, err := client.RetryBuild(w.Context(), &awscodebuild.RetryBuildInput{Id: &w.builds.Builds()[0].ID}); err != nil {
		w.Fatal(err)
	}
}

// An automatic retry that never comes keeps the verdict open for a bounded time. The
// pull request says then why there is none.
func TestRetryNeverComes(t *testing.T) {
	t.Parallel()
	w, id := unretried(t)
	waited := time.Duration(0)
	w.handler.SetSleep(func(_ context.Context, d time.Duration) error {
		if waited == 0 {
			w.wantTold("at first", id, "build 2 RETRYING")
		}
		waited += d
		w.pass(d)
		return nil
	})
	calls := w.builds.Count()
	w.deliver()
	if calls = w.builds.Count() - calls; calls > 60 {
		t.Errorf("%d calls of CodeBuild for one failure", calls)
	}
	if waited > 20*time.Second {
		t.Errorf("the handler has waited %v, want no more than 20s", waited)
	}
	w.wantTold("in the end", id, "build 2 FAILED")
	w.commentHas(id, "CodeBuild has not started the automatic retry 1 of 2 within 20s: allow the service role of the project the IAM action codebuild:RetryBuild.")
	if got := w.approvals(id); len(got) != 0 {
		t.Errorf("%v approve although the build has failed for good", got)
	}
	if last := w.reports[len(w.reports)-1]; last.State != ci.StateFailed || !strings.Contains(last.Problem, "codebuild:RetryBuild") {
		t.Errorf("the last report is %s with the problem %q", last.State, last.Problem)
	}

	// The events come again, much later.
	before := w.comments(id)
	waited = 0
	for _, payload := range w.builds.Events() {
		w.invoke(payload)
	}
	w.take()
	if diff := cmp.Diff(before, w.comments(id)); diff != "" || waited > 0 {
		t.Errorf("after the events came again, waiting %v, the comments (-before +after):\n%s", waited, diff)
	}
}

// A retry that CodeBuild starts while the handler waits, or when it has given up, is
// what counts.
func TestRetryComesLate(t *testing.T) {
	t.Parallel()
	for _, late := range []bool{false, true} {
		w, id := unretried(t)
		w.handler.SetSleep(func(_ context.Context, d time.Duration) error {
			if w.pass(d); !late && len(w.builds.Builds()) == 2 {
				w.builds.SetFaults(citest.Faults{})
				w.again()
			}
			return nil
		})
		w.deliver()
		if late {
			w.wantTold("before the retry", id, "build 2 FAILED")
			w.builds.SetFaults(citest.Faults{})
			w.again()
		}
		w.settle()
		w.wantTold("after the retry", id, "build 3 SUCCEEDED")
		if got := w.approvals(id); len(got) != 1 {
			t.Errorf("late %v: %v approve after the retry", late, got)
		}
		if comment := w.comments(id)[0]; strings.Contains(comment, "RetryBuild") {
			t.Errorf("late %v: the comment still tells of a problem:\n%s", late, comment)
		}
	}
}

// A clock that is behind that of CodeBuild makes the event come again, and does not
// keep the handler waiting.
func TestRetryClockBehind(t *testing.T) {
	t.Parallel()
	w, id := unretried(t)
	waits := 0
	w.handler.SetSleep(func(context.Context, time.Duration) error { waits++; return nil })
	var again [][]byte
	for _, payload := range w.take() {
		if _, err := w.mux.Invoke(t.Context(), payload); err != nil {
			again = append(again, payload)
			if !strings.Contains(err.Error(), "has to come again") {
				t.Error(err)
			}
		}
	}
	if len(again) == 0 || waits != 10*len(again) {
		t.Errorf("%d events failed after %d waits, want 10 each", len(again), waits)
	}
	w.pass(time.Minute)
	for _, payload := range again {
		w.invoke(payload)
	}
	w.take()
	w.wantTold("in the end", id, "build 2 FAILED")
}
