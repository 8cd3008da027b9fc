package pipelinetest_test

import (
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awscodepipeline "github.com/aws/aws-sdk-go-v2/service/codepipeline"
	"github.com/aws/aws-sdk-go-v2/service/codepipeline/types"

	"github.com/codesuite-go/codesuite/pipeline/pipelinetest"
)

// Results that are refused change nothing.
func TestSuccessErrors(t *testing.T) {
	t.Parallel()
	s := newJobServer(t)
	id := s.add(makeJob)
	s.take()
	x := func(n int) *string { return aws.String(strings.Repeat("x", n)) }
	put := func(f func(*awscodepipeline.PutJobSuccessResultInput)) *awscodepipeline.PutJobSuccessResultInput {
		in := &awscodepipeline.PutJobSuccessResultInput{JobId: &id}
		f(in)
		return in
	}
	for name, test := range map[string]struct {
		in   *awscodepipeline.PutJobSuccessResultInput
		want string
	}{
		"unknown":  {put(func(in *awscodepipeline.PutJobSuccessResultInput) { in.JobId = aws.String(unknownID) }), "JobNotFoundException"},
		"no ID":    {put(func(in *awscodepipeline.PutJobSuccessResultInput) { in.JobId = aws.String("1") }), "ValidationException"},
		"no token": {put(func(in *awscodepipeline.PutJobSuccessResultInput) { in.ContinuationToken = x(0) }), "ValidationException"},
		"token":    {put(func(in *awscodepipeline.PutJobSuccessResultInput) { in.ContinuationToken = x(2049) }), "ValidationException"},
		"summary": {put(func(in *awscodepipeline.PutJobSuccessResultInput) {
			in.ExecutionDetails = &types.ExecutionDetails{Summary: x(2049)}
		}), "ValidationException"},
		"external ID": {put(func(in *awscodepipeline.PutJobSuccessResultInput) {
			in.ExecutionDetails = &types.ExecutionDetails{ExternalExecutionId: x(1501)}
		}), "ValidationException"},
		"percent": {put(func(in *awscodepipeline.PutJobSuccessResultInput) {
			in.ExecutionDetails = &types.ExecutionDetails{PercentComplete: aws.Int32(101)}
		}), "ValidationException"},
		"less than nothing": {put(func(in *awscodepipeline.PutJobSuccessResultInput) {
			in.ExecutionDetails = &types.ExecutionDetails{PercentComplete: aws.Int32(-1)}
		}), "ValidationException"},
		"change": {put(func(in *awscodepipeline.PutJobSuccessResultInput) {
			in.CurrentRevision = &types.CurrentRevision{Revision: x(1), ChangeIdentifier: x(101)}
		}), "ValidationException"},
		"revision": {put(func(in *awscodepipeline.PutJobSuccessResultInput) {
			in.CurrentRevision = &types.CurrentRevision{Revision: x(1501), ChangeIdentifier: x(1)}
		}), "ValidationException"},
		"variable": {put(func(in *awscodepipeline.PutJobSuccessResultInput) {
			in.OutputVariables = map[string]string{"a.b": "c"}
		}), "ValidationException"},
		"variables and token": {put(func(in *awscodepipeline.PutJobSuccessResultInput) {
			in.ContinuationToken, in.OutputVariables = x(1), map[string]string{"a": "b"}
		}), "ValidationException"},
		"many variables": {put(func(in *awscodepipeline.PutJobSuccessResultInput) {
			in.OutputVariables = map[string]string{"a": strings.Repeat("x", 122880-2), "b": "c"}
		}), "OutputVariablesSizeExceededException"},
	} {
		if _, err := s.PutJobSuccessResult(t.Context(), test.in); code(err) != test.want {
			t.Errorf("%s: %v, want %s", name, err, test.want)
		}
	}
	equal(t, "status", pipelinetest.JobStatusInProgress, s.status(id))
	if _, err := s.PutJobSuccessResult(t.Context(), put(func(in *awscodepipeline.PutJobSuccessResultInput) {
		in.OutputVariables = map[string]string{"a": strings.Repeat("x", 122880-1)}
		in.ExecutionDetails = &types.ExecutionDetails{Summary: aws.String(strings.Repeat("ä", 2048)), ExternalExecutionId: x(1500), PercentComplete: aws.Int32(0)}
		in.CurrentRevision = &types.CurrentRevision{Revision: x(1500), ChangeIdentifier: x(100), RevisionSummary: x(2048), Created: &start}
	})); err != nil {
		t.Error(err)
	}
	if got := s.job(id).Result; !got.CurrentRevision.Created.Equal(start) || *got.PercentComplete != 0 || len(got.Summary) != 4096 {
		t.Errorf("result %+v", got.CurrentRevision)
	}
}

func TestFailureErrors(t *testing.T) {
	t.Parallel()
	s := newJobServer(t)
	id := s.add(makeJob)
	s.take()
	details := func(kind types.FailureType, message string) *types.FailureDetails {
		return &types.FailureDetails{Type: kind, Message: &message}
	}
	for name, test := range map[string]struct {
		id      string
		details *types.FailureDetails
		want    string
	}{
		"unknown":    {unknownID, details("JobFailed", "m"), "JobNotFoundException"},
		"type":       {id, details("Failed", "m"), "ValidationException"},
		"no message": {id, details("JobFailed", ""), "ValidationException"},
		"message":    {id, details("JobFailed", strings.Repeat("m", 5001)), "ValidationException"},
		"external ID": {id, &types.FailureDetails{Type: "JobFailed", Message: aws.String("m"), ExternalExecutionId: aws.String(strings.Repeat("x", 1501))},
			"ValidationException"},
	} {
		if _, err := s.PutJobFailureResult(t.Context(), &awscodepipeline.PutJobFailureResultInput{JobId: &test.id, FailureDetails: test.details}); code(err) != test.want {
			t.Errorf("%s: %v, want %s", name, err, test.want)
		}
	}
	if got := raw(t, s.URL(), "PutJobFailureResult", `{"jobId":"`+id+`"}`); !strings.Contains(got, "ValidationException") {
		t.Errorf("without details: %s", got)
	}
	equal(t, "longest message", "<nil>", s.fail(&id, strings.Repeat("ä", 5000)))
}

// A job takes one result, and none before it is acknowledged.
func TestInvalidJobState(t *testing.T) {
	t.Parallel()
	s := newJobServer(t)
	id := s.add(makeJob)
	equal(t, "queued", "InvalidJobStateException", s.succeed(&id, ""))
	s.next()
	equal(t, "dispatched", "InvalidJobStateException", s.fail(&id, "no"))
	s.acknowledge(&id, aws.String("1"))
	equal(t, "in progress", "<nil>", s.succeed(&id, ""))
	equal(t, "succeeded", "InvalidJobStateException", s.succeed(&id, ""))
	equal(t, "succeeded, with failure", "InvalidJobStateException", s.fail(&id, "no"))
	equal(t, "succeeded, with continuation", "InvalidJobStateException", s.succeed(&id, "more"))
	j := s.job(id)
	diff(t, "result", &pipelinetest.JobResult{Succeeded: true}, j.Result)
	equal(t, "reports", 6, j.Count(pipelinetest.JobEventReported))
	diff(t, "refused", &pipelinetest.JobResult{FailureType: "ConfigurationError", Message: "no"}, j.History[len(j.History)-2].Result)
	equal(t, "jobs", 1, len(s.Jobs()))

	id = s.add(makeJob)
	s.take()
	s.fail(&id, "no")
	equal(t, "failed", "InvalidJobStateException", s.succeed(&id, ""))

	id = s.add(makeJob)
	s.take()
	s.succeed(&id, "more")
	equal(t, "continued", "InvalidJobStateException", s.succeed(&id, ""))
}

// The details of a job that has ended come without credentials, or not at all.
func TestDetailsOfEnded(t *testing.T) {
	t.Parallel()
	s := newJobServer(t)
	id := s.add(pipelinetest.JobSpec{Type: makeType, Outputs: []pipelinetest.Artifact{{Name: "Out"}}})
	if d, err := s.details(id); err != nil || d.Data.ArtifactCredentials == nil {
		t.Errorf("before the poll: %+v, %v", d, err)
	}
	s.SetJobOptions(pipelinetest.JobOptions{ForgetEnded: true})
	s.take()
	if d, err := s.details(id); err != nil || d.Data.ArtifactCredentials == nil {
		t.Errorf("in progress: %+v, %v", d, err)
	}
	s.succeed(&id, "")
	if _, err := s.details(id); code(err) != "JobNotFoundException" {
		t.Errorf("forgotten: %v", err)
	}
	s.SetJobOptions(pipelinetest.JobOptions{})
	if d, err := s.details(id); err != nil || d.Data.ArtifactCredentials != nil || *d.Id != id {
		t.Errorf("ended: %+v, %v", d, err)
	}
	for id, want := range map[string]string{unknownID: "JobNotFoundException", "1": "ValidationException"} {
		if _, err := s.details(id); code(err) != want {
			t.Errorf("%s: %v", id, err)
		}
	}
	plain := s.add(makeJob)
	if d, err := s.details(plain); err != nil || d.Data.ArtifactCredentials != nil || d.Data.EncryptionKey != nil {
		t.Errorf("without artifacts: %+v, %v", d, err)
	}
}

// The time of an action counts from its first job.
func TestTimeout(t *testing.T) {
	t.Parallel()
	s := newJobServer(t)
	id := s.add(makeJob)
	s.take()
	s.pass(23 * time.Hour)
	s.succeed(&id, "more")
	next := s.take()
	s.pass(time.Hour - 1)
	equal(t, "in time", "InProgress", s.acknowledge(next.Id, next.Nonce))
	s.pass(1)
	equal(t, "too late", "InvalidJobStateException", s.succeed(next.Id, ""))
	equal(t, "acknowledged", "TimedOut", s.acknowledge(next.Id, next.Nonce))
	equal(t, "status", pipelinetest.JobStatusTimedOut, s.status(*next.Id))
	equal(t, "the one before", pipelinetest.JobStatusSucceeded, s.status(id))
	if err := s.WaitIdle(t.Context()); err != nil {
		t.Error(err)
	}

	s.SetJobOptions(pipelinetest.JobOptions{Timeout: time.Minute})
	id = s.add(makeJob)
	s.pass(time.Minute)
	if jobs := s.poll(1); len(jobs) > 0 {
		t.Error("a job that has timed out was offered")
	}
	diff(t, "history", lines("Created\nTimedOut"), s.history(id))
}

func TestContinuationDelay(t *testing.T) {
	t.Parallel()
	s := newJobServer(t)
	s.SetJobOptions(pipelinetest.JobOptions{ContinuationDelay: 30 * time.Second})
	id := s.add(makeJob)
	s.take()
	s.succeed(&id, "more")
	next := s.job(id).ContinuedBy
	equal(t, "status", pipelinetest.JobStatusCreated, s.status(next))
	s.pass(30*time.Second - 1)
	if jobs := s.poll(1); len(jobs) > 0 {
		t.Error("offered too early")
	}
	s.pass(1)
	j := s.take()
	equal(t, "job", next, *j.Id)
	equal(t, "token", "more", *j.Data.ContinuationToken)
}
