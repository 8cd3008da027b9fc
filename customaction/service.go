package customaction

import (
	"context"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awscodepipeline "github.com/aws/aws-sdk-go-v2/service/codepipeline"
	"github.com/aws/aws-sdk-go-v2/service/codepipeline/types"

	"github.com/codesuite-go/codesuite/internal/apierror"
	"github.com/codesuite-go/codesuite/internal/jobwire"
	"github.com/codesuite-go/codesuite/internal/sdkhttp"
	"github.com/codesuite-go/codesuite/pipeline/action"
	"github.com/codesuite-go/codesuite/pipeline/actiontype"
)

// service is CodePipeline as the jobs of one owner see it. Its calls are made
// once, without the SDK's retries, except for details and ended; errors are
// *Error.
type service interface {
	// poll asks for at most n jobs.
	poll(ctx context.Context, n int) ([]*offer, error)
	// prepare completes an offer for acknowledge.
	prepare(ctx context.Context, o *offer) error
	acknowledge(ctx context.Context, o *offer) (types.JobStatus, error)
	details(ctx context.Context, o *offer) (*action.Details, error)
	// ended reports whether CodePipeline does not wait for a job that runs any
	// more.
	ended(ctx context.Context, o *offer) (bool, error)
	succeed(ctx context.Context, o *offer, r *action.Result) error
	fail(ctx context.Context, o *offer, f *action.Failure) error
}

// offer is a job that a poll returned.
type offer struct {
	id       string
	nonce    string
	clientID string // of a third-party job
	details  action.Details
	polled   time.Time
}

// once turns the SDK's retries off: after one that follows a lost reply, the
// answer to the first attempt is not known any more.
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

// notFound turns the reply to a call about a job into whether there is no such
// job. That is the one answer that surely says that CodePipeline does not wait
// for it: what it tells of a job that it has given up is not documented.
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
	return action.Details(jobwire.NewJob[action.ActionType, action.Artifact, action.Credentials](id, account, data))
}
