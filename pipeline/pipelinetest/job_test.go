package pipelinetest_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awscodepipeline "github.com/aws/aws-sdk-go-v2/service/codepipeline"
	"github.com/aws/aws-sdk-go-v2/service/codepipeline/types"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/codesuite-go/codesuite/pipeline/pipelinetest"
)

// The whole life of a job, and of the one that continues it.
func TestJob(t *testing.T) {
	t.Parallel()
	s := newJobServer(t)
	id := s.add(pipelinetest.JobSpec{
		Type: makeType, Pipeline: "a-pipeline-with-a-long-name", Stage: "Build", Action: "Compile",
		ExecutionID:   "8c1cd1d0-6b4a-4c5e-9c3e-0a1b2c3d4e5f",
		Configuration: map[string]string{"Target": "all", "Key": "s3cret"},
		Inputs:        []pipelinetest.Artifact{{Name: "SourceArtifact", Revision: "4c925148"}},
		Outputs:       []pipelinetest.Artifact{{Name: "Binary", Bucket: "artifacts", Key: "p/Binary/1"}},
		EncryptionKey: "key",
	})
	equal(t, "status", pipelinetest.JobStatusQueued, s.status(id))
	j := s.next()
	equal(t, "ID", id, *j.Id)
	equal(t, "account", "111122223333", *j.AccountId)
	data := func(token *string) *types.JobData {
		return &types.JobData{
			ActionTypeId:        typeID(makeType),
			ActionConfiguration: &types.ActionConfiguration{Configuration: map[string]string{"Target": "all", "Key": "s3cret"}},
			PipelineContext: &types.PipelineContext{
				PipelineName:        aws.String("a-pipeline-with-a-long-name"),
				PipelineArn:         aws.String("arn:aws:codepipeline:us-east-1:111122223333:a-pipeline-with-a-long-name"),
				PipelineExecutionId: aws.String("8c1cd1d0-6b4a-4c5e-9c3e-0a1b2c3d4e5f"),
				Stage:               &types.StageContext{Name: aws.String("Build")},
				Action:              &types.ActionContext{Name: aws.String("Compile"), ActionExecutionId: aws.String(s.job(id).ActionExecutionID)},
			},
			InputArtifacts: []types.Artifact{{Name: aws.String("SourceArtifact"), Revision: aws.String("4c925148"), Location: &types.ArtifactLocation{
				Type: "S3", S3Location: &types.S3ArtifactLocation{BucketName: aws.String("codepipeline-us-east-1-111122223333"), ObjectKey: aws.String(s.job(id).Inputs[0].Key)}}}},
			OutputArtifacts: []types.Artifact{{Name: aws.String("Binary"), Location: &types.ArtifactLocation{
				Type: "S3", S3Location: &types.S3ArtifactLocation{BucketName: aws.String("artifacts"), ObjectKey: aws.String("p/Binary/1")}}}},
			EncryptionKey:     &types.EncryptionKey{Id: aws.String("key"), Type: "KMS"},
			ContinuationToken: token,
		}
	}
	ignore := cmpopts.IgnoreUnexported(types.JobData{}, types.ActionTypeId{}, types.ActionConfiguration{}, types.PipelineContext{}, types.StageContext{},
		types.ActionContext{}, types.Artifact{}, types.ArtifactLocation{}, types.S3ArtifactLocation{}, types.EncryptionKey{}, types.AWSSessionCredentials{})
	credentials := cmpopts.IgnoreFields(types.JobData{}, "ArtifactCredentials")
	diff(t, "data", data(nil), j.Data, ignore, credentials)
	if key := s.job(id).Inputs[0].Key; !strings.HasPrefix(key, "a-pipeline-with-a-lo/SourceArti/") || len(key) != 39 {
		t.Errorf("key %s", key)
	}
	equal(t, "status", pipelinetest.JobStatusDispatched, s.status(id))

	equal(t, "acknowledged", "InProgress", s.acknowledge(j.Id, j.Nonce))
	details, err := s.details(id)
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "ID", id, *details.Id)
	diff(t, "details", data(nil), details.Data, ignore, credentials)
	if a, b := j.Data.ArtifactCredentials, details.Data.ArtifactCredentials; *a.AccessKeyId == *b.AccessKeyId || *a.SecretAccessKey == *b.SecretAccessKey || *a.SessionToken == *b.SessionToken {
		t.Errorf("the credentials of a call for details are those of the poll")
	}
	s.pass(time.Minute)
	equal(t, "result", "<nil>", s.succeed(j.Id, "build 1"))
	diff(t, "history", lines(`
		Created
		Offered 1
		Acknowledged 1
		DetailsRead
		Reported
		Continued
	`), s.history(id))

	next := s.take()
	if *next.Id == id {
		t.Fatal("the continuation has the same ID")
	}
	diff(t, "data", data(aws.String("build 1")), next.Data, ignore, credentials)
	equal(t, "result", "<nil>", s.fail(next.Id, "no rule to make target"))
	if jobs := s.poll(10); len(jobs) > 0 {
		t.Errorf("%d jobs, want none", len(jobs))
	}

	list := s.Jobs()
	if len(list) != 2 {
		t.Fatalf("%d jobs", len(list))
	}
	diff(t, "first", pipelinetest.Job{
		ID: id, Status: pipelinetest.JobStatusSucceeded, Created: start, Ended: start.Add(time.Minute), ContinuedBy: *next.Id, Nonce: "1",
		Result: &pipelinetest.JobResult{Succeeded: true, ContinuationToken: "build 1"},
	}, list[0], cmpopts.IgnoreFields(pipelinetest.Job{}, "Type", "Pipeline", "ExecutionID", "Stage", "Action", "ActionExecutionID", "Configuration", "Inputs", "Outputs", "EncryptionKey", "History"))
	last := list[1]
	equal(t, "continues", id, last.Continues)
	equal(t, "action execution", list[0].ActionExecutionID, last.ActionExecutionID)
	diff(t, "result", &pipelinetest.JobResult{FailureType: "ConfigurationError", Message: "no rule to make target"}, last.Result)
	diff(t, "counts", map[pipelinetest.JobStatus]int{"Succeeded": 1, "Failed": 1}, s.JobCounts())
	for _, e := range last.History[1:] {
		if e.Caller.AccessKeyID != "AKIDEXAMPLE" || !strings.Contains(e.Caller.UserAgent, "api/codepipeline") || e.Time != start.Add(time.Minute) {
			t.Errorf("event %+v", e)
		}
	}
}

// Two workers are told apart by their credentials or by their user agents.
func TestCaller(t *testing.T) {
	t.Parallel()
	s := newJobServer(t)
	id := s.add(makeJob)
	cfg := s.Config()
	cfg.AppID = "worker-2"
	cfg.Credentials = aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
		return aws.Credentials{AccessKeyID: "AKIDOTHER", SecretAccessKey: "secret"}, nil
	})
	s.Client = awscodepipeline.NewFromConfig(cfg)
	s.take()
	for _, e := range s.job(id).History[1:] {
		if e.Caller.AccessKeyID != "AKIDOTHER" || !strings.Contains(e.Caller.UserAgent, "app/worker-2") {
			t.Errorf("%s by %+v", e.Type, e.Caller)
		}
	}
}

func TestAddJobErrors(t *testing.T) {
	t.Parallel()
	s := newJobServer(t)
	change := func(f func(*pipelinetest.JobSpec)) pipelinetest.JobSpec {
		spec := pipelinetest.JobSpec{Type: makeType}
		f(&spec)
		return spec
	}
	for _, test := range []struct {
		spec pipelinetest.JobSpec
		want string
	}{
		{pipelinetest.JobSpec{}, `there is no category ""`},
		{change(func(s *pipelinetest.JobSpec) { s.Type.Owner = "Me" }), `the owner "Me" is not`},
		{change(func(s *pipelinetest.JobSpec) { s.Type.Provider = "" }), `"" is not a provider`},
		{change(func(s *pipelinetest.JobSpec) { s.Type.Version = "1.0" }), `"1.0" is not the version`},
		{change(func(s *pipelinetest.JobSpec) { s.Type.Owner = "AWS" }), "actions of the type AWS/Build/Make/1 have no jobs"},
		{pipelinetest.JobSpec{Type: lambda}, "the configuration has no FunctionName"},
		{change(func(s *pipelinetest.JobSpec) { s.ClientID = "x" }), "only jobs of the owner ThirdParty have a client"},
		{change(func(s *pipelinetest.JobSpec) { s.Type.Owner, s.ClientID = "ThirdParty", unknownID }), "call SetClientToken"},
		{change(func(s *pipelinetest.JobSpec) { s.ContinuationToken = strings.Repeat("x", 2049) }), "more than 2,048 characters"},
		{change(func(s *pipelinetest.JobSpec) { s.Stage = "a b" }), `"a b" is not the name`},
		{change(func(s *pipelinetest.JobSpec) { s.ExecutionID = "1" }), `"1" is not the ID`},
		{change(func(s *pipelinetest.JobSpec) { s.Outputs = []pipelinetest.Artifact{{Name: "a.b"}} }), `"a.b" is not the name of an artifact`},
		{change(func(s *pipelinetest.JobSpec) { s.Configuration = map[string]string{"a": ""} }), "a value has 1 to 1,000"},
	} {
		if _, err := s.AddJob(test.spec); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%+v: error %v, want %s", test.spec, err, test.want)
		}
	}
	if n := len(s.Jobs()); n > 0 {
		t.Errorf("%d jobs", n)
	}
	if _, ok := s.Job(unknownID); ok {
		t.Error("there is a job that nobody added")
	}
}

// A test keeps what it was told: it is no part of the server.
func TestJobIsACopy(t *testing.T) {
	t.Parallel()
	s := newJobServer(t)
	configuration := map[string]string{"Target": "all"}
	id := s.add(pipelinetest.JobSpec{Type: makeType, Configuration: configuration, Inputs: []pipelinetest.Artifact{{Name: "In"}}})
	j := s.take()
	if _, err := s.PutJobSuccessResult(t.Context(), &awscodepipeline.PutJobSuccessResultInput{
		JobId: j.Id, OutputVariables: map[string]string{"a": "1"},
		CurrentRevision:  &types.CurrentRevision{Revision: aws.String("r"), ChangeIdentifier: aws.String("c")},
		ExecutionDetails: &types.ExecutionDetails{PercentComplete: aws.Int32(100)},
	}); err != nil {
		t.Fatal(err)
	}
	want, got := s.job(id), s.job(id)
	configuration["Target"], got.Configuration["Target"] = "none", "none"
	got.Inputs[0].Name = "changed"
	*got.Result.PercentComplete = 1
	got.Result.OutputVariables["a"] = "2"
	got.Result.CurrentRevision.Revision = "changed"
	got.History[0].Type = "changed"
	diff(t, "job", want, s.job(id))
}

func TestWaitIdle(t *testing.T) {
	t.Parallel()
	s := newJobServer(t)
	if err := s.WaitIdle(t.Context()); err != nil {
		t.Errorf("without jobs: %v", err)
	}
	id := s.add(makeJob)
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	if err := s.WaitIdle(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("with a job: %v", err)
	}
	done := make(chan error)
	for range 2 {
		go func() { done <- s.WaitIdle(t.Context()) }()
	}
	s.take()
	s.succeed(&id, "more")
	select {
	case <-done:
		t.Error("idle with a continuation")
	case <-time.After(10 * time.Millisecond):
	}
	s.succeed(s.take().Id, "")
	for range 2 {
		if err := <-done; err != nil {
			t.Errorf("after the job: %v", err)
		}
	}
}

// The raw reply has the members of the service, and no others.
func TestJobMembers(t *testing.T) {
	t.Parallel()
	s := newJobServer(t)
	s.add(pipelinetest.JobSpec{Type: makeType, Inputs: []pipelinetest.Artifact{{Name: "In"}}})
	want := `{"jobs":[{"id":"ID","data":{"actionTypeId":{"category":"Build","owner":"Custom","provider":"Make","version":"1"},` +
		`"actionConfiguration":{"configuration":{}},"pipelineContext":{"pipelineName":"test","stage":{"name":"Build"},"action":{"name":"Make","actionExecutionId":"ID"},` +
		`"pipelineArn":"arn:aws:codepipeline:us-east-1:111122223333:test","pipelineExecutionId":"ID"},"inputArtifacts":[{"name":"In","revision":null,` +
		`"location":{"type":"S3","s3Location":{"bucketName":"codepipeline-us-east-1-111122223333","objectKey":"test/In/KEY"}}}],"outputArtifacts":[],` +
		`"artifactCredentials":{"accessKeyId":"ACCESSKEY","secretAccessKey":"SECRET","sessionToken":"TOKEN"}},"nonce":"1","accountId":"111122223333"}]}`
	got := raw(t, s.URL(), "PollForJobs", `{"actionTypeId":{"category":"Build","owner":"Custom","provider":"Make","version":"1"}}`)
	diff(t, "reply", want, scrub(got))
}
