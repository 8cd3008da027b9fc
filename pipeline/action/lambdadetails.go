package action

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	awscodepipeline "github.com/aws/aws-sdk-go-v2/service/codepipeline"
	"github.com/aws/aws-sdk-go-v2/service/codepipeline/types"

	"github.com/codesuite-go/codesuite/internal/apierror"
)

// details asks CodePipeline for a job.
func (l *Lambda) details(ctx context.Context, id string) (*Details, error) {
	out, err := l.api.GetJobDetails(ctx, &awscodepipeline.GetJobDetailsInput{JobId: aws.String(id)}, callOption)
	if err == nil && (out == nil || out.JobDetails == nil || out.JobDetails.Data == nil) {
		err = apierror.ErrNoReply
	}
	if err != nil {
		return nil, fmt.Errorf("action: GetJobDetails of job %s: %w", id, err)
	}
	d := dataDetails(out.JobDetails.Data)
	d.ID, d.AccountID = aws.ToString(out.JobDetails.Id), aws.ToString(out.JobDetails.AccountId)
	return d, nil
}

func dataDetails(data *types.JobData) *Details {
	d := &Details{
		Inputs:            artifacts(data.InputArtifacts),
		Outputs:           artifacts(data.OutputArtifacts),
		ContinuationToken: aws.ToString(data.ContinuationToken),
	}
	if t := data.ActionTypeId; t != nil {
		d.Type = ActionType{string(t.Category), string(t.Owner), aws.ToString(t.Provider), aws.ToString(t.Version)}
	}
	if c := data.ActionConfiguration; c != nil {
		d.Configuration = c.Configuration
	}
	if c := data.ArtifactCredentials; c != nil {
		d.Credentials = Credentials{
			AccessKeyID: aws.ToString(c.AccessKeyId), SecretAccessKey: aws.ToString(c.SecretAccessKey), SessionToken: aws.ToString(c.SessionToken),
		}
	}
	if k := data.EncryptionKey; k != nil {
		d.EncryptionKey = aws.ToString(k.Id)
	}
	if c := data.PipelineContext; c != nil {
		d.Pipeline, d.PipelineARN = aws.ToString(c.PipelineName), aws.ToString(c.PipelineArn)
		d.ExecutionID = aws.ToString(c.PipelineExecutionId)
		if c.Stage != nil {
			d.Stage = aws.ToString(c.Stage.Name)
		}
		if c.Action != nil {
			d.Action, d.ActionExecutionID = aws.ToString(c.Action.Name), aws.ToString(c.Action.ActionExecutionId)
		}
	}
	return d
}

func artifacts(from []types.Artifact) []Artifact {
	var to []Artifact
	for _, a := range from {
		artifact := Artifact{Name: aws.ToString(a.Name), Revision: aws.ToString(a.Revision)}
		if a.Location != nil && a.Location.S3Location != nil {
			artifact.Bucket, artifact.Key = aws.ToString(a.Location.S3Location.BucketName), aws.ToString(a.Location.S3Location.ObjectKey)
		}
		to = append(to, artifact)
	}
	return to
}
