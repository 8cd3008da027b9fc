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
				jobs = append(jobs, object{"id": j.id, "nonce": j.nonce, "accountId": awsjson.AccountID, "data": object{
					"continuationToken": j.data.ContinuationToken,
					"pipelineContext":   object{"pipelineName": "pipeline"},
				}})
			}
			return object{"jobs": jobs}, nil
		}),
		"AcknowledgeJob": awsjson.Op(func(_ context.Context, in *ackInput) (object, error) {
			s.mu.Lock()
			defer s.mu.Unlock()
			status, err := s.acknowledge(in.JobID, in.Nonce)
			return object{"status": status}, wireError(err)
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

// wireError turns an error of the SDK's kind into one of the test server's.
func wireError(err error) error {
	if err == nil {
		return nil
	}
	return awsjson.Errorf(errorCode(err), "%v", err)
}
