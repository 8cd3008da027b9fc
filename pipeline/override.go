package pipeline

import (
	"context"
	"errors"
	"fmt"

	awscodepipeline "github.com/aws/aws-sdk-go-v2/service/codepipeline"
	"github.com/aws/aws-sdk-go-v2/service/codepipeline/types"

	"github.com/codesuite-go/codesuite/internal/apierror"
)

// Override lets an execution go on although a condition of a stage has failed, or is
// still being looked at, by OverrideStageCondition. The type is [ConditionBeforeEntry]
// or [ConditionOnSuccess]. A condition that is overridden already is no error. The
// error is [ErrNotOverridable] and says why: the condition has succeeded, was not
// looked at, or does not exist, or a newer execution has entered the stage.
//
// After a refusal, Override reads the condition by [Client.Details]. The mode PARALLEL
// does not show an override there: if the first reply is lost, the SDK sends the
// request again, and the call fails with ErrNotOverridable although the execution
// goes on.
func (c *Client) Override(ctx context.Context, pipeline, id, stage string, condition ConditionType) error {
	if err := c.need(opOverride, pipeline, stage, "the name of the pipeline", pipeline,
		"the ID of the execution", id, "the name of the stage", stage, "the type of the condition", string(condition)); err != nil {
		return err
	}
	if condition != ConditionBeforeEntry && condition != ConditionOnSuccess {
		return &Error{Operation: opOverride, Pipeline: pipeline, Object: stage,
			Err: fmt.Errorf("conditions of the type %.50q cannot be overridden: use %s or %s", condition, ConditionBeforeEntry, ConditionOnSuccess)}
	}
	_, err := call(ctx, opOverride, pipeline, stage, c.api.OverrideStageCondition, &awscodepipeline.OverrideStageConditionInput{
		PipelineName: &pipeline, PipelineExecutionId: &id, StageName: &stage, ConditionType: types.ConditionType(condition),
	})
	if apierror.Code(err) != codeNotOverridable {
		return err
	}
	e, lookErr := c.Details(ctx, pipeline, id)
	if lookErr != nil {
		return err
	}
	status, ok := e.condition(stage, condition)
	var reason error
	switch {
	case !ok:
		reason = fmt.Errorf("the stage has no condition of the type %s", condition)
	case status == ConditionOverridden:
		return nil
	case status == "":
		reason = errors.New("the execution has not looked at the condition")
	default:
		reason = fmt.Errorf("the status of the condition is %s", status)
	}
	return &Error{Operation: opOverride, Pipeline: pipeline, Object: stage, Err: &reasonError{reason: reason, err: errors.Unwrap(err)}}
}

// condition returns the status of a condition. ok is false if there is none.
func (e *Execution) condition(stage string, kind ConditionType) (status ConditionStatus, ok bool) {
	for _, s := range e.Stages {
		for _, c := range s.Conditions {
			if s.Name == stage && c.Type == kind {
				return c.Status, true
			}
		}
	}
	return "", false
}
