package pipelinetest

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/codesuite-go/codesuite/internal/awsjson"
	"github.com/codesuite-go/codesuite/internal/eventqueue"
	"github.com/codesuite-go/codesuite/internal/logstest"
)

// Server is a CodePipeline server. Its methods are safe for concurrent use, also
// while calls run.
//
// Where the service's model and documentation leave a choice, the server chooses:
//
//   - The revisions of an execution are there once their source action has
//     succeeded, and come in another order with each call.
//   - A parallel action that fails lets the others of its run order end before
//     the stage fails.
//   - In SUPERSEDED mode, of the executions that wait for a stage the one that
//     started last stays. In QUEUED mode they enter in the order of their
//     arrival. An execution of QUEUED or PARALLEL mode that would be the 51st in
//     progress is a ConcurrentPipelineExecutionsLimitExceededException.
//   - An execution that is stopped while it waits for a stage ends without
//     entering it and cannot be retried. A stopping execution and its stage end
//     as Stopped, even if the last action fails.
//   - The attempt in events starts at 1; each retry of a stage adds one. With
//     latestInPipelineExecution and Latest, ListActionExecutions has the newest
//     run of each action.
//   - A rollback runs its stage alone, with the artifacts and variables of its
//     target. GetPipelineExecution returns the target's revisions for it.
//   - The token of an approval is the ID of its action execution. An approval
//     that waits too long fails.
//   - The event STARTED of an execution has type and detail of its trigger. If the
//     trigger has a commit, later events have the commit; if not, they have no
//     trigger.
//   - A clientRequestToken stands for its execution for as long as the server
//     runs; with other parameters it is a ValidationException.
//   - To stop an execution that does not exist is a
//     PipelineExecutionNotStoppableException, to retry it a
//     StageNotRetryableException.
//   - An Outbound transition is the Inbound transition of the next stage.
//   - PutActionRevision starts an execution unless its revision is the one that
//     was put last.
//   - A variable such as #{namespace.key} that has no value fails its action.
//   - [Server.Update], UpdatePipeline and DeletePipeline cancel all executions in
//     progress, at once. A pipeline that is created again under the name of a
//     deleted one has other execution IDs.
//   - CreatePipeline starts an execution, unless a variable has no default. An
//     error in a structure is an InvalidStructureException, and so is the update
//     of a pipeline that does not exist. Blockers are shown as they were given.
//   - A push starts a pipeline once, also if several of its sources see it. The output
//     variable BranchName is the branch or the tag that was pushed, and for a pull
//     request the branch that it comes from.
//   - A rule DeploymentWindow waits until its window opens, and CloudWatchAlarm fails
//     if the alarm has one of the states after the wait. MATCHES takes Go's regular
//     expressions.
//   - An action that starts another pipeline follows its execution to the end. Actions
//     of EC2 have two instances with made-up IDs, and the log stream of a Commands
//     action has the name of its action execution.
//   - A request to a webhook that does not authenticate has the status 403; one that
//     does not pass the filters has 200.
//   - A stage has started when its condition before the entry is looked at. A
//     skipped stage ends with the event SUCCEEDED. OnFailure is for actions, not for
//     conditions that fail, and retries once for each start or retry by hand. A
//     rollback goes to the newest other execution of the structure that has
//     succeeded in the stage; a rollback that fails is not rolled back.
//   - A condition can be overridden while it is looked at, and if its execution has
//     failed for it with the result FAIL.
//   - An action of a pipeline is not checked against the definition of its type.
//     [Action.Secrets], not the type, decides which values the API shows as ****.
//   - Workers can poll for an action type that a pipeline or [Server.AddJob] names.
//     ListActionTypes lists those that CreateCustomActionType has created, and the
//     built-in ones of package actiontype.
//   - IDs follow from the names and the order of calls: a test sees the same IDs in
//     every run, and two servers may use the same.
type Server struct {
	service           *awsjson.Service
	connectionService *awsjson.Service
	logService        *awsjson.Service
	server            *awsjson.Server
	store             *artifactStore
	close             sync.Once
	auto              sync.WaitGroup

	// mu guards all state of pipelines, executions, runs and jobs, whose methods
	// are called with it held. Functions of the user (Action.Run, OnEvent,
	// OnInvoke, OnNotify, OnCall, Faults.Fail, Simulation) are called without it, but not the clock. An
	// operation's output shares no memory with what changes, as it is encoded
	// after mu is released. Events and invocations are queued with mu held and
	// delivered by deliver, without it.
	mu            sync.Mutex
	clock         func() time.Time
	pipelines     map[string]*pipelineRecord
	deleted       map[string]int          // by name of a deleted pipeline, the number of its executions
	tags          map[string][]tagJSON    // by ARN of a pipeline or a custom action type
	connections   map[string]Connection   // by ARN
	providers     map[string]provider     // of actions, by category and provider; not to be changed
	ruleProviders map[string]ruleProvider // of rules, likewise
	simulation    Simulation
	logs          []*logstest.Stream
	webhooks      map[string]*webhook
	notifications notifications
	alarms        map[string]string // state by name
	commits       int               // that were made up
	ready         []*execution      // whose turn it is, in order
	jobs          *jobTable
	events        eventqueue.Queue
	random        *rand.Rand    // of the order of lists that have none
	stopAuto      chan struct{} // ends AutoAdvance
	closed        bool
}

// NewServer starts a server of the pipelines that is closed when the test and
// its subtests have ended. A pipeline that the service would not accept ends
// the test.
func NewServer(t testing.TB, pipelines ...Pipeline) *Server {
	t.Helper()
	s, err := Start(pipelines...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

// Start starts a server of the pipelines, for programs other than tests. Call
// [Server.Close] at the end. Start fails if the service would not accept a pipeline,
// if two have one name, or if it cannot listen.
func Start(pipelines ...Pipeline) (*Server, error) {
	s := &Server{
		clock:         time.Now,
		pipelines:     make(map[string]*pipelineRecord),
		deleted:       make(map[string]int),
		tags:          make(map[string][]tagJSON),
		connections:   make(map[string]Connection),
		providers:     newProviders(),
		webhooks:      make(map[string]*webhook),
		alarms:        make(map[string]string),
		ruleProviders: newRuleProviders(),
		random:        rand.New(rand.NewPCG(0, 0)),
	}
	s.jobs = newJobTable(s)
	for _, p := range pipelines {
		if err := s.add(p); err != nil {
			return nil, fmt.Errorf("pipelinetest: pipeline %q: %w", p.Name, err)
		}
	}
	operations := s.operations()
	maps.Copy(operations, s.jobs.operations())
	s.service = awsjson.NewService("codepipeline", "CodePipeline_20150709", operations)
	s.connectionService = awsjson.NewService("codeconnections", "CodeConnections_20231201", s.connectionOperations(), connectionTargets...)
	var err error
	s.logService = awsjson.NewService("logs", "Logs_20140328", map[string]awsjson.Operation{"GetLogEvents": locked(s, s.getLogEvents)})
	if s.server, err = awsjson.Listen(s.service, s.connectionService, s.logService); err != nil {
		return nil, fmt.Errorf("pipelinetest: %w", err)
	}
	s.store = newArtifactStore(s)
	s.server.HandleOther(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == webhookPath {
			s.handleWebhook(w, r)
			return
		}
		s.store.s3.ServeHTTP(w, r)
	}))
	return s, nil
}

func (s *Server) services() []*awsjson.Service {
	return []*awsjson.Service{s.service, s.connectionService, s.logService}
}

func (s *Server) add(p Pipeline) error {
	definition, err := p.withDefaults()
	if err != nil {
		return err
	}
	if s.pipelines[p.Name] != nil {
		return errors.New("two pipelines have this name")
	}
	s.pipelines[p.Name] = newPipeline(s, &definition)
	s.learnConnections(&definition)
	return nil
}

// Close closes the server: it advances no more by itself, running calls end
// without a reply and the port is gone when it returns. It must not be called
// from a function that the server calls, such as that of [Server.OnEvent].
// Closing twice does nothing.
func (s *Server) Close() {
	s.close.Do(func() {
		s.mu.Lock()
		s.closed = true
		s.mu.Unlock()
		s.AutoAdvance(0)
		s.server.Close()
		s.server.Wait()
		s.auto.Wait() // after the calls that its functions wait for have ended
		s.store.close()
	})
}

// URL returns the server's address, such as "http://127.0.0.1:40123".
func (s *Server) URL() string { return s.server.URL }

// Config returns a configuration that leads the SDK's clients of CodePipeline,
// CodeConnections, CloudWatch Logs and S3 to the server: its address, the Region
// us-east-1 and credentials of no account. The retryer is the SDK's standard one, but waits 1 to
// 20 milliseconds between attempts instead of seconds, so that tests with faults
// are quick. Clients of other services need another BaseEndpoint.
func (s *Server) Config() aws.Config { return awsjson.Config(s.server.URL) }

// Calls returns the number of calls of each operation so far, such as
// {"GetPipelineExecution": 1}. Every attempt that arrives counts, also those
// that fail. Operations without a call are left out.
func (s *Server) Calls() map[string]int {
	calls := make(map[string]int)
	for _, service := range s.services() {
		maps.Copy(calls, service.Calls())
	}
	return calls
}

// Count returns the number of calls so far of the operations together, or of
// all operations if none is named.
func (s *Server) Count(operations ...string) int {
	return awsjson.Count(s.Calls(), operations...)
}

// ResetCalls sets the counts of [Server.Calls] and [Server.Count] to zero.
func (s *Server) ResetCalls() {
	for _, service := range s.services() {
		service.ResetCalls()
	}
}

// OnCall sets a function that is called with the name of the operation when a
// call has arrived and has been counted, before anything else is done about
// it; the call waits. With it a test changes the world between two calls: one
// that calls [Server.Advance] lets the pipelines advance with each call. It is
// called from many goroutines at once. Nil removes it.
func (s *Server) OnCall(f func(operation string)) {
	for _, service := range s.services() {
		service.OnCall(f)
	}
}

// SetClock sets the clock that all times come from; nil is [time.Now]. The
// clock is called from many goroutines, with a lock held: it must not use the
// server.
func (s *Server) SetClock(now func() time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if now == nil {
		now = time.Now
	}
	s.clock = now
}

// operations returns what the server can do, apart from jobs.
func (s *Server) operations() map[string]awsjson.Operation {
	return map[string]awsjson.Operation{
		"CreatePipeline":                   locked(s, s.createPipeline),
		"DeleteWebhook":                    locked(s, s.deleteWebhook),
		"DeregisterWebhookWithThirdParty":  locked(s, s.deregisterWebhook),
		"ListWebhooks":                     locked(s, s.listWebhooks),
		"PutWebhook":                       locked(s, s.putWebhook),
		"RegisterWebhookWithThirdParty":    locked(s, s.registerWebhook),
		"DeletePipeline":                   locked(s, s.deletePipeline),
		"DisableStageTransition":           locked(s, s.disableStageTransition),
		"EnableStageTransition":            locked(s, s.enableStageTransition),
		"GetPipeline":                      locked(s, s.getPipeline),
		"GetPipelineExecution":             locked(s, s.getPipelineExecution),
		"GetPipelineState":                 locked(s, s.getPipelineState),
		"ListActionExecutions":             locked(s, s.listActionExecutions),
		"ListDeployActionExecutionTargets": locked(s, s.listDeployActionExecutionTargets),
		"ListPipelineExecutions":           locked(s, s.listPipelineExecutions),
		"ListPipelines":                    locked(s, s.listPipelines),
		"ListRuleExecutions":               locked(s, s.listRuleExecutions),
		"ListRuleTypes":                    locked(s, s.listRuleTypes),
		"ListTagsForResource":              locked(s, s.listTagsForResource),
		"OverrideStageCondition":           locked(s, s.overrideStageCondition),
		"PutActionRevision":                locked(s, s.putActionRevision),
		"PutApprovalResult":                locked(s, s.putApprovalResult),
		"RetryStageExecution":              locked(s, s.retryStageExecution),
		"RollbackStage":                    locked(s, s.rollbackStage),
		"StartPipelineExecution":           locked(s, s.startPipelineExecution),
		"StopPipelineExecution":            locked(s, s.stopPipelineExecution),
		"TagResource":                      locked(s, s.tagResource),
		"UntagResource":                    locked(s, s.untagResource),
		"UpdatePipeline":                   locked(s, s.updatePipeline),
	}
}

// locked returns the operation that is called with mu held. The events that
// come of it are delivered before the reply is sent.
func locked[In, Out any](s *Server, call func(*In) (Out, error)) awsjson.Operation {
	return awsjson.Op(func(_ context.Context, in *In) (Out, error) {
		out, err := func() (Out, error) {
			s.mu.Lock()
			defer s.mu.Unlock()
			return call(in)
		}()
		s.deliver()
		return out, err
	})
}
