package customaction

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awscodepipeline "github.com/aws/aws-sdk-go-v2/service/codepipeline"
	"github.com/aws/aws-sdk-go-v2/service/codepipeline/types"

	"github.com/codesuite-go/codesuite/internal/apierror"
	"github.com/codesuite-go/codesuite/internal/awstext"
	"github.com/codesuite-go/codesuite/pipeline/action"
	"github.com/codesuite-go/codesuite/pipeline/actiontype"
)

// thirdPartyJobs is CodePipeline for the jobs of the owner ThirdParty. A poll
// returns no more than whose jobs there are; each call about one needs the
// token of its client.
type thirdPartyJobs struct {
	api         ThirdPartyAPI
	actionType  actiontype.Type
	clientToken func(context.Context, string) (string, error)
}

func (t *thirdPartyJobs) token(ctx context.Context, operation string, p *polledJob) (*string, error) {
	token, err := t.clientToken(ctx, p.clientID)
	if err == nil && token == "" {
		err = errors.New("it is empty")
	}
	if err != nil {
		return nil, &Error{Operation: operation, Object: p.id, Err: &tokenError{p.clientID, err}}
	}
	return aws.String(token), nil
}

// tokenError is why there is no token of a client. No call was made then.
type tokenError struct {
	clientID string
	err      error
}

func (e *tokenError) Error() string {
	return fmt.Sprintf("client token of client %s: %v", e.clientID, e.err)
}

func (e *tokenError) Unwrap() error { return e.err }

func (t *thirdPartyJobs) poll(ctx context.Context, n int) ([]*polledJob, error) {
	out, err := t.api.PollForThirdPartyJobs(ctx, &awscodepipeline.PollForThirdPartyJobsInput{
		ActionTypeId: actionTypeID(t.actionType),
		MaxBatchSize: aws.Int32(int32(n)),
	}, once)
	if err == nil && out == nil {
		err = apierror.ErrNoReply
	}
	if err != nil {
		return nil, actionTypeError("PollForThirdPartyJobs", t.actionType, err)
	}
	now := time.Now()
	var jobs []*polledJob
	for _, job := range out.Jobs {
		jobs = append(jobs, &polledJob{id: aws.ToString(job.JobId), clientID: aws.ToString(job.ClientId), polledAt: now})
	}
	return jobs, nil
}

func (t *thirdPartyJobs) get(ctx context.Context, p *polledJob) (*types.ThirdPartyJobDetails, error) {
	const operation = "GetThirdPartyJobDetails"
	token, err := t.token(ctx, operation, p)
	if err != nil {
		return nil, err
	}
	out, err := t.api.GetThirdPartyJobDetails(ctx, &awscodepipeline.GetThirdPartyJobDetailsInput{
		JobId:       aws.String(p.id),
		ClientToken: token,
	}, withoutWriteTo)
	if err == nil && (out == nil || out.JobDetails == nil) {
		err = apierror.ErrNoReply
	}
	if err != nil {
		return nil, &Error{Operation: operation, Object: p.id, Err: err}
	}
	return out.JobDetails, nil
}

// ended asks for the job alone: of third-party jobs CodePipeline does not tell
// the execution.
func (t *thirdPartyJobs) ended(ctx context.Context, p *polledJob) (bool, error) {
	return notFound(t.details(ctx, p))
}

func (t *thirdPartyJobs) prepare(ctx context.Context, p *polledJob) error {
	job, err := t.get(ctx, p)
	if err != nil {
		return err
	}
	p.nonce = aws.ToString(job.Nonce)
	p.details = t.detailsOf(p, job)
	return nil
}

func (t *thirdPartyJobs) detailsOf(p *polledJob, job *types.ThirdPartyJobDetails) action.Details {
	d := detailsOf(p.id, "", (*types.JobData)(job.Data))
	d.SecretKeys = secretKeys(t.actionType)
	return d
}

func (t *thirdPartyJobs) acknowledge(ctx context.Context, p *polledJob) (types.JobStatus, error) {
	const operation = "AcknowledgeThirdPartyJob"
	token, err := t.token(ctx, operation, p)
	if err != nil {
		return "", err
	}
	out, err := t.api.AcknowledgeThirdPartyJob(ctx, &awscodepipeline.AcknowledgeThirdPartyJobInput{
		JobId:       aws.String(p.id),
		Nonce:       aws.String(p.nonce),
		ClientToken: token,
	}, once)
	if err == nil && out != nil && out.Status == "" {
		err = apierror.ErrNoReply // an empty one, whatever it means
	}
	if err := checked(operation, p.id, out, err); err != nil {
		return "", err
	}
	return out.Status, nil
}

func (t *thirdPartyJobs) details(ctx context.Context, p *polledJob) (*action.Details, error) {
	job, err := t.get(ctx, p)
	if err != nil {
		return nil, err
	}
	d := t.detailsOf(p, job)
	return &d, nil
}

func (t *thirdPartyJobs) succeed(ctx context.Context, p *polledJob, r *action.Result) error {
	const operation = "PutThirdPartyJobSuccessResult"
	token, err := t.token(ctx, operation, p)
	if err != nil {
		return err
	}
	out, err := t.api.PutThirdPartyJobSuccessResult(ctx, &awscodepipeline.PutThirdPartyJobSuccessResultInput{
		JobId:             aws.String(p.id),
		ClientToken:       token,
		ContinuationToken: awstext.Optional(r.ContinuationToken),
		CurrentRevision:   currentRevision(r),
		ExecutionDetails:  executionDetails(r),
	}, once)
	return checked(operation, p.id, out, err)
}

func (t *thirdPartyJobs) fail(ctx context.Context, p *polledJob, f *action.Failure) error {
	const operation = "PutThirdPartyJobFailureResult"
	token, err := t.token(ctx, operation, p)
	if err != nil {
		return err
	}
	out, err := t.api.PutThirdPartyJobFailureResult(ctx, &awscodepipeline.PutThirdPartyJobFailureResultInput{
		JobId:          aws.String(p.id),
		ClientToken:    token,
		FailureDetails: failureDetails(f),
	}, once)
	return checked(operation, p.id, out, err)
}
