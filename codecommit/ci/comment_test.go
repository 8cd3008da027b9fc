package ci_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	awscodebuild "github.com/aws/aws-sdk-go-v2/service/codebuild"
	awscodecommit "github.com/aws/aws-sdk-go-v2/service/codecommit"
	"github.com/google/go-cmp/cmp"

	"github.com/codesuite-go/codesuite/codecommit/ci"
	"github.com/codesuite-go/codesuite/codecommit/ci/citest"
	"github.com/codesuite-go/codesuite/codecommit/codecommittest"
	"github.com/codesuite-go/codesuite/events"
)

// comments returns the contents of the comments on the pull request, the oldest
// first, "deleted" for those without one.
func (w *world) comments(id string) []string {
	w.Helper()
	out, err := w.client.GetCommentsForPullRequest(w.Context(), &awscodecommit.GetCommentsForPullRequestInput{PullRequestId: &id})
	if err != nil {
		w.Fatal(err)
	}
	var list []string
	for _, data := range out.CommentsForPullRequestData {
		for _, c := range data.Comments {
			content := "deleted"
			if !c.Deleted {
				content = *c.Content
			}
			list = append([]string{content}, list...)
		}
	}
	return list
}

// told sums the comments up.
func (w *world) told(id string) []string {
	w.Helper()
	var list []string
	for _, c := range w.comments(id) {
		list = append(list, sum(c))
	}
	return list
}

// sum is the build and the state that a comment tells, and whether it is one line.
func sum(comment string) string {
	lines := strings.Split(comment, "\n")
	fields := strings.Split(lines[len(lines)-1], " · ")
	switch {
	case comment == "deleted":
		return comment
	case len(fields) < 5 || fields[0] != "codesuite":
		return "other"
	}
	sum := fields[4]
	for _, field := range fields[5:] {
		if strings.HasPrefix(field, "superseded") {
			sum += " superseded"
		} else if !strings.HasPrefix(field, "started") {
			sum += " " + field
		}
	}
	if len(lines) == 1 {
		sum += " line"
	}
	return sum
}

func (w *world) wantTold(what, id string, want ...string) {
	w.Helper()
	if d := cmp.Diff(want, w.told(id)); d != "" {
		w.Errorf("%s: the comments (-want +got):\n%s", what, d)
	}
}

// settleAll is settle, and returns the events.
func (w *world) settleAll() [][]byte {
	w.Helper()
	all := w.deliver()
	for w.builds.Advance() {
		all = append(all, w.deliver()...)
	}
	return all
}

func project(run func(citest.Build) citest.Outcome) citest.Project {
	return citest.Project{Name: "app-review", Repository: "app", Run: run}
}

func ends(o citest.Outcome) func(citest.Build) citest.Outcome {
	return func(citest.Build) citest.Outcome { return o }
}

// The n-th build fails, the others succeed.
func failing(number int) func(citest.Build) citest.Outcome {
	return func(b citest.Build) citest.Outcome {
		if b.Number == number {
			return citest.Outcome{Status: citest.StatusFailed, Message: "exit status 2", Log: []string{"--- FAIL"}}
		}
		return citest.Outcome{}
	}
}

// Each mode, in the course of a pull request with two pushes whose first build fails.
func TestCommentModes(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name    string
		mode    ci.CommentMode
		delete  bool
		running []string // after the first build has started
		failed  []string // after it has failed
		pushed  []string // after the second build has started
		end     []string
	}{
		{"per revision", ci.CommentPerRevision, false, []string{"build 1 IN_PROGRESS"}, []string{"build 1 FAILED"},
			[]string{"build 1 FAILED superseded line", "build 2 IN_PROGRESS"}, []string{"build 1 FAILED superseded line", "build 2 SUCCEEDED"}},
		{"per pull request", ci.CommentPerPullRequest, false, []string{"build 1 IN_PROGRESS"}, []string{"build 1 FAILED"}, []string{"build 2 IN_PROGRESS"}, []string{"build 2 SUCCEEDED"}},
		{"per state", ci.CommentPerState, false, []string{"build 1 IN_PROGRESS"}, []string{"build 1 IN_PROGRESS", "build 1 FAILED"},
			[]string{"build 1 IN_PROGRESS", "build 1 FAILED", "build 2 IN_PROGRESS"}, []string{"build 1 IN_PROGRESS", "build 1 FAILED", "build 2 IN_PROGRESS", "build 2 SUCCEEDED"}},
		{"failures only", ci.CommentFailuresOnly, false, nil, []string{"build 1 FAILED"}, []string{"build 1 FAILED superseded line"}, []string{"build 1 FAILED superseded line"}},
		{"none", ci.CommentNone, false, nil, nil, nil, nil},
		{"per revision, deleted on success", ci.CommentPerRevision, true, []string{"build 1 IN_PROGRESS"}, []string{"build 1 FAILED"},
			[]string{"build 1 FAILED superseded line", "build 2 IN_PROGRESS"}, []string{"build 1 FAILED superseded line", "deleted"}},
		{"per pull request, deleted on success", ci.CommentPerPullRequest, true, []string{"build 1 IN_PROGRESS"}, []string{"build 1 FAILED"}, []string{"build 2 IN_PROGRESS"}, []string{"deleted"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			flow := review
			flow.Comments, flow.DeleteOnSuccess = test.mode, test.delete
			w := newWorld(t, []ci.Flow{flow}, nil, project(failing(1)))
			var all [][]byte
			w.push("feature", "a", "1")
			id := w.open("feature")
			all = append(all, w.deliver()...)
			w.wantTold("running", id, test.running...)
			all = append(all, w.settleAll()...)
			w.wantTold("failed", id, test.failed...)
			w.push("feature", "a", "2")
			all = append(all, w.deliver()...)
			w.wantTold("pushed", id, test.pushed...)
			all = append(all, w.settleAll()...)
			w.wantTold("end", id, test.end...)

			// All events again, the newest first, change nothing.
			before := w.comments(id)
			calls := w.commits.Calls()
			slices.Reverse(all)
			for _, payload := range all {
				w.invoke(payload)
			}
			w.take() // of the comments
			if d := cmp.Diff(before, w.comments(id)); d != "" {
				t.Errorf("after all events came again (-before +after):\n%s", d)
			}
			for _, operation := range []string{"UpdateComment", "PostCommentForPullRequest", "DeleteCommentContent"} {
				if test.mode != ci.CommentPerPullRequest && w.commits.Calls()[operation] != calls[operation] {
					t.Errorf("%d calls of %s for events that came again", w.commits.Calls()[operation]-calls[operation], operation)
				}
			}
		})
	}
}

// A build that runs again and succeeds has the comment of the one that has failed.
func TestRerunUpdatesTheComment(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		mode  ci.CommentMode
		retry int // by CodeBuild
	}{{ci.CommentPerRevision, 1}, {ci.CommentPerRevision, 0}, {ci.CommentFailuresOnly, 0}} {
		flow := review
		flow.Comments = test.mode
		p := project(failing(1))
		p.AutoRetryLimit = test.retry
		w := newWorld(t, []ci.Flow{flow}, nil, p)
		w.push("feature", "a", "1")
		id := w.open("feature")
		w.settle()
		if test.retry == 0 {
			w.wantTold("failed", id, "build 1 FAILED")
			client := awscodebuild.NewFromConfig(w.builds.Config())
			if _, err := client.RetryBuild(t.Context(), &awscodebuild.RetryBuildInput{Id: &w.builds.Builds()[0].ID}); err != nil {
				t.Fatal(err)
			}
			w.deliver()
			w.wantTold("running again", id, "build 2 IN_PROGRESS")
			w.settle()
		}
		w.wantTold("succeeded", id, "build 2 SUCCEEDED")
		if told := strings.Contains(strings.Join(w.comments(id), ""), "retry 1 of 1"); told != (test.retry > 0) {
			t.Errorf("the comment tells of a retry: %v\n%s", told, w.comments(id))
		}
	}
}

// A comment that is deleted by hand, or that belongs to another role, gets a
// successor, once.
func TestLostComments(t *testing.T) {
	t.Parallel()
	for _, mode := range []ci.CommentMode{ci.CommentPerRevision, ci.CommentPerPullRequest} {
		t.Run(string(mode), func(t *testing.T) {
			t.Parallel()
			flow := review
			flow.Comments = mode
			w := newWorld(t, []ci.Flow{flow}, nil, project(ends(citest.Outcome{Hold: true})))
			w.push("feature", "a", "1")
			id := w.open("feature")
			payloads := w.deliver()
			out, err := w.client.GetCommentsForPullRequest(t.Context(), &awscodecommit.GetCommentsForPullRequestInput{PullRequestId: &id})
			if err != nil {
				t.Fatal(err)
			}
			comment := out.CommentsForPullRequestData[0].Comments[0]
			if _, err := w.client.DeleteCommentContent(t.Context(), &awscodecommit.DeleteCommentContentInput{CommentId: comment.CommentId}); err != nil {
				t.Fatal(err)
			}
			for range 2 {
				for _, payload := range payloads {
					w.invoke(payload)
				}
			}
			w.take()
			w.wantTold("deleted by hand", id, "deleted", "build 1 IN_PROGRESS")

			// Another role takes over.
			next := ci.New(ci.Clients{
				CodeCommit: awscodecommit.NewFromConfig(w.commits.ConfigAs("arn:aws:sts::111122223333:assumed-role/next/ci")),
				CodeBuild:  awscodebuild.NewFromConfig(w.builds.Config()),
			}, []ci.Flow{flow})
			next.SetClock(w.now)
			w.mux = new(events.Mux)
			if err := next.Register(w.mux); err != nil {
				t.Fatal(err)
			}
			if err := w.builds.Finish(w.builds.Builds()[0].ID, citest.Outcome{}); err != nil {
				t.Fatal(err)
			}
			w.settle()
			w.wantTold("another role", id, "deleted", "build 1 IN_PROGRESS", "build 1 SUCCEEDED")
			for _, payload := range payloads {
				w.invoke(payload)
			}
			w.wantTold("another role, again", id, "deleted", "build 1 IN_PROGRESS", "build 1 SUCCEEDED")
		})
	}
}

// A report that is late, from before a push or before the end of its build, changes
// no comment that says something newer.
func TestLateReports(t *testing.T) {
	t.Parallel()
	for _, mode := range []ci.CommentMode{ci.CommentPerRevision, ci.CommentPerPullRequest, ci.CommentFailuresOnly} {
		flow := review
		flow.Comments = mode
		w := newWorld(t, []ci.Flow{flow}, nil, project(ends(citest.Outcome{Status: citest.StatusFailed})))
		w.push("feature", "a", "1")
		id := w.open("feature")
		w.settle()
		w.push("feature", "a", "2")
		w.settle()
		before := w.comments(id)
		for _, r := range w.reports {
			if err := w.handler.Comment(t.Context(), &flow, &r); err != nil {
				t.Error(err)
			}
			if d := cmp.Diff(before, w.comments(id)); d != "" && r.State == ci.StateInProgress {
				t.Errorf("%s: after a late report of %s of build %d (-want +got):\n%s", mode, r.State, r.Build.Number, d)
			}
		}
	}
}

// The one comment of a pull request says of its newest revision that no build was
// started, also when an event of the older one comes again.
func TestNotStartedStays(t *testing.T) {
	t.Parallel()
	flow := review
	flow.Comments = ci.CommentPerPullRequest
	w := newWorld(t, []ci.Flow{flow}, nil, project(ends(citest.Outcome{Status: citest.StatusFailed})))
	w.push("feature", "a", "1")
	id := w.open("feature")
	payloads := w.settleAll()
	w.builds.SetFaults(citest.Faults{Deny: []string{"StartBuild"}})
	w.push("feature", "a", "2")
	for _, payload := range w.take() {
		if _, err := w.mux.Invoke(t.Context(), payload); err == nil && strings.Contains(string(payload), "pullRequestSourceBranchUpdated") {
			t.Error("the event has no error")
		}
	}
	w.take()
	w.wantTold("not started", id, "NOT_STARTED")
	w.commentHas(id, "**no build was started**", "codebuild:StartBuild")
	for _, payload := range payloads {
		if !strings.Contains(string(payload), "CodeCommit") {
			w.invoke(payload)
		}
	}
	w.wantTold("not started, later", id, "NOT_STARTED")
}

// Several instances get each event at once, and CodeCommit has forgotten the tokens:
// one comment stays.
func TestConcurrentComments(t *testing.T) {
	t.Parallel()
	for _, forget := range []bool{false, true} {
		w := newWorld(t, []ci.Flow{review}, nil, project(failing(2)))
		w.commits.SetFaults(codecommittest.Faults{ForgetTokens: forget})
		handlers := []func([]byte) error{}
		for range 4 {
			_, mux := w.instance([]ci.Flow{review})
			handlers = append(handlers, func(payload []byte) error {
				_, err := mux.Invoke(t.Context(), payload)
				return err
			})
		}
		deliver := func() {
			for _, payload := range w.take() {
				var group sync.WaitGroup
				for _, handle := range handlers {
					group.Go(func() {
						if err := handle(payload); err != nil {
							t.Error(err)
						}
					})
				}
				group.Wait()
			}
		}
		w.push("feature", "a", "1")
		id := w.open("feature")
		w.push("feature", "a", "2")
		deliver()
		for w.builds.Advance() {
			deliver()
		}
		deliver()
		told := slices.DeleteFunc(w.told(id), func(s string) bool { return s == "deleted" })
		last := len(w.builds.Builds())
		want := fmt.Sprintf("build %d FAILED", last)
		if last != 2 {
			want = fmt.Sprintf("build %d SUCCEEDED", last)
		}
		if n := len(told); n == 0 || n > 2 || told[n-1] != want || n == 2 && !strings.HasSuffix(told[0], "superseded line") {
			t.Errorf("forgotten tokens %v: the comments are %q, want %q last", forget, told, want)
		}
	}
}

// A log that cannot be read, for whatever reason, does not keep the result from the
// pull request.
func TestLogs(t *testing.T) {
	t.Parallel()
	var many []string
	for i := range 1000 {
		many = append(many, fmt.Sprintf("line %03d of the log", i))
	}
	for _, test := range []struct {
		name    string
		outcome citest.Outcome
		project func(*citest.Project)
		change  func(*world)
		lines   int
		want    string // a part of the comment
		not     string
	}{
		{"the end of it", citest.Outcome{Log: many}, nil, nil, 0, "\n```text\nline 970 of the log\n", "line 969"},
		{"in pages", citest.Outcome{Log: many}, nil, func(w *world) { w.builds.SetLogPage(7) }, 0, "\n```text\nline 970 of the log\n", "line 969"},
		{"fewer lines", citest.Outcome{Log: many}, nil, nil, 3, "\n```text\nline 997 of the log\nline 998 of the log\nline 999 of the log\n```", ""},
		{"no lines", citest.Outcome{Log: many}, nil, nil, -1, "**failed**", "```"},
		{"20,000 characters of it", citest.Outcome{Log: many}, nil, nil, 1000, "line 999 of the log\n```", "line 500"},
		{"a fence in it", citest.Outcome{Log: []string{"```", "x"}}, nil, nil, 0, "````text\n```\nx\n````", ""},
		{"escapes in it", citest.Outcome{Log: []string{"\x1b[31mred\x1b[0m"}}, nil, nil, 0, "```text\nred\n```", ""},
		{"a token in it", citest.Outcome{Log: []string{"git clone https://bot:s3cr3t@example.com/a.git"}}, nil, nil, 0, "git clone https://", "s3cr3t"},
		{"gone", citest.Outcome{Log: many}, nil, func(w *world) { w.builds.DeleteLog(w.builds.Builds()[0].ID) }, 0, "The log is gone, or not there yet.", "```"},
		{"denied", citest.Outcome{Log: many}, nil, func(w *world) { w.builds.SetFaults(citest.Faults{Deny: []string{"GetLogEvents"}}) }, 0,
			"allow the IAM action logs:GetLogEvents on the log group /aws/codebuild/app-review.", "```"},
		{"failing", citest.Outcome{Log: many}, nil, func(w *world) {
			w.builds.SetFaults(citest.Faults{Fail: func(operation string) string {
				return map[string]string{"GetLogEvents": "ServiceUnavailableException"}[operation]
			}})
		}, 0, "The log cannot be read.", "```"},
		{"off", citest.Outcome{Log: many}, func(p *citest.Project) { p.LogsOff = true }, nil, 0, "**failed**", "log]"},
		{"before there is one", citest.Outcome{Phase: "PROVISIONING", StatusCode: "VPC_CLIENT_ERROR", Message: "no subnet"}, nil, nil, 0,
			"Phase `PROVISIONING`: `VPC_CLIENT_ERROR: no subnet`", "log]"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			test.outcome.Status = citest.StatusFailed
			p := project(ends(test.outcome))
			if test.project != nil {
				test.project(&p)
			}
			w := newWorld(t, []ci.Flow{review}, func(o *ci.Options) { o.LogLines = test.lines }, p)
			w.push("feature", "a", "1")
			id := w.open("feature")
			w.deliver()
			w.builds.Settle()
			if test.change != nil {
				test.change(w)
			}
			w.deliver()
			w.wantTold(test.name, id, "build 1 FAILED")
			comment := w.comments(id)[0]
			if !strings.Contains(comment, test.want) || test.not != "" && strings.Contains(comment, test.not) {
				t.Errorf("the comment has to have %q, and not %q:\n%s", test.want, test.not, comment)
			}
			if strings.Contains(comment, "None") || strings.Contains(comment, "null") {
				t.Errorf("the comment has a broken link:\n%s", comment)
			}
		})
	}
}

// The event of a failure that comes again when the log has grown updates the comment.
func TestLogGrows(t *testing.T) {
	t.Parallel()
	w := newWorld(t, []ci.Flow{review}, nil, project(ends(citest.Outcome{Status: citest.StatusFailed, Log: []string{"one", "two"}, LogDelay: time.Minute})))
	w.push("feature", "a", "1")
	id := w.open("feature")
	payloads := w.settleAll()
	if c := w.comments(id)[0]; strings.Contains(c, "two") {
		t.Fatalf("the log is there already:\n%s", c)
	}
	w.pass(time.Minute)
	for _, payload := range payloads {
		w.invoke(payload)
	}
	w.take()
	w.wantTold("when the log has grown", id, "build 1 FAILED")
	if c := w.comments(id)[0]; !strings.Contains(c, "```text\none\ntwo\n```") {
		t.Errorf("the comment lacks the log:\n%s", c)
	}
}

// A secret in the text of a failure is not in the comment, and not in the report.
func TestFailureWithSecret(t *testing.T) {
	t.Parallel()
	const secret = "ghp_0123456789abcdef"
	outcome := citest.Outcome{Status: citest.StatusFailed, Message: "Error while executing command: curl -u x:" + secret,
		Reports: []citest.Report{{Name: "unit", Cases: []citest.TestCase{{Name: "A", Status: "FAILED", Message: "got " + secret}}}}, Log: []string{secret}}
	w := newWorld(t, []ci.Flow{review}, nil, project(ends(outcome)))
	w.push("feature", "a", "1")
	id := w.open("feature")
	w.settle()
	all := fmt.Sprintf("%s %+v %s", w.comments(id), w.reports, w.log.String())
	if strings.Contains(all, secret) || !strings.Contains(all, "curl -u x:") {
		t.Errorf("the secret is shown:\n%s", all)
	}
}

// A batch build has one comment, with its groups; its builds have none.
func TestBatchComment(t *testing.T) {
	t.Parallel()
	flow := review
	flow.Batch = true
	p := project(func(b citest.Build) citest.Outcome {
		if b.Group == "test" {
			return citest.Outcome{Status: citest.StatusFailed, Duration: time.Minute}
		}
		return citest.Outcome{}
	})
	p.Groups = []citest.Group{{Identifier: "lint"}, {Identifier: "test"}, {Identifier: "deploy", DependsOn: []string{"test"}}}
	w := newWorld(t, []ci.Flow{flow}, nil, p)
	w.handler.SetSleep(func(context.Context, time.Duration) error { w.builds.Advance(); return nil })
	w.push("feature", "a", "1")
	id := w.open("feature")
	w.deliver()
	for w.builds.Advance() {
		w.deliver()
		if n := len(w.told(id)); n > 1 {
			t.Fatalf("%d comments: %s", n, w.told(id))
		}
	}
	w.wantTold("end", id, "batch build 1 FAILED")
	comment := w.comments(id)[0]
	for _, want := range []string{"| `lint` | succeeded | [build](https://us-east-1.console.", "| `test` | failed | [build](", "| `deploy` | not started |  |"} {
		if !strings.Contains(comment, want) {
			t.Errorf("the comment lacks %q:\n%s", want, comment)
		}
	}
}

// How a build ends is what the comment says, whatever its phases say.
func TestStates(t *testing.T) {
	t.Parallel()
	for _, status := range []citest.Status{citest.StatusSucceeded, citest.StatusFailed, citest.StatusFault, citest.StatusTimedOut, citest.StatusStopped} {
		w := newWorld(t, []ci.Flow{review}, nil, project(ends(citest.Outcome{Status: status, Phase: "DOWNLOAD_SOURCE"})))
		w.push("feature", "a", "1")
		id := w.open("feature")
		w.settle()
		w.wantTold(string(status), id, "build 1 "+string(status))
	}
}

// The reports of a build are in the comment, also those that CodeBuild has not
// finished when the build ends.
func TestReports(t *testing.T) {
	t.Parallel()
	var cases []citest.TestCase
	for i := range 30 {
		cases = append(cases, citest.TestCase{Suite: "math", Name: fmt.Sprint("Test", i), Status: []string{"FAILED", "ERROR", ""}[i%3], Message: "want\n4"})
	}
	outcome := citest.Outcome{Status: citest.StatusFailed, Reports: []citest.Report{
		{Name: "unit", Cases: cases, Generating: 2 * time.Second},
		{Name: "more", Cases: []citest.TestCase{{Name: "A"}}},
		{Name: "cover", Coverage: &citest.Coverage{LinesCovered: 1, LinesMissed: 3}},
		{Name: "gone", Gone: true},
	}}
	for _, test := range []struct {
		name   string
		sleep  func(*world) error
		faults citest.Faults
		want   []string
		not    string
	}{
		{"finished a moment later", func(w *world) error { w.pass(3 * time.Second); return nil }, citest.Faults{},
			[]string{"31 tests, 11 succeeded, 10 failed, 10 with errors\n\n- `math: Test0` `want 4`\n", "\n- `math: Test27` `want 4`\n- and 10 more", "Coverage: 25.0% of 4 lines"}, "not finished"},
		{"not finished", func(*world) error { return nil }, citest.Faults{}, []string{"1 tests, 1 succeeded; a report was not finished"}, "math"},
		{"no cases", func(w *world) error { w.pass(3 * time.Second); return nil }, citest.Faults{Deny: []string{"DescribeTestCases"}}, []string{"31 tests, 11 succeeded"}, "math"},
		{"denied", func(*world) error { return nil }, citest.Faults{Deny: []string{"BatchGetReports"}}, []string{"**failed**"}, "tests"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, []ci.Flow{review}, nil, project(ends(outcome)))
			w.handler.SetSleep(func(context.Context, time.Duration) error { return test.sleep(w) })
			w.push("feature", "a", "1")
			id := w.open("feature")
			w.deliver()
			w.builds.Settle()
			w.builds.SetFaults(test.faults)
			w.deliver()
			comment := w.comments(id)[0]
			for _, want := range test.want {
				if !strings.Contains(comment, want) {
					t.Errorf("the comment lacks %q:\n%s", want, comment)
				}
			}
			if strings.Contains(comment, test.not) {
				t.Errorf("the comment has %q:\n%s", test.not, comment)
			}
			if len(test.faults.Deny) > 0 {
				w.logged("allow the IAM action codebuild:" + test.faults.Deny[0])
			}
		})
	}
}

// An error of CodeCommit is the event's, and the event that comes again mends it.
func TestCommentErrors(t *testing.T) {
	t.Parallel()
	for _, operation := range []string{"GetCommentsForPullRequest", "PostCommentForPullRequest", "UpdateComment"} {
		w := newWorld(t, []ci.Flow{review}, nil, project(ends(citest.Outcome{Hold: true})))
		w.push("feature", "a", "1")
		id := w.open("feature")
		w.commits.SetFaults(codecommittest.Faults{Deny: []string{operation}})
		failed := 0
		payloads := w.take()
		for i := 0; i < len(payloads); i++ {
			_, err := w.mux.Invoke(t.Context(), payloads[i])
			if err == nil {
				payloads = append(payloads, w.take()...)
				continue
			}
			failed++
			var e *ci.Error
			if !errors.As(err, &e) || e.Operation != operation || !strings.Contains(err.Error(), "allow the IAM action codecommit:"+operation) {
				t.Errorf("%s: %v", operation, err)
			}
		}
		if failed == 0 {
			t.Errorf("%s: no event has failed", operation)
		}
		w.commits.SetFaults(codecommittest.Faults{})
		for _, payload := range payloads {
			w.invoke(payload)
		}
		w.wantTold(operation, id, "build 1 IN_PROGRESS")
	}
}
