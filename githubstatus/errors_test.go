package githubstatus_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
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
			name: "redirect", faults: []githubtest.Fault{githubtest.Redirect(301, "https://u:p@evil.example.com/x?token=t#f")}, status: 301,
			is: []error{githubstatus.ErrMoved}, says: []string{"leads to another host", "https://evil.example.com/x"},
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
			says: []string{"not JSON", "text/html"}, temporary: true,
		},
		{
			name: "not JSON of something else", faults: []githubtest.Fault{githubtest.Reply(404, "text/html", "<html>x</html>")}, status: 404,
			is: []error{githubstatus.ErrNotFound, fs.ErrNotExist}, says: []string{"not JSON", "text/html", "BaseURL"},
		},
		{
			name: "too quick", faults: []githubtest.Fault{githubtest.Reply(422, "application/json",
				`{"message":"Validation Failed","errors":[{"resource":"Status","code":"abuse","field":"state"}]}`)}, status: 422,
			is: []error{githubstatus.ErrRateLimited}, says: []string{"try again at 2"}, temporary: true,
		},
		{
			name: "too quick in words", faults: []githubtest.Fault{githubtest.Reply(422, "application/json",
				`{"message":"Validation Failed","errors":["was submitted too quickly"]}`)}, status: 422,
			is: []error{githubstatus.ErrRateLimited}, temporary: true,
		},
		{
			name: "limit cut off", faults: []githubtest.Fault{githubtest.Reply(403, "application/json; charset=utf-8",
				`{"message":"You have exceeded a secondary rate limit. Please wait a fe`)}, status: 403,
			is: []error{githubstatus.ErrRateLimited}, says: []string{"cut off"}, temporary: true,
		},
		{
			name: "refusal cut off", faults: []githubtest.Fault{githubtest.Reply(403, "application/json; charset=utf-8", `{"message":"You have ex`)}, status: 403,
			is: []error{githubstatus.ErrForbidden, fs.ErrPermission}, says: []string{"cut off"}, temporary: true,
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

// A redirect must not take the token to another host, to plain http, nor round in
// circles.
func TestRedirectIsNotFollowed(t *testing.T) {
	t.Parallel()
	for _, status := range []int{301, 302, 303, 307, 308} {
		other := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			t.Errorf("%d was followed, Authorization %q", status, r.Header.Get("Authorization"))
		}))
		t.Cleanup(other.Close)
		server := newServer(t)
		locations := map[string]int{ // to the requests of the client
			other.URL + "/x": 1, "https://" + server.Host() + "/x": 1, "http://user:pw@" + server.Host() + "/x": 1, "//evil.example.com/x": 1,
		}
		if status == http.StatusSeeOther {
			locations[server.URL()+"/repositories/1"] = 1 // it asks for a GET
		} else {
			locations["/x"] = 6 // a circle
		}
		for location, want := range locations {
			server.ResetCalls()
			server.SetDown(githubtest.Redirect(status, location))
			if want > 1 {
				server.SetDown(githubtest.Redirect(status, server.URL()+"/repos/octo/hello/statuses/"+sha))
			}
			follow := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return nil }}
			client := newClient(server, func(o *githubstatus.Options) { o.HTTPClient = follow })
			err := client.Set(t.Context(), commit, success("ci"))
			if !errors.Is(err, githubstatus.ErrMoved) || strings.Contains(err.Error(), "pw@") {
				t.Errorf("%d to %s: error %v, want ErrMoved", status, location, err)
			}
			if n := server.Count(""); n != want {
				t.Errorf("%d to %s: %d requests, want %d", status, location, n, want)
			}
		}
	}
}

// A renamed repository gets its statuses under its new name, whatever redirect
// leads there, with the method and the body.
func TestRedirectOfRenamedRepository(t *testing.T) {
	t.Parallel()
	server := newServer(t)
	if err := server.RenameRepository("octo/hello", "octo/world"); err != nil {
		t.Fatal(err)
	}
	client := newClient(server)
	if err := client.Set(t.Context(), commit, success("ci")); err != nil {
		t.Fatal(err)
	}
	if got, ok, err := client.Newest(t.Context(), commit, "ci"); err != nil || !ok || got.State != githubstatus.StateSuccess {
		t.Errorf("newest %+v, %v, %v", got, ok, err)
	}
	for i, status := range []int{301, 302, 307, 308} {
		name := fmt.Sprint("ci/", status)
		server.SetFaults(githubtest.Redirect(status, server.URL()+"/repos/octo/world/statuses/"+sha))
		if err := client.Set(t.Context(), commit, success(name)); err != nil {
			t.Errorf("%d: %v", status, err)
		}
		if n := len(server.Statuses("octo/world", sha)); n != i+2 {
			t.Errorf("%d: %d statuses, want %d", status, n, i+2)
		}
	}
}

// The causes of a 403 are told apart.
func TestForbiddenAdvice(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, message, sso string
		want               string
		url                string
	}{
		{name: "permission", message: "Resource not accessible by integration", want: "Commit statuses: write"},
		{
			name: "SSO", message: "Resource protected by organization SAML enforcement. You must grant your Personal Access token access to this organization.",
			want: "single sign-on",
		},
		{
			name: "SSO on another host", message: "Resource protected by organization SAML enforcement.",
			sso: "required; url=https://evil.example.com/orgs/octo/sso", want: "single sign-on",
		},
		{
			name: "SSO in plain http", message: "Resource protected by organization SAML enforcement.",
			sso: "required; url=http://github.com/orgs/octo/sso", want: "single sign-on",
		},
		{
			name: "SSO with a page", message: "Resource protected by organization SAML enforcement.",
			sso: "required; url=https://github.com/orgs/octo/sso?authorization_request=AB12", want: "single sign-on at https://github.com/orgs/octo/sso?authorization_request=AB12",
			url: "https://github.com/orgs/octo/sso?authorization_request=AB12",
		},
		{name: "archived", message: "Repository was archived so is read-only.", want: "archived and takes no statuses"},
		{
			name:    "IP allow list",
			message: "Although you appear to have the correct authorization credentials, the `octo` organization has an IP allow list enabled, and your IP address is not permitted to access this resource.",
			want:    "add the address of this machine",
		},
		{name: "token policy", message: "`octo` forbids access via a personal access token (classic).", want: "policy of the organization"},
		{
			name:    "token lifetime",
			message: "The 'octo' organization forbids access via a fine-grained personal access tokens if the token's lifetime is greater than 366 days.",
			want:    "policy of the organization",
		},
		{name: "suspended", message: "This installation has been suspended", want: "unsuspend"},
	} {
		body, err := json.Marshal(map[string]string{"message": test.message})
		if err != nil {
			t.Fatal(err)
		}
		client := scripted(&script{replies: replies(reply(403, string(body), "X-GitHub-SSO", test.sso))})
		err = client.Set(t.Context(), commit, success("ci"))
		e := asError(t, err)
		if !errors.Is(err, githubstatus.ErrForbidden) || !githubstatus.Permanent(err) || e.SSOURL != test.url ||
			!strings.Contains(err.Error(), test.message) || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: error %v (SSO %q), want a permanent ErrForbidden with %q", test.name, err, e.SSOURL, test.want)
		}
		if test.name != "permission" && strings.Contains(err.Error(), "Commit statuses") {
			t.Errorf("%s: it asks for a permission: %v", test.name, err)
		}
	}
}

// A commit may be unknown right after its push.
func TestCommitRightAfterPush(t *testing.T) {
	t.Parallel()
	unknown := reply(422, `{"message":"No commit found for SHA: 6dcb"}`)
	synctest.Test(t, func(t *testing.T) {
		s := &script{replies: replies(unknown, unknown, reply(201, "{}"))}
		if err := scripted(s).Set(t.Context(), commit, success("ci")); err != nil {
			t.Error(err)
		}
	})
	synctest.Test(t, func(t *testing.T) {
		s := &script{replies: replies(unknown)}
		began := time.Now()
		err := scripted(s).Set(t.Context(), commit, success("ci"))
		if !errors.Is(err, githubstatus.ErrNoCommit) || !githubstatus.Permanent(err) {
			t.Errorf("error %v, want a permanent ErrNoCommit", err)
		}
		if d := time.Since(began); d < 2*time.Second || d > 25*time.Second || s.count() < 3 {
			t.Errorf("given up after %v and %d requests", d, s.count())
		}
	})
}

// Each error that this package can return is classified.
func TestPermanent(t *testing.T) {
	t.Parallel()
	set := func(c githubstatus.Commit, s githubstatus.Status, replies ...func(*http.Request) (*http.Response, error)) error {
		client := scripted(&script{replies: append(replies, reply(201, "{}"))}, func(o *githubstatus.Options) { o.MaxAttempts = 1 })
		return client.Set(t.Context(), c, s)
	}
	refused := func(status int, body string, header ...string) error {
		return set(commit, success("ci"), reply(status, body, header...))
	}
	gone := fmt.Errorf("x: %w", refused(404, "{}"))
	down := fmt.Errorf("x: %w", refused(502, "{}"))
	_, denied := githubstatus.BaseURL("a/b")
	owner := githubstatus.New(githubstatus.ByOwner(map[string]githubstatus.Auth{"corp": githubstatus.Token("ghp_x")})).
		Set(t.Context(), commit, success("ci"))
	for _, test := range []struct {
		name string
		err  error
		want bool
	}{
		{"nil", nil, false},
		{"short SHA", set(githubstatus.Commit{Owner: "o", Repo: "r", SHA: "abc"}, success("ci")), true},
		{"bad owner", set(githubstatus.Commit{Owner: "o o", Repo: "r", SHA: sha}, success("ci")), true},
		{"owner in the name", set(githubstatus.Commit{Owner: "o", Repo: "o/r", SHA: sha}, success("ci")), true},
		{"no owner", set(githubstatus.Commit{Repo: "r", SHA: sha}, success("ci")), true},
		{"unknown state", set(commit, githubstatus.Status{State: "cancelled"}), true},
		{"target of another scheme", set(commit, githubstatus.Status{State: "success", TargetURL: "s3://x/y"}), true},
		{"target that cannot be parsed", set(commit, githubstatus.Status{State: "success", TargetURL: "https://%zz"}), true},
		{"long context", set(commit, success(strings.Repeat("x", 256))), true},
		{"emoji in the context", set(commit, success("\U0001f600")), true},
		{"301", refused(301, "{}", "Location", "https://example.com"), true},
		{"400", refused(400, "{}"), false},
		{"401", refused(401, "{}"), true},
		{"403", refused(403, "{}"), true},
		{"403, limited", refused(403, "{}", "Retry-After", "60"), false},
		{"403, cut off", refused(403, "{"), false},
		{"404", gone, true},
		{"410", refused(410, "{}"), false},
		{"422", refused(422, "{}"), true},
		{"422, no commit", refused(422, `{"message":"No commit found for SHA: x"}`), true},
		{"422, abuse", refused(422, `{"errors":[{"code":"abuse"}]}`), false},
		{"429", refused(429, "{}"), false},
		{"500", refused(500, "{}"), false},
		{"501", refused(501, "{}"), false},
		{"502", down, false},
		{"200", refused(200, "{}"), false},
		{"connection", set(commit, success("ci"), failure(io.ErrUnexpectedEOF)), false},
		{"no permission for a socket", set(commit, success("ci"), failure(&net.OpError{Op: "dial", Err: syscall.EACCES})), false},
		{"no token for the owner", owner, true},
		{"no name of a host", denied, false},
		{"a host", fmt.Errorf("y: %w", githubstatus.ErrHost), true},
		{"an IAM permission", fmt.Errorf("y: %w", fs.ErrPermission), true},
		{"a host and an IAM permission", fmt.Errorf("%w: %w", githubstatus.ErrHost, fs.ErrPermission), true},
		{"a host and something else", fmt.Errorf("%w: %w", githubstatus.ErrHost, errors.New("slow down")), false},
		{"two permanent ones", fmt.Errorf("z: %w", errors.Join(gone, gone)), true},
		{"one of two", errors.Join(gone, down), false},
		{"a context", fmt.Errorf("x: %w", context.DeadlineExceeded), false},
		{"no error at all", errors.Join(), false},
		{"other", errors.New("other"), false},
	} {
		if got := githubstatus.Permanent(test.err); got != test.want {
			t.Errorf("%s: Permanent(%v) is %v", test.name, test.err, got)
		}
	}
}

func TestErrorOfZeroValue(t *testing.T) {
	t.Parallel()
	if text := fmt.Sprint(&githubstatus.Error{}); !strings.HasPrefix(text, "githubstatus: ") {
		t.Errorf("the error is %q", text)
	}
}
