package pipelinestatus_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/codesuite-go/codesuite/githubstatus"
	"github.com/codesuite-go/codesuite/internal/githubtest"
	"github.com/codesuite-go/codesuite/internal/leaktest"
)

func TestMain(m *testing.M) { leaktest.Main(m, "codesuite/githubstatus/pipelinestatus") }

const sha = "6dcb09b5b57875f334f61aebed695e2e4193db5e"

// newClient returns a client of the server.
func newClient(s *githubtest.Server, optFns ...func(*githubstatus.Options)) *githubstatus.Client {
	return githubstatus.New(githubstatus.Token(githubtest.Token), append([]func(*githubstatus.Options){
		func(o *githubstatus.Options) { o.BaseURL = s.URL() },
	}, optFns...)...)
}

// reply makes a reply without a server, for tests whose time is
// testing/synctest's, in which a real connection would stop the clock.
func reply(status int, body string) func(*http.Request) (*http.Response, error) {
	return func(r *http.Request) (*http.Response, error) {
		return &http.Response{
			StatusCode: status, Header: http.Header{"Content-Type": {"application/json; charset=utf-8"}},
			Body: io.NopCloser(strings.NewReader(body)), Request: r, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		}, nil
	}
}
