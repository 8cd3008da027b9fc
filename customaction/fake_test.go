package customaction_test

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	awscodepipeline "github.com/aws/aws-sdk-go-v2/service/codepipeline"
	"github.com/aws/aws-sdk-go-v2/service/codepipeline/types"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// The tests of this package have two CodePipelines. Those in pipeline_test.go and
// chaos_test.go run the SDK's client against pipelinetest, over HTTP. The others
// use the service of this file: it has no wire, because the clock of synctest
// stands still while a goroutine waits for a socket, and timeouts of minutes and
// hours are what these tests are about.
//
// Begin with TestOutcomes in worker_test.go: start (testing_test.go) runs a worker on a
// service, service.add adds jobs to it, service.fault makes its calls fail, and
// bench.of returns what the worker did.

// service implements API and ThirdPartyAPI. A job in it goes from Queued to
// Dispatched by a poll, to InProgress by an acknowledgement with the nonce of the
// last poll, and ends by a result.
type service struct {
	// A nonce that was accepted is accepted again, instead of once.
	repeats bool
	// Jobs that are not acknowledged are offered again after this time, with
	// another nonce. The default is 10 seconds.
	reoffer time.Duration
	// Jobs that have ended are not found, instead of being told of for ever.
	forgets bool
	// Runs of actions are listed; by default that is denied.
	lists bool
	// fault returns errors that a call fails with instead of taking effect,
	// or after it has.
	fault func(operation, id string) (instead, after error)

	// again says whether a poll delivers a job that it need not: one that
	// another poll has just delivered, or that runs.
	again func() bool

	mu    sync.Mutex
	jobs  []*job
	byID  map[string]*job
	open  []*job // those that may not have ended, in order
	polls []poll
	began time.Time // the first poll
	calls map[string]int
	query map[string]string // of the last poll
}

// job is a job and what has become of it.
type job struct {
	id       string
	nonce    string // of the last offer
	offers   int
	offered  time.Time
	status   types.JobStatus
	acked    int // how often it was acknowledged with success
	result   string
	results  []string // all that were put, also those that were not accepted
	data     types.JobData
	clientID string
}

type poll struct {
	at         time.Duration // since the first
	asked, got int
}

// add adds jobs, and returns their IDs.
func (s *service) add(n int, change ...func(*job)) []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var ids []string
	for range n {
		j := &job{id: fmt.Sprintf("job-%d", len(s.jobs)+1), status: types.JobStatusQueued, clientID: "client"}
		j.data = types.JobData{
			ActionTypeId:        &types.ActionTypeId{Category: "Build", Owner: "Custom", Provider: aws.String("Make"), Version: aws.String("1")},
			ActionConfiguration: &types.ActionConfiguration{Configuration: map[string]string{"Project": "p", "Token": "hunter2"}},
			PipelineContext: &types.PipelineContext{
				PipelineName: aws.String("pipeline"), PipelineArn: aws.String("arn:aws:codepipeline:us-east-1:111122223333:pipeline"),
				PipelineExecutionId: aws.String("execution-" + j.id),
				Stage:               &types.StageContext{Name: aws.String("Build")},
				Action:              &types.ActionContext{Name: aws.String("Make"), ActionExecutionId: aws.String("action-" + j.id)},
			},
			ArtifactCredentials: &types.AWSSessionCredentials{
				AccessKeyId: aws.String("AKIDJOB"), SecretAccessKey: aws.String("sesame1"), SessionToken: aws.String("session1"),
			},
			InputArtifacts: []types.Artifact{{Name: aws.String("Source"), Revision: aws.String("r1"), Location: &types.ArtifactLocation{
				Type: "S3", S3Location: &types.S3ArtifactLocation{BucketName: aws.String("bucket"), ObjectKey: aws.String("pipeline/Source/1")}}}},
			OutputArtifacts: []types.Artifact{{Name: aws.String("Binary"), Location: &types.ArtifactLocation{
				Type: "S3", S3Location: &types.S3ArtifactLocation{BucketName: aws.String("bucket"), ObjectKey: aws.String("pipeline/Binary/1")}}}},
			EncryptionKey: &types.EncryptionKey{Id: aws.String("key"), Type: "KMS"},
		}
		for _, fn := range change {
			fn(j)
		}
		s.keep(j)
		ids = append(ids, j.id)
	}
	return ids
}

func (s *service) keep(j *job) {
	if s.byID == nil {
		s.byID = make(map[string]*job)
	}
	s.jobs, s.open, s.byID[j.id] = append(s.jobs, j), append(s.open, j), j
}

// get returns a copy of the job.
func (s *service) get(id string) job {
	s.mu.Lock()
	defer s.mu.Unlock()
	if j := s.find(id); j != nil {
		return *j
	}
	return job{}
}

// all returns copies of all jobs.
func (s *service) all() []job {
	s.mu.Lock()
	defer s.mu.Unlock()
	var jobs []job
	for _, j := range s.jobs {
		jobs = append(jobs, *j)
	}
	return jobs
}

// history returns the polls so far.
func (s *service) history() []poll {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.polls)
}

func (s *service) find(id string) *job { return s.byID[id] }

// forget makes all jobs unknown.
func (s *service) forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.jobs, s.open, s.byID = nil, nil, nil
}

// setFault replaces the faults while a worker runs.
func (s *service) setFault(fault func(operation, id string) (instead, after error)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fault = fault
}

// end ends a job behind the worker's back.
func (s *service) end(id string, status types.JobStatus) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.find(id).status = status
}

// steal makes a job another worker's.
func (s *service) steal(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	j := s.find(id)
	j.status, j.nonce = types.JobStatusInProgress, "another worker's"
}

func (s *service) count(operation string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.calls[operation]
}

func apiError(code string) error { return &smithy.GenericAPIError{Code: code, Message: "told to fail"} }

// What may go wrong with a call.
var (
	errThrottled = apiError("ThrottlingException")
	errDenied    = apiError("AccessDeniedException")
	errServer    = &awshttp.ResponseError{ResponseError: &smithyhttp.ResponseError{
		Response: &smithyhttp.Response{Response: &http.Response{StatusCode: 500}}, Err: apiError("InternalFailure"),
	}}
	errLost    = &smithyhttp.RequestSendError{Err: &net.OpError{Op: "read", Err: syscall.ECONNRESET}}
	errRefused = &smithyhttp.RequestSendError{Err: &net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}}
)

// call makes a call with faults.
func call[T any](ctx context.Context, s *service, operation, id string, do func() (*T, error)) (*T, error) {
	s.mu.Lock()
	if s.calls == nil {
		s.calls = make(map[string]int)
	}
	s.calls[operation]++
	fault := s.fault
	s.mu.Unlock()
	var instead, after error
	if fault != nil {
		instead, after = fault(operation, id)
	}
	if instead != nil {
		return nil, instead
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	s.mu.Lock()
	out, err := do()
	s.mu.Unlock()
	if err == nil && after != nil {
		return nil, after
	}
	return out, err
}

func (s *service) offer(asked *int32) []*job {
	now, reoffer := time.Now(), s.reoffer
	if reoffer == 0 {
		reoffer = 10 * time.Second
	}
	s.open = slices.DeleteFunc(s.open, func(j *job) bool {
		return j.status != types.JobStatusQueued && j.status != types.JobStatusDispatched && j.status != types.JobStatusInProgress
	})
	var offered []*job
	for _, j := range s.open {
		if len(offered) == int(*asked) {
			break
		}
		switch {
		case j.status == types.JobStatusQueued,
			j.status == types.JobStatusDispatched && (now.Sub(j.offered) >= reoffer || s.again != nil && s.again()):
			j.offers++
			j.status, j.offered, j.nonce = types.JobStatusDispatched, now, fmt.Sprint(j.offers)
			offered = append(offered, j)
		case j.status == types.JobStatusInProgress && s.again != nil && s.again():
			// As if the reply had been on its way for long.
			stale := *j
			stale.nonce = fmt.Sprint(j.offers - 1)
			offered = append(offered, &stale)
		}
	}
	if len(s.polls) == 0 {
		s.began = now
	}
	s.polls = append(s.polls, poll{at: now.Sub(s.began), asked: int(*asked), got: len(offered)})
	return offered
}

func (s *service) acknowledge(id, nonce *string) (types.JobStatus, error) {
	j := s.find(*id)
	switch {
	case j == nil:
		return "", apiError("JobNotFoundException")
	case j.status == types.JobStatusDispatched && *nonce == j.nonce,
		j.status == types.JobStatusInProgress && *nonce == j.nonce && s.repeats:
		j.status = types.JobStatusInProgress
		j.acked++
		return j.status, nil
	case j.status == types.JobStatusDispatched, j.status == types.JobStatusInProgress:
		return "", apiError("InvalidNonceException")
	}
	return j.status, nil
}

func (s *service) put(id *string, status types.JobStatus, result string) error {
	j := s.find(*id)
	if j == nil {
		return apiError("JobNotFoundException")
	}
	j.results = append(j.results, result)
	if j.status != types.JobStatusInProgress {
		return apiError("InvalidJobStateException")
	}
	j.status, j.result = status, result
	return nil
}

// known returns the job if GetJobDetails tells of it.
func (s *service) known(id *string) (*job, error) {
	j := s.find(*id)
	if j == nil || s.forgets && j.status != types.JobStatusDispatched && j.status != types.JobStatusInProgress {
		return nil, apiError("JobNotFoundException")
	}
	return j, nil
}

// refreshed returns the credentials that GetJobDetails tells.
func refreshed() *types.AWSSessionCredentials {
	return &types.AWSSessionCredentials{
		AccessKeyId: aws.String("AKIDJOB2"), SecretAccessKey: aws.String("sesame2"), SessionToken: aws.String("session2"),
	}
}

func successText(details *types.ExecutionDetails, token *string, variables map[string]string) string {
	text := "success"
	if details != nil {
		text += " " + aws.ToString(details.Summary)
	}
	if token != nil {
		text += " token " + *token
	}
	if len(variables) > 0 {
		text += fmt.Sprint(" ", variables)
	}
	return strings.TrimSpace(text)
}

func (s *service) PollForJobs(ctx context.Context, in *awscodepipeline.PollForJobsInput, _ ...func(*awscodepipeline.Options)) (*awscodepipeline.PollForJobsOutput, error) {
	return call(ctx, s, "PollForJobs", "", func() (*awscodepipeline.PollForJobsOutput, error) {
		s.query = in.QueryParam
		out := &awscodepipeline.PollForJobsOutput{}
		for _, j := range s.offer(in.MaxBatchSize) {
			data := j.data
			out.Jobs = append(out.Jobs, types.Job{Id: aws.String(j.id), Nonce: aws.String(j.nonce), AccountId: aws.String("111122223333"), Data: &data})
		}
		return out, nil
	})
}

func (s *service) AcknowledgeJob(ctx context.Context, in *awscodepipeline.AcknowledgeJobInput, _ ...func(*awscodepipeline.Options)) (*awscodepipeline.AcknowledgeJobOutput, error) {
	return call(ctx, s, "AcknowledgeJob", *in.JobId, func() (*awscodepipeline.AcknowledgeJobOutput, error) {
		status, err := s.acknowledge(in.JobId, in.Nonce)
		return &awscodepipeline.AcknowledgeJobOutput{Status: status}, err
	})
}

func (s *service) GetJobDetails(ctx context.Context, in *awscodepipeline.GetJobDetailsInput, _ ...func(*awscodepipeline.Options)) (*awscodepipeline.GetJobDetailsOutput, error) {
	return call(ctx, s, "GetJobDetails", *in.JobId, func() (*awscodepipeline.GetJobDetailsOutput, error) {
		j, err := s.known(in.JobId)
		if err != nil {
			return nil, err
		}
		data := j.data
		data.ArtifactCredentials = refreshed()
		return &awscodepipeline.GetJobDetailsOutput{JobDetails: &types.JobDetails{Id: in.JobId, AccountId: aws.String("111122223333"), Data: &data}}, nil
	})
}

func (s *service) ListActionExecutions(ctx context.Context, in *awscodepipeline.ListActionExecutionsInput, _ ...func(*awscodepipeline.Options)) (*awscodepipeline.ListActionExecutionsOutput, error) {
	id := strings.TrimPrefix(*in.Filter.PipelineExecutionId, "execution-")
	return call(ctx, s, "ListActionExecutions", id, func() (*awscodepipeline.ListActionExecutionsOutput, error) {
		if !s.lists {
			return nil, errDenied
		}
		if in.NextToken == nil { // the job's run is on the second page
			return &awscodepipeline.ListActionExecutionsOutput{
				ActionExecutionDetails: []types.ActionExecutionDetail{{ActionExecutionId: aws.String("another"), Status: types.ActionExecutionStatusFailed}},
				NextToken:              aws.String("2"),
			}, nil
		}
		status := types.ActionExecutionStatusInProgress
		if j := s.find(id); j.status != types.JobStatusInProgress {
			status = types.ActionExecutionStatusAbandoned
		}
		return &awscodepipeline.ListActionExecutionsOutput{
			ActionExecutionDetails: []types.ActionExecutionDetail{{ActionExecutionId: aws.String("action-" + id), Status: status}},
		}, nil
	})
}

func (s *service) PutJobSuccessResult(ctx context.Context, in *awscodepipeline.PutJobSuccessResultInput, _ ...func(*awscodepipeline.Options)) (*awscodepipeline.PutJobSuccessResultOutput, error) {
	return call(ctx, s, "PutJobSuccessResult", *in.JobId, func() (*awscodepipeline.PutJobSuccessResultOutput, error) {
		text := successText(in.ExecutionDetails, in.ContinuationToken, in.OutputVariables)
		return &awscodepipeline.PutJobSuccessResultOutput{}, s.put(in.JobId, types.JobStatusSucceeded, text)
	})
}

func (s *service) PutJobFailureResult(ctx context.Context, in *awscodepipeline.PutJobFailureResultInput, _ ...func(*awscodepipeline.Options)) (*awscodepipeline.PutJobFailureResultOutput, error) {
	return call(ctx, s, "PutJobFailureResult", *in.JobId, func() (*awscodepipeline.PutJobFailureResultOutput, error) {
		text := fmt.Sprintf("%s: %s", in.FailureDetails.Type, *in.FailureDetails.Message)
		return &awscodepipeline.PutJobFailureResultOutput{}, s.put(in.JobId, types.JobStatusFailed, text)
	})
}

// clientToken is the token of every third-party job.
const clientToken = "token of client"

func (s *service) authorize(token *string) error {
	if aws.ToString(token) != clientToken {
		return apiError("InvalidClientTokenException")
	}
	return nil
}

func (s *service) PollForThirdPartyJobs(ctx context.Context, in *awscodepipeline.PollForThirdPartyJobsInput, _ ...func(*awscodepipeline.Options)) (*awscodepipeline.PollForThirdPartyJobsOutput, error) {
	return call(ctx, s, "PollForThirdPartyJobs", "", func() (*awscodepipeline.PollForThirdPartyJobsOutput, error) {
		out := &awscodepipeline.PollForThirdPartyJobsOutput{}
		for _, j := range s.offer(in.MaxBatchSize) {
			out.Jobs = append(out.Jobs, types.ThirdPartyJob{JobId: aws.String(j.id), ClientId: aws.String(j.clientID)})
		}
		return out, nil
	})
}

func (s *service) GetThirdPartyJobDetails(ctx context.Context, in *awscodepipeline.GetThirdPartyJobDetailsInput, _ ...func(*awscodepipeline.Options)) (*awscodepipeline.GetThirdPartyJobDetailsOutput, error) {
	return call(ctx, s, "GetThirdPartyJobDetails", *in.JobId, func() (*awscodepipeline.GetThirdPartyJobDetailsOutput, error) {
		if err := s.authorize(in.ClientToken); err != nil {
			return nil, err
		}
		j, err := s.known(in.JobId)
		if err != nil {
			return nil, err
		}
		data := types.ThirdPartyJobData(j.data)
		return &awscodepipeline.GetThirdPartyJobDetailsOutput{JobDetails: &types.ThirdPartyJobDetails{Id: in.JobId, Nonce: aws.String(j.nonce), Data: &data}}, nil
	})
}

func (s *service) AcknowledgeThirdPartyJob(ctx context.Context, in *awscodepipeline.AcknowledgeThirdPartyJobInput, _ ...func(*awscodepipeline.Options)) (*awscodepipeline.AcknowledgeThirdPartyJobOutput, error) {
	return call(ctx, s, "AcknowledgeThirdPartyJob", *in.JobId, func() (*awscodepipeline.AcknowledgeThirdPartyJobOutput, error) {
		if err := s.authorize(in.ClientToken); err != nil {
			return nil, err
		}
		status, err := s.acknowledge(in.JobId, in.Nonce)
		return &awscodepipeline.AcknowledgeThirdPartyJobOutput{Status: status}, err
	})
}

func (s *service) PutThirdPartyJobSuccessResult(ctx context.Context, in *awscodepipeline.PutThirdPartyJobSuccessResultInput, _ ...func(*awscodepipeline.Options)) (*awscodepipeline.PutThirdPartyJobSuccessResultOutput, error) {
	return call(ctx, s, "PutThirdPartyJobSuccessResult", *in.JobId, func() (*awscodepipeline.PutThirdPartyJobSuccessResultOutput, error) {
		if err := s.authorize(in.ClientToken); err != nil {
			return nil, err
		}
		text := successText(in.ExecutionDetails, in.ContinuationToken, nil)
		return &awscodepipeline.PutThirdPartyJobSuccessResultOutput{}, s.put(in.JobId, types.JobStatusSucceeded, text)
	})
}

func (s *service) PutThirdPartyJobFailureResult(ctx context.Context, in *awscodepipeline.PutThirdPartyJobFailureResultInput, _ ...func(*awscodepipeline.Options)) (*awscodepipeline.PutThirdPartyJobFailureResultOutput, error) {
	return call(ctx, s, "PutThirdPartyJobFailureResult", *in.JobId, func() (*awscodepipeline.PutThirdPartyJobFailureResultOutput, error) {
		if err := s.authorize(in.ClientToken); err != nil {
			return nil, err
		}
		text := fmt.Sprintf("%s: %s", in.FailureDetails.Type, *in.FailureDetails.Message)
		return &awscodepipeline.PutThirdPartyJobFailureResultOutput{}, s.put(in.JobId, types.JobStatusFailed, text)
	})
}
