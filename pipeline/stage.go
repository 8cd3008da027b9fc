package pipeline

import (
	"context"

	awscodepipeline "github.com/aws/aws-sdk-go-v2/service/codepipeline"
	"github.com/aws/aws-sdk-go-v2/service/codepipeline/types"
)

// RetryMode says what of a stage is run again.
type RetryMode string

// The modes of a retry.
const (
	RetryFailedActions RetryMode = "FAILED_ACTIONS"
	RetryAllActions    RetryMode = "ALL_ACTIONS"
)

// Retry runs a stage of an execution again, by RetryStageExecution: the same
// execution goes on, with the revisions it had. An empty mode is
// [RetryFailedActions]. The error is [ErrNotRetryable] if the stage did not fail
// or a newer execution has entered it.
//
// The API cannot tell a repeated request: if the reply to the first one is lost,
// the SDK's retryer makes another, which fails with ErrNotRetryable or
// [ErrConflict] although the stage runs again. [Client.Execution] tells.
func (c *Client) Retry(ctx context.Context, pipeline, id, stage string, mode RetryMode) error {
	if err := need(opRetryStage, pipeline, stage, "the name of the pipeline", pipeline,
		"the ID of the execution", id, "the name of the stage", stage); err != nil {
		return err
	}
	if mode == "" {
		mode = RetryFailedActions
	}
	_, err := call(ctx, opRetryStage, pipeline, stage, c.api.RetryStageExecution, &awscodepipeline.RetryStageExecutionInput{
		PipelineName: &pipeline, PipelineExecutionId: &id, StageName: &stage, RetryMode: types.StageRetryMode(mode),
	})
	return err
}

// Rollback starts an execution that runs a stage with the revisions of an
// earlier execution, by RollbackStage, and returns the ID of the new one.
// [ListOptions.SucceededInStage] lists the executions that can be the target.
// The error is [ErrNotRollbackable] for others and for pipelines in the mode
// PARALLEL.
//
// As with [Client.Retry], a lost reply ends in an error, mostly [ErrConflict],
// although the rollback runs: then it is the newest of [Client.Executions] with
// this RollbackTarget.
func (c *Client) Rollback(ctx context.Context, pipeline, stage, targetID string) (id string, err error) {
	if err := need(opRollbackStage, pipeline, stage, "the name of the pipeline", pipeline,
		"the name of the stage", stage, "the ID of the target execution", targetID); err != nil {
		return "", err
	}
	out, err := call(ctx, opRollbackStage, pipeline, stage, c.api.RollbackStage, &awscodepipeline.RollbackStageInput{
		PipelineName: &pipeline, StageName: &stage, TargetPipelineExecutionId: &targetID,
	})
	if err != nil {
		return "", err
	}
	return replyID(opRollbackStage, pipeline, stage, out.PipelineExecutionId)
}
