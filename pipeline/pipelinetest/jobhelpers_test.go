package pipelinetest_test

import (
	"cmp"
	"context"
	"io"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awscodepipeline "github.com/aws/aws-sdk-go-v2/service/codepipeline"
	"github.com/aws/aws-sdk-go-v2/service/codepipeline/types"

	"github.com/codesuite-go/codesuite/pipeline/pipelinetest"
)

const unknownID = "00000000-0000-4000-8000-000000000000"

var (
	makeType    = pipelinetest.ActionType{Category: "Build", Owner: "Custom", Provider: "Make", Version: "1"}
	partnerType = pipelinetest.ActionType{Category: "Test", Owner: "ThirdParty", Provider: "Check", Version: "1"}
	lambda      = pipelinetest.ActionType{Category: "Invoke", Owner: "AWS", Provider: "Lambda", Version: "1"}
	makeJob     = pipelinetest.JobSpec{Type: makeType}
	lambdaJob   = pipelinetest.JobSpec{Type: lambda, Configuration: map[string]string{"FunctionName": "check"}}
)

// manual is a clock that a test moves.
type manual struct {
	mu  sync.Mutex
	now time.Time
}

func (m *manual) time() time.Time {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.now
}

func (m *manual) pass(d time.Duration) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.now = m.now.Add(d)
}

// jobServer is a server with a clock that the test moves, and a client that
// does not retry.
type jobServer struct {
	*pipelinetest.Server
	*awscodepipeline.Client
	*manual
	t testing.TB
}

func newJobServer(t testing.TB, pipelines ...pipelinetest.Pipeline) jobServer {
	t.Helper()
	s := jobServer{Server: pipelinetest.NewServer(t, pipelines...), manual: &manual{now: start}, t: t}
	s.SetClock(s.time)
	s.Client = awscodepipeline.NewFromConfig(s.Config(), func(o *awscodepipeline.Options) { o.Retryer = aws.NopRetryer{} })
	return s
}

func (s jobServer) add(spec pipelinetest.JobSpec) string {
	s.t.Helper()
	id, err := s.AddJob(spec)
	if err != nil {
		s.t.Fatal(err)
	}
	return id
}

func typeID(t pipelinetest.ActionType) *types.ActionTypeId {
	return &types.ActionTypeId{Category: types.ActionCategory(t.Category), Owner: types.ActionOwner(t.Owner), Provider: &t.Provider, Version: &t.Version}
}

// poll polls for up to n jobs of the type Make.
func (s jobServer) poll(n int) []types.Job {
	s.t.Helper()
	out, err := s.PollForJobs(s.t.Context(), &awscodepipeline.PollForJobsInput{ActionTypeId: typeID(makeType), MaxBatchSize: aws.Int32(int32(n))})
	if err != nil {
		s.t.Fatal(err)
	}
	return out.Jobs
}

// next polls for a job, which must be there.
func (s jobServer) next() types.Job {
	s.t.Helper()
	jobs := s.poll(1)
	if len(jobs) != 1 {
		s.t.Fatalf("%d jobs, want 1", len(jobs))
	}
	return jobs[0]
}

// acknowledge returns the status, or the error code.
func (s jobServer) acknowledge(id, nonce *string) string {
	out, err := s.AcknowledgeJob(s.t.Context(), &awscodepipeline.AcknowledgeJobInput{JobId: id, Nonce: nonce})
	if err != nil {
		return code(err)
	}
	return string(out.Status)
}

// take polls for a job and acknowledges it.
func (s jobServer) take() types.Job {
	s.t.Helper()
	j := s.next()
	if got := s.acknowledge(j.Id, j.Nonce); got != "InProgress" {
		s.t.Fatalf("acknowledged job is %s", got)
	}
	return j
}

// succeed puts a result, with a continuation token unless it is "", and returns
// the error code.
func (s jobServer) succeed(id *string, token string) string {
	in := &awscodepipeline.PutJobSuccessResultInput{JobId: id}
	if token != "" {
		in.ContinuationToken = &token
	}
	_, err := s.PutJobSuccessResult(s.t.Context(), in)
	return code(err)
}

func (s jobServer) fail(id *string, message string) string {
	_, err := s.PutJobFailureResult(s.t.Context(), &awscodepipeline.PutJobFailureResultInput{
		JobId: id, FailureDetails: &types.FailureDetails{Type: types.FailureTypeConfigurationError, Message: &message},
	})
	return code(err)
}

func (s jobServer) details(id string) (*types.JobDetails, error) {
	out, err := s.GetJobDetails(s.t.Context(), &awscodepipeline.GetJobDetailsInput{JobId: &id})
	if err != nil {
		return nil, err
	}
	return out.JobDetails, nil
}

func (s jobServer) job(id string) pipelinetest.Job {
	s.t.Helper()
	j, ok := s.Job(id)
	if !ok {
		s.t.Fatalf("there is no job %s", id)
	}
	return j
}

// history returns what happened to the job, such as "Offered 1" and
// "Acknowledged InvalidNonceException".
func (s jobServer) history(id string) []string {
	s.t.Helper()
	var list []string
	for _, e := range s.job(id).History {
		text := string(e.Type)
		if detail := cmp.Or(e.Code, e.Nonce); detail != "" {
			text += " " + detail
		}
		list = append(list, text)
	}
	return list
}

func (s jobServer) status(id string) pipelinetest.JobStatus {
	s.t.Helper()
	return s.job(id).Status
}

func equal[T comparable](t testing.TB, what string, want, got T) {
	t.Helper()
	if got != want {
		t.Errorf("%s: %v, want %v", what, got, want)
	}
}

func ids(jobs []types.Job) []string {
	list := []string{}
	for _, j := range jobs {
		list = append(list, *j.Id)
	}
	return list
}

// custom returns a pipeline of a source and a custom action.
func custom() pipelinetest.Pipeline {
	source := pipelinetest.CodeCommitSource("Source", "app", "main")
	source.Revision = &pipelinetest.Revision{ID: "4c925148b7b8ed8d1a24ba0ad4ef5eb8b8d9bb8f", Message: "Add a thing"}
	build := pipelinetest.CustomAction("Compile", "Build", "Make", "1", map[string]string{"Target": "all", "Key": "s3cret"}, "SourceArtifact")
	build.Secrets = []string{"Key"}
	build.Outputs = []string{"CompileArtifact"}
	build.Namespace = "compile"
	return pipelinetest.Pipeline{
		Name: "a-pipeline-with-a-long-name", ArtifactBucket: "artifacts", EncryptionKey: "arn:aws:kms:us-east-1:111122223333:key/1",
		Stages: []pipelinetest.Stage{
			{Name: "Source", Actions: []pipelinetest.Action{source}},
			{Name: "Build", Actions: []pipelinetest.Action{build}},
		},
	}
}

// withAction returns a pipeline of a source and the action.
func withAction(a pipelinetest.Action) pipelinetest.Pipeline {
	p := custom()
	p.EncryptionKey = ""
	p.Stages[1].Actions = []pipelinetest.Action{a}
	return p
}

// latest returns the action executions of the second stage of the pipeline's
// only execution.
func (s jobServer) latest(ctx context.Context) types.ActionExecutionDetail {
	s.t.Helper()
	out, err := s.ListActionExecutions(ctx, &awscodepipeline.ListActionExecutionsInput{PipelineName: aws.String(custom().Name)})
	if err != nil {
		s.t.Fatal(err)
	}
	return out.ActionExecutionDetails[0]
}

// raw makes a call without the SDK.
func raw(t testing.TB, url, operation, body string) string {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("X-Amz-Target", "CodePipeline_20150709."+operation)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	reply, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(reply))
}

// scrub replaces what is made up.
func scrub(text string) string {
	for _, made := range []struct{ pattern, name string }{
		{`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`, "ID"},
		{`ASIA[0-9A-F]{16}`, "ACCESSKEY"},
		{`session-token-[0-9a-f]{64}`, "TOKEN"},
		{`\b[0-9a-f]{40}\b`, "SECRET"},
		{`/[0-9a-f]{7}\b`, "/KEY"},
	} {
		text = regexp.MustCompile(made.pattern).ReplaceAllString(text, made.name)
	}
	return text
}
