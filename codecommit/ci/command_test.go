package ci_test

import (
	"slices"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awscodecommit "github.com/aws/aws-sdk-go-v2/service/codecommit"
	"github.com/google/go-cmp/cmp"

	"github.com/codesuite-go/codesuite/codecommit/ci"
	"github.com/codesuite-go/codesuite/codecommit/ci/citest"
)

const strangerARN = "arn:aws:iam::111122223333:user/stranger"

// say comments on the pull request and returns the comment's ID.
func (w *world) say(arn, id, text string) string {
	w.Helper()
	pr, err := w.client.GetPullRequest(w.Context(), &awscodecommit.GetPullRequestInput{PullRequestId: &id})
	if err != nil {
		w.Fatal(err)
	}
	target := pr.PullRequest.PullRequestTargets[0]
	out, err := awscodecommit.NewFromConfig(w.commits.ConfigAs(arn)).PostCommentForPullRequest(w.Context(), &awscodecommit.PostCommentForPullRequestInput{
		PullRequestId: &id, RepositoryName: aws.String("app"), BeforeCommitId: target.DestinationCommit, AfterCommitId: target.SourceCommit, Content: &text,
	})
	if err != nil {
		w.Fatal(err)
	}
	return *out.Comment.CommentId
}

// reaction returns the short codes of the reactions to a comment.
func (w *world) reaction(comment string) []string {
	w.Helper()
	out, err := w.client.GetCommentReactions(w.Context(), &awscodecommit.GetCommentReactionsInput{CommentId: &comment})
	if err != nil {
		w.Fatal(err)
	}
	var codes []string
	for _, r := range out.ReactionsForComment {
		codes = append(codes, aws.ToString(r.Reaction.ShortCode))
	}
	return codes
}

func TestCommands(t *testing.T) {
	t.Parallel()
	lint := review
	lint.Name, lint.Project = "lint", "app-lint"
	w := newWorld(t, []ci.Flow{review, lint}, func(o *ci.Options) { o.CommandAuthors = []string{"arn:aws:iam::111122223333:user/dev*"} }, hold("app-review"), hold("app-lint"))
	a := w.push("topic", "a", "1")
	id := w.open("topic")
	w.settle()
	command := func(arn, text string) (string, [][]byte) {
		t.Helper()
		comment := w.say(arn, id, text)
		delivered := w.deliver()
		w.settle()
		return comment, delivered
	}
	expect := func(want ...string) {
		t.Helper()
		if diff := cmp.Diff(want, w.started()); diff != "" {
			t.Errorf("builds mismatch (-want +got):\n%s", diff)
		}
	}
	row := func(flow, status string) string { return flow + " " + short(a) + " " + status }

	// Those who may not, and what is no command, change nothing.
	read := w.commits.Count("GetComment")
	stranger, _ := command(strangerARN, "/stop")
	if n := w.commits.Count("GetComment") - read; n != 0 {
		t.Errorf("%d calls of GetComment for the comment of a stranger, want none", n)
	}
	command(developerARN, "what does /stop do?")
	expect(row("review", "IN_PROGRESS"), row("lint", "IN_PROGRESS"))
	if got := w.reaction(stranger); len(got) != 0 {
		t.Errorf("a stranger got the reaction %v", got)
	}

	unknown, _ := command(developerARN, "/rerun tests")
	wrong, _ := command(developerARN, "/stop now")
	expect(row("review", "IN_PROGRESS"), row("lint", "IN_PROGRESS"))
	for _, comment := range []string{unknown, wrong} {
		if diff := cmp.Diff([]string{":thumbsdown:"}, w.reaction(comment)); diff != "" {
			t.Errorf("reactions mismatch (-want +got):\n%s", diff)
		}
	}

	// A build that runs gives way to the one that was asked for.
	again, events := command(developerARN, "/rerun lint")
	expect(row("review", "IN_PROGRESS"), row("lint", "STOPPED"), row("lint", "IN_PROGRESS"))
	if diff := cmp.Diff([]string{":thumbsup:"}, w.reaction(again)); diff != "" {
		t.Errorf("reactions mismatch (-want +got):\n%s", diff)
	}
	// The command comes again, at once and late, also when a newer revision is there.
	for _, age := range []time.Duration{0, time.Minute, time.Hour} {
		w.pass(age)
		for _, payload := range events {
			w.invoke(payload)
		}
	}
	w.settle()
	expect(row("review", "IN_PROGRESS"), row("lint", "STOPPED"), row("lint", "IN_PROGRESS"))

	_, stop := command(developerARN, " /stop\n")
	expect(row("review", "STOPPED"), row("lint", "STOPPED"), row("lint", "STOPPED"))
	w.pass(time.Minute)
	b := w.push("topic", "a", "2")
	w.settle()
	for _, payload := range slices.Concat(stop, events) {
		w.invoke(payload)
	}
	w.settle()
	newer := []string{"review " + short(b) + " IN_PROGRESS", "lint " + short(b) + " IN_PROGRESS"}
	expect(append([]string{row("review", "STOPPED"), row("lint", "STOPPED"), row("lint", "STOPPED")}, newer...)...)

	w.closeRequest(id)
	w.settle()
	closed, _ := command(developerARN, "/rerun")
	if diff := cmp.Diff([]string{":thumbsdown:"}, w.reaction(closed)); diff != "" {
		t.Errorf("reactions mismatch (-want +got):\n%s", diff)
	}
	if n := len(w.builds.Builds()); n != 5 {
		t.Errorf("%d builds, want 5", n)
	}
}

// Without authors nobody may give commands, and comments are not even read.
func TestNoCommands(t *testing.T) {
	t.Parallel()
	w := newWorld(t, []ci.Flow{review}, nil)
	w.push("topic", "a", "1")
	id := w.open("topic")
	w.settle()
	w.commits.ResetCalls()
	w.say(developerARN, id, "/rerun")
	w.settle()
	if n := w.commits.Count("GetComment", "PutCommentReaction"); n != 0 || len(w.builds.Builds()) != 1 {
		t.Errorf("%d calls about the comment and %d builds, want none and 1", n, len(w.builds.Builds()))
	}
}

// A command that starts nothing is not answered as if it had.
func TestRerunStartsNothing(t *testing.T) {
	t.Parallel()
	lint := review
	lint.Name, lint.Project, lint.Destinations = "lint", "app-lint", []string{"release/*"}
	w := newWorld(t, []ci.Flow{review, lint}, func(o *ci.Options) { o.CommandAuthors = []string{"arn:aws:iam::111122223333:user/dev*"} })
	w.push("topic", "a", "1")
	id := w.open("topic")
	w.settle()
	expect := func(comment, want string) {
		t.Helper()
		if diff := cmp.Diff([]string{want}, w.reaction(comment)); diff != "" {
			t.Errorf("reactions mismatch (-want +got):\n%s", diff)
		}
	}
	other := w.say(developerARN, id, "/rerun lint")
	w.settle()
	expect(other, ":thumbsdown:")

	w.builds.SetFaults(citest.Faults{Deny: []string{"StartBuild"}})
	denied := w.say(developerARN, id, "/rerun")
	again := w.take()
	for _, payload := range again {
		if _, err := w.mux.Invoke(t.Context(), payload); err == nil {
			t.Error("no error although no build could be started")
		}
	}
	expect(denied, ":thumbsdown:")
	w.builds.SetFaults(citest.Faults{})
	for _, payload := range again {
		w.invoke(payload)
	}
	w.settle()
	expect(denied, ":thumbsup:")
}
