package githubstatus_test

import (
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/codesuite-go/codesuite/githubstatus"
	"github.com/codesuite-go/codesuite/internal/githubtest"
)

// sentinels are all causes that errors.Is tells.
var sentinels = []error{
	githubstatus.ErrInvalid, githubstatus.ErrNoCommit, githubstatus.ErrTooManyStatuses, githubstatus.ErrUnauthorized,
	githubstatus.ErrForbidden, githubstatus.ErrNotFound, githubstatus.ErrMoved, githubstatus.ErrRateLimited,
	fs.ErrPermission, fs.ErrNotExist,
}

func TestErrors(t *testing.T) {
	t.Parallel()
	other := githubstatus.Commit{Owner: "octo", Repo: "hello", SHA: strings.Repeat("0", 40)}
	tests := []struct {
		name      string
		faults    []githubtest.Fault
		token     string
		commit    githubstatus.Commit
		prepare   func(*githubtest.Server)
		status    int
		is        []error
		says      []string
		temporary bool
	}{
		{
			name: "wrong token", token: "ghp_wrong", status: 401,
			is: []error{githubstatus.ErrUnauthorized}, says: []string{"Bad credentials", "renew it"},
		},
		{
			name: "permission missing", token: "ghs_readonly", status: 403,
			prepare: func(s *githubtest.Server) { s.AddReadOnlyToken("ghs_readonly") },
			is:      []error{githubstatus.ErrForbidden, fs.ErrPermission},
			says:    []string{"not accessible by integration", "Commit statuses: write", "repo:status", "statuses=write"},
		},
		{
			name: "no access", token: "ghp_others", status: 404,
			prepare: func(s *githubtest.Server) { s.AddToken("ghp_others", "octo/other") },
			is:      []error{githubstatus.ErrNotFound, fs.ErrNotExist}, says: []string{"octo/hello", "missing", "access"},
		},
		{
			name: "no repository", commit: githubstatus.Commit{Owner: "octo", Repo: "nothing", SHA: sha}, status: 404,
			is: []error{githubstatus.ErrNotFound, fs.ErrNotExist}, says: []string{"octo/nothing"},
		},
		{
			name: "no commit", commit: other, status: 422,
			is: []error{githubstatus.ErrNoCommit, githubstatus.ErrInvalid}, says: []string{"No commit found", "push the commit"},
		},
		{
			name: "1,001st status", status: 422,
			prepare: func(s *githubtest.Server) {
				for range 1000 {
					s.AddStatus("octo/hello", githubtest.Status{SHA: sha, State: "success", Context: "CI"})
				}
			},
			is: []error{githubstatus.ErrTooManyStatuses, githubstatus.ErrInvalid}, says: []string{"1,000", "another context"},
		},
		{
			name: "renamed", status: 307,
			prepare: func(s *githubtest.Server) { s.RenameRepository("octo/hello", "octo/world") },
			is:      []error{githubstatus.ErrMoved}, says: []string{"renamed or moved", "/repositories/1001/statuses/"},
		},
		{
			name: "redirect", faults: []githubtest.Fault{githubtest.Redirect(301, "https://u:p@evil.example.com/x?token=t#f")}, status: 301,
			is: []error{githubstatus.ErrMoved}, says: []string{"leads to https://evil.example.com/x"},
		},
		{
			name: "primary limit", faults: []githubtest.Fault{githubtest.PrimaryLimit(time.Now().Add(time.Hour))}, status: 403,
			is: []error{githubstatus.ErrRateLimited}, says: []string{"try again at 2"}, temporary: true,
		},
		{
			name: "secondary limit", faults: []githubtest.Fault{githubtest.SecondaryLimit(403, "")}, status: 403,
			is: []error{githubstatus.ErrRateLimited}, says: []string{"try again at 2"}, temporary: true,
		},
		{
			name: "secondary limit with 429", faults: []githubtest.Fault{githubtest.SecondaryLimit(429, "77")}, status: 429,
			is: []error{githubstatus.ErrRateLimited}, says: []string{"try again at 2"}, temporary: true,
		},
		{
			name: "server error", faults: []githubtest.Fault{githubtest.Fail(502)}, status: 502,
			says: []string{"502 Bad Gateway: Server Error"}, temporary: true,
		},
		{
			name: "not JSON", faults: []githubtest.Fault{githubtest.Reply(503, "text/html", "<html>x</html>")}, status: 503,
			says: []string{"not JSON", "text/html", "BaseURL"}, temporary: true,
		},
		{
			name: "text", faults: []githubtest.Fault{githubtest.Reply(503, "text/plain; charset=utf-8", "no healthy\r\nupstream")}, status: 503,
			says: []string{"no healthy upstream"}, temporary: true,
		},
		{
			name: "huge error", faults: []githubtest.Fault{githubtest.Huge(500, 100<<20)}, status: 500,
			says: []string{"500"}, temporary: true,
		},
		{
			name: "200 instead of 201", faults: []githubtest.Fault{githubtest.Reply(200, "text/html", "<h1>Log in</h1>")}, status: 200,
			says: []string{"BaseURL", "201"},
		},
		{
			name: "dropped", faults: []githubtest.Fault{githubtest.Drop()},
			says: []string{"EOF"}, temporary: true,
		},
		{
			name: "retired version", faults: []githubtest.Fault{githubtest.Fail(410)}, status: 410,
			says: []string{"APIVersion"},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			server := newServer(t)
			if tt.prepare != nil {
				tt.prepare(server)
			}
			server.SetFaults(tt.faults...)
			if tt.token == "" {
				tt.token = githubtest.Token
			}
			if tt.commit == (githubstatus.Commit{}) {
				tt.commit = commit
			}
			client := githubstatus.New(githubstatus.Token(tt.token), func(o *githubstatus.Options) {
				o.BaseURL, o.MaxAttempts = server.URL(), 1
			})
			err := client.Set(t.Context(), tt.commit, success("ci"))
			if err == nil {
				t.Fatal("no error")
			}
			e := asError(t, err)
			if e.StatusCode != tt.status || e.Temporary() != tt.temporary || e.Attempts != 1 {
				t.Errorf("status %d, temporary %v, attempts %d; want %d, %v, 1", e.StatusCode, e.Temporary(), e.Attempts, tt.status, tt.temporary)
			}
			if e.Commit != tt.commit || e.Context != "ci" {
				t.Errorf("error of %v in %q", e.Commit, e.Context)
			}
			var is []error
			for _, s := range sentinels {
				if errors.Is(err, s) {
					is = append(is, s)
				}
			}
			if diff := cmp.Diff(texts(ordered(tt.is)), texts(is)); diff != "" {
				t.Errorf("errors.Is (-want +got):\n%s", diff)
			}
			for _, s := range tt.says {
				if !strings.Contains(err.Error(), s) {
					t.Errorf("the error does not say %q: %v", s, err)
				}
			}
			if len(err.Error()) > 4000 {
				t.Errorf("the error has %d bytes", len(err.Error()))
			}
			if n := server.Count(""); n != 1 {
				t.Errorf("%d requests, want 1", n)
			}
		})
	}
}

// ordered sorts as sentinels does.
func ordered(errs []error) []error {
	var out []error
	for _, s := range sentinels {
		for _, err := range errs {
			if err == s {
				out = append(out, s)
			}
		}
	}
	return out
}

func texts(errs []error) []string {
	out := make([]string, len(errs))
	for i, err := range errs {
		out[i] = err.Error()
	}
	return out
}

// GitHub's validation is told in full, should it find what this package does not.
func TestErrorFields(t *testing.T) {
	t.Parallel()
	server := newServer(t)
	server.SetFaults(githubtest.Reply(422, "application/json",
		`{"message":"Validation Failed","documentation_url":"https://docs.example.com","errors":[`+
			`{"resource":"Status","code":"custom","field":"target_url","message":"target_url must use http(s) scheme"},`+
			`{"resource":"Status","code":"missing_field","field":"state"},"a text",17]}`))
	err := newClient(server).Set(t.Context(), commit, success("ci"))
	e := asError(t, err)
	want := []githubstatus.FieldError{
		{Resource: "Status", Code: "custom", Field: "target_url", Message: "target_url must use http(s) scheme"},
		{Resource: "Status", Code: "missing_field", Field: "state"},
		{Message: "a text"},
	}
	if diff := cmp.Diff(want, e.Errors); diff != "" {
		t.Errorf("errors (-want +got):\n%s", diff)
	}
	if e.DocumentationURL != "https://docs.example.com" || e.RequestID == "" {
		t.Errorf("documentation %q, request ID %q", e.DocumentationURL, e.RequestID)
	}
	if !strings.Contains(err.Error(), "target_url must use http(s) scheme, state: missing_field, a text") {
		t.Errorf("the error is %v", err)
	}
}

// A redirect must not take the token to another host, nor anywhere else.
func TestRedirectIsNotFollowed(t *testing.T) {
	t.Parallel()
	for _, status := range []int{301, 302, 303, 307, 308} {
		other := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			t.Errorf("%d was followed, Authorization %q", status, r.Header.Get("Authorization"))
		}))
		t.Cleanup(other.Close)
		server := newServer(t)
		for _, location := range []string{other.URL + "/x", server.URL() + "/repositories/1"} {
			server.SetFaults(githubtest.Redirect(status, location))
			follow := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return nil }}
			client := newClient(server, func(o *githubstatus.Options) { o.HTTPClient = follow })
			err := client.Set(t.Context(), commit, success("ci"))
			if !errors.Is(err, githubstatus.ErrMoved) || asError(t, err).Location != location {
				t.Errorf("%d: error %v, want ErrMoved to %s", status, err, location)
			}
		}
		if n := server.Count(""); n != 2 {
			t.Errorf("%d: %d requests, want 2", status, n)
		}
	}
}

func TestErrorOfZeroValue(t *testing.T) {
	t.Parallel()
	if text := fmt.Sprint(&githubstatus.Error{}); !strings.HasPrefix(text, "githubstatus: ") {
		t.Errorf("the error is %q", text)
	}
}
