package customaction

import (
	"context"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awscodepipeline "github.com/aws/aws-sdk-go-v2/service/codepipeline"
	"github.com/aws/aws-sdk-go-v2/service/codepipeline/types"

	"github.com/codesuite-go/codesuite/internal/apierror"
	"github.com/codesuite-go/codesuite/internal/awstext"
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

// executionDetails returns what the API takes of a result, nil if that is
// nothing.
func executionDetails(r *action.Result) *types.ExecutionDetails {
	d := types.ExecutionDetails{
		Summary:             awstext.Optional(r.Summary),
		ExternalExecutionId: awstext.Optional(r.ExternalExecutionID),
	}
	if r.PercentComplete != 0 {
		d.PercentComplete = aws.Int32(int32(r.PercentComplete))
	}
	if d == (types.ExecutionDetails{}) {
		return nil
	}
	return &d
}

func currentRevision(r *action.Result) *types.CurrentRevision {
	c := r.CurrentRevision
	if c == nil {
		return nil
	}
	out := &types.CurrentRevision{
		Revision:         aws.String(c.Revision),
		ChangeIdentifier: aws.String(c.ChangeID),
		RevisionSummary:  awstext.Optional(c.Summary),
	}
	if !c.Created.IsZero() {
		out.Created = aws.Time(c.Created)
	}
	return out
}

func failureDetails(f *action.Failure) *types.FailureDetails {
	return &types.FailureDetails{
		Type:                types.FailureType(f.Type),
		Message:             aws.String(f.Message),
		ExternalExecutionId: awstext.Optional(f.ExternalExecutionID),
	}
}

// detailsOf returns what the API tells of a job. Third-party jobs have data of
// the same fields but another type, and convert to this one.
func detailsOf(id, account string, data *types.JobData) action.Details {
	d := action.Details{ID: id, AccountID: account}
	if data == nil {
		return d
	}
	if t := data.ActionTypeId; t != nil {
		d.Type = action.ActionType{
			Category: string(t.Category), Owner: string(t.Owner),
			Provider: aws.ToString(t.Provider), Version: aws.ToString(t.Version),
		}
	}
	if c := data.ActionConfiguration; c != nil {
		d.Configuration = c.Configuration
	}
	if p := data.PipelineContext; p != nil {
		d.Pipeline, d.PipelineARN = aws.ToString(p.PipelineName), aws.ToString(p.PipelineArn)
		d.ExecutionID = aws.ToString(p.PipelineExecutionId)
		if p.Stage != nil {
			d.Stage = aws.ToString(p.Stage.Name)
		}
		if p.Action != nil {
			d.Action, d.ActionExecutionID = aws.ToString(p.Action.Name), aws.ToString(p.Action.ActionExecutionId)
		}
	}
	d.Inputs, d.Outputs = artifactsOf(data.InputArtifacts), artifactsOf(data.OutputArtifacts)
	if c := data.ArtifactCredentials; c != nil {
		d.Credentials = action.Credentials{
			AccessKeyID:     aws.ToString(c.AccessKeyId),
			SecretAccessKey: aws.ToString(c.SecretAccessKey),
			SessionToken:    aws.ToString(c.SessionToken),
		}
	}
	if k := data.EncryptionKey; k != nil {
		d.EncryptionKey = aws.ToString(k.Id)
	}
	d.ContinuationToken = aws.ToString(data.ContinuationToken)
	return d
}

func artifactsOf(in []types.Artifact) []action.Artifact {
	var out []action.Artifact
	for _, a := range in {
		artifact := action.Artifact{Name: aws.ToString(a.Name), Revision: aws.ToString(a.Revision)}
		if a.Location != nil && a.Location.S3Location != nil {
			artifact.Bucket = aws.ToString(a.Location.S3Location.BucketName)
			artifact.Key = aws.ToString(a.Location.S3Location.ObjectKey)
		}
		out = append(out, artifact)
	}
	return out
}
