//go:build unix

package main

import (
	"context"
	"errors"
	"io/fs"
	"math/rand/v2"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awscodepipeline "github.com/aws/aws-sdk-go-v2/service/codepipeline"
	"github.com/aws/aws-sdk-go-v2/service/codepipeline/types"
	"github.com/aws/smithy-go"

	"github.com/codesuite-go/codesuite/customaction"
	"github.com/codesuite-go/codesuite/pipeline/action"
)

// actionExecutions is what watching a job calls of the SDK's client.
type actionExecutions = awscodepipeline.ListActionExecutionsAPIClient

// errDenied is why a job is not watched any more.
var errDenied = errors.New("allow the IAM action codepipeline:ListActionExecutions to hear of stopped pipelines")

// watch asks now and then for the action execution of a job, and ends the job
// when CodePipeline does not wait for it any more: when the pipeline was
// stopped and its actions abandoned, or when the action's time is up.
func (r *runner) watch(ctx context.Context, d action.Details, cancel context.CancelCauseFunc) {
	if d.ExecutionID == "" || d.ActionExecutionID == "" {
		return
	}
	interval := r.definition.WatchInterval.Duration
	for {
		timer := time.NewTimer(interval - rand.N(interval/5+1)) // workers are not to ask all at once
		select {
		case <-ctx.Done():
			timer.Stop()
			return
		case <-timer.C:
		}
		status, err := r.status(ctx, d)
		switch {
		case ctx.Err() != nil:
			return
		case errors.Is(err, fs.ErrPermission):
			r.logger.WarnContext(ctx, "the action of a job cannot be watched", "job", d.ID, "advice", errDenied, "error", err)
			return
		case err != nil:
			r.logger.WarnContext(ctx, "the action of a job cannot be asked for", "job", d.ID, "error", err)
		case status != "" && status != types.ActionExecutionStatusInProgress:
			r.logger.WarnContext(ctx, "CodePipeline does not wait for the job any more", "job", d.ID, "status", status)
			cancel(customaction.ErrAbandoned)
			return
		}
	}
}

// status returns the status of the job's action execution, "" if CodePipeline
// does not list it.
func (r *runner) status(ctx context.Context, d action.Details) (types.ActionExecutionStatus, error) {
	pages := awscodepipeline.NewListActionExecutionsPaginator(r.executions, &awscodepipeline.ListActionExecutionsInput{
		PipelineName: aws.String(d.Pipeline),
		Filter:       &types.ActionExecutionFilter{PipelineExecutionId: aws.String(d.ExecutionID)},
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if apiErr := smithy.APIError(nil); errors.As(err, &apiErr) && apiErr.ErrorCode() == "AccessDeniedException" {
			return "", errors.Join(err, fs.ErrPermission)
		}
		if err != nil {
			return "", err
		}
		for _, e := range page.ActionExecutionDetails {
			if aws.ToString(e.ActionExecutionId) == d.ActionExecutionID {
				return e.Status, nil
			}
		}
	}
	return "", nil
}
