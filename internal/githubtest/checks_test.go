package githubtest_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/codesuite-go/codesuite/internal/githubtest"
)

// appToken makes an installation token of the App 17, with these permissions.
func appToken(t *testing.T, s *githubtest.Server, permissions string) string {
	t.Helper()
	key := newKey(t)
	s.AddApp(17, 42, &key.PublicKey)
	now := time.Now().Unix()
	jwt := sign(t, key, map[string]any{"iss": "17", "iat": now - 60, "exp": now + 540})
	a := send(t, "POST", s.URL()+"/app/installations/42/access_tokens", permissions, "Authorization", "Bearer "+jwt)
	var reply struct{ Token string }
	if err := json.Unmarshal([]byte(a.body), &reply); err != nil || reply.Token == "" {
		t.Fatalf("%d %s", a.status, a.body)
	}
	return "Bearer " + reply.Token
}

func TestCheckRuns(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	token, readOnly := appToken(t, s, ""), appToken(t, s, `{"permissions":{"statuses":"write"}}`)
	if err := s.AddCheckRun("octo/hello", githubtest.CheckRun{AppID: 18, SHA: sha, Name: "other", Status: "in_progress"}); err != nil {
		t.Fatal(err)
	}
	others := fmt.Sprint("/check-runs/", s.CheckRuns("octo/hello", sha)[0].ID)
	run := func(fields string) string { return `{"name":"ci","head_sha":"` + sha + `"` + fields + `}` }
	long := strings.Repeat("x", 65536)
	for _, tt := range []struct {
		name, method, path, body, token string
		status                          int
		says                            string
	}{
		{"queued", "POST", "/check-runs", run(""), token, 201, `"status":"queued"`},
		{"in progress", "POST", "/check-runs", run(`,"status":"in_progress","details_url":"https://example.com"`), token, 201, `"status":"in_progress"`},
		{"a conclusion completes", "POST", "/check-runs", run(`,"conclusion":"cancelled","output":{"title":"t","summary":"s"}`), token, 201, `"status":"completed"`},
		{"completed without a conclusion", "POST", "/check-runs", run(`,"status":"completed"`), token, 422, "conclusion"},
		{"unknown conclusion", "POST", "/check-runs", run(`,"conclusion":"error"`), token, 422, "error"},
		{"stale is GitHub's own", "POST", "/check-runs", run(`,"conclusion":"stale"`), token, 422, "stale"},
		{"unknown status", "POST", "/check-runs", run(`,"status":"pending"`), token, 422, "pending"},
		{"no name", "POST", "/check-runs", `{"head_sha":"` + sha + `"}`, token, 422, "name"},
		{"no commit", "POST", "/check-runs", `{"name":"ci"}`, token, 422, "head_sha"},
		{"unknown commit", "POST", "/check-runs", `{"name":"ci","head_sha":"` + strings.Repeat("0", 40) + `"}`, token, 422, "No commit found"},
		{"page of another scheme", "POST", "/check-runs", run(`,"details_url":"s3://x"`), token, 422, "http(s)"},
		{"output without a summary", "POST", "/check-runs", run(`,"output":{"title":"t"}`), token, 422, "summary"},
		{"summary too long", "POST", "/check-runs", run(`,"output":{"title":"t","summary":"` + long + `"}`), token, 422, "65535"},
		{"no JSON", "POST", "/check-runs", "{", token, 400, "parsing"},
		{"personal access token", "POST", "/check-runs", run(""), "Bearer " + githubtest.Token, 403, "via a GitHub App"},
		{"without the permission", "POST", "/check-runs", run(""), readOnly, 403, "not accessible by integration"},
		{"of another App", "PATCH", others, `{"status":"in_progress"}`, token, 403, "Invalid app_id"},
		{"of nobody", "PATCH", "/check-runs/1", `{"status":"in_progress"}`, token, 404, "Not Found"},
	} {
		a := send(t, tt.method, s.URL()+"/repos/octo/hello"+tt.path, tt.body, "Authorization", tt.token)
		if a.status != tt.status || !strings.Contains(a.body, tt.says) {
			t.Errorf("%s: %d %.300s, want %d with %q", tt.name, a.status, a.body, tt.status, tt.says)
		}
	}
	// Three runs of the App are left: the list has the newest, or all.
	for query, want := range map[string]int{
		"": 2, "?filter=all": 4, "?filter=latest&check_name=ci": 1, "?filter=all&app_id=17": 3, "?app_id=19": 0, "?filter=all&per_page=3&page=2": 1,
	} {
		a := send(t, "GET", s.URL()+"/repos/octo/hello/commits/"+sha+"/check-runs"+query, "", "Authorization", token)
		var reply struct {
			CheckRuns []struct{ ID int64 } `json:"check_runs"`
		}
		if err := json.Unmarshal([]byte(a.body), &reply); err != nil || a.status != 200 || len(reply.CheckRuns) != want {
			t.Errorf("%q: %d, %d runs, want %d", query, a.status, len(reply.CheckRuns), want)
		}
	}
	// An update changes the run, and remembers its conclusions.
	runs := s.CheckRuns("octo/hello", sha)
	last := runs[len(runs)-1]
	a := send(t, "PATCH", fmt.Sprintf("%s/repos/octo/hello/check-runs/%d", s.EnterpriseURL(), last.ID), `{"conclusion":"success"}`, "Authorization", token)
	runs = s.CheckRuns("octo/hello", sha)
	if got := runs[len(runs)-1]; a.status != 200 || got.Conclusion != "success" || strings.Join(got.Conclusions, " ") != "cancelled success" {
		t.Errorf("%d, the run is %+v", a.status, got)
	}
}

// GitHub keeps 1,000 runs of a name and App on a commit.
func TestCheckRunsAreBounded(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	for range 1002 {
		if err := s.AddCheckRun("octo/hello", githubtest.CheckRun{AppID: 17, SHA: sha, Name: "ci", Conclusion: "success"}); err != nil {
			t.Fatal(err)
		}
	}
	if n := len(s.CheckRuns("octo/hello", sha)); n != 1000 {
		t.Errorf("%d runs, want 1000", n)
	}
	if err := s.AddCheckRun("octo/nobody", githubtest.CheckRun{}); err == nil {
		t.Error("no error for a repository that does not exist")
	}
}

// An App acts for the owners that have installed it, unless they suspend it.
func TestOwnerApp(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	s.AddRepository("corp/web")
	key := newKey(t)
	s.AddOwnerApp(17, 42, &key.PublicKey, "octo")
	now := time.Now().Unix()
	jwt := "Bearer " + sign(t, key, map[string]any{"iss": "17", "iat": now - 60, "exp": now + 540})
	for path, want := range map[string]int{"/repos/octo/hello/installation": 200, "/repos/corp/web/installation": 404, "/repos/octo/none/installation": 404} {
		if a := send(t, "GET", s.URL()+path, "", "Authorization", jwt); a.status != want {
			t.Errorf("%s: %d, want %d", path, a.status, want)
		}
	}
	if err := s.Suspend(42, true); err != nil {
		t.Fatal(err)
	}
	if a := send(t, "POST", s.URL()+"/app/installations/42/access_tokens", "", "Authorization", jwt); a.status != 403 || !strings.Contains(a.body, "suspended") {
		t.Errorf("suspended: %d %s", a.status, a.body)
	}
	s.RemoveInstallation(42)
	if err := s.Suspend(42, false); err == nil {
		t.Error("no error for an installation that does not exist")
	}
}
