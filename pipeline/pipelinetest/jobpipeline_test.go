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

// A custom action from its start over a continuation to its result, as the
// worker and as the pipeline see it.
func TestCustomAction(t *testing.T) {
	t.Parallel()
	s := newJobServer(t, custom())
	createType(t, s, func(in *awscodepipeline.CreateCustomActionTypeInput) {
		in.Settings = &types.ActionTypeSettings{ExecutionUrlTemplate: aws.String("https://ci.example.com/{Config:Target}/{ExternalExecutionId}")}
		target := property("Target")
		target.Required = true
		in.ConfigurationProperties = []types.ActionConfigurationProperty{target, property("Key")}
	})
	if jobs := s.poll(1); len(jobs) > 0 {
		t.Error("a job before the action")
	}
	execution := begin(t, s.Server, custom().Name)
	s.Settle()
	j := s.take()
	action := s.latest(t.Context())
	context := j.Data.PipelineContext
	for _, c := range []struct{ what, want, got string }{
		{"pipeline", custom().Name, *context.PipelineName},
		{"ARN", "arn:aws:codepipeline:us-east-1:111122223333:" + custom().Name, *context.PipelineArn},
		{"execution", execution, *context.PipelineExecutionId},
		{"stage", "Build", *context.Stage.Name},
		{"action", "Compile", *context.Action.Name},
		{"action execution", *action.ActionExecutionId, *context.Action.ActionExecutionId},
		{"secret", "s3cret", j.Data.ActionConfiguration.Configuration["Key"]},
		{"masked secret", "****", action.Input.ResolvedConfiguration["Key"]},
		{"key", "arn:aws:kms:us-east-1:111122223333:key/1", *j.Data.EncryptionKey.Id},
		{"revision", "4c925148b7b8ed8d1a24ba0ad4ef5eb8b8d9bb8f", *j.Data.InputArtifacts[0].Revision},
		{"bucket", "artifacts", *j.Data.InputArtifacts[0].Location.S3Location.BucketName},
		{"input", *action.Input.InputArtifacts[0].S3location.Key, *j.Data.InputArtifacts[0].Location.S3Location.ObjectKey},
	} {
		equal(t, c.what, c.want, c.got)
	}
	if key := *j.Data.InputArtifacts[0].Location.S3Location.ObjectKey; !strings.HasPrefix(key, "a-pipeline-with-a-lo/SourceArti/") {
		t.Errorf("key %s", key)
	}

	if _, err := s.PutJobSuccessResult(t.Context(), &awscodepipeline.PutJobSuccessResultInput{
		JobId: j.Id, ContinuationToken: aws.String("more"),
		ExecutionDetails: &types.ExecutionDetails{Summary: aws.String("Compiling"), ExternalExecutionId: aws.String("17"), PercentComplete: aws.Int32(40)},
	}); err != nil {
		t.Fatal(err)
	}
	state, err := s.GetPipelineState(t.Context(), &awscodepipeline.GetPipelineStateInput{Name: aws.String(custom().Name)})
	if err != nil {
		t.Fatal(err)
	}
	running := state.StageStates[1].ActionStates[0].LatestExecution
	if *running.Summary != "Compiling" || *running.ExternalExecutionId != "17" || *running.PercentComplete != 40 ||
		*running.ExternalExecutionUrl != "https://ci.example.com/all/17" || running.Status != types.ActionExecutionStatusInProgress {
		t.Errorf("state %+v", running)
	}
	s.Settle()
	next := s.take()
	equal(t, "action execution", *action.ActionExecutionId, *next.Data.PipelineContext.Action.ActionExecutionId)
	if _, err := s.PutJobSuccessResult(t.Context(), &awscodepipeline.PutJobSuccessResultInput{
		JobId: next.Id, OutputVariables: map[string]string{"Version": "1.2"},
		ExecutionDetails: &types.ExecutionDetails{Summary: aws.String("Compiled")},
	}); err != nil {
		t.Fatal(err)
	}
	s.Settle()
	action = s.latest(t.Context())
	result := action.Output.ExecutionResult
	if action.Status != types.ActionExecutionStatusSucceeded || *result.ExternalExecutionId != "17" || *result.ExternalExecutionSummary != "Compiled" ||
		*result.ExternalExecutionUrl != "https://ci.example.com/all/17" || action.Output.OutputVariables["Version"] != "1.2" {
		t.Errorf("action %+v, result %+v", action, result)
	}
	equal(t, "output", *action.Output.OutputArtifacts[0].S3location.Key, *j.Data.OutputArtifacts[0].Location.S3Location.ObjectKey)
	equal(t, "status", types.PipelineExecutionStatusSucceeded, get(t, s.Client, custom().Name, execution).Status)
	diff(t, "events", lines("Build/Compile STARTED\nBuild/Compile SUCCEEDED\nBuild SUCCEEDED\nSUCCEEDED"), states(t, s.Server)[6:])
}

func TestFailedJob(t *testing.T) {
	t.Parallel()
	s := newJobServer(t, custom())
	execution := begin(t, s.Server, custom().Name)
	s.Settle()
	first := s.take()
	message := strings.Repeat("ä", 3000)
	equal(t, "result", "<nil>", s.fail(first.Id, message))
	s.Settle()
	result := s.latest(t.Context()).Output.ExecutionResult
	if *result.ErrorDetails.Code != "ConfigurationError" || *result.ErrorDetails.Message != message || *result.ExternalExecutionSummary != message[:4096] {
		t.Errorf("result %+v", result)
	}
	equal(t, "status", types.PipelineExecutionStatusFailed, get(t, s.Client, custom().Name, execution).Status)

	if err := retry(t.Context(), s.Client, custom().Name, "Build", execution, types.StageRetryModeFailedActions); err != nil {
		t.Fatal(err)
	}
	s.Settle()
	second := s.take()
	if *second.Id == *first.Id || *second.Data.PipelineContext.Action.ActionExecutionId == *first.Data.PipelineContext.Action.ActionExecutionId {
		t.Error("the retry has the same job")
	}
	equal(t, "result of the first job", "InvalidJobStateException", s.succeed(first.Id, ""))
	equal(t, "result", "<nil>", s.succeed(second.Id, ""))
	s.Settle()
	equal(t, "status", types.PipelineExecutionStatusSucceeded, get(t, s.Client, custom().Name, execution).Status)
}

// A stop waits for the job, also for the one that continues it; one that
// abandons does not.
func TestStoppedJob(t *testing.T) {
	t.Parallel()
	s := newJobServer(t, custom())
	execution := begin(t, s.Server, custom().Name)
	s.Settle()
	if err := stop(t.Context(), s.Client, custom().Name, execution, false); err != nil {
		t.Fatal(err)
	}
	s.Settle()
	first := s.take()
	equal(t, "result", "<nil>", s.succeed(first.Id, "more"))
	diff(t, "history", lines("Created\nStopping\nOffered 1\nAcknowledged 1\nReported\nContinued"), s.history(*first.Id))
	second := s.take()
	if err := stop(t.Context(), s.Client, custom().Name, execution, true); err != nil {
		t.Fatal(err)
	}
	equal(t, "status", pipelinetest.JobStatusAbandoned, s.status(*second.Id))
	equal(t, "result", "InvalidJobStateException", s.succeed(second.Id, ""))
	equal(t, "acknowledged", "Failed", s.acknowledge(second.Id, second.Nonce))
	s.Settle()
	equal(t, "execution", types.PipelineExecutionStatusStopped, get(t, s.Client, custom().Name, execution).Status)
	diff(t, "history", lines(`
		Created
		Offered 1
		Acknowledged 1
		Abandoned
		Reported InvalidJobStateException
		Acknowledged 1
	`), s.history(*second.Id))

	// One that nobody has polled for is not offered any more.
	execution = begin(t, s.Server, custom().Name)
	s.Settle()
	if err := stop(t.Context(), s.Client, custom().Name, execution, true); err != nil {
		t.Fatal(err)
	}
	if jobs := s.poll(1); len(jobs) > 0 {
		t.Error("an abandoned job was offered")
	}

	begin(t, s.Server, custom().Name)
	s.Settle()
	j := s.take()
	if err := s.Update(custom()); err != nil {
		t.Fatal(err)
	}
	equal(t, "status after a change of the pipeline", pipelinetest.JobStatusAbandoned, s.status(*j.Id))
}

// Finish ends an action, whatever its job does.
func TestFinishedJob(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		outcome pipelinetest.Outcome
		want    pipelinetest.JobStatus
	}{
		{pipelinetest.Outcome{}, pipelinetest.JobStatusSucceeded},
		{pipelinetest.Outcome{State: pipelinetest.StateFailed}, pipelinetest.JobStatusFailed},
		{pipelinetest.Outcome{State: pipelinetest.StateInProgress}, pipelinetest.JobStatusInProgress},
	} {
		s := newJobServer(t, custom())
		execution := begin(t, s.Server, custom().Name)
		s.Settle()
		j := s.take()
		if err := s.Finish(execution, "Build", "Compile", test.outcome); err != nil {
			t.Fatal(err)
		}
		equal(t, "status", test.want, s.status(*j.Id))
		if want := test.want.Ended(); want != (s.job(*j.Id).Count(pipelinetest.JobEventFinished) == 1) {
			t.Errorf("history %v", s.history(*j.Id))
		}
	}
}

// A job that takes too long fails its action, noticed by Advance.
func TestActionTimeout(t *testing.T) {
	t.Parallel()
	s := newJobServer(t, custom())
	execution := begin(t, s.Server, custom().Name)
	s.Settle()
	j := s.take()
	s.pass(24*time.Hour - 1)
	if s.Advance() {
		t.Error("advanced before the timeout")
	}
	s.pass(1)
	if !s.Advance() {
		t.Error("did not advance")
	}
	equal(t, "status", pipelinetest.JobStatusTimedOut, s.status(*j.Id))
	s.Settle()
	equal(t, "execution", types.PipelineExecutionStatusFailed, get(t, s.Client, custom().Name, execution).Status)
	if e := s.latest(t.Context()).Output.ExecutionResult.ErrorDetails; *e.Code != "JobFailed" || !strings.Contains(*e.Message, "no result in time") {
		t.Errorf("error %s: %s", *e.Code, *e.Message)
	}
	equal(t, "result", "InvalidJobStateException", s.succeed(j.Id, ""))
}

// A custom source action tells its revision.
func TestCustomSource(t *testing.T) {
	t.Parallel()
	p := custom()
	p.Stages[0].Actions[0] = pipelinetest.CustomAction("Source", "Source", "Make", "1", nil)
	p.Stages[0].Actions[0].Outputs = []string{"SourceArtifact"}
	s := newJobServer(t, p)
	execution := begin(t, s.Server, p.Name)
	s.Settle()
	source := makeType
	source.Category = "Source"
	out, err := s.PollForJobs(t.Context(), &awscodepipeline.PollForJobsInput{ActionTypeId: typeID(source)})
	if err != nil || len(out.Jobs) != 1 {
		t.Fatalf("%d jobs, %v", len(out.Jobs), err)
	}
	j := out.Jobs[0]
	s.acknowledge(j.Id, j.Nonce)
	if _, err := s.PutJobSuccessResult(t.Context(), &awscodepipeline.PutJobSuccessResultInput{
		JobId: j.Id, CurrentRevision: &types.CurrentRevision{Revision: aws.String("r17"), ChangeIdentifier: aws.String("c17"),
			RevisionSummary: aws.String("Seventeen"), Created: &start},
	}); err != nil {
		t.Fatal(err)
	}
	s.Settle()
	revisions := get(t, s.Client, p.Name, execution).ArtifactRevisions
	if len(revisions) != 1 || *revisions[0].RevisionId != "r17" || *revisions[0].RevisionChangeIdentifier != "c17" ||
		*revisions[0].RevisionSummary != "Seventeen" || !revisions[0].Created.Equal(start) {
		t.Errorf("revisions %+v", revisions)
	}
	equal(t, "revision of the input", "r17", *s.take().Data.InputArtifacts[0].Revision)
}
