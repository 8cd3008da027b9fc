package githubtest

import (
	"context"
	"crypto/rsa"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"
)

// Token is a token that may write the statuses of every repository.
const Token = "ghp_githubtestDefaultToken0123456789abcdef"

// Server is a GitHub server. Its methods are safe for concurrent use, also
// while calls run.
type Server struct {
	url    string
	http   *http.Server
	cancel context.CancelFunc
	served chan struct{}
	close  sync.Once
	done   context.Context // ends with the server

	mu            sync.Mutex
	repositories  map[string]*repository // by lower-case full name
	moved         map[string]int64       // old full names to IDs
	tokens        map[string]*access
	apps          map[string]*rsa.PublicKey
	installations map[int64]*installation
	members       map[string]string // by membershipKey, active or pending
	tokenLife     time.Duration
	minted        int
	lastID        int64
	remaining     int
	faults        []Fault
	down          *Fault
	calls         []*Call
}

// access is the access of a token.
type access struct {
	repositories []string // full names in lower case; nil is all
	owner        string   // in lower case; "" is all
	app          int64    // of an installation token
	readOnly     bool
	noChecks     bool      // an installation token without "Checks: write"
	expires      time.Time // zero is never
}

// A Call is one request that arrived.
type Call struct {
	Method string
	Path   string      // as sent, escaped, without /api/v3
	Prefix string      // "/api/v3" or empty
	Header http.Header // with the token
	Body   []byte
	Status int // of the reply; 0 if the connection was dropped
	Time   time.Time
}

// New starts a server that is closed when the test and its subtests have ended.
func New(t testing.TB) *Server {
	t.Helper()
	s, err := Start()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

// Start starts a server, for programs other than tests. Call [Server.Close] at the
// end. The server knows [Token], and no repository.
func Start() (*Server, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("githubtest: %w", err)
	}
	s := newServer()
	s.url = "http://" + listener.Addr().String()
	s.http = &http.Server{Handler: s, ReadHeaderTimeout: time.Minute}
	go func() {
		defer close(s.served)
		s.http.Serve(listener) // returns when the server is closed
	}()
	return s, nil
}

func newServer() *Server {
	s := &Server{
		served:        make(chan struct{}),
		repositories:  make(map[string]*repository),
		moved:         make(map[string]int64),
		tokens:        map[string]*access{Token: {}},
		apps:          make(map[string]*rsa.PublicKey),
		installations: make(map[int64]*installation),
		members:       make(map[string]string),
		tokenLife:     time.Hour,
		lastID:        1000,
		remaining:     primaryLimit,
	}
	s.done, s.cancel = context.WithCancel(context.Background())
	return s
}

// Close closes the server; running calls end without a reply. Closing twice
// does nothing.
func (s *Server) Close() {
	s.close.Do(func() {
		s.cancel()
		s.http.Close()
		<-s.served
	})
}

// URL returns the address as that of api.github.com, such as
// "http://127.0.0.1:40123".
func (s *Server) URL() string { return s.url }

// EnterpriseURL returns the address as that of a GitHub Enterprise Server,
// which is URL with "/api/v3".
func (s *Server) EnterpriseURL() string { return s.url + enterprisePrefix }

// Host returns host and port, such as "127.0.0.1:40123".
func (s *Server) Host() string { return strings.TrimPrefix(s.url, "http://") }

// AddToken adds a token that may write the statuses of the repositories with
// these full names, or of all repositories if none is named.
func (s *Server) AddToken(token string, repositories ...string) {
	s.setAccess(token, &access{repositories: lower(repositories)})
}

// AddReadOnlyToken adds a token that may read statuses only.
func (s *Server) AddReadOnlyToken(token string, repositories ...string) {
	s.setAccess(token, &access{repositories: lower(repositories), readOnly: true})
}

// RevokeToken lets the server refuse the token from now on, as one that has
// expired or was rotated.
func (s *Server) RevokeToken(token string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.tokens, token)
}

func (s *Server) setAccess(token string, a *access) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tokens[token] = a
}

func lower(names []string) []string {
	if len(names) == 0 {
		return nil
	}
	out := make([]string, len(names))
	for i, name := range names {
		out[i] = strings.ToLower(name)
	}
	return out
}

// Calls returns the requests that arrived so far, in the order of their
// arrival.
func (s *Server) Calls() []Call {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := make([]Call, len(s.calls))
	for i, c := range s.calls {
		out[i] = *c
	}
	return out
}

// Count returns the number of requests so far with the method, or of all if it
// is empty.
func (s *Server) Count(method string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := 0
	for _, c := range s.calls {
		if method == "" || c.Method == method {
			n++
		}
	}
	return n
}

// ResetCalls starts to count again.
func (s *Server) ResetCalls() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls = nil
}
