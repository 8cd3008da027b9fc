package action

import (
	"context"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awscodepipeline "github.com/aws/aws-sdk-go-v2/service/codepipeline"

	"github.com/codesuite-go/codesuite/internal/awstext"
	"github.com/codesuite-go/codesuite/internal/jobreport"
	"github.com/codesuite-go/codesuite/internal/jobwire"
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

// report answers the job.
func (l *Lambda) report(ctx context.Context, job *Job, outcome Outcome) error {
	r := jobreport.Result{Fail: func(ctx context.Context, f jobreport.Failure) error {
		return l.fail(ctx, job.ID(), &Failure{Type: FailureTypeJobFailed, Message: f.Message, ExternalExecutionID: f.ExternalExecutionID})
	}}
	if outcome.Failure != nil {
		r.Failed = func(ctx context.Context) error { return l.fail(ctx, job.ID(), outcome.Failure) }
	} else {
		r.ExternalExecutionID = outcome.Result.ExternalExecutionID
		r.Succeed = func(ctx context.Context) error { return l.succeed(ctx, job.ID(), outcome.Result) }
	}
	_, err := jobreport.Report(ctx, r, func(o *jobreport.Options) {
		o.Redact = job.Redact
		o.Logger = l.options.Logger.With("job", job.ID())
		o.Timeout, o.AttemptTimeout, o.MaxDenied = reportTimeout, attemptTimeout, maxDenied
		if deadline, ok := ctx.Deadline(); ok {
			o.Timeout = max(time.Until(deadline)-reportReserve, reportReserve)
			o.AttemptTimeout = min(o.AttemptTimeout, o.Timeout/2) // leave time for another one
		}
	})
	if err != nil {
		return fmt.Errorf("action: report job %s: %w", job.ID(), err)
	}
	return nil
}

func (l *Lambda) succeed(ctx context.Context, id string, r *Result) error {
	_, err := l.api.PutJobSuccessResult(ctx, &awscodepipeline.PutJobSuccessResultInput{
		JobId:             aws.String(id),
		ContinuationToken: awstext.Optional(r.ContinuationToken),
		CurrentRevision:   jobwire.CurrentRevision((*jobwire.Revision)(r.CurrentRevision)),
		ExecutionDetails:  jobwire.ExecutionDetails(r.Summary, r.ExternalExecutionID, r.PercentComplete),
		OutputVariables:   r.OutputVariables,
	}, callOption)
	return err
}

func (l *Lambda) fail(ctx context.Context, id string, f *Failure) error {
	_, err := l.api.PutJobFailureResult(ctx, &awscodepipeline.PutJobFailureResultInput{
		JobId:          aws.String(id),
		FailureDetails: jobwire.FailureDetails(string(f.Type), f.Message, f.ExternalExecutionID),
	}, callOption)
	return err
}

func callOption(o *awscodepipeline.Options) {
	o.APIOptions = append(o.APIOptions, sdkhttp.APIOption)
}
