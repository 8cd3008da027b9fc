package ci_test

import (
	"strings"
	"testing"

	awscodecommit "github.com/aws/aws-sdk-go-v2/service/codecommit"
	"github.com/aws/aws-sdk-go-v2/service/codecommit/types"
	"github.com/google/go-cmp/cmp"

	"github.com/codesuite-go/codesuite/codecommit/ci"
	"github.com/codesuite-go/codesuite/codecommit/ci/citest"
	"github.com/codesuite-go/codesuite/events"
)

// The rules send what the flows want, and leave out what none of them does.
func TestPatterns(t *testing.T) {
	t.Parallel()
	merging := review
	merging.Merge = events.MergeOptionSquash
	w := newWorld(t, []ci.Flow{merging, mainFlow, tagFlow}, func(o *ci.Options) { o.CommandAuthors = []string{developerARN} })
	rules, err := w.handler.Patterns()
	if err != nil {
		t.Fatal(err)
	}
	w.push("topic", "a", "1")
	id := w.open("topic")
	w.say(strangerARN, id, "/stop")
	pr, err := w.client.GetPullRequest(t.Context(), &awscodecommit.GetPullRequestInput{PullRequestId: &id})
	if err != nil {
		t.Fatal(err)
	}
	_, err = awscodecommit.NewFromConfig(w.commits.ConfigAs(strangerARN)).UpdatePullRequestApprovalState(t.Context(), &awscodecommit.UpdatePullRequestApprovalStateInput{
		PullRequestId: &id, RevisionId: pr.PullRequest.RevisionId, ApprovalState: types.ApprovalStateApprove,
	})
	if err != nil {
		t.Fatal(err)
	}
	w.setRef("refs/heads/feature/x", w.head("main"))
	w.setRef("refs/heads/wip", w.head("main"))
	w.setRef("refs/tags/v1", w.head("main"))
	w.setRef("refs/tags/draft", w.head("main"))
	w.push("main", "b", "1")
	w.closeRequest(id)
	w.setRef("refs/tags/v1", "")
	got := map[string]string{}
	for _, payload := range w.commits.Events() {
		var names []string
		for _, rule := range rules {
			if ok, err := rule.Pattern.Match(payload); err != nil {
				t.Fatal(err)
			} else if ok {
				names = append(names, rule.Name)
			}
		}
		e, err := events.Decode(payload)
		if err != nil {
			t.Fatal(err)
		}
		name := ""
		switch e := e.(type) {
		case *events.RepositoryStateChange:
			name = string(e.Event) + " " + e.ReferenceName
		case *events.PullRequestStateChange:
			name = string(e.Event)
		case *events.PullRequestComment:
			name = string(e.Event)
		}
		got[name] = strings.Join(names, " ")
	}
	want := map[string]string{
		"pullRequestCreated": "pull-requests", "pullRequestStatusChanged": "pull-requests", "pullRequestApprovalStateChanged": "pull-requests",
		"commentOnPullRequestCreated": "comments",
		"referenceCreated feature/x":  "branches", "referenceUpdated main": "branches", "referenceCreated v1": "tags",
		"referenceCreated topic": "", "referenceUpdated topic": "", "referenceCreated wip": "", "referenceCreated draft": "", "referenceDeleted v1": "",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("rules mismatch (-want +got):\n%s", diff)
	}
	w.settle()
	for _, payload := range w.builds.Events() {
		ok, err := rules[3].Pattern.Match(payload)
		if state := strings.Contains(string(payload), "Build State Change"); err != nil || ok != state || rules[3].Name != "builds" {
			t.Errorf("the rule %s matches %v (%v), want %v: %s", rules[3].Name, ok, err, state, payload)
		}
	}

	// Without commands and merges nobody needs their events.
	h := handlerOf([]ci.Flow{review})
	rules, err = h.Patterns()
	if err != nil || len(rules) != 2 || strings.Contains(rules[0].Pattern.String(), "Approval") {
		t.Errorf("rules are %v (%v), want those of pull requests and builds", rules, err)
	}
}

// A pull request is approved when all its flows have succeeded, and not before.
func TestApproveSeveralFlows(t *testing.T) {
	t.Parallel()
	both, lint, docs := review, review, review
	both.Approve = true
	lint.Name, lint.Project, lint.Approve = "lint", "app-lint", true
	docs.Name, docs.Project, docs.Approve, docs.Paths = "docs", "app-docs", true, []string{"docs/**"}
	w := newWorld(t, []ci.Flow{both, lint, docs}, nil, hold("app-lint"))
	w.push("topic", "a", "1")
	id := w.open("topic")
	w.settle()
	approved := func() int {
		t.Helper()
		pr, err := w.client.GetPullRequest(t.Context(), &awscodecommit.GetPullRequestInput{PullRequestId: &id})
		if err != nil {
			t.Fatal(err)
		}
		out, err := w.client.GetPullRequestApprovalStates(t.Context(), &awscodecommit.GetPullRequestApprovalStatesInput{PullRequestId: &id, RevisionId: pr.PullRequest.RevisionId})
		if err != nil {
			t.Fatal(err)
		}
		return len(out.Approvals)
	}
	if n := approved(); n != 0 {
		t.Errorf("%d approvals while a build runs, want none", n)
	}
	for _, b := range w.builds.Builds() {
		if b.Project == "app-lint" {
			if err := w.builds.Finish(b.ID, citest.Outcome{}); err != nil {
				t.Fatal(err)
			}
		}
	}
	w.settle()
	if n := approved(); n != 1 {
		t.Errorf("%d approvals after all builds, want 1", n)
	}
}
