package jobwire

import (
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/codepipeline/types"

	"github.com/codesuite-go/codesuite/internal/awstext"
)

// ExecutionDetails returns how a job went, nil if all arguments are zero.
func ExecutionDetails(summary, externalExecutionID string, percentComplete int) *types.ExecutionDetails {
	if summary == "" && externalExecutionID == "" && percentComplete == 0 {
		return nil
	}
	d := &types.ExecutionDetails{Summary: awstext.Optional(summary), ExternalExecutionId: awstext.Optional(externalExecutionID)}
	if percentComplete != 0 {
		d.PercentComplete = aws.Int32(int32(percentComplete))
	}
	return d
}

// Revision has the fields of action.CurrentRevision.
type Revision struct {
	Revision string
	ChangeID string
	Created  time.Time
	Summary  string
}

// CurrentRevision returns the revision that a source action found, nil for nil.
func CurrentRevision(r *Revision) *types.CurrentRevision {
	if r == nil {
		return nil
	}
	c := &types.CurrentRevision{
		Revision:         aws.String(r.Revision),
		ChangeIdentifier: aws.String(r.ChangeID),
		RevisionSummary:  awstext.Optional(r.Summary),
	}
	if !r.Created.IsZero() {
		c.Created = aws.Time(r.Created)
	}
	return c
}

// FailureDetails returns why a job failed.
func FailureDetails(failureType, message, externalExecutionID string) *types.FailureDetails {
	return &types.FailureDetails{
		Type:                types.FailureType(failureType),
		Message:             aws.String(message),
		ExternalExecutionId: awstext.Optional(externalExecutionID),
	}
}
