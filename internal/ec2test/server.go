package ec2test

import (
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/codesuite-go/codesuite/internal/awsjson"
)

// Server is the server. It is safe for concurrent use.
type Server struct {
	// URL is the address, such as "http://127.0.0.1:40123".
	URL string

	states, ssm *awsjson.Service

	mu         sync.Mutex
	now        func() time.Time
	executions []*Execution // by start
	parameters map[string]string
	images     map[string]Image
	instances  []*Instance // by launch
	tokens     map[string]string
	calls      map[string]int // of EC2
	fail       func(operation string) string
	onStart    func(Execution)
	onEvent    func(payload []byte)
}

// NewServer starts a server that the end of the test closes.
func NewServer(tb testing.TB) *Server {
	tb.Helper()
	s := &Server{
		now: time.Now, parameters: make(map[string]string), images: make(map[string]Image),
		tokens: make(map[string]string), calls: make(map[string]int),
		fail: func(string) string { return "" },
	}
	s.states = awsjson.NewService("states", "AWSStepFunctions", map[string]awsjson.Operation{
		"DescribeExecution": awsjson.Op(s.describeExecution),
		"ListExecutions":    awsjson.Op(s.listExecutions),
		"StartExecution":    awsjson.Op(s.startExecution),
		"StopExecution":     awsjson.Op(s.stopExecution),
	})
	s.ssm = awsjson.NewService("ssm", "AmazonSSM", map[string]awsjson.Operation{
		"GetParameter": awsjson.Op(s.getParameter),
	})
	server := httptest.NewServer(s)
	tb.Cleanup(server.Close)
	s.URL = server.URL
	return s
}

// Config returns a configuration for clients of the server.
func (s *Server) Config() aws.Config { return awsjson.Config(s.URL) }

// SetClock makes all times come from the clock.
func (s *Server) SetClock(now func() time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.now = now
}

// SetFaults replaces the faults of Step Functions and Systems Manager. Those of EC2
// are the ones of Fail and Deny.
func (s *Server) SetFaults(f awsjson.Faults) {
	s.states.SetFaults(f)
	s.ssm.SetFaults(f)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fail = func(operation string) string {
		for _, denied := range f.Deny {
			if denied == operation {
				return "UnauthorizedOperation"
			}
		}
		if f.Fail != nil {
			return f.Fail(operation)
		}
		return ""
	}
}

// OnStart sets a function that is called with each execution that starts, before
// StartExecution returns.
func (s *Server) OnStart(f func(Execution)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.onStart = f
}

// OnEvent sets a function that is called with the events of EventBridge.
func (s *Server) OnEvent(f func(payload []byte)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.onEvent = f
}

// Count returns how many calls of the operation arrived.
func (s *Server) Count(operation string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.calls[operation] + s.states.Calls()[operation] + s.ssm.Calls()[operation]
}

func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch target := r.Header.Get("X-Amz-Target"); {
	case target == "":
		s.serveEC2(w, r)
	case target[:min(len(target), 9)] == "AmazonSSM":
		s.ssm.ServeHTTP(w, r)
	default:
		s.states.ServeHTTP(w, r)
	}
}

type getParameterInput struct {
	Name *string `json:"Name"`
}

type getParameterOutput struct {
	Parameter parameter `json:"Parameter"`
}

type parameter struct {
	Name, Type, Value string
}
