package customaction

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	awscodepipeline "github.com/aws/aws-sdk-go-v2/service/codepipeline"
	"github.com/aws/aws-sdk-go-v2/service/codepipeline/types"

	"github.com/codesuite-go/codesuite/events"
	"github.com/codesuite-go/codesuite/internal/apierror"
	"github.com/codesuite-go/codesuite/internal/jobwire"
	"github.com/codesuite-go/codesuite/internal/sdkhttp"
	"github.com/codesuite-go/codesuite/pipeline/action"
	"github.com/codesuite-go/codesuite/pipeline/actiontype"
)

// service has the calls about the jobs of one owner. They are made once, without
// the SDK's retries, except for details and ended. Errors are *Error.
type service interface {
	// poll asks for at most n jobs.
	poll(ctx context.Context, n int) ([]*polledJob, error)
	// prepare completes a polled job for acknowledge.
	prepare(ctx context.Context, p *polledJob) error
	acknowledge(ctx context.Context, p *polledJob) (types.JobStatus, error)
	details(ctx context.Context, p *polledJob) (*action.Details, error)
	// ended reports whether CodePipeline has stopped waiting for a job that runs.
	ended(ctx context.Context, p *polledJob) (bool, error)
	succeed(ctx context.Context, p *polledJob, r *action.Result) error
	fail(ctx context.Context, p *polledJob, f *action.Failure) error
}

// once turns the SDK's retries off. A retry after a lost reply would hide the
// answer to the first attempt.
func once(o *awscodepipeline.Options) {
	o.Retryer = aws.NopRetryer{}
	withoutWriteTo(o)
}

func withoutWriteTo(o *awscodepipeline.Options) {
	o.APIOptions = append(o.APIOptions, sdkhttp.APIOption)
}

// checked wraps the error of a call, and makes one of a reply that is none.
func checked[T any](operation, object string, out *T, err error) error {
	if err == nil && out == nil {
		err = apierror.ErrNoReply
	}
	if err == nil {
		return nil
	}
	return &Error{Operation: operation, Object: object, Err: err}
}

func actionTypeID(t actiontype.Type) *types.ActionTypeId {
	return &types.ActionTypeId{
		Category: types.ActionCategory(t.Category),
		Owner:    types.ActionOwner(t.Owner),
		Provider: aws.String(t.Provider),
		Version:  aws.String(t.Version),
	}
}

// secretKeys returns the names of the secret properties.
func secretKeys(t actiontype.Type) []string {
	var keys []string
	for _, p := range t.Properties {
		if p.Secret {
			keys = append(keys, p.Name)
		}
	}
	return keys
}

// actionTypeError explains what is wrong with polling for an action type.
func actionTypeError(operation string, t actiontype.Type, err error) error {
	switch apierror.Code(err) {
	case codeActionTypeNotFound:
		err = fmt.Errorf("there is no such action type in this account and Region: check category, provider, version and the Region of the client, or create it: %w", err)
	case codeValidation:
		err = fmt.Errorf("check the action type and QueryParam, which goes with a queryable property: %w", err)
	}
	return &Error{Operation: operation, Object: t.String(), Err: err}
}

// notFound reports whether CodePipeline does not know the job that a call was
// about. No other answer proves that CodePipeline has stopped waiting for a job:
// AWS does not document the reply for an abandoned one.
func notFound(_ *action.Details, err error) (bool, error) {
	if apierror.Code(err) == codeJobNotFound {
		return true, nil
	}
	return false, err
}

func failureDetails(f *action.Failure) *types.FailureDetails {
	return jobwire.FailureDetails(string(f.Type), f.Message, f.ExternalExecutionID)
}

func executionDetails(r *action.Result) *types.ExecutionDetails {
	return jobwire.ExecutionDetails(r.Summary, r.ExternalExecutionID, r.PercentComplete)
}

func currentRevision(r *action.Result) *types.CurrentRevision {
	return jobwire.CurrentRevision((*jobwire.Revision)(r.CurrentRevision))
}

// detailsOf returns a job as the API describes it.
func detailsOf(id, account string, data *types.JobData) action.Details {
	return action.Details(jobwire.NewJob[events.ActionType, action.Artifact, action.Credentials](id, account, data))
}
