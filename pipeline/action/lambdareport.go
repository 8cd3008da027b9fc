package action

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awscodepipeline "github.com/aws/aws-sdk-go-v2/service/codepipeline"
	"github.com/aws/aws-sdk-go-v2/service/codepipeline/types"

	"github.com/codesuite-go/codesuite/internal/awstext"
	"github.com/codesuite-go/codesuite/internal/jobreport"
	"github.com/codesuite-go/codesuite/internal/sdkhttp"
)

const (
	// reportTimeout is the time to report in where the function has no
	// deadline, as in tests.
	reportTimeout = 5 * time.Minute

	attemptTimeout = 10 * time.Second

	// maxDenied is how often a report is tried that IAM denies, which new
	// permissions can take some seconds to change.
	maxDenied = 4

	// reportReserve is left of the function's time to return an error in.
	reportReserve = 50 * time.Millisecond
)

// report answers the job. A result that CodePipeline refuses is answered with
// a failure that says so, and a failure that it refuses with a plain one.
func (l *Lambda) report(ctx context.Context, job *Job, outcome Outcome) error {
	err := l.put(ctx, job.ID(), outcome)
	if outcome.Result != nil && errors.Is(err, jobreport.ErrRefused) {
		l.options.Logger.WarnContext(ctx, "action: CodePipeline refused the result, the job is failed", "job", job.ID(), "error", err)
		outcome = Outcome{Failure: job.failure(context.WithoutCancel(ctx), &Failure{
			Type: JobFailed, Err: fmt.Errorf("the work succeeded, but CodePipeline refused its result: %w", err),
			ExternalExecutionID: outcome.Result.ExternalExecutionID,
		})}
		err = l.put(ctx, job.ID(), outcome)
	}
	if errors.Is(err, jobreport.ErrRefused) { // something in the failure's text or ID must be to blame
		l.options.Logger.WarnContext(ctx, "action: CodePipeline refused the failure, a plain one is put", "job", job.ID(), "error", err)
		err = l.put(ctx, job.ID(), Outcome{Failure: &Failure{
			Type: JobFailed, Message: "the job failed, and CodePipeline refused the message: see the log of the function",
		}})
	}
	return err
}

func (l *Lambda) put(ctx context.Context, id string, outcome Outcome) error {
	operation, put := "PutJobSuccessResult", func(ctx context.Context) error {
		_, err := l.api.PutJobSuccessResult(ctx, successInput(id, outcome.Result), callOption)
		return err
	}
	if outcome.Failure != nil {
		operation, put = "PutJobFailureResult", func(ctx context.Context) error {
			_, err := l.api.PutJobFailureResult(ctx, failureInput(id, outcome.Failure), callOption)
			return err
		}
	}
	_, err := jobreport.Put(ctx, put, func(o *jobreport.Options) {
		o.Logger = l.options.Logger
		o.Timeout, o.AttemptTimeout, o.MaxDenied = reportTimeout, attemptTimeout, maxDenied
		if deadline, ok := ctx.Deadline(); ok {
			o.Timeout = max(time.Until(deadline)-reportReserve, reportReserve)
			o.AttemptTimeout = min(o.AttemptTimeout, o.Timeout/2) // leave time for another one
		}
	})
	if err != nil {
		return fmt.Errorf("action: %s of job %s: %w", operation, id, err)
	}
	return nil
}

func callOption(o *awscodepipeline.Options) {
	o.APIOptions = append(o.APIOptions, sdkhttp.APIOption)
}

func successInput(id string, r *Result) *awscodepipeline.PutJobSuccessResultInput {
	in := &awscodepipeline.PutJobSuccessResultInput{
		JobId:             aws.String(id),
		ContinuationToken: awstext.Optional(r.ContinuationToken),
		OutputVariables:   r.OutputVariables,
	}
	if r.Summary != "" || r.ExternalExecutionID != "" || r.PercentComplete != 0 {
		in.ExecutionDetails = &types.ExecutionDetails{Summary: awstext.Optional(r.Summary), ExternalExecutionId: awstext.Optional(r.ExternalExecutionID)}
		if r.PercentComplete != 0 {
			in.ExecutionDetails.PercentComplete = aws.Int32(int32(r.PercentComplete))
		}
	}
	if c := r.CurrentRevision; c != nil {
		in.CurrentRevision = &types.CurrentRevision{
			Revision: aws.String(c.Revision), ChangeIdentifier: aws.String(c.ChangeID), RevisionSummary: awstext.Optional(c.Summary),
		}
		if !c.Created.IsZero() {
			in.CurrentRevision.Created = aws.Time(c.Created)
		}
	}
	return in
}

func failureInput(id string, f *Failure) *awscodepipeline.PutJobFailureResultInput {
	return &awscodepipeline.PutJobFailureResultInput{
		JobId: aws.String(id),
		FailureDetails: &types.FailureDetails{
			Type: types.FailureType(f.Type), Message: aws.String(f.Message), ExternalExecutionId: awstext.Optional(f.ExternalExecutionID),
		},
	}
}
