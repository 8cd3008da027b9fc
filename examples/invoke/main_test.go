package main_test

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awscodepipeline "github.com/aws/aws-sdk-go-v2/service/codepipeline"
	"github.com/google/go-cmp/cmp"

	"github.com/codesuite-go/codesuite/examples/internal/lambdatest"
	"github.com/codesuite-go/codesuite/examples/internal/program"
	"github.com/codesuite-go/codesuite/examples/internal/s3server"
	"github.com/codesuite-go/codesuite/examples/internal/testzip"
	"github.com/codesuite-go/codesuite/pipeline/pipelinetest"
)

// AWS credentials and keys that are none, but look so.
const (
	keyID   = "AKIA" + "QWERTYUIOP234567"
	header  = "-----BEGIN " + "RSA PRIVATE KEY-----"
	example = "AKIAIOSFODNN7EXAMPLE"
)

var binary *program.Program // the compiled function

func TestMain(m *testing.M) { program.Main(m, "bootstrap", &binary) }

// world is CodePipeline, S3 and the function.
type world struct {
	*pipelinetest.Server
	s3       *s3server.Server
	function *lambdatest.Function
}

func newWorld(t *testing.T, pipelines ...pipelinetest.Pipeline) *world {
	t.Helper()
	server := pipelinetest.NewServer(t, pipelines...)
	w := &world{Server: server, s3: s3server.New(t, server.CredentialsValid)}
	w.function = lambdatest.Start(t, binary.Path(t),
		"AWS_REGION=us-east-1", "AWS_ACCESS_KEY_ID=AKIDOFTHEFUNCTION", "AWS_SECRET_ACCESS_KEY=secret",
		"AWS_ENDPOINT_URL_CODEPIPELINE="+server.URL(), "AWS_ENDPOINT_URL_S3="+w.s3.URL, "TMPDIR="+t.TempDir())
	return w
}

// add adds a job with the artifact, which is not put if it is nil, and returns
// its ID and its event.
func (w *world) add(t *testing.T, parameters string, artifact []byte, inputs ...string) (id, payload string) {
	t.Helper()
	spec := pipelinetest.JobSpec{
		Type:          pipelinetest.ActionType{Category: "Invoke", Owner: "AWS", Provider: "Lambda", Version: "1"},
		Configuration: map[string]string{"FunctionName": "check"},
	}
	if parameters != "" {
		spec.Configuration["UserParameters"] = parameters
	}
	for _, name := range inputs {
		spec.Inputs = append(spec.Inputs, pipelinetest.Artifact{Name: name})
	}
	id, err := w.AddJob(spec)
	if err != nil {
		t.Fatal(err)
	}
	job, _ := w.Job(id)
	for _, a := range job.Inputs {
		if artifact != nil {
			w.s3.Put(t, a.Bucket, a.Key, artifact)
		}
	}
	for _, invocation := range w.Invocations() {
		if invocation.JobID == id {
			payload = string(invocation.Payload)
		}
	}
	return id, payload
}

func TestCheck(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	file := func(name, body string) testzip.Entry { return testzip.Entry{Name: name, Mode: 0o644, Body: body} }
	good := testzip.Make(t,
		file("README.md", "Keys look like "+example+".\n"),
		file("src/main.go", "package main\n"),
		testzip.Entry{Name: "link", Mode: fs.ModeSymlink | 0o777, Body: "README.md"},
		file("empty", ""),
	)
	bad := testzip.Make(t,
		file("b/key.txt", "one\ntwo\n"+header+"\n"),
		file("a.env", "ID="+keyID+"\nOTHER="+keyID+"\n"),
		file("b/KEY.txt", strings.Repeat("x", 200)),
		file("fixtures/key", header),
		file("new\nline", ""),
	)
	const forbidden = `{"required": ["LICENSE*", "**/*.txt"], "forbidden": ["**/*.env", "new*"], "maxFileSize": 100, "ignore": ["fixtures/**"]}`
	for _, test := range []struct {
		name       string
		parameters string
		artifact   []byte
		inputs     []string // default Source
		want       pipelinetest.JobResult
		contains   string // part of the message, in the place of that of want
	}{
		{name: "nothing found", artifact: good, want: pipelinetest.JobResult{
			Succeeded: true, Summary: "Source: no findings (files: 3, links: 1, bytes: 50)",
			OutputVariables: map[string]string{"Files": "3", "Links": "1", "Bytes": "50", "LargestFile": "37"},
		}},
		{name: "findings", parameters: forbidden, artifact: bad, want: pipelinetest.JobResult{
			FailureType: "JobFailed", Message: `8 findings in artifact Source:
LICENSE*: required, but missing
a.env: forbidden by "**/*.env"
a.env:1: AWS access key ID
a.env:2: AWS access key ID
b/KEY.txt: 200 bytes, over the limit of 100
b/key.txt: differs only in case from b/KEY.txt
b/key.txt:3: private key
"new\nline": forbidden by "new*"`,
		}},
		{name: "switched off", parameters: `{"secrets": false, "caseConflicts": false}`, artifact: bad, want: pipelinetest.JobResult{
			Succeeded: true, Summary: "Source: no findings (files: 5, links: 0, bytes: 322)",
			OutputVariables: map[string]string{"Files": "5", "Links": "0", "Bytes": "322", "LargestFile": "200"},
		}},
		{name: "named artifact", parameters: `{"artifact": "Other", "secrets": false, "caseConflicts": false}`, artifact: good, inputs: []string{"Source", "Other"},
			want: pipelinetest.JobResult{
				Succeeded: true, Summary: "Other: no findings (files: 3, links: 1, bytes: 50)",
				OutputVariables: map[string]string{"Files": "3", "Links": "1", "Bytes": "50", "LargestFile": "37"},
			}},
		{name: "no such artifact", parameters: `{"artifact": "Sauce"}`, artifact: good, want: pipelinetest.JobResult{FailureType: "ConfigurationError"}, contains: `no input artifact "Sauce"`},
		{name: "two artifacts", artifact: good, inputs: []string{"A", "B"}, want: pipelinetest.JobResult{FailureType: "ConfigurationError"}, contains: "name the one to check"},
		{name: "no artifact", inputs: []string{}, want: pipelinetest.JobResult{FailureType: "ConfigurationError"}, contains: "has no input artifact"},
		{name: "no JSON", parameters: "strict", artifact: good, want: pipelinetest.JobResult{FailureType: "ConfigurationError"}, contains: "the user parameters of the action: invalid character"},
		{name: "unknown rule", parameters: `{"forbiden": []}`, artifact: good, want: pipelinetest.JobResult{FailureType: "ConfigurationError"}, contains: `unknown field "forbiden"`},
		{name: "more JSON", parameters: `{} {}`, artifact: good, want: pipelinetest.JobResult{FailureType: "ConfigurationError"}, contains: "there is more"},
		{name: "bad pattern", parameters: `{"ignore": ["/x"]}`, artifact: good, want: pipelinetest.JobResult{FailureType: "ConfigurationError"}, contains: `ignore: pattern "/x"`},
		{name: "bad size", parameters: `{"maxFileSize": -1}`, artifact: good, want: pipelinetest.JobResult{FailureType: "ConfigurationError"}, contains: "-1 is negative"},
		{name: "missing object", want: pipelinetest.JobResult{FailureType: "RevisionUnavailable"}, contains: `input artifact "Source"`},
		{name: "no archive", artifact: []byte("text"), want: pipelinetest.JobResult{FailureType: "JobFailed"}, contains: `input artifact "Source"`},
		{name: "hostile archive", artifact: testzip.Make(t, file("../x", "")), want: pipelinetest.JobResult{FailureType: "JobFailed"}, contains: `entry "../x"`},
	} {
		inputs := test.inputs
		if inputs == nil {
			inputs = []string{"Source"}
		}
		id, payload := w.add(t, test.parameters, test.artifact, inputs...)
		if got := w.function.Invoke(t, payload); got.Failed || got.Body != "null" {
			t.Errorf("%s: the function returned %+v", test.name, got)
		}
		job, _ := w.Job(id)
		if job.Result == nil {
			t.Errorf("%s: the job is %s", test.name, job.Status)
			continue
		}
		got := *job.Result
		if test.contains != "" {
			if !strings.Contains(got.Message, test.contains) {
				t.Errorf("%s: message %q, want %q", test.name, got.Message, test.contains)
			}
			got.Message = ""
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s: result (-want +got):\n%s", test.name, diff)
		}
	}
	if log := w.function.Stop(); strings.Contains(log, keyID) || strings.Contains(log, header) {
		t.Error("what was found is in the log")
	}
}

func TestManyFindings(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var entries []testzip.Entry
	for i := range 2500 {
		entries = append(entries, testzip.Entry{Name: fmt.Sprintf("folder/%04d/日本語.env", i), Mode: 0o644})
	}
	id, payload := w.add(t, `{"forbidden": ["**/*.env"]}`, testzip.Make(t, entries...), "Source")
	w.function.Invoke(t, payload)
	job, _ := w.Job(id)
	if job.Result == nil {
		t.Fatalf("the job is %s", job.Status)
	}
	message := job.Result.Message
	lines := strings.Split(message, "\n")
	last := lines[len(lines)-1]
	if !strings.HasPrefix(message, "2500 findings in artifact Source:\nfolder/0000/日本語.env: forbidden") || last != fmt.Sprintf("and %d more", 2500-(len(lines)-2)) {
		t.Errorf("the message begins %.100q and ends %q", message, last)
	}
	if n := len([]rune(message)); n > 5000 || n < 4900 {
		t.Errorf("the message has %d characters", n)
	}
}

// TestPipeline runs the function as the action of a pipeline.
func TestPipeline(t *testing.T) {
	t.Parallel()
	w := newWorld(t, pipelinetest.Pipeline{Name: "app", Stages: []pipelinetest.Stage{
		{Name: "Source", Actions: []pipelinetest.Action{pipelinetest.CodeCommitSource("Source", "app", "main")}},
		{Name: "Check", Actions: []pipelinetest.Action{pipelinetest.LambdaAction("Check", "check", `{"required": ["README.md"]}`, "SourceArtifact")}},
	}})
	w.OnInvoke(func(function string, payload []byte) {
		var event struct {
			Job struct {
				Data struct {
					InputArtifacts []struct {
						Location struct {
							S3Location struct{ BucketName, ObjectKey string }
						}
					}
				}
			} `json:"CodePipeline.job"`
		}
		if err := json.Unmarshal(payload, &event); err != nil {
			t.Error(err)
			return
		}
		at := event.Job.Data.InputArtifacts[0].Location.S3Location
		w.s3.Put(t, at.BucketName, at.ObjectKey, testzip.Make(t, testzip.Entry{Name: "README.md", Mode: 0o644}))
		if got := w.function.Invoke(t, string(payload)); got.Failed {
			t.Errorf("%s: %+v", function, got)
		}
	})
	id, err := w.StartExecution("app", pipelinetest.Trigger{})
	if err != nil {
		t.Fatal(err)
	}
	w.Settle()
	out, err := awscodepipeline.NewFromConfig(w.Config()).GetPipelineExecution(t.Context(), &awscodepipeline.GetPipelineExecutionInput{
		PipelineName: aws.String("app"), PipelineExecutionId: aws.String(id),
	})
	if err != nil || out.PipelineExecution.Status != "Succeeded" {
		t.Errorf("got %+v, %v", out.PipelineExecution, err)
	}
}

// TestRetries invokes again, as Lambda does, when a job could not be answered
// and when the event comes twice.
func TestRetries(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id, payload := w.add(t, "", testzip.Make(t), "Source")
	w.SetFaults(pipelinetest.Faults{Deny: []string{"PutJobSuccessResult", "PutJobFailureResult"}})
	if got := w.function.InvokeWithin(t, payload, 5*time.Second); !got.Failed || !strings.Contains(got.Body, "PutJobSuccessResult") {
		t.Errorf("the job could not be answered, but the function returned %+v", got)
	}
	w.SetFaults(pipelinetest.Faults{LateDropRate: 0.5, ThrottleRate: 0.2, Seed: 1})
	if got := w.function.Invoke(t, payload); got.Failed {
		t.Errorf("got %+v", got)
	}
	w.SetFaults(pipelinetest.Faults{})
	if got := w.function.Invoke(t, payload); got.Failed {
		t.Errorf("invoked again: got %+v", got)
	}
	if job, _ := w.Job(id); job.Status != pipelinetest.JobStatusSucceeded {
		t.Errorf("the job is %s", job.Status)
	}
}

// TestExpired answers an event whose credentials have expired in the queue.
func TestExpired(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	now := time.Now()
	w.SetClock(func() time.Time { return now })
	id, payload := w.add(t, "", testzip.Make(t), "Source")
	w.SetClock(func() time.Time { return now.Add(2 * time.Hour) })
	w.SetJobOptions(pipelinetest.JobOptions{ReplyTimeout: 24 * time.Hour})
	if got := w.function.Invoke(t, payload); got.Failed {
		t.Errorf("got %+v", got)
	}
	job, _ := w.Job(id)
	if job.Count(pipelinetest.JobEventDetailsRead) == 0 {
		t.Errorf("the job is %s, without new credentials: %+v", job.Status, job.Result)
	}
}

// TestDeadline lets S3 be slower than the function may be.
func TestDeadline(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id, payload := w.add(t, "", testzip.Make(t), "Source")
	release := make(chan struct{})
	t.Cleanup(func() { close(release) })
	w.s3.Hold(release)
	if got := w.function.InvokeWithin(t, payload, 3*time.Second); got.Failed {
		t.Errorf("got %+v", got)
	}
	job, _ := w.Job(id)
	if job.Result == nil || job.Result.Succeeded || !strings.Contains(job.Result.Message, "the Lambda function ran out of time") {
		t.Errorf("the job is %s: %+v", job.Status, job.Result)
	}
}

func TestGarbage(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, payload := range []string{
		`{}`, `null`, `[]`, `"text"`, `{"CodePipeline.job": null}`, `{"CodePipeline.job": {}}`, `{"CodePipeline.job": 5}`,
		`{"CodePipeline.job": {"id": "", "data": null}}`, `{"Records": []}`, `{broken`,
	} {
		if got := w.function.Invoke(t, payload); !got.Failed || strings.Contains(got.Body, "panic") {
			t.Errorf("%s: got %+v", payload, got)
		}
	}
	// An event of no job that is there needs no answer.
	if got := w.function.Invoke(t, `{"CodePipeline.job": {"id": "11111111-2222-3333-4444-555555555555"}}`); got.Failed {
		t.Errorf("got %+v", got)
	}
	if log := w.function.Stop(); strings.Contains(log, "panic") {
		t.Error("the function panicked")
	}
}
