package customaction_test

import (
	"context"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/codepipeline/types"

	"github.com/codesuite-go/codesuite/internal/awsjson"
)

// Members of requests.
type (
	pollInput struct {
		MaxBatchSize *int32 `json:"maxBatchSize"`
	}
	ackInput struct {
		JobID *string `json:"jobId"`
		Nonce *string `json:"nonce"`
	}
	successInput struct {
		JobID             *string `json:"jobId"`
		ContinuationToken *string `json:"continuationToken"`
		ExecutionDetails  struct {
			Summary *string `json:"summary"`
		} `json:"executionDetails"`
	}
	failureInput struct {
		JobID          *string `json:"jobId"`
		FailureDetails struct {
			Type    string  `json:"type"`
			Message *string `json:"message"`
		} `json:"failureDetails"`
	}
	object = map[string]any
)

// serve serves the jobs over HTTP.
func (s *service) serve(t testing.TB) (*awsjson.Service, aws.Config) {
	t.Helper()
	wire := awsjson.NewService("codepipeline", "CodePipeline_20150709", map[string]awsjson.Operation{
		"PollForJobs": awsjson.Op(func(_ context.Context, in *pollInput) (object, error) {
			s.mu.Lock()
			defer s.mu.Unlock()
			jobs := []object{}
			for _, j := range s.offer(in.MaxBatchSize) {
				jobs = append(jobs, object{"id": j.id, "nonce": j.nonce, "accountId": awsjson.AccountID, "data": wireData(&j.data)})
			}
			return object{"jobs": jobs}, nil
		}),
		"AcknowledgeJob": awsjson.Op(func(_ context.Context, in *ackInput) (object, error) {
			s.mu.Lock()
			defer s.mu.Unlock()
			status, err := s.acknowledge(in.JobID, in.Nonce)
			return object{"status": status}, wireError(err)
		}),
		"GetJobDetails": awsjson.Op(func(_ context.Context, in *ackInput) (object, error) {
			s.mu.Lock()
			defer s.mu.Unlock()
			j, err := s.known(in.JobID)
			if err != nil {
				return nil, wireError(err)
			}
			data := j.data
			data.ArtifactCredentials = refreshed()
			return object{"jobDetails": object{"id": j.id, "accountId": awsjson.AccountID, "data": wireData(&data)}}, nil
		}),
		"PutJobSuccessResult": awsjson.Op(func(_ context.Context, in *successInput) (object, error) {
			s.mu.Lock()
			defer s.mu.Unlock()
			err := s.put(in.JobID, types.JobStatusSucceeded, successText(&types.ExecutionDetails{Summary: in.ExecutionDetails.Summary}, in.ContinuationToken, nil))
			if err == nil && in.ContinuationToken != nil {
				next := *s.find(*in.JobID)
				next.id, next.status, next.offers, next.acked, next.results, next.result = next.id+"+", types.JobStatusQueued, 0, 0, nil, ""
				next.data.ContinuationToken = in.ContinuationToken
				s.keep(&next)
			}
			return object{}, wireError(err)
		}),
		"PutJobFailureResult": awsjson.Op(func(_ context.Context, in *failureInput) (object, error) {
			s.mu.Lock()
			defer s.mu.Unlock()
			return object{}, wireError(s.put(in.JobID, types.JobStatusFailed, in.FailureDetails.Type+": "+*in.FailureDetails.Message))
		}),
	})
	server, err := awsjson.Listen(wire)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Close)
	return wire, awsjson.Config(server.URL)
}

// wireData returns the members of a job's data that tests look at.
func wireData(d *types.JobData) object {
	artifacts := func(in []types.Artifact) []object {
		var out []object
		for _, a := range in {
			out = append(out, object{"name": a.Name, "revision": a.Revision, "location": object{"type": "S3", "s3Location": object{
				"bucketName": a.Location.S3Location.BucketName, "objectKey": a.Location.S3Location.ObjectKey,
			}}})
		}
		return out
	}
	return object{
		"continuationToken":   d.ContinuationToken,
		"actionConfiguration": object{"configuration": d.ActionConfiguration.Configuration},
		"pipelineContext":     object{"pipelineName": "pipeline", "stage": object{"name": "Build"}, "action": object{"name": "Make"}},
		"inputArtifacts":      artifacts(d.InputArtifacts),
		"outputArtifacts":     artifacts(d.OutputArtifacts),
		"artifactCredentials": object{
			"accessKeyId": d.ArtifactCredentials.AccessKeyId, "secretAccessKey": d.ArtifactCredentials.SecretAccessKey,
			"sessionToken": d.ArtifactCredentials.SessionToken,
		},
		"encryptionKey": object{"id": d.EncryptionKey.Id, "type": "KMS"},
	}
}

// wireError turns an error of the SDK's kind into one of the test server's.
func wireError(err error) error {
	if err == nil {
		return nil
	}
	return awsjson.Errorf(errorCode(err), "%v", err)
}
