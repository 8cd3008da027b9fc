package action

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	awscodepipeline "github.com/aws/aws-sdk-go-v2/service/codepipeline"

	"github.com/codesuite-go/codesuite/internal/apierror"
	"github.com/codesuite-go/codesuite/internal/jobwire"
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
	d := Details(jobwire.NewJob[ActionType, Artifact, Credentials](
		aws.ToString(out.JobDetails.Id), aws.ToString(out.JobDetails.AccountId), out.JobDetails.Data))
	return &d, nil
}
