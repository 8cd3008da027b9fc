package citest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/codesuite-go/codesuite/internal/awsjson"
	"github.com/codesuite-go/codesuite/internal/eventqueue"
)

const (
	region    = awsjson.Region
	accountID = awsjson.AccountID
)

// Server is a server of CodeBuild and CloudWatch Logs. Its methods are safe for
// concurrent use, also while calls run.
//
// Where the services' models and documentation leave a choice, the server chooses:
//
//   - An idempotency token stands for its build for five minutes, in one operation.
//     With other parameters it is an InvalidInputException.
//   - A call that is no valid input is an InvalidInputException of CodeBuild and an
//     InvalidParameterException of CloudWatch Logs.
//   - A build takes its overrides over the project's settings, variables by name.
//     An override that the server does not keep is an InvalidInputException.
//   - A build in progress counts against [Server.SetLimit] and
//     [Project.ConcurrentLimit] until it has ended.
//   - StopBuild ends a build at once. A build that has ended stays as it is.
//   - The build of an automatic retry starts in the moment in which its predecessor
//     ends, after FAILED alone.
//   - A log is there when the phase PROVISIONING has ended. The API has no deep link
//     before, and none with [Project.LogsOff]. Events then have a deep link to
//     "group=null;stream=null".
//   - A report is there when the phase BUILD has ended.
//   - The phase COMPLETED has an event with the status of the build.
//   - Batches have no events, as on AWS; the builds of a batch have. A batch ends a
//     second after its last build. A group whose dependency has failed does not
//     start.
//   - IDs follow from the names and the order of calls: a test sees the same IDs in
//     every run, and two servers may use the same.
type Server struct {
	service    *awsjson.Service
	logService *awsjson.Service
	server     *awsjson.Server
	close      sync.Once
	events     eventqueue.Queue

	// mu guards all state of projects, builds and batches, whose methods are
	// called with it held. Functions of the user are called without it, but not the
	// clock: they are queued in todo and called by deliver.
	mu       sync.Mutex
	clock    func() time.Time
	moved    time.Duration // that Advance and Pass have added to the clock
	projects map[string]*project
	builds   []*build // in the order of their start
	running  []*build // those in progress
	batches  []*batch
	byID     map[string]*build // by project:UUID
	batchID  map[string]*batch
	reports  map[string]*report // by ARN
	tokens   map[tokenKey]tokenUse
	todo     []func()
	limit    int

	retriesDenied bool // by Faults.Deny
	pageSize      int  // of GetLogEvents; 0 is the caller's
}

// NewServer starts a server of the projects that is closed when the test and its
// subtests have ended. A project that the service would not accept ends the test.
func NewServer(t testing.TB, projects ...Project) *Server {
	t.Helper()
	s, err := Start(projects...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

// Start starts a server of the projects, for programs other than tests. Call
// [Server.Close] at the end.
func Start(projects ...Project) (*Server, error) {
	s := &Server{
		clock:    time.Now,
		projects: make(map[string]*project),
		byID:     make(map[string]*build),
		batchID:  make(map[string]*batch),
		reports:  make(map[string]*report),
		tokens:   make(map[tokenKey]tokenUse),
	}
	for _, p := range projects {
		if err := p.check(); err != nil {
			return nil, fmt.Errorf("citest: project %q: %w", p.Name, err)
		}
		if s.projects[p.Name] != nil {
			return nil, fmt.Errorf("citest: project %q: %w", p.Name, errors.New("two projects have this name"))
		}
		s.projects[p.Name] = &project{Project: p, created: s.now()}
	}
	s.service = awsjson.NewService("codebuild", "CodeBuild_20161006", map[string]awsjson.Operation{
		"BatchGetBuildBatches":       locked(s, s.batchGetBuildBatches),
		"BatchGetBuilds":             locked(s, s.batchGetBuilds),
		"BatchGetProjects":           locked(s, s.batchGetProjects),
		"BatchGetReports":            locked(s, s.batchGetReports),
		"DescribeTestCases":          locked(s, s.describeTestCases),
		"ListBuildBatchesForProject": locked(s, s.listBuildBatchesForProject),
		"ListBuildsForProject":       locked(s, s.listBuildsForProject),
		"RetryBuild":                 locked(s, s.retryBuild),
		"StartBuild":                 locked(s, s.startBuild),
		"StartBuildBatch":            locked(s, s.startBuildBatch),
		"StopBuild":                  locked(s, s.stopBuild),
		"StopBuildBatch":             locked(s, s.stopBuildBatch),
	})
	s.logService = awsjson.NewService("logs", "Logs_20140328", map[string]awsjson.Operation{
		"GetLogEvents": locked(s, s.getLogEvents),
	})
	var err error
	if s.server, err = awsjson.Listen(s.service, s.logService); err != nil {
		return nil, fmt.Errorf("citest: %w", err)
	}
	return s, nil
}

// locked returns the operation that is called with mu held, when all that was due
// by now has happened. The events that come of it are delivered before the reply is
// sent.
func locked[In, Out any](s *Server, call func(*In) (Out, error)) awsjson.Operation {
	return awsjson.Op(func(_ context.Context, in *In) (Out, error) {
		s.catchUp()
		out, err := func() (Out, error) {
			s.mu.Lock()
			defer s.mu.Unlock()
			return call(in)
		}()
		s.deliver()
		return out, err
	})
}

// Close closes the server: running calls end without a reply and the port is gone
// when it returns. It must not be called from a function that the server calls,
// such as that of [Server.OnEvent]. Closing twice does nothing.
func (s *Server) Close() {
	s.close.Do(func() {
		s.server.Close()
		s.server.Wait()
	})
}

// URL returns the server's address, such as "http://127.0.0.1:40123".
func (s *Server) URL() string { return s.server.URL }

// Config returns a configuration that leads the SDK's clients of CodeBuild and
// CloudWatch Logs to the server: its address, the Region us-east-1 and credentials of
// no account. The retryer is the SDK's standard one, but waits 1 to 20 milliseconds
// between attempts instead of seconds, so that tests with faults are quick. Clients
// of other services need another BaseEndpoint.
func (s *Server) Config() aws.Config { return awsjson.Config(s.server.URL) }

// Calls returns the number of calls of each operation so far, such as
// {"StartBuild": 1}. Every attempt that arrives counts, also those that fail.
// Operations without a call are left out.
func (s *Server) Calls() map[string]int {
	calls := s.service.Calls()
	for operation, n := range s.logService.Calls() {
		calls[operation] = n
	}
	return calls
}

// Count returns the number of calls so far of the operations together, or of all
// operations if none is named.
func (s *Server) Count(operations ...string) int {
	return awsjson.Count(s.Calls(), operations...)
}

// ResetCalls starts to count again.
func (s *Server) ResetCalls() {
	s.service.ResetCalls()
	s.logService.ResetCalls()
}

// OnCall sets a function that is called with the name of the operation when a call
// has arrived and has been counted, before anything else is done about it; the
// call waits. With it a test changes the world between two calls. It is called from
// many goroutines at once. Nil removes it.
func (s *Server) OnCall(f func(operation string)) {
	s.service.OnCall(f)
	s.logService.OnCall(f)
}

// SetLimit sets how many builds of the account may be in progress; 0 is no limit. A
// call that would start one more fails with AccountLimitExceededException.
func (s *Server) SetLimit(builds int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.limit = builds
}

// Delivery says how events reach the function of [Server.OnEvent]. The zero value
// delivers each once and in order.
type Delivery struct {
	// DuplicateRate is the share of events that are delivered twice, 0 to 1.
	DuplicateRate float64
	// Reorder is the greatest number of later events that overtake an event or its
	// duplicate. The server holds the event back until they have come;
	// [Server.FlushEvents] and [Server.Settle] deliver it earlier.
	Reorder int
	// Seed seeds the random choices.
	Seed uint64
}

// OnEvent sets a function that is called with each event from now on, in the JSON
// that EventBridge delivers. It is called by whoever made the state change, before
// the method or the API call that made it returns, unless the function is already
// running: then the event comes next. So it is never called twice at a time, and it
// may use the server and its API. Another function also gets the events that are
// held back; nil removes the function, and them.
func (s *Server) OnEvent(f func(payload []byte)) { s.events.Handle(f) }

// SetDelivery changes how events are delivered that come from now on.
func (s *Server) SetDelivery(d Delivery) { s.events.SetDelivery(eventqueue.Delivery(d)) }

// FlushEvents delivers the events that are held back.
func (s *Server) FlushEvents() { s.events.Flush() }

// Events returns all events so far, each once and in order, whatever [Delivery]
// says.
func (s *Server) Events() [][]byte { return s.events.All() }

// deliver calls the functions of the user that are due: Project.Run, Outcome.Work,
// and then that of OnEvent. mu must not be held.
func (s *Server) deliver() {
	for f := s.next(); f != nil; f = s.next() {
		f()
	}
	s.events.Deliver()
}

func (s *Server) next() func() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.todo) == 0 {
		return nil
	}
	f := s.todo[0]
	s.todo = s.todo[1:]
	return f
}
