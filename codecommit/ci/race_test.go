package ci_test

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awscodebuild "github.com/aws/aws-sdk-go-v2/service/codebuild"
	"github.com/aws/aws-sdk-go-v2/service/codebuild/types"
	"github.com/google/go-cmp/cmp"

	"github.com/codesuite-go/codesuite/codecommit/ci"
	"github.com/codesuite-go/codesuite/codecommit/ci/citest"
	"github.com/codesuite-go/codesuite/codecommit/codecommittest"
	"github.com/codesuite-go/codesuite/events"
)

// elsewhere delivers the events that wait to another instance.
func (w *world) elsewhere(mux *events.Mux) {
	for _, payload := range w.take() {
		if _, err := mux.Invoke(w.Context(), payload); err != nil {
			w.Error(err)
		}
	}
}

// once returns a function for OnCall that does something at the first call of the
// operation.
func once(operation string, do func()) func(string) {
	var done atomic.Bool
	return func(called string) {
		if called == operation && !done.Swap(true) {
			do()
		}
	}
}

// While an instance handles a push, a newer one is pushed and another instance starts
// its build: the first instance leaves that build alone.
func TestPushOvertakesEvent(t *testing.T) {
	t.Parallel()
	branch := mainFlow
	branch.Superseded = ci.SupersededStop
	for _, test := range []struct {
		flow   ci.Flow
		branch string
	}{{review, "topic"}, {branch, "main"}} {
		t.Run(string(test.flow.Kind), func(t *testing.T) {
			t.Parallel()
			flows := []ci.Flow{test.flow}
			w := newWorld(t, flows, nil, hold(test.flow.Project))
			_, other := w.instance(flows)
			a := w.push(test.branch, "a", "1")
			if test.flow.Kind == ci.KindReview {
				w.open(test.branch)
			}
			w.settle()
			w.push(test.branch, "a", "2")
			second := w.take()
			var c string
			w.builds.OnCall(once("ListBuildsForProject", func() {
				c = w.push(test.branch, "a", "3")
				w.elsewhere(other)
			}))
			for _, payload := range second {
				w.invoke(payload)
			}
			w.settle()
			name := test.flow.Name + " "
			want := []string{name + short(a) + " STOPPED", name + short(c) + " IN_PROGRESS"}
			if diff := cmp.Diff(want, w.started()); diff != "" {
				t.Errorf("builds mismatch (-want +got):\n%s", diff)
			}
		})
	}
}

// A push comes between a command and the build that it starts: the build of the newer
// revision goes on.
func TestPushOvertakesRerun(t *testing.T) {
	t.Parallel()
	flows := []ci.Flow{review}
	w := newWorld(t, flows, func(o *ci.Options) { o.CommandAuthors = []string{"arn:aws:iam::111122223333:user/dev*"} }, hold("app-review"))
	_, other := w.instance(flows)
	a := w.push("topic", "a", "1")
	id := w.open("topic")
	w.settle()
	w.say(developerARN, id, "/rerun")
	command := w.take()
	var b string
	w.builds.OnCall(once("StartBuild", func() {
		b = w.push("topic", "a", "2")
		w.elsewhere(other)
	}))
	for _, payload := range command {
		w.invoke(payload)
	}
	w.settle()
	want := []string{"review " + short(a) + " STOPPED", "review " + short(b) + " IN_PROGRESS", "review " + short(a) + " STOPPED"}
	if diff := cmp.Diff(want, w.started()); diff != "" {
		t.Errorf("builds mismatch (-want +got):\n%s", diff)
	}
}

// A build fails, and another instance revokes the approval, while this instance is
// about to approve because of the build before: nobody approves in the end.
func TestFailureWhileApproved(t *testing.T) {
	t.Parallel()
	flows := []ci.Flow{approving}
	w := newWorld(t, flows, nil, project(failing(2)))
	_, other := w.instance(flows)
	w.push("topic", "a", "1")
	id := w.open("topic")
	w.commits.OnCall(once("UpdatePullRequestApprovalState", func() {
		client := awscodebuild.NewFromConfig(w.builds.Config())
		if _, err := client.RetryBuild(t.Context(), &awscodebuild.RetryBuildInput{Id: &w.builds.Builds()[0].ID}); err != nil {
			t.Error(err)
		}
		for w.builds.Settle(); ; {
			waiting := len(w.queued())
			w.elsewhere(other)
			if waiting == 0 {
				return
			}
		}
	}))
	w.settle()
	if got := w.approvals(id); len(got) != 0 {
		t.Errorf("%v approve although the newest build has failed", got)
	}
	w.wantTold("comments", id, "build 2 FAILED")
}

func (w *world) queued() [][]byte {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.queue
}

// Somebody runs the build again with another source version, as the console offers:
// its success says nothing about the revision.
func TestBuildOfAnotherCommit(t *testing.T) {
	t.Parallel()
	w := newWorld(t, []ci.Flow{approving}, nil, project(func(b citest.Build) citest.Outcome {
		if b.Number == 1 {
			return citest.Outcome{Status: citest.StatusFailed}
		}
		return citest.Outcome{}
	}))
	w.push("topic", "a", "1")
	id := w.open("topic")
	w.settle()
	var variables []types.EnvironmentVariable
	for _, name := range []string{
		ci.VariableName, ci.VariableEvent, ci.VariableRepository, ci.VariableID, ci.VariablePullRequestID, ci.VariableRevisionID,
		ci.VariablePullRequestSourceCommit, ci.VariablePullRequestDestinationCommit,
	} {
		variables = append(variables, types.EnvironmentVariable{Name: &name, Value: aws.String(w.builds.Builds()[0].Variable(name))})
	}
	_, err := awscodebuild.NewFromConfig(w.builds.Config()).StartBuild(t.Context(), &awscodebuild.StartBuildInput{
		ProjectName: aws.String("app-review"), SourceVersion: aws.String(w.head("main")), EnvironmentVariablesOverride: variables,
	})
	if err != nil {
		t.Fatal(err)
	}
	w.settle()
	if got := w.approvals(id); len(got) != 0 {
		t.Errorf("%v approve because of a build of another commit", got)
	}
	w.wantTold("comments", id, "build 1 FAILED")
	w.retry()
	w.wantTold("comments after a retry", id, "build 3 SUCCEEDED")
	if got := w.approvals(id); len(got) != 1 {
		t.Errorf("%v approve after a success", got)
	}
}

// A comment that cannot be written keeps no approval of a revision whose build has
// failed.
func TestRevokeWithoutComment(t *testing.T) {
	t.Parallel()
	w := newWorld(t, []ci.Flow{approving}, nil, project(failing(2)))
	w.push("topic", "a", "1")
	id := w.open("topic")
	w.settle()
	if got := w.approvals(id); len(got) != 1 {
		t.Fatalf("%v approve after a success", got)
	}
	if _, err := awscodebuild.NewFromConfig(w.builds.Config()).RetryBuild(t.Context(), &awscodebuild.RetryBuildInput{Id: &w.builds.Builds()[0].ID}); err != nil {
		t.Fatal(err)
	}
	w.builds.Settle()
	w.commits.SetFaults(codecommittest.Faults{Deny: []string{"UpdateComment"}})
	failed := 0
	for _, payload := range w.take() {
		if _, err := w.mux.Invoke(t.Context(), payload); err != nil {
			failed++
		}
	}
	if failed == 0 {
		t.Error("no event failed although no comment could be written")
	}
	w.commits.SetFaults(codecommittest.Faults{})
	if got := w.approvals(id); len(got) != 0 {
		t.Errorf("%v approve after a failure", got)
	}
}

// A call that starts a build does not last longer than CodeBuild is known to remember
// the token of an earlier one.
func TestStartIsBounded(t *testing.T) {
	t.Parallel()
	w := newWorld(t, []ci.Flow{mainFlow}, nil)
	started := &deadline{CodeBuildAPI: awscodebuild.NewFromConfig(w.builds.Config())}
	var mux events.Mux
	if err := ci.New(ci.Clients{CodeCommit: w.client, CodeBuild: started}, []ci.Flow{mainFlow}).Register(&mux); err != nil {
		t.Fatal(err)
	}
	w.push("main", "a", "1")
	w.elsewhere(&mux)
	if started.left <= 0 || started.left > time.Minute {
		t.Errorf("the call may last %v, want no more than a minute", started.left)
	}
}

// deadline notes how long StartBuild may last.
type deadline struct {
	ci.CodeBuildAPI
	left time.Duration
}

func (d *deadline) StartBuild(ctx context.Context, in *awscodebuild.StartBuildInput, optFns ...func(*awscodebuild.Options)) (*awscodebuild.StartBuildOutput, error) {
	if at, ok := ctx.Deadline(); ok {
		d.left = time.Until(at)
	}
	return d.CodeBuildAPI.StartBuild(ctx, in, optFns...)
}
