package conformance_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awslogs "github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	awscodebuild "github.com/aws/aws-sdk-go-v2/service/codebuild"
	awscodecommit "github.com/aws/aws-sdk-go-v2/service/codecommit"
	awscodepipeline "github.com/aws/aws-sdk-go-v2/service/codepipeline"
	awssfn "github.com/aws/aws-sdk-go-v2/service/sfn"

	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/middleware"

	"github.com/codesuite-go/codesuite/codecommit/ci/citest"
	"github.com/codesuite-go/codesuite/codecommit/codecommittest"
	"github.com/codesuite-go/codesuite/events/pattern"
	"github.com/codesuite-go/codesuite/examples/internal/asltest"
	"github.com/codesuite-go/codesuite/internal/ec2test"
	"github.com/codesuite-go/codesuite/internal/gittest"
	"github.com/codesuite-go/codesuite/pipeline/pipelinetest"
)

// clock is the time of the test servers.
type clock struct {
	mu     sync.Mutex
	offset time.Duration
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return time.Now().Add(c.offset)
}

func (c *clock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.offset += d
}

// servers are the test servers.
type servers struct {
	commits   *codecommittest.Server
	pipelines *pipelinetest.Server
	builds    *citest.Server
	machines  *ec2test.Server
	project   *citest.Project
	states    map[string]*asltest.Error // of Step Functions' calls, by resource
	queue     *queue
}

// queue holds what the rule and the topic of a run would send to it.
type queue struct {
	mu       sync.Mutex
	rule     pattern.Pattern
	messages [][]byte
}

func (q *queue) send(payload []byte) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.messages = append(q.messages, payload)
}

// event sends an event that the rule matches.
func (q *queue) event(payload []byte) {
	if is, err := q.rule.Match(payload); err == nil && is {
		q.send(payload)
	}
}

// stateErrors are the errors of Step Functions' calls of services that are to fail.
func stateErrors() map[string]*asltest.Error {
	refused := func(service, code string) *asltest.Error {
		return &asltest.Error{Name: service + "." + code, Cause: "told by the test (Service: " + service + ", Status Code: 400, Request ID: 1f0e)"}
	}
	return map[string]*asltest.Error{
		"aws-sdk:ec2:describeInstances":            refused("Ec2", "Ec2Exception"),
		"aws-sdk:ssm:sendCommand":                  refused("Ssm", "InvalidInstanceIdException"),
		"aws-sdk:ssm:getCommandInvocation":         refused("Ssm", "InvocationDoesNotExistException"),
		"aws-sdk:s3:getObject":                     refused("S3", "NoSuchKeyException"),
		"aws-sdk:codepipeline:putJobSuccessResult": refused("CodePipeline", "JobNotFoundException"),
	}
}

// newLocal returns the world of the test servers, which the functions may change.
func newLocal(t *testing.T, change ...func(*servers)) *world {
	t.Helper()
	w := &world{what: "the test servers", name: prefix + "local"}
	w.source = newSource(t)
	void := gittest.New(t)

	var c clock
	s := &servers{states: stateErrors(), queue: new(queue)}
	var err error
	if s.queue.rule, err = pattern.Parse([]byte(w.eventPattern())); err != nil {
		t.Fatal(err)
	}
	s.commits = codecommittest.NewServer(t, codecommittest.Git(w.name, w.source.Dir), codecommittest.Git(w.empty(), void.Dir))
	s.commits.SetClock(c.now)
	s.commits.OnEvent(s.queue.event)
	s.commits.OnTrigger(s.queue.send)
	s.pipelines = pipelinetest.NewServer(t)
	s.pipelines.SetClock(c.now)
	s.pipelines.OnEvent(s.queue.event)
	s.pipelines.OnNotify(func(n pipelinetest.Notification) { s.queue.send(n.Message) })
	s.project = &citest.Project{
		Name: w.name, Run: localBuild,
		Groups: []citest.Group{{Identifier: "first"}, {Identifier: "second", DependsOn: []string{"first"}}, {Identifier: "third"}},
	}
	for _, f := range change {
		f(s)
	}
	s.builds = citest.NewServer(t, *s.project, citest.Project{Name: w.limitedName(), ConcurrentLimit: 1, Run: localBuild})
	s.builds.SetClock(c.now)
	s.builds.OnEvent(s.queue.event)
	s.machines = ec2test.NewServer(t)
	s.machines.SetClock(c.now)
	s.machines.OnEvent(s.queue.event)

	w.git = s.commits.Config()
	w.region = w.git.Region
	w.codecommit = awscodecommit.NewFromConfig(w.twisted(s.commits.Config()))
	w.codepipeline = awscodepipeline.NewFromConfig(w.twisted(s.pipelines.Config()))
	w.codebuild = awscodebuild.NewFromConfig(w.twisted(s.builds.Config()))
	w.states = awssfn.NewFromConfig(w.twisted(s.machines.Config()))
	w.logs = awslogs.NewFromConfig(w.twisted(s.builds.Config()))
	w.topic = "arn:aws:sns:us-east-1:111122223333:" + w.name
	w.role = "arn:aws:iam::111122223333:role/" + w.name
	connection := pipelinetest.Connection{ARN: "arn:aws:codeconnections:us-east-1:111122223333:connection/" + unknownID}
	s.pipelines.AddConnection(connection)
	w.connection, w.linked, w.branch = connection.ARN, "octo/app", "main"
	same := func(context.Context) (string, error) { return w.name, nil }
	w.bucket, w.project, w.function = same, same, same
	w.machine = func(context.Context) (string, error) {
		return "arn:aws:states:us-east-1:111122223333:stateMachine:" + w.name, nil
	}
	w.limited = func(context.Context) (string, error) { return w.limitedName(), nil }
	w.removeLog = func(context.Context, string) error { return nil }
	w.push = func(_ context.Context, reference string) error {
		if branch, ok := strings.CutPrefix(reference, "refs/heads/"); ok {
			_, err := s.pipelines.Push(pipelinetest.Push{Repository: w.name, Branch: branch, Commit: pipelinetest.Commit{ID: w.source.Git("rev-parse", reference)}})
			if err != nil {
				return err
			}
		}
		return s.commits.Sync(w.name)
	}
	w.receive = func(context.Context) ([][]byte, error) {
		s.queue.mu.Lock()
		defer s.queue.mu.Unlock()
		messages := s.queue.messages
		s.queue.messages = nil
		return messages, nil
	}
	w.invoked = func(context.Context) ([]byte, error) {
		if all := s.pipelines.Invocations(); len(all) > 0 {
			return all[len(all)-1].Payload, nil
		}
		return nil, nil
	}
	w.pass = func(_ context.Context, d time.Duration) error {
		c.pass(d)
		s.builds.Pass(0)
		return w.advance(s.pipelines)
	}
	w.match = func(_ context.Context, text, event string) (bool, error) {
		p, err := pattern.Parse([]byte(text))
		if err != nil {
			return false, &smithy.GenericAPIError{Code: "InvalidEventPatternException", Message: err.Error()}
		}
		return p.Match([]byte(event))
	}
	w.document = func(_ context.Context, _, content string) error {
		var d struct{ SchemaVersion string }
		if err := json.Unmarshal([]byte(content), &d); err != nil || d.SchemaVersion != "2.2" || len(content) > maxDocument {
			return &smithy.GenericAPIError{Code: "InvalidDocumentContent"}
		}
		return nil
	}
	w.validate = func(_ context.Context, definition string) ([]string, error) {
		if _, err := asltest.Parse([]byte(definition)); err != nil {
			return []string{err.Error()}, nil
		}
		return nil, nil
	}
	w.try = func(ctx context.Context, state string) (name, cause string, err error) {
		machine, err := asltest.Parse([]byte(`{"QueryLanguage":"JSONata","StartAt":"Try","States":{"Try":` + state + `}}`))
		if err != nil {
			return "", "", err
		}
		x, err := machine.Run(ctx, asltest.Options{Name: "try", ARN: "try", Input: []byte("{}"), Do: func(_ context.Context, call asltest.Call) (any, error) {
			if fault := s.states[call.Resource]; fault != nil {
				return nil, fault
			}
			return nil, fmt.Errorf("the call %s is not known", call.Resource)
		}})
		if err != nil {
			return "", "", err
		}
		return x.Error, x.Cause, nil
	}
	return w
}

// twisted returns the configuration of clients that see replies as w.twist has made
// them.
func (w *world) twisted(cfg aws.Config) aws.Config {
	cfg.APIOptions = append(cfg.APIOptions, func(stack *middleware.Stack) error {
		return stack.Initialize.Add(middleware.InitializeMiddlewareFunc("twist",
			func(ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler) (middleware.InitializeOutput, middleware.Metadata, error) {
				out, metadata, err := next.HandleInitialize(ctx, in)
				if w.twist != nil {
					out.Result, err = w.twist(out.Result, err)
				}
				return out, metadata, err
			}), middleware.After)
	})
	return cfg
}

// maxDocument is how many bytes a document of Systems Manager has at most.
const maxDocument = 64 << 10

// localBuild says how a build of the test servers goes. Those that builds_test.go
// wants to fail do; others wait until they are stopped.
func localBuild(b citest.Build) citest.Outcome {
	switch {
	case b.BatchARN != "" && b.Group != "first":
		return citest.Outcome{}
	case b.BatchARN != "" || b.Variable("N") == "fails":
		return citest.Outcome{
			Status: citest.StatusFailed, Message: "exit status 1", Log: []string{"exit status 1"},
			Reports: []citest.Report{{Name: "unit", Cases: []citest.TestCase{{Suite: "s", Name: "t"}}}},
		}
	}
	return citest.Outcome{Hold: true}
}

// advance lets the executions of the pipelines go on, as AWS does by itself. Their
// sources find the newest commit.
func (w *world) advance(s *pipelinetest.Server) error {
	for _, name := range w.pipelines {
		err := s.SetRevision(name, "Source", pipelinetest.Revision{ID: w.source.Git("rev-parse", "main"), Summary: message})
		if err != nil && !strings.Contains(err.Error(), "there is no pipeline") && !strings.Contains(err.Error(), "has no source action") {
			return err
		}
	}
	s.Settle()
	return nil
}
