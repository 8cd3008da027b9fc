package githubstatus_test

import (
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/codesuite-go/codesuite/githubstatus"
	"github.com/codesuite-go/codesuite/internal/githubtest"
)

// newChecks returns a server with the App 7, and check runs of the App.
func newChecks(t testing.TB) (*githubtest.Server, *githubstatus.Checks) {
	t.Helper()
	server := newServer(t)
	key, text := newKey(t)
	server.AddApp(7, 70, &key.PublicKey)
	return server, githubstatus.New(githubstatus.App(7, always(text)), withURL(server)).Checks()
}

// brief lists the check runs of the commit: name, status and conclusions.
func brief(server *githubtest.Server) []string {
	var out []string
	for _, run := range server.CheckRuns("octo/hello", sha) {
		out = append(out, strings.TrimSpace(fmt.Sprintf("%s %s %s", run.Name, run.Status, strings.Join(run.Conclusions, ","))))
	}
	return out
}

func TestChecks(t *testing.T) {
	t.Parallel()
	started := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	for _, test := range []struct {
		name string
		set  []githubstatus.Status
		want []string
		last githubtest.CheckRun
	}{
		{
			name: "pending, then a success",
			set: []githubstatus.Status{
				{State: "pending", Context: "ci", ExternalID: "1"},
				{State: "success", Context: "ci", ExternalID: "1", TargetURL: "https://example.com/1", Description: "Succeeded \U0001f600", Details: "| a |", Started: started},
			},
			want: []string{"ci completed success"},
			last: githubtest.CheckRun{
				AppID: 7, SHA: sha, Name: "ci", Status: "completed", Conclusion: "success", DetailsURL: "https://example.com/1", ExternalID: "1",
				Title: "Succeeded \U0001f600", Summary: "| a |", Started: started, Conclusions: []string{"success"},
			},
		},
		{
			name: "what did not end is cancelled, never neutral",
			set:  []githubstatus.Status{{State: "error", Context: "ci", Description: "Superseded by `x` <b>"}},
			want: []string{"ci completed cancelled"},
			last: githubtest.CheckRun{
				AppID: 7, SHA: sha, Name: "ci", Status: "completed", Conclusion: "cancelled",
				Title: "Superseded by `x` <b>", Summary: "Superseded by \\`x\\` \\<b\\>", Conclusions: []string{"cancelled"},
			},
		},
		{
			name: "a retry is another check run",
			set:  []githubstatus.Status{{State: "failure", Context: "ci", ExternalID: "1"}, {State: "pending", Context: "ci", ExternalID: "1"}, {State: "success", Context: "ci", ExternalID: "1"}},
			want: []string{"ci completed failure", "ci completed success"},
			last: githubtest.CheckRun{
				AppID: 7, SHA: sha, Name: "ci", Status: "completed", Conclusion: "success", ExternalID: "1", Title: "success", Conclusions: []string{"success"},
			},
		},
		{
			name: "another execution is another check run",
			set:  []githubstatus.Status{{State: "failure", Context: "ci", ExternalID: "1"}, {State: "success", Context: "ci", ExternalID: "2"}},
			want: []string{"ci completed failure", "ci completed success"},
			last: githubtest.CheckRun{
				AppID: 7, SHA: sha, Name: "ci", Status: "completed", Conclusion: "success", ExternalID: "2", Title: "success", Conclusions: []string{"success"},
			},
		},
		{
			name: "a wrong end is repaired",
			set:  []githubstatus.Status{{State: "error", Context: "ci", ExternalID: "1"}, {State: "success", Context: "ci", ExternalID: "1"}},
			want: []string{"ci completed cancelled,success"},
			last: githubtest.CheckRun{
				AppID: 7, SHA: sha, Name: "ci", Status: "completed", Conclusion: "success", ExternalID: "1", Title: "success", Conclusions: []string{"cancelled", "success"},
			},
		},
		{
			name: "long texts",
			set:  []githubstatus.Status{{State: "failure", Description: strings.Repeat("x", 200), Details: strings.Repeat("é", 70000)}},
			want: []string{"default completed failure"},
			last: githubtest.CheckRun{
				AppID: 7, SHA: sha, Name: "default", Status: "completed", Conclusion: "failure", Title: strings.Repeat("x", 139) + "…",
				Summary: strings.Repeat("é", 65534) + "…", Conclusions: []string{"failure"},
			},
		},
	} {
		server, checks := newChecks(t)
		for _, status := range test.set {
			if err := checks.Set(t.Context(), commit, status); err != nil {
				t.Errorf("%s: %v", test.name, err)
			}
		}
		if diff := cmp.Diff(test.want, brief(server)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.name, diff)
			continue
		}
		runs := server.CheckRuns("octo/hello", sha)
		ignore := cmpopts.IgnoreFields(githubtest.CheckRun{}, "ID", "Completed")
		if test.last.Started.IsZero() {
			ignore = cmpopts.IgnoreFields(githubtest.CheckRun{}, "ID", "Completed", "Started")
		}
		if diff := cmp.Diff(test.last, runs[len(runs)-1], ignore); diff != "" {
			t.Errorf("%s: the last one (-want +got):\n%s", test.name, diff)
		}
		last := test.set[len(test.set)-1]
		if got, ok, err := checks.Newest(t.Context(), commit, last.Context); err != nil || !ok || got.State != last.State || got.ExternalID != last.ExternalID {
			t.Errorf("%s: newest %+v, %v, %v", test.name, got, ok, err)
		}
	}
}

// The runs of other Apps are left alone, as are those of other names.
func TestChecksOfOthers(t *testing.T) {
	t.Parallel()
	server, checks := newChecks(t)
	for _, run := range []githubtest.CheckRun{
		{AppID: 8, SHA: sha, Name: "ci", Status: "in_progress"}, {AppID: 7, SHA: sha, Name: "CI2", Status: "in_progress"},
	} {
		if err := server.AddCheckRun("octo/hello", run); err != nil {
			t.Fatal(err)
		}
	}
	if _, ok, err := checks.Newest(t.Context(), commit, "ci"); ok || err != nil {
		t.Errorf("newest %v, %v, want none", ok, err)
	}
	if err := checks.Set(t.Context(), commit, success("ci")); err != nil {
		t.Fatal(err)
	}
	want := []string{"ci in_progress", "CI2 in_progress", "ci completed success"}
	if diff := cmp.Diff(want, brief(server)); diff != "" {
		t.Errorf("check runs (-want +got):\n%s", diff)
	}
}

// Runs that were created at the same time, or whose replies were lost, do not stay
// in progress.
func TestChecksCreatedTwice(t *testing.T) {
	t.Parallel()
	server, checks := newChecks(t)
	for range 60 { // more than a page
		if err := server.AddCheckRun("octo/hello", githubtest.CheckRun{AppID: 7, SHA: sha, Name: "ci", Status: "in_progress"}); err != nil {
			t.Fatal(err)
		}
	}
	if err := checks.Set(t.Context(), commit, githubstatus.Status{State: "pending", Context: "ci", ExternalID: "1"}); err != nil {
		t.Fatal(err)
	}
	if err := checks.Set(t.Context(), commit, githubstatus.Status{State: "error", Context: "ci", ExternalID: "1"}); err != nil {
		t.Fatal(err)
	}
	runs := brief(server)
	if len(runs) != 60 {
		t.Errorf("%d runs, want 60", len(runs))
	}
	for _, run := range runs {
		if run != "ci completed cancelled" {
			t.Errorf("a run is %s", run)
		}
	}
	// A lost reply.
	server, checks = newChecks(t)
	if err := checks.Set(t.Context(), commit, githubstatus.Status{State: "pending", Context: "other"}); err != nil { // the App has its token
		t.Fatal(err)
	}
	server.SetFaults(githubtest.None(), githubtest.DropAfterStore())
	if err := checks.Set(t.Context(), commit, githubstatus.Status{State: "pending", Context: "ci"}); err != nil {
		t.Fatal(err)
	}
	if err := checks.Set(t.Context(), commit, success("ci")); err != nil {
		t.Fatal(err)
	}
	want := []string{"other in_progress", "ci completed success", "ci completed success"}
	if diff := cmp.Diff(want, brief(server)); diff != "" {
		t.Errorf("check runs (-want +got):\n%s", diff)
	}
}

// Several processes at once leave one check run in progress, which the last one
// ends.
func TestChecksConcurrent(t *testing.T) {
	t.Parallel()
	server := newServer(t)
	key, text := newKey(t)
	server.AddApp(7, 70, &key.PublicKey)
	newProcess := func() *githubstatus.Checks {
		return githubstatus.New(githubstatus.App(7, always(text)), withURL(server)).Checks()
	}
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			if err := newProcess().Set(t.Context(), commit, githubstatus.Status{State: "pending", Context: "ci", ExternalID: "1"}); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if err := newProcess().Set(t.Context(), commit, githubstatus.Status{State: "failure", Context: "ci", ExternalID: "1"}); err != nil {
		t.Error(err)
	}
	for _, run := range brief(server) {
		if run != "ci completed failure" {
			t.Errorf("a run is %s", run)
		}
	}
}

// A check run costs two calls, and none if nothing has changed.
func TestChecksCalls(t *testing.T) {
	t.Parallel()
	server, checks := newChecks(t)
	for _, status := range []githubstatus.Status{
		{State: "pending", Context: "ci"}, {State: "pending", Context: "ci"}, {State: "success", Context: "ci"}, {State: "success", Context: "ci"},
	} {
		if err := checks.Set(t.Context(), commit, status); err != nil {
			t.Fatal(err)
		}
	}
	list := "GET /repos/octo/hello/commits/" + sha + "/check-runs"
	want := []string{
		"GET /repos/octo/hello/installation", "POST /app/installations/70/access_tokens",
		list, "POST /repos/octo/hello/check-runs", list, "PATCH /repos/octo/hello/check-runs/1005",
	}
	var got []string
	for _, call := range server.Calls() {
		got = append(got, call.Method+" "+call.Path)
	}
	want[5] = got[len(got)-1]
	if diff := cmp.Diff(want, got); diff != "" || !strings.HasPrefix(want[5], "PATCH /repos/octo/hello/check-runs/") {
		t.Errorf("requests (-want +got):\n%s", diff)
	}
}

func TestChecksErrors(t *testing.T) {
	t.Parallel()
	key, text := newKey(t)
	appID := func(id int64) func(*githubstatus.CheckOptions) {
		return func(o *githubstatus.CheckOptions) { o.AppID = id }
	}
	of := func(auth githubstatus.Auth, optFns ...func(*githubstatus.CheckOptions)) func(*githubtest.Server) *githubstatus.Checks {
		return func(s *githubtest.Server) *githubstatus.Checks {
			return githubstatus.New(auth, withURL(s), func(o *githubstatus.Options) { o.MaxAttempts = 1 }).Checks(optFns...)
		}
	}
	for _, test := range []struct {
		name   string
		checks func(*githubtest.Server) *githubstatus.Checks
		commit githubstatus.Commit
		status githubstatus.Status
		is     error
		says   string
	}{
		{name: "no App", checks: of(githubstatus.Token(githubtest.Token)), says: "set CheckOptions.AppID"},
		{name: "personal access token", checks: of(githubstatus.Token(githubtest.Token), appID(7)), is: fs.ErrPermission, says: "Checks: write"},
		{name: "no ID", checks: of(githubstatus.App(7, always(text)), appID(-1)), says: "AppID is -1"},
		{name: "short SHA", checks: of(githubstatus.App(7, always(text))), commit: githubstatus.Commit{Owner: "octo", Repo: "hello", SHA: "abc"}, is: githubstatus.ErrInvalid, says: `check run "ci"`},
		{name: "no state", checks: of(githubstatus.App(7, always(text))), status: githubstatus.Status{State: "neutral", Context: "ci"}, is: githubstatus.ErrInvalid, says: "neutral"},
		{
			name: "no commit", checks: of(githubstatus.App(7, always(text))),
			commit: githubstatus.Commit{Owner: "octo", Repo: "hello", SHA: strings.Repeat("0", 40)}, is: githubstatus.ErrNoCommit, says: "push the commit",
		},
		{name: "nil client", checks: func(*githubtest.Server) *githubstatus.Checks { return (*githubstatus.Client)(nil).Checks() }, says: "do not come from Client.Checks"},
		{name: "zero value", checks: func(*githubtest.Server) *githubstatus.Checks { return new(githubstatus.Checks) }, says: "do not come from Client.Checks"},
		{name: "nil", checks: func(*githubtest.Server) *githubstatus.Checks { return nil }, says: "do not come from Client.Checks"},
	} {
		server := newServer(t)
		server.AddApp(7, 70, &key.PublicKey)
		if test.commit == (githubstatus.Commit{}) {
			test.commit = commit
		}
		if test.status == (githubstatus.Status{}) {
			test.status = success("ci")
		}
		checks := test.checks(server)
		err := checks.Set(t.Context(), test.commit, test.status)
		if err == nil || test.is != nil && !errors.Is(err, test.is) || !strings.Contains(err.Error(), test.says) {
			t.Errorf("%s: error %v, want %v with %q", test.name, err, test.is, test.says)
		}
		asError(t, err)
		if len(server.CheckRuns("octo/hello", sha)) > 0 {
			t.Errorf("%s: there is a check run", test.name)
		}
		if test.status.State == githubstatus.StateSuccess && test.name != "personal access token" {
			if _, _, err := checks.Newest(t.Context(), test.commit, "ci"); err == nil {
				t.Errorf("%s: Newest: no error", test.name)
			}
		}
	}
}

// A page of check runs is bounded.
func TestChecksHugeReply(t *testing.T) {
	t.Parallel()
	s := &script{replies: replies(func(r *http.Request) (*http.Response, error) {
		return reply(200, `{"check_runs":[{"name":"`+strings.Repeat("x", 17<<20)+`"}]}`)(r)
	})}
	checks := scripted(s).Checks(func(o *githubstatus.CheckOptions) { o.AppID = 7 })
	if err := checks.Set(t.Context(), commit, success("ci")); err == nil || !strings.Contains(err.Error(), "too long") {
		t.Errorf("error %.200v, want a reply that is too long", err)
	}
}

// Of a server whose pages do not end, as many check runs count as GitHub can have of a
// name.
func TestChecksEndless(t *testing.T) {
	t.Parallel()
	page := `{"check_runs":[` + strings.TrimSuffix(strings.Repeat(`{"id":5,"name":"ci","app":{"id":7},"status":"in_progress"},`, 50), ",") + `]}`
	s := &script{replies: replies(reply(200, page))}
	status, ok, err := scripted(s).Checks(func(o *githubstatus.CheckOptions) { o.AppID = 7 }).Newest(t.Context(), commit, "ci")
	if err != nil || !ok || status.State != githubstatus.StatePending {
		t.Errorf("%+v, %v, %v; want a pending one", status, ok, err)
	}
	if s.count() != 40 {
		t.Errorf("%d requests, want 40", s.count())
	}
}
