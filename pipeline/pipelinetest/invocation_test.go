package pipelinetest_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awscodepipeline "github.com/aws/aws-sdk-go-v2/service/codepipeline"
	"github.com/aws/aws-sdk-go-v2/service/codepipeline/types"

	"github.com/codesuite-go/codesuite/events"
	"github.com/codesuite-go/codesuite/pipeline/pipelinetest"
)

// invoked decodes the payload of an invocation.
func invoked(t testing.TB, payload []byte) *events.Job {
	t.Helper()
	event, err := events.Decode(payload)
	if err != nil {
		t.Fatalf("%s: %v", payload, err)
	}
	j, ok := event.(*events.Job)
	if !ok {
		t.Fatalf("%s is a %T", payload, event)
	}
	return j
}

func check() pipelinetest.Pipeline {
	a := pipelinetest.LambdaAction("Check", "check", `{"require":["go.mod"]}`, "SourceArtifact")
	a.Outputs = []string{"Report"}
	a.Namespace = "check"
	return withAction(a)
}

// The event is the one that AWS sends, with its members and no others.
func TestInvocation(t *testing.T) {
	t.Parallel()
	s := newJobServer(t, check())
	begin(t, s.Server, check().Name)
	s.Settle()
	list := s.Invocations()
	if len(list) != 1 {
		t.Fatalf("%d invocations", len(list))
	}
	equal(t, "function", "check", list[0].Function)
	want := `{"CodePipeline.job":{"id":"ID","accountId":"111122223333","data":{"actionConfiguration":{"configuration":` +
		`{"FunctionName":"check","UserParameters":"{\"require\":[\"go.mod\"]}"}},"inputArtifacts":[{"name":"SourceArtifact",` +
		`"revision":"SECRET","location":{"type":"S3","s3Location":{"bucketName":"artifacts","objectKey":"a-pipeline-with-a-lo/SourceArti/KEY"}}}],` +
		`"outputArtifacts":[{"name":"Report","revision":null,"location":{"type":"S3","s3Location":{"bucketName":"artifacts","objectKey":"a-pipeline-with-a-lo/Report/KEY"}}}],` +
		`"artifactCredentials":{"accessKeyId":"ACCESSKEY","secretAccessKey":"SECRET","sessionToken":"TOKEN","expirationTime":1778163754629}}}}`
	diff(t, "payload", want, scrub(string(list[0].Payload)))

	id := invoked(t, list[0].Payload).ID
	equal(t, "ID", list[0].JobID, id)
	equal(t, "status", pipelinetest.JobStatusInProgress, s.status(id))
	d, err := s.details(id)
	if err != nil {
		t.Fatal(err)
	}
	if c := d.Data.PipelineContext; *c.PipelineName != check().Name || *c.Stage.Name != "Build" || *c.Action.Name != "Check" || *d.Data.ActionTypeId.Provider != "Lambda" {
		t.Errorf("details %+v", d.Data)
	}
	equal(t, "acknowledged", "InvalidNonceException", s.acknowledge(&id, aws.String("1")))
	list[0].Payload[0] = 'x'
	if got := s.Invocations()[0].Payload; got[0] != '{' {
		t.Error("the test changed the server's payload")
	}
}

// The function answers while it is called, and goes on with a continuation.
func TestOnInvoke(t *testing.T) {
	t.Parallel()
	s := newJobServer(t, check())
	var tokens []string
	running := false
	s.OnInvoke(func(function string, payload []byte) {
		if running {
			t.Error("called again before it has returned")
		}
		running = true
		defer func() { running = false }()
		j := invoked(t, payload)
		tokens = append(tokens, j.ContinuationToken)
		in := &awscodepipeline.PutJobSuccessResultInput{JobId: &j.ID, ContinuationToken: aws.String(j.ContinuationToken + "x")}
		if len(tokens) == 3 {
			in.ContinuationToken, in.OutputVariables = nil, map[string]string{"Files": "17"}
		}
		if _, err := s.PutJobSuccessResult(t.Context(), in); err != nil {
			t.Error(err)
		}
	})
	execution := begin(t, s.Server, check().Name)
	s.Settle()
	diff(t, "tokens", []string{"", "x", "xx"}, tokens)
	equal(t, "status", types.PipelineExecutionStatusSucceeded, get(t, s.Client, check().Name, execution).Status)
	equal(t, "variable", "17", s.latest(t.Context()).Output.OutputVariables["Files"])
	equal(t, "jobs", 3, len(s.Jobs()))
	s.OnInvoke(nil)
	begin(t, s.Server, check().Name)
	s.Settle()
	equal(t, "calls", 3, len(tokens))
	equal(t, "invocations", 4, len(s.Invocations()))
}

func TestInvokedTwice(t *testing.T) {
	t.Parallel()
	s := newJobServer(t)
	s.SetJobOptions(pipelinetest.JobOptions{DuplicateRate: 1})
	var jobs []string
	s.OnInvoke(func(_ string, payload []byte) { jobs = append(jobs, invoked(t, payload).ID) })
	id := s.add(lambdaJob)
	diff(t, "invocations", []string{id, id}, jobs)
	diff(t, "history", lines("Created\nInvoked\nInvoked"), s.history(id))
}

// Each job of a function has 20 minutes, all together have 24 hours.
func TestReplyTimeout(t *testing.T) {
	t.Parallel()
	s := newJobServer(t, check())
	execution := begin(t, s.Server, check().Name)
	s.Settle()
	latest := func() string {
		list := s.Invocations()
		return list[len(list)-1].JobID
	}
	for range 3 {
		s.pass(20*time.Minute - 1)
		id := latest()
		equal(t, "result", "<nil>", s.succeed(&id, "more"))
	}
	s.pass(20 * time.Minute)
	s.Settle()
	equal(t, "status", pipelinetest.JobStatusTimedOut, s.status(latest()))
	equal(t, "execution", types.PipelineExecutionStatusFailed, get(t, s.Client, check().Name, execution).Status)

	s.SetJobOptions(pipelinetest.JobOptions{ContinuationDelay: time.Minute, ReplyTimeout: time.Minute})
	id := s.add(lambdaJob)
	equal(t, "result", "<nil>", s.succeed(&id, "more"))
	n := len(s.Invocations())
	s.pass(time.Minute)
	s.Settle()
	equal(t, "invocations", n+1, len(s.Invocations()))
	equal(t, "status", pipelinetest.JobStatusInProgress, s.status(latest()))
}

// Without artifacts a function has credentials all the same, and with a key it
// is told.
func TestInvocationMembers(t *testing.T) {
	t.Parallel()
	s := newJobServer(t)
	spec := lambdaJob
	spec.EncryptionKey, spec.ContinuationToken = "key", "more"
	s.add(spec)
	j := invoked(t, s.Invocations()[0].Payload)
	if j.EncryptionKey == nil || j.EncryptionKey.ID != "key" || j.ContinuationToken != "more" || j.Credentials.AccessKeyID.IsZero() {
		t.Errorf("job %s", s.Invocations()[0].Payload)
	}
	var members map[string]struct{ Data map[string]json.RawMessage }
	if err := json.Unmarshal(s.Invocations()[0].Payload, &members); err != nil {
		t.Fatal(err)
	}
	for _, member := range []string{"actionTypeId", "pipelineContext", "nonce"} {
		if _, ok := members["CodePipeline.job"].Data[member]; ok {
			t.Errorf("the event has %s", member)
		}
	}
}
