package customaction

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awscodepipeline "github.com/aws/aws-sdk-go-v2/service/codepipeline"
	"github.com/aws/aws-sdk-go-v2/service/codepipeline/types"

	"github.com/codesuite-go/codesuite/internal/apierror"
	"github.com/codesuite-go/codesuite/internal/awstext"
	"github.com/codesuite-go/codesuite/pipeline/action"
	"github.com/codesuite-go/codesuite/pipeline/actiontype"
)

// customJobs is CodePipeline for the jobs of the owner Custom.
type customJobs struct {
	api        API
	actionType actiontype.Type
	query      map[string]string
	unlisted   atomic.Bool // ListActionExecutions is denied
}

func (c *customJobs) poll(ctx context.Context, n int) ([]*polledJob, error) {
	out, err := c.api.PollForJobs(ctx, &awscodepipeline.PollForJobsInput{
		ActionTypeId: actionTypeID(c.actionType),
		MaxBatchSize: aws.Int32(int32(n)),
		QueryParam:   c.query,
	}, once)
	if err == nil && out == nil {
		err = apierror.ErrNoReply
	}
	if err != nil {
		return nil, actionTypeError("PollForJobs", c.actionType, err)
	}
	now := time.Now()
	var jobs []*polledJob
	for i := range out.Jobs {
		job := &out.Jobs[i]
		id := aws.ToString(job.Id)
		jobs = append(jobs, &polledJob{
			id:       id,
			nonce:    aws.ToString(job.Nonce),
			details:  c.detailsOf(id, aws.ToString(job.AccountId), job.Data),
			polledAt: now,
		})
	}
	return jobs, nil
}

func (c *customJobs) detailsOf(id, account string, data *types.JobData) action.Details {
	d := detailsOf(id, account, data)
	d.SecretKeys = secretKeys(c.actionType)
	return d
}

func (c *customJobs) prepare(context.Context, *polledJob) error { return nil }

func (c *customJobs) acknowledge(ctx context.Context, p *polledJob) (types.JobStatus, error) {
	out, err := c.api.AcknowledgeJob(ctx, &awscodepipeline.AcknowledgeJobInput{
		JobId: aws.String(p.id),
		Nonce: aws.String(p.nonce),
	}, once)
	if err == nil && out != nil && out.Status == "" {
		err = apierror.ErrNoReply // an empty one, whatever it means
	}
	if err := checked("AcknowledgeJob", p.id, out, err); err != nil {
		return "", err
	}
	return out.Status, nil
}

func (c *customJobs) details(ctx context.Context, p *polledJob) (*action.Details, error) {
	out, err := c.api.GetJobDetails(ctx, &awscodepipeline.GetJobDetailsInput{JobId: aws.String(p.id)}, withoutWriteTo)
	if err == nil && (out == nil || out.JobDetails == nil) {
		err = apierror.ErrNoReply
	}
	if err != nil {
		return nil, &Error{Operation: "GetJobDetails", Object: p.id, Err: err}
	}
	d := c.detailsOf(p.id, aws.ToString(out.JobDetails.AccountId), out.JobDetails.Data)
	return &d, nil
}

// ended reads the status of the job's run of the action. If that is denied, ended
// asks for the job itself.
func (c *customJobs) ended(ctx context.Context, p *polledJob) (bool, error) {
	if c.unlisted.Load() || p.details.ExecutionID == "" || p.details.ActionExecutionID == "" {
		return notFound(c.details(ctx, p))
	}
	status, err := c.actionStatus(ctx, p)
	if apierror.Denied(err) {
		c.unlisted.Store(true)
		gone, jobErr := notFound(c.details(ctx, p))
		return gone, errors.Join(err, jobErr)
	}
	return status != "" && status != types.ActionExecutionStatusInProgress, err
}

// actionStatus returns the status of the job's run of the action, "" if
// CodePipeline does not list it.
func (c *customJobs) actionStatus(ctx context.Context, p *polledJob) (types.ActionExecutionStatus, error) {
	in := &awscodepipeline.ListActionExecutionsInput{
		PipelineName: aws.String(p.details.Pipeline),
		Filter:       &types.ActionExecutionFilter{PipelineExecutionId: aws.String(p.details.ExecutionID)},
	}
	for range maxPages {
		out, err := c.api.ListActionExecutions(ctx, in, withoutWriteTo)
		if err := checked("ListActionExecutions", p.details.Pipeline, out, err); err != nil {
			return "", err
		}
		for _, e := range out.ActionExecutionDetails {
			if aws.ToString(e.ActionExecutionId) == p.details.ActionExecutionID {
				return e.Status, nil
			}
		}
		if in.NextToken = out.NextToken; aws.ToString(in.NextToken) == "" {
			break
		}
	}
	return "", nil
}

// maxPages are more than the runs of actions that one execution can have.
const maxPages = 1000

func (c *customJobs) succeed(ctx context.Context, p *polledJob, r *action.Result) error {
	out, err := c.api.PutJobSuccessResult(ctx, &awscodepipeline.PutJobSuccessResultInput{
		JobId:             aws.String(p.id),
		ContinuationToken: awstext.Optional(r.ContinuationToken),
		CurrentRevision:   currentRevision(r),
		ExecutionDetails:  executionDetails(r),
		OutputVariables:   r.OutputVariables,
	}, once)
	return checked("PutJobSuccessResult", p.id, out, err)
}

func (c *customJobs) fail(ctx context.Context, p *polledJob, f *action.Failure) error {
	out, err := c.api.PutJobFailureResult(ctx, &awscodepipeline.PutJobFailureResultInput{
		JobId:          aws.String(p.id),
		FailureDetails: failureDetails(f),
	}, once)
	return checked("PutJobFailureResult", p.id, out, err)
}
