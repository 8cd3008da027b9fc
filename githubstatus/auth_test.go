package githubstatus_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/codesuite-go/codesuite/githubstatus"
	"github.com/codesuite-go/codesuite/internal/githubtest"
)

// secretStore is a secret that is rotated.
type secretStore struct {
	mu    sync.Mutex
	value string
	asked int
}

func (s *secretStore) rotate(value string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.value = value
}

func (s *secretStore) get(context.Context) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked++
	return s.value, nil
}

func withURL(s *githubtest.Server) func(*githubstatus.Options) {
	return func(o *githubstatus.Options) { o.BaseURL = s.URL() }
}

func TestTokenSource(t *testing.T) {
	t.Parallel()
	server := newServer(t)
	server.AddToken("ghp_first")
	store := &secretStore{value: " ghp_first\n"}
	client := githubstatus.New(githubstatus.TokenSource(store.get), withURL(server))
	set := func(context string) error { return client.Set(t.Context(), commit, success(context)) }

	for i := range 5 {
		if err := set(fmt.Sprint("ci/", i)); err != nil {
			t.Fatal(err)
		}
	}
	if store.asked != 1 {
		t.Errorf("the source was asked %d times for 5 calls, want once", store.asked)
	}

	// Rotated: one refused call, one more with the new token.
	server.RevokeToken("ghp_first")
	server.AddToken("ghp_second")
	store.rotate("ghp_second")
	server.ResetCalls()
	if err := set("ci/rotated"); err != nil {
		t.Fatal(err)
	}
	if store.asked != 2 || server.Count("") != 2 {
		t.Errorf("the source was asked %d times, with %d requests; want 2 and 2", store.asked, server.Count(""))
	}

	// Expired, and the source has no other: one request.
	server.RevokeToken("ghp_second")
	server.ResetCalls()
	err := set("ci/expired")
	if !errors.Is(err, githubstatus.ErrUnauthorized) || !strings.Contains(err.Error(), "same token again") {
		t.Errorf("error %v, want ErrUnauthorized and that the source has no other token", err)
	}
	if server.Count("") != 1 {
		t.Errorf("%d requests, want 1", server.Count(""))
	}

	// The new one is wrong as well: it is given up.
	store.rotate("ghp_third")
	server.ResetCalls()
	if err := set("ci/wrong"); !errors.Is(err, githubstatus.ErrUnauthorized) || server.Count("") != 1 {
		t.Errorf("error %v after %d requests, want ErrUnauthorized after 1", err, server.Count(""))
	}

	// A refused token is not kept.
	server.AddToken("ghp_fourth")
	store.rotate("ghp_fourth")
	if err := set("ci/repaired"); err != nil {
		t.Error(err)
	}
}

func TestTokenSourceRefusedTwice(t *testing.T) {
	t.Parallel()
	server := newServer(t)
	var n atomic.Int32
	source := func(context.Context) (string, error) { return fmt.Sprintf("ghp_wrong%d", n.Add(1)), nil }
	client := githubstatus.New(githubstatus.TokenSource(source), withURL(server))
	if err := client.Set(t.Context(), commit, success("ci")); !errors.Is(err, githubstatus.ErrUnauthorized) {
		t.Errorf("error %v, want ErrUnauthorized", err)
	}
	if server.Count("") != 2 || n.Load() != 2 {
		t.Errorf("%d requests with %d tokens, want 2 with 2", server.Count(""), n.Load())
	}
}

func TestTokenSourceConcurrent(t *testing.T) {
	t.Parallel()
	server := newServer(t)
	server.AddToken("ghp_new")
	store := &secretStore{value: "ghp_old"}
	client := githubstatus.New(githubstatus.TokenSource(func(ctx context.Context) (string, error) {
		defer store.rotate("ghp_new")
		return store.get(ctx)
	}), withURL(server))
	var wg sync.WaitGroup
	for i := range 20 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			if err := client.Set(t.Context(), commit, success(fmt.Sprint("ci/", i))); err != nil {
				t.Error(err)
			}
		}()
	}
	wg.Wait()
	if store.asked != 2 {
		t.Errorf("the source was asked %d times, want 2", store.asked)
	}
}

func TestTokenSourceErrors(t *testing.T) {
	t.Parallel()
	cause := errors.New("AccessDeniedException: not authorized to perform secretsmanager:GetSecretValue")
	tests := []struct {
		name string
		auth githubstatus.Auth
		want string
	}{
		{"error", githubstatus.TokenSource(func(context.Context) (string, error) { return "", cause }), "GetSecretValue"},
		{"nil source", githubstatus.TokenSource(nil), "nil"},
		{"empty", githubstatus.Token(" \n"), "empty"},
		{"JSON", githubstatus.Token(`{"token":"hunter2"}`), "JSON"},
		{"two lines", githubstatus.Token("hunter2\nhunter2"), "characters that no token has"},
		{"nil auth", nil, "auth is nil"},
		{"nil transport", githubstatus.Transport(nil), "nil"},
	}
	server := newServer(t)
	for _, tt := range tests {
		err := githubstatus.New(tt.auth, withURL(server)).Set(t.Context(), commit, success("ci"))
		if err == nil || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: error %v, want one with %q and without the token", tt.name, err, tt.want)
		}
		if tt.name == "error" && !errors.Is(err, cause) {
			t.Errorf("error %v does not wrap that of the source", err)
		}
	}
	if server.Count("") != 0 {
		t.Errorf("%d requests", server.Count(""))
	}
}

func TestTransport(t *testing.T) {
	t.Parallel()
	server := newServer(t)
	auth := githubstatus.Transport(headerTransport{githubtest.Token})
	if err := githubstatus.New(auth, withURL(server)).Set(t.Context(), commit, success("ci")); err != nil {
		t.Fatal(err)
	}
	err := githubstatus.New(auth, withURL(server), func(o *githubstatus.Options) {
		o.HTTPClient = &http.Client{Transport: http.DefaultTransport}
	}).Set(t.Context(), commit, success("ci"))
	if err == nil || !strings.Contains(err.Error(), "HTTPClient.Transport") {
		t.Errorf("error %v, want that two transports are set", err)
	}
	err = githubstatus.New(githubstatus.Transport(headerTransport{"ghs_expired"}), withURL(server)).
		Set(t.Context(), commit, success("other"))
	if !errors.Is(err, githubstatus.ErrUnauthorized) {
		t.Errorf("error %v, want ErrUnauthorized", err)
	}
}
