package githubstatus_test

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/codesuite-go/codesuite/githubstatus"
	"github.com/codesuite-go/codesuite/internal/githubtest"
)

// newKey returns a private key and its text in PEM.
func newKey(t testing.TB) (*rsa.PrivateKey, string) {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	return key, string(pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)}))
}

func always(text string) func(context.Context) (string, error) {
	return func(context.Context) (string, error) { return text, nil }
}

// paths lists the requests so far, without the IDs of commits.
func paths(server *githubtest.Server) []string {
	var out []string
	for _, call := range server.Calls() {
		out = append(out, call.Method+" "+strings.TrimSuffix(call.Path, "/"+sha))
	}
	return out
}

// One App serves the organizations that have installed it, each with a token of
// its own, which is made once.
func TestApp(t *testing.T) {
	t.Parallel()
	server := newServer(t)
	server.AddRepository("Corp/web")
	server.AddRepository("nobody/web")
	key, text := newKey(t)
	server.AddOwnerApp(7, 70, &key.PublicKey, "octo")
	server.AddOwnerApp(7, 71, &key.PublicKey, "corp")
	client := githubstatus.New(githubstatus.App(7, always(text)), withURL(server))
	web := githubstatus.Commit{Owner: "corp", Repo: "web", SHA: sha}
	for i := range 2 {
		for _, c := range []githubstatus.Commit{commit, web, {Owner: "CORP", Repo: "WEB", SHA: sha}} {
			if err := client.Set(t.Context(), c, success(fmt.Sprint("ci/", i))); err != nil {
				t.Fatal(err)
			}
		}
	}
	want := []string{
		"GET /repos/octo/hello/installation", "POST /app/installations/70/access_tokens", "POST /repos/octo/hello/statuses",
		"GET /repos/corp/web/installation", "POST /app/installations/71/access_tokens", "POST /repos/corp/web/statuses",
		"POST /repos/octo/hello/statuses", "POST /repos/corp/web/statuses",
	}
	if diff := cmp.Diff(want, paths(server)); diff != "" {
		t.Errorf("requests (-want +got):\n%s", diff)
	}
	err := client.Set(t.Context(), githubstatus.Commit{Owner: "nobody", Repo: "web", SHA: sha}, success("ci"))
	if !errors.Is(err, githubstatus.ErrNotFound) || !githubstatus.Permanent(err) || !strings.Contains(err.Error(), "install the GitHub App") {
		t.Errorf("error %v, want a permanent ErrNotFound that asks to install the App", err)
	}

	// Uninstalled and installed again, with another ID.
	server.RemoveInstallation(71)
	server.AddOwnerApp(7, 72, &key.PublicKey, "corp")
	if err := client.Set(t.Context(), web, success("again")); err != nil {
		t.Error(err)
	}

	// A token that expires soon is renewed before.
	server.SetTokenLife(time.Minute)
	server.ResetCalls()
	short := githubstatus.New(githubstatus.App(7, always(text), func(o *githubstatus.AppOptions) { o.Installation = 70 }), withURL(server))
	for i := range 2 {
		if err := short.Set(t.Context(), commit, success(fmt.Sprint("short", i))); err != nil {
			t.Error(err)
		}
	}
	want = []string{
		"POST /app/installations/70/access_tokens", "POST /repos/octo/hello/statuses",
		"POST /app/installations/70/access_tokens", "POST /repos/octo/hello/statuses",
	}
	if diff := cmp.Diff(want, paths(server)); diff != "" {
		t.Errorf("requests (-want +got):\n%s", diff)
	}
	for name, v := range map[string]any{"auth": githubstatus.App(7, always(text)), "client": client} {
		if out := prints(v); strings.Contains(out, "ghs_") || strings.Contains(out, key.D.String()) {
			t.Errorf("%s shows a secret:\n%.2000s", name, out)
		}
	}
}

// The key is read again when GitHub refuses it, as it may have been replaced.
func TestAppKeyRotated(t *testing.T) {
	t.Parallel()
	server := newServer(t)
	server.SetTokenLife(time.Second) // no token is kept
	old, oldText := newKey(t)
	current, currentText := newKey(t)
	server.AddApp(7, 70, &old.PublicKey)
	store := &secretStore{value: oldText}
	client := githubstatus.New(githubstatus.App(7, store.get), withURL(server))
	set := func(context string) error { return client.Set(t.Context(), commit, success(context)) }
	if err := set("first"); err != nil {
		t.Fatal(err)
	}
	server.AddApp(7, 70, &current.PublicKey)
	if err := set("refused"); !errors.Is(err, githubstatus.ErrUnauthorized) || !strings.Contains(err.Error(), "private key") {
		t.Errorf("error %v, want ErrUnauthorized", err)
	}
	store.rotate(currentText)
	if err := set("second"); err != nil {
		t.Error(err)
	}
	if store.asked != 3 {
		t.Errorf("the key was asked for %d times, want 3", store.asked)
	}
	// A token that GitHub has revoked is made anew.
	server.SetTokenLife(time.Hour)
	if err := set("third"); err != nil {
		t.Fatal(err)
	}
	server.RemoveInstallation(70)
	server.AddApp(7, 70, &current.PublicKey)
	if err := set("fourth"); err != nil {
		t.Error(err)
	}
}

func TestAppErrors(t *testing.T) {
	t.Parallel()
	key, text := newKey(t)
	_, other := newKey(t)
	cause := errors.New("AccessDenied: secretsmanager:GetSecretValue")
	installation := func(id int64) func(*githubstatus.AppOptions) {
		return func(o *githubstatus.AppOptions) { o.Installation = id }
	}
	for _, test := range []struct {
		name    string
		auth    githubstatus.Auth
		prepare func(*githubtest.Server)
		is      error
		says    string
	}{
		{name: "no ID", auth: githubstatus.App(0, always(text)), says: "0 is not the ID of a GitHub App"},
		{name: "no key", auth: githubstatus.App(7, nil), says: "is nil"},
		{name: "no installation", auth: githubstatus.App(7, always(text), installation(-1)), says: "AppOptions.Installation is -1"},
		{name: "key denied", auth: githubstatus.App(7, func(context.Context) (string, error) { return "", cause }), is: cause, says: "GetSecretValue"},
		{name: "key without PEM", auth: githubstatus.App(7, always("hunter2")), says: "not in PEM"},
		{name: "other key", auth: githubstatus.App(7, always(other)), is: githubstatus.ErrUnauthorized, says: "check the App's ID and its private key"},
		{name: "other App", auth: githubstatus.App(8, always(text)), is: githubstatus.ErrUnauthorized, says: "Integration not found"},
		{name: "other installation", auth: githubstatus.App(7, always(text), installation(1)), is: githubstatus.ErrNotFound, says: "install the GitHub App"},
		{
			name: "suspended", auth: githubstatus.App(7, always(text)), is: githubstatus.ErrForbidden, says: "unsuspend it",
			prepare: func(s *githubtest.Server) { _ = s.Suspend(70, true) },
		},
	} {
		server := newServer(t)
		server.AddApp(7, 70, &key.PublicKey)
		if test.prepare != nil {
			test.prepare(server)
		}
		err := githubstatus.New(test.auth, withURL(server)).Set(t.Context(), commit, success("ci"))
		if err == nil || test.is != nil && !errors.Is(err, test.is) || !strings.Contains(err.Error(), test.says) || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: error %v, want %v with %q", test.name, err, test.is, test.says)
		}
		if of := asError(t, err); (of.StatusCode != 0) != githubstatus.Permanent(err) {
			t.Errorf("%s: status %d, permanent %v", test.name, of.StatusCode, githubstatus.Permanent(err))
		}
	}
}

// A rate limit at the token is obeyed, and a fault there is tried again as any
// other, by the library and for transports of others alike.
func TestTokenLimits(t *testing.T) {
	t.Parallel()
	_, text := newKey(t)
	minted := reply(201, `{"token":"ghs_0123456789","expires_at":"2099-01-01T00:00:00Z"}`)
	found := reply(200, `{"id":70}`)
	for name, test := range map[string]struct {
		auth    func(*script) githubstatus.Auth
		options func(*script) func(*githubstatus.Options)
		calls   int // for the token
		token   []func(*http.Request) (*http.Response, error)
	}{
		"App": {
			auth: func(*script) githubstatus.Auth { return githubstatus.App(7, always(text)) },
			options: func(s *script) func(*githubstatus.Options) {
				return func(o *githubstatus.Options) { o.HTTPClient = &http.Client{Transport: s} }
			},
			token: replies(found, minted),
		},
		"Transport": {
			auth:    func(s *script) githubstatus.Auth { return githubstatus.Transport(&minting{script: s}) },
			options: func(*script) func(*githubstatus.Options) { return func(*githubstatus.Options) {} },
			token:   replies(minted),
		},
	} {
		for fault, test2 := range map[string]struct {
			reply func(*http.Request) (*http.Response, error)
			least time.Duration
		}{
			"Retry-After": {reply(403, `{"message":"slow down"}`, "Retry-After", "60"), time.Minute},
			"secondary":   {reply(429, `{"message":"You have exceeded a secondary rate limit."}`), time.Minute},
			"502":         {reply(502, `{}`), 0},
		} {
			synctest.Test(t, func(t *testing.T) {
				s := &script{replies: replies(append(append(replies(test2.reply), test.token...), reply(201, "{}"))...)}
				began := time.Now()
				err := githubstatus.New(test.auth(s), test.options(s)).Set(t.Context(), commit, success("ci"))
				if d := time.Since(began); err != nil || d < test2.least || d > test2.least+10*time.Second {
					t.Errorf("%s, %s: error %v after %v", name, fault, err, d)
				}
				if want := len(test.token) + 2; s.count() != want {
					t.Errorf("%s, %s: %d requests, want %d", name, fault, s.count(), want)
				}
			})
		}
	}
}

// mintError is the error of a transport that carries GitHub's reply.
type mintError struct {
	Message  string
	Response *http.Response
}

func (e *mintError) Error() string { return e.Message }

// minting is a transport that makes a token before each request.
type minting struct {
	script *script
	mu     sync.Mutex
	token  bool
}

func (m *minting) RoundTrip(r *http.Request) (*http.Response, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if !m.token {
		resp, err := m.script.RoundTrip(r.Clone(r.Context()))
		if err != nil {
			return nil, err
		}
		if resp.StatusCode >= 300 {
			return nil, fmt.Errorf("could not refresh installation 70's token: %w", &mintError{"received non 2xx response status " + fmt.Sprint(resp.StatusCode), resp})
		}
		io.Copy(io.Discard, resp.Body)
		m.token = true
	}
	return m.script.RoundTrip(r)
}

// A transport whose token cannot be had tells why.
func TestTransportTokenErrors(t *testing.T) {
	t.Parallel()
	for status, test := range map[int]struct {
		body string
		is   error
		says string
	}{
		401: {`{"message":"A JSON web token could not be decoded"}`, githubstatus.ErrUnauthorized, "could not be decoded"},
		403: {`{"message":"This installation has been suspended"}`, githubstatus.ErrForbidden, "unsuspend it"},
		404: {`{"message":"Not Found"}`, githubstatus.ErrNotFound, "install the GitHub App"},
	} {
		s := &script{replies: replies(reply(status, test.body))}
		err := githubstatus.New(githubstatus.Transport(&minting{script: s})).Set(t.Context(), commit, success("ci"))
		var carried *mintError
		if !errors.Is(err, test.is) || !githubstatus.Permanent(err) || !errors.As(err, &carried) || !strings.Contains(err.Error(), test.says) || s.count() != 1 {
			t.Errorf("%d: error %v after %d requests, want a permanent %v with %q", status, err, s.count(), test.is, test.says)
		}
	}
}

func TestByOwner(t *testing.T) {
	t.Parallel()
	server := githubtest.New(t)
	for _, owner := range []string{"octo", "corp", "other"} {
		server.AddRepository(owner + "/web")
		server.AddToken("ghp_of_"+owner, owner+"/web")
	}
	of := func(owner string) githubstatus.Auth { return githubstatus.Token("ghp_of_" + owner) }
	client := githubstatus.New(githubstatus.ByOwner(map[string]githubstatus.Auth{"Octo": of("octo"), "corp": of("corp")}), withURL(server))
	web := func(owner string) githubstatus.Commit {
		return githubstatus.Commit{Owner: owner, Repo: "web", SHA: sha}
	}
	for _, owner := range []string{"octo", "OCTO", "corp"} {
		if err := client.Set(t.Context(), web(owner), success("ci/"+owner)); err != nil {
			t.Errorf("%s: %v", owner, err)
		}
	}
	if err := client.Set(t.Context(), web("other"), success("ci")); !errors.Is(err, githubstatus.ErrUnauthorized) || !strings.Contains(err.Error(), `"other"`) {
		t.Errorf("error %v, want ErrUnauthorized that names the owner", err)
	}
	rest := githubstatus.New(githubstatus.ByOwner(map[string]githubstatus.Auth{"octo": of("octo"), "": of("other")}), withURL(server))
	if err := rest.Set(t.Context(), web("other"), success("ci")); err != nil {
		t.Error(err)
	}
	for want, auths := range map[string]map[string]githubstatus.Auth{
		"has no owner": nil, "is nil": {"octo": nil}, "twice": {"octo": of("octo"), "OCTO": of("octo")},
		"round tripper of Transport is nil": {"octo": githubstatus.Transport(nil)},
	} {
		err := githubstatus.New(githubstatus.ByOwner(auths), withURL(server)).Set(t.Context(), web("octo"), success("ci"))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
}

// The rate limit of one owner's token does not hold up the others.
func TestByOwnerLimits(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &script{replies: replies(reply(403, "{}", "Retry-After", "600"), reply(201, "{}"))}
		auth := githubstatus.ByOwner(map[string]githubstatus.Auth{"octo": githubstatus.Token("ghp_1234"), "corp": githubstatus.Token("ghp_5678")})
		client := githubstatus.New(auth, func(o *githubstatus.Options) { o.HTTPClient, o.MaxAttempts = &http.Client{Transport: s}, 1 })
		for _, test := range []struct {
			owner   string
			limited bool
		}{{"octo", true}, {"corp", false}, {"octo", true}} {
			err := client.Set(t.Context(), githubstatus.Commit{Owner: test.owner, Repo: "web", SHA: sha}, success("ci"))
			if errors.Is(err, githubstatus.ErrRateLimited) != test.limited || !test.limited && err != nil {
				t.Errorf("%s: error %v, want a limit %v", test.owner, err, test.limited)
			}
		}
		if s.count() != 2 {
			t.Errorf("%d requests, want 2", s.count())
		}
	})
}
