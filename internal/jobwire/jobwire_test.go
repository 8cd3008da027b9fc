package jobwire_test

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/codepipeline/types"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/codesuite-go/codesuite/internal/jobwire"
)

type (
	actionType struct {
		Owner    string `event:"owner"`
		Provider string `event:"provider"`
		Category string `event:"category"`
		Version  string `event:"version"`
	}
	artifact    struct{ Name, Revision, Bucket, Key string }
	credentials struct {
		AccessKeyID     string
		SecretAccessKey string
		SessionToken    string
		Expires         time.Time
	}
	job = jobwire.Job[actionType, artifact, credentials]
)

func TestNewJob(t *testing.T) {
	t.Parallel()
	location := &types.ArtifactLocation{Type: "S3", S3Location: &types.S3ArtifactLocation{BucketName: aws.String("b"), ObjectKey: aws.String("k")}}
	for _, tt := range []struct {
		name string
		data *types.JobData
		want job
	}{
		{"nothing", nil, job{ID: "j", AccountID: "a"}},
		{"empty", &types.JobData{}, job{ID: "j", AccountID: "a"}},
		{"empty parts", &types.JobData{
			ActionTypeId: &types.ActionTypeId{}, ActionConfiguration: &types.ActionConfiguration{}, PipelineContext: &types.PipelineContext{},
			InputArtifacts:  []types.Artifact{{}, {Location: &types.ArtifactLocation{}}},
			EncryptionKey:   &types.EncryptionKey{},
			OutputArtifacts: []types.Artifact{}, ArtifactCredentials: &types.AWSSessionCredentials{},
		}, job{ID: "j", AccountID: "a", Inputs: []artifact{{}, {}}}},
		{"all", &types.JobData{
			ActionTypeId:        &types.ActionTypeId{Category: "Build", Owner: "Custom", Provider: aws.String("Make"), Version: aws.String("1")},
			ActionConfiguration: &types.ActionConfiguration{Configuration: map[string]string{"Project": "p"}},
			PipelineContext: &types.PipelineContext{
				PipelineName: aws.String("pipe"), PipelineArn: aws.String("arn"), PipelineExecutionId: aws.String("exec"),
				Stage: &types.StageContext{Name: aws.String("stage")}, Action: &types.ActionContext{Name: aws.String("act"), ActionExecutionId: aws.String("run")},
			},
			InputArtifacts:      []types.Artifact{{Name: aws.String("In"), Revision: aws.String("r"), Location: location}},
			OutputArtifacts:     []types.Artifact{{Name: aws.String("Out"), Location: location}},
			ArtifactCredentials: &types.AWSSessionCredentials{AccessKeyId: aws.String("id"), SecretAccessKey: aws.String("secret"), SessionToken: aws.String("token")},
			EncryptionKey:       &types.EncryptionKey{Id: aws.String("key"), Type: "KMS"},
			ContinuationToken:   aws.String("state"),
		}, job{
			ID: "j", AccountID: "a", Type: actionType{"Custom", "Make", "Build", "1"}, Configuration: map[string]string{"Project": "p"},
			Pipeline: "pipe", PipelineARN: "arn", ExecutionID: "exec", Stage: "stage", Action: "act", ActionExecutionID: "run",
			Inputs: []artifact{{"In", "r", "b", "k"}}, Outputs: []artifact{{"Out", "", "b", "k"}},
			Credentials:   credentials{"id", "secret", "token", time.Time{}},
			EncryptionKey: "key", ContinuationToken: "state",
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := jobwire.NewJob[actionType, artifact, credentials]("j", "a", tt.data)
			if diff := cmp.Diff(tt.want, got, cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("job (-want +got):\n%s", diff)
			}
		})
	}
}

func TestResult(t *testing.T) {
	t.Parallel()
	ignore := cmpopts.IgnoreUnexported(types.ExecutionDetails{}, types.CurrentRevision{}, types.FailureDetails{})
	created := time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)
	for _, tt := range []struct {
		name      string
		got, want any
	}{
		{"no details", jobwire.ExecutionDetails("", "", 0), (*types.ExecutionDetails)(nil)},
		{"percent alone", jobwire.ExecutionDetails("", "", 3), &types.ExecutionDetails{PercentComplete: aws.Int32(3)}},
		{"details", jobwire.ExecutionDetails("s", "e", 100), &types.ExecutionDetails{
			Summary: aws.String("s"), ExternalExecutionId: aws.String("e"), PercentComplete: aws.Int32(100)}},
		{"no revision", jobwire.CurrentRevision(nil), (*types.CurrentRevision)(nil)},
		{"revision", jobwire.CurrentRevision(&jobwire.Revision{Revision: "r", ChangeID: "c"}),
			&types.CurrentRevision{Revision: aws.String("r"), ChangeIdentifier: aws.String("c")}},
		{"whole revision", jobwire.CurrentRevision(&jobwire.Revision{Revision: "r", ChangeID: "c", Created: created, Summary: "s"}),
			&types.CurrentRevision{Revision: aws.String("r"), ChangeIdentifier: aws.String("c"), Created: &created, RevisionSummary: aws.String("s")}},
		{"failure", jobwire.FailureDetails("JobFailed", "m", ""), &types.FailureDetails{Type: types.FailureTypeJobFailed, Message: aws.String("m")}},
		{"failure of work", jobwire.FailureDetails("SystemUnavailable", "m", "e"), &types.FailureDetails{
			Type: types.FailureTypeSystemUnavailable, Message: aws.String("m"), ExternalExecutionId: aws.String("e")}},
	} {
		if diff := cmp.Diff(tt.want, tt.got, ignore); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
	}
}
