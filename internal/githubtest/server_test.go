package githubtest_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/codesuite-go/codesuite/internal/githubtest"
)

const sha = "6dcb09b5b57875f334f61aebed695e2e4193db5e"

func newServer(t *testing.T) *githubtest.Server {
	t.Helper()
	s := githubtest.New(t)
	s.AddRepository("octo/hello", sha)
	return s
}

type answer struct {
	status int
	header http.Header
	body   string
}

// send sends a request; header are names and values in turn, of which an empty
// value removes the header.
func send(t *testing.T, method, url, body string, header ...string) answer {
	t.Helper()
	a, err := trySend(t.Context(), method, url, body, header...)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func trySend(ctx context.Context, method, url, body string, header ...string) (answer, error) {
	r, err := http.NewRequestWithContext(ctx, method, url, strings.NewReader(body))
	if err != nil {
		return answer{}, err
	}
	r.Header.Set("Authorization", "Bearer "+githubtest.Token)
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	resp, err := client.Do(r)
	if err != nil {
		return answer{}, err
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	return answer{resp.StatusCode, resp.Header, string(data)}, err
}

func (a answer) decode(t *testing.T, v any) {
	t.Helper()
	if err := json.Unmarshal([]byte(a.body), v); err != nil {
		t.Fatalf("%v in %s", err, a.body)
	}
}

func TestCreate(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	for _, base := range []string{s.URL(), s.EnterpriseURL()} {
		a := send(t, "POST", base+"/repos/Octo/Hello/statuses/"+sha,
			`{"state":"success","target_url":"https://example.com/1","description":"Build","context":"ci"}`)
		if a.status != 201 || a.header.Get("Location") != base+"/repos/octo/hello/statuses/"+sha {
			t.Fatalf("%d, Location %s: %s", a.status, a.header.Get("Location"), a.body)
		}
		var got map[string]any
		a.decode(t, &got)
		for field, want := range map[string]any{
			"state": "success", "target_url": "https://example.com/1", "description": "Build", "context": "ci",
			"url": base + "/repos/octo/hello/statuses/" + sha,
		} {
			if got[field] != want {
				t.Errorf("%s is %v, want %v", field, got[field], want)
			}
		}
		for _, name := range []string{"Limit", "Remaining", "Used", "Reset", "Resource"} {
			if a.header.Get("X-Ratelimit-"+name) == "" {
				t.Errorf("no header x-ratelimit-%s", name)
			}
		}
	}
	a := send(t, "POST", s.URL()+"/repos/octo/hello/statuses/"+sha, `{"state":"pending"}`)
	var got struct {
		Context     string
		Description *string
	}
	a.decode(t, &got)
	if got.Context != "default" || got.Description != nil {
		t.Errorf("got %+v, want the context default and no description", got)
	}
	if n := len(s.Statuses("octo/hello", sha)); n != 3 {
		t.Errorf("%d statuses, want 3", n)
	}
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	s.AddReadOnlyToken("ghs_reader")
	s.AddToken("ghp_other", "octo/other")
	s.AddToken("ghp_gone")
	s.RevokeToken("ghp_gone")
	for range 1000 {
		if err := s.AddStatus("octo/hello", githubtest.Status{SHA: sha, State: "success", Context: "full"}); err != nil {
			t.Fatal(err)
		}
	}
	good := "/repos/octo/hello/statuses/" + sha
	tests := []struct {
		name, path, body string
		header           []string
		status           int
		says             string
	}{
		{"no User-Agent", good, `{"state":"success"}`, []string{"User-Agent", ""}, 403, "User-Agent"},
		{"version", good, `{"state":"success"}`, []string{"X-GitHub-Api-Version", "2020-01-01"}, 400, "not supported"},
		{"no token", good, `{"state":"success"}`, []string{"Authorization", ""}, 401, "Requires authentication"},
		{"wrong token", good, `{"state":"success"}`, []string{"Authorization", "token x"}, 401, "Bad credentials"},
		{"revoked token", good, `{"state":"success"}`, []string{"Authorization", "Bearer ghp_gone"}, 401, "Bad credentials"},
		{"read only", good, `{"state":"success"}`, []string{"Authorization", "Bearer ghs_reader"}, 403, "Resource not accessible by integration"},
		{"no access", good, `{"state":"success"}`, []string{"Authorization", "Bearer ghp_other"}, 404, "Not Found"},
		{"no repository", "/repos/octo/nothing/statuses/" + sha, `{"state":"success"}`, nil, 404, "Not Found"},
		{"slash at the end", good + "/", `{"state":"success"}`, nil, 404, "Not Found"},
		{"empty sha", "/repos/octo/hello/statuses/", `{"state":"success"}`, nil, 404, "Not Found"},
		{"no JSON", good, `{`, nil, 400, "Problems parsing JSON"},
		{"no object", good, `["state"]`, nil, 400, "Body should be a JSON object"},
		{"no state", good, `{}`, nil, 422, "state is not included in the list"},
		{"description", good, `{"state":"success","description":"` + strings.Repeat("x", 141) + `"}`, nil, 422, "description is too long (maximum is 140 characters)"},
		{"emoji", good, `{"state":"success","description":"🚀"}`, nil, 422, "description doesn't accept 4-byte Unicode"},
		{"target", good, `{"state":"success","target_url":"ftp://x"}`, nil, 422, "target_url must use http(s) scheme"},
		{"context", good, `{"state":"success","context":"` + strings.Repeat("x", 256) + `"}`, nil, 422, "context is too long"},
		{"branch", "/repos/octo/hello/statuses/main", `{"state":"success"}`, nil, 422, "sha must be a 40 character SHA1"},
		{"unknown commit", "/repos/octo/hello/statuses/" + strings.Repeat("0", 40), `{"state":"success"}`, nil, 422, "No commit found for SHA: 0000"},
		{"1,001st", good, `{"state":"success","context":"FULL"}`, nil, 422, "This SHA and context has reached the maximum number of statuses."},
	}
	for _, tt := range tests {
		a := send(t, "POST", s.URL()+tt.path, tt.body, tt.header...)
		if a.status != tt.status || !strings.Contains(a.body, tt.says) {
			t.Errorf("%s: %d %s, want %d with %q", tt.name, a.status, a.body, tt.status, tt.says)
		}
	}
	if n := len(s.Statuses("octo/hello", sha)); n != 1000 {
		t.Errorf("%d statuses, want 1,000", n)
	}
}

func TestRead(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	url := s.URL() + "/repos/octo/hello/commits/" + sha
	type combined struct {
		State    string
		Total    int `json:"total_count"`
		Statuses []struct{ State, Context string }
	}
	state := func() string {
		var c combined
		send(t, "GET", url+"/status", "").decode(t, &c)
		return fmt.Sprint(c.State, " ", c.Total)
	}
	states := []string{state()}
	for _, set := range []string{"success a", "pending b", "error B", "success b"} {
		st, name, _ := strings.Cut(set, " ")
		if err := s.AddStatus("octo/hello", githubtest.Status{SHA: sha, State: st, Context: name}); err != nil {
			t.Fatal(err)
		}
		states = append(states, state())
	}
	if diff := cmp.Diff([]string{"pending 0", "success 1", "pending 2", "failure 2", "success 2"}, states); diff != "" {
		t.Errorf("combined states (-want +got):\n%s", diff)
	}
	var got []string
	for next := url + "/statuses?per_page=3"; next != ""; {
		var page []struct{ State, Context string }
		a := send(t, "GET", next, "")
		a.decode(t, &page)
		for _, status := range page {
			got = append(got, status.State+" "+status.Context)
		}
		next, _, _ = strings.Cut(strings.TrimPrefix(a.header.Get("Link"), "<"), ">")
	}
	if diff := cmp.Diff([]string{"success b", "error B", "pending b", "success a"}, got); diff != "" {
		t.Errorf("statuses, newest first (-want +got):\n%s", diff)
	}
}

func TestRenamed(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	if err := s.RenameRepository("octo/hello", "octo/world"); err != nil {
		t.Fatal(err)
	}
	a := send(t, "POST", s.URL()+"/repos/octo/hello/statuses/"+sha, `{"state":"success"}`)
	if a.status != 307 || !strings.Contains(a.header.Get("Location"), "/repositories/") || !strings.Contains(a.body, "Moved Permanently") {
		t.Errorf("%d to %s: %s", a.status, a.header.Get("Location"), a.body)
	}
	if a := send(t, "POST", s.URL()+"/repos/octo/world/statuses/"+sha, `{"state":"success"}`); a.status != 201 {
		t.Errorf("%d %s, want 201", a.status, a.body)
	}
}

func TestFaults(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	post := func() (answer, error) {
		return trySend(t.Context(), "POST", s.URL()+"/repos/octo/hello/statuses/"+sha, `{"state":"success"}`)
	}
	tests := []struct {
		name   string
		fault  githubtest.Fault
		status int // 0: the connection is lost
		header string
		stored int
	}{
		{"none", githubtest.None(), 201, "", 1},
		{"502", githubtest.Fail(502), 502, "", 0},
		{"502 after storing", githubtest.FailAfterStore(502), 502, "", 1},
		{"primary", githubtest.PrimaryLimit(time.Unix(2e9, 0)), 403, "X-Ratelimit-Reset", 0},
		{"secondary", githubtest.SecondaryLimit(429, "7"), 429, "Retry-After", 0},
		{"drop", githubtest.Drop(), 0, "", 0},
		{"drop after storing", githubtest.DropAfterStore(), 0, "", 1},
		{"slow", githubtest.Slow(time.Millisecond), 201, "", 1},
		{"redirect", githubtest.Redirect(301, "https://example.com"), 301, "Location", 0},
		{"huge", githubtest.Huge(500, 1<<20), 500, "", 0},
	}
	for _, tt := range tests {
		s.SetFaults(tt.fault)
		before := len(s.Statuses("octo/hello", sha))
		a, err := post()
		if a.status != tt.status || (err != nil) != (tt.status == 0) {
			t.Errorf("%s: %d, %v, want %d", tt.name, a.status, err, tt.status)
		}
		if tt.header != "" && a.header.Get(tt.header) == "" {
			t.Errorf("%s: no header %s", tt.name, tt.header)
		}
		if n := len(s.Statuses("octo/hello", sha)) - before; n != tt.stored {
			t.Errorf("%s: %d statuses were stored, want %d", tt.name, n, tt.stored)
		}
	}
	if a, _ := post(); a.status != 201 {
		t.Errorf("after the faults: %d, want 201", a.status)
	}
	s.SetDown(githubtest.Fail(503))
	for range 3 {
		if a, _ := post(); a.status != 503 {
			t.Errorf("down: %d, want 503", a.status)
		}
	}
	s.Up()
	if a, _ := post(); a.status != 201 {
		t.Errorf("up again: %d, want 201", a.status)
	}
	calls := s.Calls()
	if last := calls[len(calls)-1]; last.Status != 201 || last.Method != "POST" || string(last.Body) != `{"state":"success"}` {
		t.Errorf("the last call is %+v", last)
	}
}

// A slow request does not keep the server from closing.
func TestCloseWhileSlow(t *testing.T) {
	t.Parallel()
	s, err := githubtest.Start()
	if err != nil {
		t.Fatal(err)
	}
	s.AddRepository("octo/hello")
	s.SetFaults(githubtest.Slow(time.Hour))
	done := make(chan error)
	go func() {
		_, err := trySend(context.Background(), "POST", s.URL()+"/repos/octo/hello/statuses/"+sha, `{}`)
		done <- err
	}()
	for s.Count("POST") == 0 {
		time.Sleep(time.Millisecond)
	}
	s.Close()
	s.Close()
	if err := <-done; err == nil {
		t.Error("the slow request was answered")
	}
}
