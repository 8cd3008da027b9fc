package ci_test

import (
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	awscodecommit "github.com/aws/aws-sdk-go-v2/service/codecommit"
	"github.com/google/go-cmp/cmp"

	"github.com/codesuite-go/codesuite/codecommit/ci"
	"github.com/codesuite-go/codesuite/codecommit/ci/citest"
)

func hold(name string) citest.Project {
	return citest.Project{Name: name, Repository: "app", Run: func(citest.Build) citest.Outcome { return citest.Outcome{Hold: true} }}
}

func TestReview(t *testing.T) {
	t.Parallel()
	w := newWorld(t, []ci.Flow{review}, nil, hold("app-review"))
	first := w.push("topic", "src/a.go", "1")
	id := w.open("topic")
	w.settle()
	if diff := cmp.Diff([]string{"review " + short(first) + " IN_PROGRESS"}, w.started()); diff != "" {
		t.Errorf("builds mismatch (-want +got):\n%s", diff)
	}
	b := w.builds.Builds()[0]
	got := map[string]string{}
	for _, v := range b.Variables {
		got[v.Name] = v.Value
	}
	want := map[string]string{
		"FLOW_PULL_REQUEST_ID": id, "FLOW_PULL_REQUEST_SRC_COMMIT": first, "FLOW_PULL_REQUEST_DST_COMMIT": w.head("main"),
		"FLOW_NAME": "review", "FLOW_EVENT": "review", "FLOW_REPOSITORY": "app", "FLOW_SRC_BRANCH": "topic", "FLOW_DST_BRANCH": "main",
		"FLOW_REVISION_ID": got["FLOW_REVISION_ID"], "FLOW_ID": b.Token,
	}
	if diff := cmp.Diff(want, got); diff != "" || got["FLOW_REVISION_ID"] == "" || b.Token == "" {
		t.Errorf("variables mismatch (-want +got):\n%s", diff)
	}

	second := w.push("topic", "src/a.go", "2")
	w.settle()
	if diff := cmp.Diff([]string{"review " + short(first) + " STOPPED", "review " + short(second) + " IN_PROGRESS"}, w.started()); diff != "" {
		t.Errorf("builds mismatch (-want +got):\n%s", diff)
	}

	w.closeRequest(id)
	w.settle()
	if diff := cmp.Diff([]string{"review " + short(first) + " STOPPED", "review " + short(second) + " STOPPED"}, w.started()); diff != "" {
		t.Errorf("builds mismatch (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"review IN_PROGRESS", "review SUPERSEDED", "review IN_PROGRESS", "review STOPPED"}, w.reported()); diff != "" {
		t.Errorf("reports mismatch (-want +got):\n%s", diff)
	}
}

// The filters of a review.
func TestReviewFilters(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		change func(*ci.Flow)
		title  string
		want   int // builds
		log    string
	}{
		{"none", func(*ci.Flow) {}, "Topic", 1, ""},
		{"destination", func(f *ci.Flow) { f.Destinations = []string{"ma*"} }, "Topic", 1, ""},
		{"other destination", func(f *ci.Flow) { f.Destinations = []string{"release/**"} }, "Topic", 0, "not for the destination branch"},
		{"other source", func(f *ci.Flow) { f.Sources = []string{"!topic"} }, "Topic", 0, "not for the source branch"},
		{"author", func(f *ci.Flow) { f.Authors = []string{developerARN} }, "Topic", 1, ""},
		{"other author", func(f *ci.Flow) { f.Authors = []string{"arn:aws:iam::111122223333:user/eve"} }, "Topic", 0, "not for the author"},
		{"draft", func(f *ci.Flow) { f.DraftPrefix = "WIP" }, "wip: topic", 0, "is a draft"},
		{"no draft", func(f *ci.Flow) { f.DraftPrefix = "WIP" }, "Topic WIP", 1, ""},
		{"other repository", func(f *ci.Flow) { f.Repositories = []string{"other"} }, "Topic", 0, "no flow reviews the repository"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			f := review
			test.change(&f)
			w := newWorld(t, []ci.Flow{f}, nil)
			w.push("topic", "a", "1")
			w.open("topic", func(in *awscodecommit.CreatePullRequestInput) { in.Title = &test.title })
			w.settle()
			if n := len(w.builds.Builds()); n != test.want {
				t.Errorf("%d builds, want %d", n, test.want)
			}
			w.logged(test.log)
		})
	}
}

// Several flows review one repository, each with its own project and branches.
func TestReviewFlows(t *testing.T) {
	t.Parallel()
	lint, docs := review, review
	lint.Name, lint.Project = "lint", "app-lint"
	docs.Name, docs.Paths = "docs", []string{"docs/**"} // with the project of review
	w := newWorld(t, []ci.Flow{review, lint, docs}, nil, hold("app-review"), hold("app-lint"))
	a := w.push("topic", "docs/a", "1")
	w.open("topic")
	w.settle()
	b := w.push("topic", "docs/a", "2")
	w.settle()
	want := []string{
		"review " + short(a) + " STOPPED", "lint " + short(a) + " STOPPED", "docs " + short(a) + " STOPPED",
		"review " + short(b) + " IN_PROGRESS", "lint " + short(b) + " IN_PROGRESS", "docs " + short(b) + " IN_PROGRESS",
	}
	if diff := cmp.Diff(want, w.started()); diff != "" {
		t.Errorf("builds mismatch (-want +got):\n%s", diff)
	}
}

// Old events start nothing, and a build that has lost a race with a push is stopped
// when its own event comes.
func TestLateEvents(t *testing.T) {
	t.Parallel()
	w := newWorld(t, []ci.Flow{review}, nil, hold("app-review"))
	a := w.push("topic", "a", "1")
	w.open("topic")
	created := w.take()
	b := w.push("topic", "a", "2")
	w.deliver()
	for _, payload := range created {
		w.invoke(payload)
	}
	w.settle()
	if diff := cmp.Diff([]string{"review " + short(b) + " IN_PROGRESS"}, w.started()); diff != "" {
		t.Errorf("builds mismatch (-want +got):\n%s", diff)
	}
	w.logged("a newer push has its own event")

	// The push comes while the build of the last one is being started.
	once := sync.OnceFunc(func() { w.push("topic", "a", "4") })
	w.builds.OnCall(func(operation string) {
		if operation == "StartBuild" {
			once()
		}
	})
	w.push("topic", "a", "3")
	w.deliver()
	w.settle()
	running := 0
	for _, build := range w.builds.Builds() {
		if build.Status == citest.StatusInProgress {
			running++
			if build.SourceVersion != w.head("topic") {
				t.Errorf("a build of %s runs, want one of the head %s (first %s)", short(build.SourceVersion), short(w.head("topic")), short(a))
			}
		}
	}
	if running != 1 {
		t.Errorf("%d builds run, want 1: %v", running, w.started())
	}
	for _, r := range w.reports {
		if r.State == ci.StateStopped {
			t.Errorf("a superseded build was reported as %s", r.State)
		}
	}
}

func TestSupersededKeep(t *testing.T) {
	t.Parallel()
	f := review
	f.Superseded = ci.SupersededKeep
	w := newWorld(t, []ci.Flow{f}, nil, hold("app-review"))
	a := w.push("topic", "a", "1")
	id := w.open("topic")
	w.settle()
	b := w.push("topic", "a", "2")
	w.settle()
	w.closeRequest(id)
	w.settle()
	want := []string{"review " + short(a) + " IN_PROGRESS", "review " + short(b) + " IN_PROGRESS"}
	if diff := cmp.Diff(want, w.started()); diff != "" {
		t.Errorf("builds mismatch (-want +got):\n%s", diff)
	}
	if n := w.builds.Count("StopBuild"); n != 0 {
		t.Errorf("%d calls of StopBuild, want none", n)
	}
}

// An older build that ends by itself keeps its state, and says what superseded it.
func TestSupersededReport(t *testing.T) {
	t.Parallel()
	f := review
	f.Superseded = ci.SupersededKeep
	w := newWorld(t, []ci.Flow{f}, nil)
	w.push("topic", "a", "1")
	id := w.open("topic")
	w.deliver()
	b := w.push("topic", "a", "2")
	w.settle()
	var old, current *ci.Report
	for i, r := range w.reports {
		if r.PullRequest.SourceCommit == b {
			current = &w.reports[i]
		} else {
			old = &w.reports[i]
		}
	}
	if old == nil || old.State != ci.StateSucceeded || old.SupersededBy != b {
		t.Errorf("the report of the older revision is %+v, want SUCCEEDED, superseded by %s", old, b)
	}
	if current == nil {
		t.Fatal("no report of the current revision")
	}
	want := ci.Report{
		Flow: "review", Kind: ci.KindReview, Account: "111122223333", Region: "us-east-1", Repository: "app",
		PullRequest: &ci.PullRequest{
			ID: id, SourceCommit: b, DestinationCommit: w.head("main"), SourceBranch: "topic", DestinationBranch: "main",
			Title: "Change topic", AuthorARN: developerARN,
			URL: "https://us-east-1.console.aws.amazon.com/codesuite/codecommit/repositories/app/pull-requests/" + id + "/details?region=us-east-1",
		},
		Commit: b, State: ci.StateSucceeded,
	}
	got := *current
	if got.Build.Number != 2 || got.Build.Project != "app-review" || got.Build.URL == "" || got.Build.LogGroup == "" || got.Build.End.IsZero() {
		t.Errorf("the build is %+v", got.Build)
	}
	got.Build, got.PullRequest.RevisionID = ci.Build{}, ""
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("report mismatch (-want +got):\n%s", diff)
	}
}

// Events of builds in any order and number end with the truth.
func TestBuildEvents(t *testing.T) {
	t.Parallel()
	w := newWorld(t, []ci.Flow{review}, nil)
	w.push("topic", "a", "1")
	w.open("topic")
	w.deliver()
	w.reports = nil
	w.builds.Settle()
	w.take()
	for _, payload := range slices.Backward(w.builds.Events()) { // the end comes first
		w.invoke(payload)
	}
	for _, r := range w.reports {
		if r.State != ci.StateSucceeded {
			t.Errorf("report %s, want SUCCEEDED alone", r.State)
		}
	}
	if len(w.reports) == 0 {
		t.Error("no reports")
	}
}

// What concerns no flow is left out, and what is of another account is an error.
func TestForeign(t *testing.T) {
	t.Parallel()
	w := newWorld(t, []ci.Flow{review, mainFlow}, func(o *ci.Options) { o.Account = "111122223333" })
	build := func(project, variables string) string {
		return `{"source":"aws.codebuild","detail-type":"CodeBuild Build State Change","account":"111122223333","region":"us-east-1","time":"2026-01-02T03:04:05Z",
			"detail":{"build-status":"FAILED","project-name":"` + project + `","build-id":"arn:aws:codebuild:us-east-1:111122223333:build/` + project + `:1",
			"additional-information":{"environment":{"environment-variables":[` + variables + `]}}}}`
	}
	pull := func(account, repository, id string) string {
		return `{"source":"aws.codecommit","detail-type":"CodeCommit Pull Request State Change","account":"` + account + `","region":"us-east-1","time":"2026-01-02T03:04:05Z",
			"detail":{"event":"pullRequestCreated","pullRequestId":"` + id + `","repositoryNames":["` + repository + `"],"sourceCommit":"x","pullRequestStatus":"Open","isMerged":"False"}}`
	}
	for _, test := range []struct{ name, payload, err, log string }{
		{"build of another project", build("else", ``), "", "no flow has the project"},
		{"build of a pipeline", build("app-review", `{"name":"STAGE","type":"PLAINTEXT","value":"x"}`), "", "the build is of no flow"},
		{"build of a flow that is gone", build("app-review", `{"name":"FLOW_NAME","type":"PLAINTEXT","value":"old"}`), "", "a flow that is not there"},
		{"build with a forged variable", build("app-review", `{"name":"FLOW_NAME","type":"PLAINTEXT","value":"review"},{"name":"FLOW_EVENT","type":"PLAINTEXT","value":"review"},{"name":"FLOW_REPOSITORY","type":"PLAINTEXT","value":"other"}`), "", "a flow that is not there"},
		{"build that CodeBuild does not know", build("app-review", `{"name":"FLOW_NAME","type":"PLAINTEXT","value":"review"},{"name":"FLOW_EVENT","type":"PLAINTEXT","value":"review"}`), "", "CodeBuild does not know the build"},
		{"build without variables", build("app-review", ``), "", "the build is of no flow"},
		{"pull request of another repository", pull("111122223333", "else", "1"), "", "no flow reviews the repository"},
		{"pull request that is not there", pull("111122223333", "app", "77"), "", "no such pull request"},
		{"pull request of another account", pull("999999999999", "app", "1"), "event of another account or Region", ""},
		{"pull request without ID", pull("111122223333", "app", ""), "lacks its ID", ""},
	} {
		_, err := w.mux.Invoke(t.Context(), []byte(test.payload))
		switch {
		case test.err == "" && err != nil:
			t.Errorf("%s: %v", test.name, err)
		case test.err != "" && (err == nil || !strings.Contains(err.Error(), test.err)):
			t.Errorf("%s: error %v, want %q in it", test.name, err, test.err)
		}
		w.logged(test.log)
	}
	if n := w.builds.Count("StartBuild"); n != 0 {
		t.Errorf("%d builds were started", n)
	}
}

// A build that fails and that CodeBuild runs again is no failure yet.
func TestRetries(t *testing.T) {
	t.Parallel()
	w := newWorld(t, []ci.Flow{review}, nil, citest.Project{
		Name: "app-review", Repository: "app", AutoRetryLimit: 2,
		Run: func(b citest.Build) citest.Outcome {
			if b.Retries == "" {
				return citest.Outcome{Status: citest.StatusFailed, Message: "exit status 2"}
			}
			return citest.Outcome{}
		},
	})
	w.push("topic", "a", "1")
	w.open("topic")
	w.settle()
	for _, r := range w.reports {
		if r.State.Failed() {
			t.Errorf("report %s of build %d, want no failure", r.State, r.Build.Number)
		}
	}
	last := w.reports[len(w.reports)-1]
	if last.State != ci.StateSucceeded || last.Build.Number != 2 || last.Build.Retry != 1 || last.Build.RetryLimit != 2 {
		t.Errorf("the last report is %s of %+v, want SUCCEEDED of the first of two retries", last.State, last.Build)
	}
	// The events of the first build come again.
	w.reports = nil
	for _, payload := range w.builds.Events() {
		w.invoke(payload)
	}
	for _, r := range w.reports {
		if r.State != ci.StateSucceeded || r.Build.Number != 2 {
			t.Errorf("report %s of build %d, want SUCCEEDED of 2", r.State, r.Build.Number)
		}
	}
}

// Every way in which a build ends is reported as it is.
func TestBuildStates(t *testing.T) {
	t.Parallel()
	for status, want := range map[citest.Status]ci.State{
		citest.StatusSucceeded: ci.StateSucceeded, citest.StatusFailed: ci.StateFailed, citest.StatusFault: ci.StateFault,
		citest.StatusTimedOut: ci.StateTimedOut, citest.StatusStopped: ci.StateStopped,
	} {
		w := newWorld(t, []ci.Flow{review}, nil, citest.Project{Name: "app-review", Repository: "app", Run: func(citest.Build) citest.Outcome {
			o := citest.Outcome{Status: status}
			if status != citest.StatusSucceeded {
				o.Message = "because"
			}
			return o
		}})
		w.push("topic", "a", "1")
		w.open("topic")
		w.settle()
		last := w.reports[len(w.reports)-1]
		if last.State != want {
			t.Errorf("report of %s is %s, want %s", status, last.State, want)
		}
		if want.Failed() && (last.Build.FailedPhase != "BUILD" || !strings.Contains(last.Build.FailedMessage, "because")) {
			t.Errorf("report of %s has phase %q, message %q", status, last.Build.FailedPhase, last.Build.FailedMessage)
		}
	}
}

func TestBatch(t *testing.T) {
	t.Parallel()
	f := review
	f.Batch = true
	fail := false
	w := newWorld(t, []ci.Flow{f}, nil, citest.Project{
		Name: "app-review", Repository: "app",
		Groups: []citest.Group{{Identifier: "linux"}, {Identifier: "windows", DependsOn: []string{"linux"}}},
		Run: func(b citest.Build) citest.Outcome {
			if fail && b.Group == "linux" {
				return citest.Outcome{Status: citest.StatusFailed, Message: "exit status 1"}
			}
			return citest.Outcome{}
		},
	})
	w.push("topic", "a", "1")
	w.open("topic")
	settle := func() { // the end of a batch has no event: it comes before the last one is handled
		w.deliver()
		w.builds.Settle()
		w.deliver()
	}
	settle()
	if n := w.builds.Count("StartBuild"); n != 0 || w.builds.Count("StartBuildBatch") != 1 {
		t.Errorf("%d builds were started beside the batch", n)
	}
	last := w.reports[len(w.reports)-1]
	if last.State != ci.StateSucceeded || !last.Build.Batch || len(last.Build.Groups) != 2 || !strings.Contains(last.Build.URL, "/batch/") {
		t.Fatalf("the last report is %+v, want a batch of two groups that has succeeded", last)
	}
	for i, want := range []string{"linux", "windows"} {
		if g := last.Build.Groups[i]; g.Identifier != want || g.State != ci.StateSucceeded || g.BuildID == "" || g.URL == "" || g.Runs != 1 {
			t.Errorf("group %d is %+v, want %s", i, g, want)
		}
	}

	fail = true
	w.reports = nil
	w.push("topic", "a", "2")
	settle()
	if last := w.reports[len(w.reports)-1]; last.State != ci.StateFailed {
		t.Errorf("the last report is %s, want FAILED", last.State)
	}

	// The running batch of an older revision is stopped.
	w.push("topic", "a", "3")
	w.deliver()
	w.builds.Advance()
	w.push("topic", "a", "4")
	w.deliver()
	if got := w.builds.Batches(); got[2].Status != citest.StatusStopped {
		t.Errorf("the batch of the older revision is %s, want STOPPED", got[2].Status)
	}
}

// The events of a project that CodeBuild ends some seconds after the last build.
func TestBatchEnd(t *testing.T) {
	t.Parallel()
	f := review
	f.Batch = true
	w := newWorld(t, []ci.Flow{f}, nil, citest.Project{Name: "app-review", Repository: "app", Groups: []citest.Group{{Identifier: "linux"}}})
	w.push("topic", "a", "1")
	w.open("topic")
	w.deliver()
	w.builds.OnCall(func(operation string) {
		if operation == "BatchGetBuildBatches" && w.builds.Builds()[0].Status != citest.StatusInProgress {
			w.builds.OnCall(nil)
			go w.builds.Pass(time.Minute)
		}
	})
	w.settle()
	if last := w.reports[len(w.reports)-1]; last.State != ci.StateSucceeded {
		t.Errorf("the last report is %s, want SUCCEEDED", last.State)
	}
}

// What cannot be started is an error and a report with what to do.
func TestRefused(t *testing.T) {
	t.Parallel()
	secret := "not-for-the-log-0815"
	for _, test := range []struct {
		name   string
		change func(*world)
		want   string
	}{
		{"denied", func(w *world) { w.builds.SetFaults(citest.Faults{Deny: []string{"StartBuild"}}) }, "allow the IAM action codebuild:StartBuild on the project app-review"},
		{"no project", func(w *world) {
			w.builds.SetFaults(citest.Faults{Fail: fails("StartBuild", "ResourceNotFoundException")})
		}, "CodeBuild has no project app-review"},
		{"limit", func(w *world) {
			w.builds.SetLimit(1)
			if _, err := w.handler.Start(w.Context(), "deploy"); err != nil {
				w.Fatal(err)
			}
		}, "ask for a higher quota"},
		{"invalid", func(w *world) {
			w.builds.SetFaults(citest.Faults{Fail: fails("StartBuild", "InvalidInputException")})
		}, "CodeBuild refuses the build"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			f := review
			f.Variables = []ci.Variable{{Name: "PLAIN", Value: secret}}
			w := newWorld(t, []ci.Flow{f, {Name: "deploy", Kind: ci.KindOnDemand, Project: "app-deploy"}}, nil, hold("app-deploy"), citest.Project{Name: "app-review", Repository: "app"})
			test.change(w)
			w.reports = nil
			w.push("topic", "a", "1")
			w.open("topic")
			var err error
			var created []byte
			for _, payload := range w.take() {
				if _, failed := w.mux.Invoke(t.Context(), payload); failed != nil {
					err, created = failed, payload
				}
			}
			var refused *ci.StartError
			if !errors.As(err, &refused) || !strings.Contains(refused.Problem, test.want) || refused.Flow != "review" {
				t.Fatalf("error %v, want a *StartError with %q", err, test.want)
			}
			states := w.reported()
			if len(states) == 0 || states[len(states)-1] != "review NOT_STARTED" {
				t.Errorf("reports are %v, want NOT_STARTED", states)
			}
			// It is started when the event comes again and the obstacle is gone.
			w.builds.SetFaults(citest.Faults{})
			w.builds.SetLimit(0)
			w.invoke(created)
			w.settle()
			if states := w.reported(); states[len(states)-1] != "review SUCCEEDED" {
				t.Errorf("reports are %v, want SUCCEEDED in the end", states)
			}
			if log := w.log.String(); strings.Contains(log, secret) || strings.Contains(err.Error(), secret) {
				t.Errorf("the value of a variable is in the log or the error:\n%s\n%v", log, err)
			}
		})
	}
}

func fails(operation, code string) func(string) string {
	return func(called string) string {
		if called == operation {
			return code
		}
		return ""
	}
}

// An outage of CodeBuild is an error without a report: the event comes again.
func TestOutage(t *testing.T) {
	t.Parallel()
	w := newWorld(t, []ci.Flow{review}, nil)
	w.builds.SetFaults(citest.Faults{Fail: fails("StartBuild", "InternalFailure")})
	w.push("topic", "a", "1")
	w.open("topic")
	created := w.take()
	failed := 0
	for _, payload := range created {
		if _, err := w.mux.Invoke(t.Context(), payload); err != nil {
			failed++
		}
	}
	if failed != 1 || len(w.reports) != 0 {
		t.Errorf("%d errors and reports %v, want 1 error and no report", failed, w.reported())
	}
}
