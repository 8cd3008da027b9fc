package pipeline

import (
	"context"

	awscodepipeline "github.com/aws/aws-sdk-go-v2/service/codepipeline"
	"github.com/aws/aws-sdk-go-v2/service/codepipeline/types"
)

// RetryMode says which actions of a stage run again.
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
// The API does not recognise a repeated request. If the first reply is lost, the
// SDK sends the request again, and the call fails with ErrNotRetryable or
// [ErrConflict] although the stage runs. Read [Client.Execution] to find out.
func (c *Client) Retry(ctx context.Context, pipeline, id, stage string, mode RetryMode) error {
	if err := c.need(opRetryStage, pipeline, stage, "the name of the pipeline", pipeline,
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
