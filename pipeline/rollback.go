package pipeline

import (
	"context"

	awscodepipeline "github.com/aws/aws-sdk-go-v2/service/codepipeline"
)

// Rollback starts an execution that runs a stage with the revisions of an
// earlier execution, by RollbackStage, and returns the ID of the new one.
// [ListOptions.SucceededInStage] lists the executions that can be the target.
// The error is [ErrNotRollbackable] for others and for pipelines in the mode
// PARALLEL.
//
// As with [Client.Retry], the call may fail, mostly with [ErrConflict], although
// the rollback runs. It is then the newest of [Client.Executions] with this
// RollbackTarget.
func (c *Client) Rollback(ctx context.Context, pipeline, stage, targetID string) (id string, err error) {
	if err := c.need(opRollbackStage, pipeline, stage, "the name of the pipeline", pipeline,
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
