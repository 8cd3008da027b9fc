// Package s3server is the S3 of the examples' tests: gofakes3, behind a check
// of credentials, with buckets that need not be made. Clients find it by
// AWS_ENDPOINT_URL_S3.
//
//	s3 := s3server.New(t, server.CredentialsValid)
//	s3.Put(t, bucket, key, archive)
package s3server

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"
)

// Server is the server. It is safe for concurrent use.
type Server struct {
	URL string

	s3    http.Handler
	valid func(accessKeyID, bucket, key string) bool

	mu       sync.Mutex
	requests []Request
	hold     <-chan struct{}
}

// Request is one that the server got.
type Request struct {
	Method, Bucket, Key string
	Header              http.Header
	Refused             bool // with ExpiredToken
}

// New starts a server that ends with the test. A request whose access key is
// not valid for the object fails as if it had expired.
func New(t testing.TB, valid func(accessKeyID, bucket, key string) bool) *Server {
	t.Helper()
	s := &Server{valid: valid, s3: gofakes3.New(s3mem.New(), gofakes3.WithAutoBucket(true)).Server()}
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	s.URL = server.URL
	return s
}

func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	bucket, key, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	_, credential, _ := strings.Cut(r.Header.Get("Authorization"), "Credential=")
	accessKeyID, _, _ := strings.Cut(credential, "/")
	refused := !s.valid(accessKeyID, bucket, key)
	s.mu.Lock()
	s.requests = append(s.requests, Request{r.Method, bucket, key, r.Header.Clone(), refused})
	hold := s.hold
	s.mu.Unlock()
	if hold != nil {
		select {
		case <-hold:
		case <-r.Context().Done():
			return
		}
	}
	if refused {
		w.Header().Set("Content-Type", "application/xml")
		w.WriteHeader(http.StatusBadRequest)
		fmt.Fprint(w, `<Error><Code>ExpiredToken</Code><Message>The provided token has expired.</Message></Error>`)
		return
	}
	s.s3.ServeHTTP(w, r)
}

// Hold makes all requests from now on wait for the end of the channel.
func (s *Server) Hold(until <-chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.hold = until
}

// Requests returns the requests so far.
func (s *Server) Requests() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Request(nil), s.requests...)
}

// Put stores an object.
func (s *Server) Put(t testing.TB, bucket, key string, body []byte) {
	t.Helper()
	s.do(t, http.MethodPut, bucket, key, body)
}

// Get returns an object.
func (s *Server) Get(t testing.TB, bucket, key string) []byte {
	t.Helper()
	return s.do(t, http.MethodGet, bucket, key, nil)
}

func (s *Server) do(t testing.TB, method, bucket, key string, body []byte) []byte {
	t.Helper()
	w := httptest.NewRecorder()
	r := httptest.NewRequestWithContext(t.Context(), method, "/"+bucket+"/"+key, bytes.NewReader(body))
	r.Header.Set("Content-Length", strconv.Itoa(len(body))) // where gofakes3 looks for it
	s.s3.ServeHTTP(w, r)
	if w.Code != http.StatusOK {
		t.Fatalf("%s %s/%s: status %d: %s", method, bucket, key, w.Code, w.Body)
	}
	return w.Body.Bytes()
}
