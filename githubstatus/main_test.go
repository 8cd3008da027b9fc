package githubstatus_test

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/codesuite-go/codesuite/githubstatus"
	"github.com/codesuite-go/codesuite/internal/githubtest"
	"github.com/codesuite-go/codesuite/internal/leaktest"
)

func TestMain(m *testing.M) { leaktest.Main(m, "codesuite/githubstatus") }

const sha = "6dcb09b5b57875f334f61aebed695e2e4193db5e"

var commit = githubstatus.Commit{Owner: "octo", Repo: "hello", SHA: sha}

// newServer returns a server with the repository of commit.
func newServer(t testing.TB) *githubtest.Server {
	t.Helper()
	s := githubtest.New(t)
	s.AddRepository("octo/hello", sha)
	return s
}

// newClient returns a client of the server.
func newClient(s *githubtest.Server, optFns ...func(*githubstatus.Options)) *githubstatus.Client {
	return githubstatus.New(githubstatus.Token(githubtest.Token), append([]func(*githubstatus.Options){
		func(o *githubstatus.Options) { o.BaseURL = s.URL() },
	}, optFns...)...)
}

func success(context string) githubstatus.Status {
	return githubstatus.Status{State: githubstatus.StateSuccess, Context: context}
}

func asError(t testing.TB, err error) *githubstatus.Error {
	t.Helper()
	var e *githubstatus.Error
	if !errors.As(err, &e) {
		t.Fatalf("the error is %T, want *githubstatus.Error: %v", err, err)
	}
	return e
}

// script is a round tripper that plays replies, the last one again and again.
// It is for tests whose time is testing/synctest's, in which a real connection
// would stop the clock.
type script struct {
	mu      sync.Mutex
	replies []func(*http.Request) (*http.Response, error)
	at      []time.Time
	bodies  []string
}

func (s *script) RoundTrip(r *http.Request) (*http.Response, error) {
	var body []byte
	if r.Body != nil {
		body, _ = io.ReadAll(r.Body)
		r.Body.Close()
	}
	s.mu.Lock()
	s.at = append(s.at, time.Now())
	s.bodies = append(s.bodies, string(body))
	next := s.replies[0]
	if len(s.replies) > 1 {
		s.replies = s.replies[1:]
	}
	s.mu.Unlock()
	return next(r)
}

func (s *script) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.at)
}

// reply makes a reply of a script; header are names and values in turn.
func reply(status int, body string, header ...string) func(*http.Request) (*http.Response, error) {
	return func(r *http.Request) (*http.Response, error) {
		h := http.Header{"Content-Type": {"application/json; charset=utf-8"}}
		for i := 0; i+1 < len(header); i += 2 {
			h.Set(header[i], header[i+1])
		}
		return &http.Response{StatusCode: status, Header: h, Body: io.NopCloser(strings.NewReader(body)), Request: r,
			Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1}, nil
	}
}

func failure(err error) func(*http.Request) (*http.Response, error) {
	return func(*http.Request) (*http.Response, error) { return nil, err }
}

// scripted returns a client whose calls the script answers.
func scripted(s *script, optFns ...func(*githubstatus.Options)) *githubstatus.Client {
	return githubstatus.New(githubstatus.Token("ghp_0123456789"), append([]func(*githubstatus.Options){
		func(o *githubstatus.Options) { o.HTTPClient = &http.Client{Transport: s} },
	}, optFns...)...)
}

func replies(list ...func(*http.Request) (*http.Response, error)) []func(*http.Request) (*http.Response, error) {
	return list
}

// slowly lets a reply take a while, unless the request ends before.
func slowly(d time.Duration, reply func(*http.Request) (*http.Response, error)) func(*http.Request) (*http.Response, error) {
	return func(r *http.Request) (*http.Response, error) {
		select {
		case <-time.After(d):
			return reply(r)
		case <-r.Context().Done():
			return nil, r.Context().Err()
		}
	}
}

// answers records the methods of requests; it answers a GET as told and a POST
// with 201.
func answers(methods *[]string, status int, body string) []func(*http.Request) (*http.Response, error) {
	return replies(func(r *http.Request) (*http.Response, error) {
		*methods = append(*methods, r.Method)
		if r.Method == http.MethodGet {
			return reply(status, body)(r)
		}
		return reply(201, `{}`)(r)
	})
}
