package githubstatus_test

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/codesuite-go/codesuite/githubstatus"
	"github.com/codesuite-go/codesuite/internal/githubtest"
)

func TestStatusChecks(t *testing.T) {
	t.Parallel()
	server := newServer(t)
	client := newClient(server)
	got, err := client.StatusChecks(t.Context(), commit)
	if err != nil || len(got) != 0 {
		t.Fatalf("a new commit has %v, %v", got, err)
	}
	add := func(context, state string) {
		t.Helper()
		err := server.AddStatus("octo/hello", githubtest.Status{SHA: sha, Context: context, State: state, TargetURL: "https://ci.example.com/" + context, Description: "it is " + state})
		if err != nil {
			t.Fatal(err)
		}
	}
	add("Build", "pending")
	add("build", "success")
	add("lint", "error")
	run := func(name, status, conclusion string, app int64) {
		t.Helper()
		err := server.AddCheckRun("octo/hello", githubtest.CheckRun{SHA: sha, Name: name, Status: status, Conclusion: conclusion, AppID: app, Title: "title"})
		if err != nil {
			t.Fatal(err)
		}
	}
	run("test", "completed", "failure", 7)
	run("test", "completed", "success", 7)
	run("test", "queued", "", 8)
	for _, conclusion := range []string{"neutral", "skipped", "timed_out", "action_required", "cancelled", "stale", "startup_failure"} {
		run(conclusion, "completed", conclusion, 7)
	}
	got, err = client.StatusChecks(t.Context(), commit)
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, c := range got {
		lines = append(lines, fmt.Sprintf("%s %s %t %d %s %s", c.Context, c.State, c.CheckRun, c.AppID, c.Description, c.TargetURL))
	}
	want := []string{
		"lint error false 0 it is error https://ci.example.com/lint",
		"build success false 0 it is success https://ci.example.com/build",
		"startup_failure error true 7 title ",
		"stale error true 7 title ",
		"cancelled error true 7 title ",
		"action_required failure true 7 title ",
		"timed_out failure true 7 title ",
		"skipped success true 7 title ",
		"neutral success true 7 title ",
		"test pending true 8 title ",
		"test success true 7 title ",
	}
	if diff := cmp.Diff(want, lines); diff != "" {
		t.Errorf("status checks (-want +got):\n%s", diff)
	}
}

// Nothing is missed on a later page.
func TestStatusChecksPages(t *testing.T) {
	t.Parallel()
	server := newServer(t)
	for i := range 201 {
		if err := server.AddStatus("octo/hello", githubtest.Status{SHA: sha, Context: fmt.Sprint("ci/", i), State: "success"}); err != nil {
			t.Fatal(err)
		}
	}
	for i := range 100 {
		run := githubtest.CheckRun{SHA: sha, Name: fmt.Sprint("run ", i), Status: "completed", Conclusion: "success", AppID: 7}
		if err := server.AddCheckRun("octo/hello", run); err != nil {
			t.Fatal(err)
		}
	}
	got, err := newClient(server).StatusChecks(t.Context(), commit)
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, c := range got {
		seen[c.Context] = true
	}
	if len(seen) != 301 || len(got) != 301 {
		t.Errorf("%d status checks of %d contexts, want 301", len(got), len(seen))
	}
	if calls := server.Count(http.MethodGet); calls != 3+3 {
		t.Errorf("%d calls, want 3 for each list", calls)
	}
}

// What could not be read is an error, never a list in part.
func TestStatusChecksErrors(t *testing.T) {
	t.Parallel()
	server := newServer(t)
	if err := server.AddStatus("octo/hello", githubtest.Status{SHA: sha, Context: "ci", State: "success"}); err != nil {
		t.Fatal(err)
	}
	once := func(o *githubstatus.Options) { o.MaxAttempts = 1 }
	for _, tt := range []struct {
		name   string
		commit githubstatus.Commit
		faults []githubtest.Fault
		is     error
		want   string
	}{
		{"no full ID", githubstatus.Commit{Owner: "octo", Repo: "hello", SHA: "main"}, nil, githubstatus.ErrInvalid, "githubstatus: get statuses of octo/hello@main: "},
		{"unknown repository", githubstatus.Commit{Owner: "octo", Repo: "other", SHA: sha}, nil, githubstatus.ErrNotFound, "get statuses of octo/other@"},
		{"statuses fail", commit, []githubtest.Fault{githubtest.Fail(502)}, nil, "get statuses of octo/hello@" + sha + ": 502"},
		{"check runs fail", commit, []githubtest.Fault{{}, githubtest.Fail(502)}, nil, "get check runs of octo/hello@" + sha + ": 502"},
	} {
		server.SetFaults(tt.faults...)
		got, err := newClient(server, once).StatusChecks(t.Context(), tt.commit)
		if err == nil || got != nil || tt.is != nil && !errors.Is(err, tt.is) || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: got %v, %v, want %q", tt.name, got, err, tt.want)
		}
	}
	for _, body := range []string{`[]`, `{"statuses":[{"state":1}]}`, `{`} {
		s := &script{replies: replies(reply(200, body))}
		if got, err := scripted(s).StatusChecks(t.Context(), commit); err == nil || got != nil {
			t.Errorf("%s: got %v, %v, want an error", body, got, err)
		}
	}
	// A server without end.
	page := `{"statuses":[` + strings.Repeat(`{"state":"success"},`, 99) + `{"state":"success"}]}`
	s := &script{replies: replies(reply(200, page))}
	if got, err := scripted(s).StatusChecks(t.Context(), commit); err == nil || got != nil || s.count() != 100 {
		t.Errorf("got %d status checks after %d calls, %v, want an error", len(got), s.count(), err)
	}
	// A state that nobody knows is no success.
	s = &script{replies: replies(reply(200, `{"statuses":[{"state":"fine","context":"ci"}]}`), reply(200, `{"check_runs":[{"status":"completed","conclusion":"fine"}]}`))}
	got, err := scripted(s).StatusChecks(t.Context(), commit)
	if err != nil || len(got) != 2 || got[0].State != githubstatus.StateError || got[1].State != githubstatus.StateError {
		t.Errorf("got %v, %v, want two errors", got, err)
	}
	if _, err := (*githubstatus.Client)(nil).StatusChecks(t.Context(), commit); err == nil {
		t.Error("a client that is nil has no error")
	}
}
