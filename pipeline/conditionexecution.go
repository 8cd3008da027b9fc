package pipeline

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awscodepipeline "github.com/aws/aws-sdk-go-v2/service/codepipeline"
	"github.com/aws/aws-sdk-go-v2/service/codepipeline/types"

	"github.com/codesuite-go/codesuite/internal/apierror"
)

// ConditionType says when a condition of a stage counts.
type ConditionType string

// The types of conditions.
const (
	ConditionBeforeEntry ConditionType = "BEFORE_ENTRY"
	ConditionOnSuccess   ConditionType = "ON_SUCCESS"
	ConditionOnFailure   ConditionType = "ON_FAILURE"
)

// ConditionExecution is a condition of a stage in an execution.
type ConditionExecution struct {
	Stage string
	Type  ConditionType
	// Result is what the structure asks for if a rule fails, FAIL, SKIP or
	// ROLLBACK, and for ConditionOnFailure what it asks for if the rules succeed.
	Result string
	// Status is empty while the condition has not been looked at.
	Status  ConditionStatus
	Summary string // the service's text about the status; often empty
	// Updated is when a rule, or the condition, last changed.
	Updated time.Time
	// Rules are the newest runs of the rules in the order of the structure. A rule
	// that has not run has no ID.
	Rules []RuleExecution
}

// ConditionStatus is the status of a condition in the spelling of the API. It is
// an open set.
type ConditionStatus string

// The statuses of conditions.
const (
	ConditionInProgress ConditionStatus = "InProgress"
	ConditionSucceeded  ConditionStatus = "Succeeded"
	ConditionFailed     ConditionStatus = "Failed"
	ConditionErrored    ConditionStatus = "Errored"
	ConditionCancelled  ConditionStatus = "Cancelled"
	ConditionAbandoned  ConditionStatus = "Abandoned"
	ConditionOverridden ConditionStatus = "Overridden" // somebody let the execution go on
)

// Terminal reports whether the condition has been decided. A condition that has
// failed may be overridden later. It is false for a status that this package does
// not know.
func (s ConditionStatus) Terminal() bool {
	switch s {
	case ConditionSucceeded, ConditionFailed, ConditionErrored, ConditionCancelled, ConditionAbandoned, ConditionOverridden:
		return true
	}
	return false
}

// status returns the status that follows from the runs of the rules. They do not
// tell a condition that was overridden or canceled.
func (c *ConditionExecution) status() ConditionStatus {
	ran, running := 0, false
	worst := ConditionSucceeded
	for _, r := range c.Rules {
		if r.ID == "" {
			continue
		}
		ran++
		switch {
		case !r.Status.Terminal():
			running = true
		case r.Status == RuleFailed:
			worst = ConditionFailed
		case r.Status == RuleAbandoned && worst == ConditionSucceeded:
			worst = ConditionAbandoned
		}
	}
	switch {
	case ran == 0:
		return ""
	case running || ran < len(c.Rules):
		return ConditionInProgress
	}
	return worst
}

// join adds what the pipeline's state has of the condition, nil for nothing. State
// of another look at the condition, which has other runs, does not count.
func (c *ConditionExecution) join(state *types.ConditionState) {
	c.Status = c.status()
	for _, r := range c.Rules {
		c.Updated = latest(c.Updated, r.Updated)
	}
	if state == nil || state.LatestExecution == nil || !c.isOf(state) {
		return
	}
	status := ConditionStatus(state.LatestExecution.Status)
	if !status.Terminal() && c.Status != "" {
		return // the runs are as new
	}
	c.Status = status
	c.Summary = aws.ToString(state.LatestExecution.Summary)
	c.Updated = latest(c.Updated, timeOf(state.LatestExecution.LastStatusChange))
}

// isOf reports whether the state is that of the runs.
func (c *ConditionExecution) isOf(state *types.ConditionState) bool {
	for _, s := range state.RuleStates {
		for _, r := range c.Rules {
			if r.Rule == aws.ToString(s.RuleName) && r.ID != "" && r.ID != ruleRunID(s) {
				return false
			}
		}
	}
	return true
}

// ruleRunID returns the ID of the run in the state of a rule.
func ruleRunID(s types.RuleState) string {
	if s.LatestExecution == nil {
		return ""
	}
	return aws.ToString(s.LatestExecution.RuleExecutionId)
}

func latest(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

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
