package main_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"github.com/aws/aws-sdk-go-v2/aws"
	awscodecommit "github.com/aws/aws-sdk-go-v2/service/codecommit"

	"github.com/codesuite-go/codesuite/codecommit/ci/citest"
	"github.com/codesuite-go/codesuite/examples/internal/cfntest"
	"github.com/codesuite-go/codesuite/examples/internal/lambdatest"
)

// secret is the value of a variable that a call gives.
const secret = "hunter2-hunter2"

// TestStory is the life of a change: a pull request is built, pushed to while its
// build runs, built again until it succeeds, and merged; the build of main pushes a
// tag, which is built as well; a schedule and a request start further builds. Each
// event comes twice and in any order, to two instances of the function in turn.
func TestStory(t *testing.T) {
	t.Parallel()
	var w *world
	long := make([]string, 0, 400)
	for i := range 400 {
		long = append(long, fmt.Sprintf("%03d \x1b[31m``` a line of the log of the tests\x1b[0m: %s", i, strings.Repeat("=", 50)))
	}
	commits := make(map[string]citest.Outcome) // of reviews, by commit
	tagged := ""
	w = newWorld(t, parameters, func(b citest.Build) citest.Outcome {
		switch variable(b, "FLOW_NAME") {
		case "review":
			return commits[b.SourceVersion]
		case "branch":
			if variable(b, "FLOW_BRANCH") == "main" {
				return citest.Outcome{Work: func() {
					if err := w.git.SetRef(repository, "refs/tags/v1.0.0", b.SourceVersion); err != nil {
						t.Error(err)
					}
					tagged = b.SourceVersion
				}}
			}
		}
		return citest.Outcome{}
	})
	functions := []*lambdatest.Function{w.start(), w.start()}
	settle := func() {
		t.Helper()
		w.deliver(2, functions...)
		for w.builds.Advance() {
			w.deliver(2, functions...)
		}
		w.deliver(2, functions...)
	}
	advance := func(steps int) {
		t.Helper()
		w.deliver(2, functions...)
		for range steps {
			w.builds.Advance()
			w.deliver(2, functions...)
		}
	}

	// A pull request, and a push while its build runs.
	first := w.push("topic", "1")
	commits[first] = citest.Outcome{Hold: true}
	id := w.open("topic")
	settle()
	if got := w.comments(id); len(got) != 1 {
		t.Fatalf("comments after the pull request was opened: %q", got)
	}
	second := w.push("topic", "2")
	commits[second] = citest.Outcome{Status: citest.StatusFailed, Message: "Error while executing command: make test. Reason: exit status 2", Log: long}
	settle()
	comments := w.comments(id)
	if len(comments) != 2 || !strings.Contains(comments[0], second[:7]) || strings.Contains(comments[0], "\n\n\n") {
		t.Errorf("comments after a push: %q", comments)
	}
	if n := len(utf16.Encode([]rune(comments[1]))); n > 10240 || !strings.Contains(comments[1], "399 ``` a line of the log") || strings.Contains(comments[1], "\x1b") {
		t.Errorf("the comment with the log has %d characters:\n%s", n, comments[1])
	}
	// A build that fails before it has a log.
	third := w.push("topic", "3")
	commits[third] = citest.Outcome{Status: citest.StatusFailed, Phase: "PROVISIONING", Message: "The image cannot be pulled"}
	settle()
	if comments = w.comments(id); len(comments) != 3 || !strings.Contains(comments[2], "The image cannot be pulled") {
		t.Errorf("comments after a build without a log: %q", comments)
	}
	// Success, which the function approves.
	fourth := w.push("topic", "4")
	settle()
	if comments = w.comments(id); len(comments) != 4 {
		t.Errorf("%d comments: %q", len(comments), comments)
	}
	p, err := w.client.GetPullRequest(t.Context(), &awscodecommit.GetPullRequestInput{PullRequestId: &id})
	if err != nil {
		t.Fatal(err)
	}
	approvals, err := w.client.GetPullRequestApprovalStates(t.Context(), &awscodecommit.GetPullRequestApprovalStatesInput{PullRequestId: &id, RevisionId: p.PullRequest.RevisionId})
	if err != nil || len(approvals.Approvals) != 1 || *approvals.Approvals[0].UserArn != robot {
		t.Errorf("approvals: %+v, %v", approvals, err)
	}
	// A command in a comment.
	if _, err := w.client.PostCommentForPullRequest(t.Context(), &awscodecommit.PostCommentForPullRequestInput{
		PullRequestId: &id, RepositoryName: aws.String(repository), BeforeCommitId: p.PullRequest.PullRequestTargets[0].DestinationCommit, AfterCommitId: &fourth, Content: aws.String("/rerun"),
	}); err != nil {
		t.Fatal(err)
	}
	settle()
	if got := w.comments(id); len(got) != 4 {
		t.Errorf("%d comments after a second build of the same revision: %q", len(got), got)
	}
	// The merge, whose build pushes a tag.
	merged, err := w.client.MergePullRequestBySquash(t.Context(), &awscodecommit.MergePullRequestBySquashInput{PullRequestId: &id, RepositoryName: aws.String(repository), SourceCommitId: &fourth})
	if err != nil {
		t.Fatal(err)
	}
	head := *merged.PullRequest.PullRequestTargets[0].MergeMetadata.MergeCommitId
	settle()
	if tagged != head {
		t.Errorf("the tag is at %q, main at %s", tagged, head)
	}
	// The night, and on demand.
	night := w.scheduled(time.Now())
	for i := range 2 {
		w.invoke(functions[i], night)
	}
	for _, f := range functions {
		var started struct {
			BuildID string `json:"build_id"`
			Number  int
		}
		body := w.invoke(f, `{"flow":"on-demand","source_version":"refs/tags/v1.0.0","request_id":"once","environment_variables":[{"name":"TARGET","value":"`+secret+`","type":"PLAINTEXT"}]}`)
		if err := json.Unmarshal([]byte(body), &started); err != nil || !strings.HasPrefix(started.BuildID, "stack-build:") {
			t.Errorf("reply %s: %v", body, err)
		}
	}
	advance(1)
	settle()

	want := []string{
		"branch " + head[:12] + " SUCCEEDED",
		"branch " + first[:12] + " SUCCEEDED", "branch " + second[:12] + " SUCCEEDED", "branch " + third[:12] + " SUCCEEDED", "branch " + fourth[:12] + " SUCCEEDED",
		"on-demand refs/tags/v1 SUCCEEDED",
		"review " + first[:12] + " STOPPED", "review " + second[:12] + " FAILED", "review " + third[:12] + " FAILED", "review " + fourth[:12] + " SUCCEEDED", "review " + fourth[:12] + " SUCCEEDED",
		"schedule refs/heads/m SUCCEEDED",
		"tag " + head[:12] + " SUCCEEDED",
	}
	slices.Sort(want)
	same(t, "builds", want, w.built())

	w.mu.Lock()
	messages := slices.Clone(w.messages)
	w.mu.Unlock()
	slices.Sort(messages)
	same(t, "messages of the topic", []string{
		"branch SUCCEEDED", "on-demand SUCCEEDED", "review FAILED", "review SUCCEEDED", "review SUPERSEDED", "schedule SUCCEEDED", "tag SUCCEEDED",
	}, slices.Compact(messages))

	// The role allows what was called, and nothing else.
	var called []string
	for service, calls := range map[string]map[string]int{"codecommit:": w.git.Calls(), "": w.builds.Calls()} {
		for operation := range calls {
			if service == "" {
				operation = map[bool]string{true: "logs:", false: "codebuild:"}[operation == "GetLogEvents"] + operation
			}
			called = append(called, service+operation)
		}
	}
	called = slices.DeleteFunc(called, func(action string) bool { return slices.Contains(ofDeveloper, action) })
	// No build of the story has reports, and no comment came twice.
	called = append(called, "sns:Publish", "codebuild:BatchGetReports", "codebuild:DescribeTestCases", "codecommit:DeleteCommentContent")
	slices.Sort(called)
	same(t, "actions of the role", slices.Compact(called), w.template.Calls(t, "Ci"))

	for _, f := range functions {
		if log := f.Stop(); strings.Contains(log, secret) || strings.Contains(log, "FLOW_PULL_REQUEST_ID") {
			t.Errorf("the log has variables of builds:\n%s", log)
		}
	}
	if cfntest.At(w.template.Resource(t, "Schedule"), "Properties", "ScheduleExpressionTimezone") != "UTC" {
		t.Error("the schedule has no time zone")
	}
}

// ofDeveloper are the actions that only the test itself calls.
var ofDeveloper = []string{
	"codecommit:CreatePullRequest", "codecommit:GetPullRequestApprovalStates", "codecommit:MergePullRequestBySquash",
}
