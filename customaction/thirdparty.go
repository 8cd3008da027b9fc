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

func (p *thirdPartyJobs) token(ctx context.Context, operation string, o *offer) (*string, error) {
	token, err := p.clientToken(ctx, o.clientID)
	if err == nil && token == "" {
		err = errors.New("it is empty")
	}
	if err != nil {
		return nil, &Error{Operation: operation, Object: o.id, Err: &tokenError{o.clientID, err}}
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

func (p *thirdPartyJobs) poll(ctx context.Context, n int) ([]*offer, error) {
	out, err := p.api.PollForThirdPartyJobs(ctx, &awscodepipeline.PollForThirdPartyJobsInput{
		ActionTypeId: actionTypeID(p.actionType),
		MaxBatchSize: aws.Int32(int32(n)),
	}, once)
	if err == nil && out == nil {
		err = apierror.ErrNoReply
	}
	if err != nil {
		return nil, actionTypeError("PollForThirdPartyJobs", p.actionType, err)
	}
	now := time.Now()
	var offers []*offer
	for _, job := range out.Jobs {
		offers = append(offers, &offer{id: aws.ToString(job.JobId), clientID: aws.ToString(job.ClientId), polled: now})
	}
	return offers, nil
}

func (p *thirdPartyJobs) get(ctx context.Context, o *offer) (*types.ThirdPartyJobDetails, error) {
	const operation = "GetThirdPartyJobDetails"
	token, err := p.token(ctx, operation, o)
	if err != nil {
		return nil, err
	}
	out, err := p.api.GetThirdPartyJobDetails(ctx, &awscodepipeline.GetThirdPartyJobDetailsInput{
		JobId:       aws.String(o.id),
		ClientToken: token,
	}, withoutWriteTo)
	if err == nil && (out == nil || out.JobDetails == nil) {
		err = apierror.ErrNoReply
	}
	if err != nil {
		return nil, &Error{Operation: operation, Object: o.id, Err: err}
	}
	return out.JobDetails, nil
}

// ended asks for the job alone: of third-party jobs CodePipeline does not tell
// the execution.
func (p *thirdPartyJobs) ended(ctx context.Context, o *offer) (bool, error) {
	return notFound(p.details(ctx, o))
}

func (p *thirdPartyJobs) prepare(ctx context.Context, o *offer) error {
	job, err := p.get(ctx, o)
	if err != nil {
		return err
	}
	o.nonce = aws.ToString(job.Nonce)
	o.details = p.detailsOf(o, job)
	return nil
}

func (p *thirdPartyJobs) detailsOf(o *offer, job *types.ThirdPartyJobDetails) action.Details {
	d := detailsOf(o.id, "", (*types.JobData)(job.Data))
	d.SecretKeys = secretKeys(p.actionType)
	return d
}

func (p *thirdPartyJobs) acknowledge(ctx context.Context, o *offer) (types.JobStatus, error) {
	const operation = "AcknowledgeThirdPartyJob"
	token, err := p.token(ctx, operation, o)
	if err != nil {
		return "", err
	}
	out, err := p.api.AcknowledgeThirdPartyJob(ctx, &awscodepipeline.AcknowledgeThirdPartyJobInput{
		JobId:       aws.String(o.id),
		Nonce:       aws.String(o.nonce),
		ClientToken: token,
	}, once)
	if err == nil && out != nil && out.Status == "" {
		err = apierror.ErrNoReply // an empty one, whatever it means
	}
	if err := checked(operation, o.id, out, err); err != nil {
		return "", err
	}
	return out.Status, nil
}

func (p *thirdPartyJobs) details(ctx context.Context, o *offer) (*action.Details, error) {
	job, err := p.get(ctx, o)
	if err != nil {
		return nil, err
	}
	d := p.detailsOf(o, job)
	return &d, nil
}

func (p *thirdPartyJobs) succeed(ctx context.Context, o *offer, r *action.Result) error {
	const operation = "PutThirdPartyJobSuccessResult"
	token, err := p.token(ctx, operation, o)
	if err != nil {
		return err
	}
	out, err := p.api.PutThirdPartyJobSuccessResult(ctx, &awscodepipeline.PutThirdPartyJobSuccessResultInput{
		JobId:             aws.String(o.id),
		ClientToken:       token,
		ContinuationToken: awstext.Optional(r.ContinuationToken),
		CurrentRevision:   currentRevision(r),
		ExecutionDetails:  executionDetails(r),
	}, once)
	return checked(operation, o.id, out, err)
}

func (p *thirdPartyJobs) fail(ctx context.Context, o *offer, f *action.Failure) error {
	const operation = "PutThirdPartyJobFailureResult"
	token, err := p.token(ctx, operation, o)
	if err != nil {
		return err
	}
	out, err := p.api.PutThirdPartyJobFailureResult(ctx, &awscodepipeline.PutThirdPartyJobFailureResultInput{
		JobId:          aws.String(o.id),
		ClientToken:    token,
		FailureDetails: failureDetails(f),
	}, once)
	return checked(operation, o.id, out, err)
}
