package pipeline

import (
	"context"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	awscodepipeline "github.com/aws/aws-sdk-go-v2/service/codepipeline"
	"github.com/aws/aws-sdk-go-v2/service/codepipeline/types"
)

// StageExecution is a stage in an execution.
type StageExecution struct {
	Name string
	// Status is empty if the API does not have it: in the mode PARALLEL, before
	// the execution has entered the stage, and once another one has.
	Status StageStatus
	// Attempt is 1 for the first run and one more for each retry of the stage.
	Attempt int
	// AutomaticRetries and ManualRetries count the retries, and LatestRetry is the
	// trigger of the last. In the mode PARALLEL the API does not have them: they
	// are zero if the stage can retry itself, as only Attempt is known then.
	AutomaticRetries, ManualRetries int
	LatestRetry                     RetryTrigger
	// Conditions are the conditions of the stage in the order before entry, on
	// success, on failure.
	Conditions []ConditionExecution
}

// StageStatus is the status of a stage in the spelling of the API. It is an open
// set.
type StageStatus string

// The statuses of stages.
const (
	StageInProgress StageStatus = "InProgress"
	StageStopping   StageStatus = "Stopping"
	StageStopped    StageStatus = "Stopped"
	StageSucceeded  StageStatus = "Succeeded"
	StageFailed     StageStatus = "Failed"
	StageCancelled  StageStatus = "Cancelled" // the structure of the pipeline was changed meanwhile
	StageSkipped    StageStatus = "Skipped"   // a condition let the execution pass it
)

// RetryTrigger says who retried a stage. It is an open set.
type RetryTrigger string

// The triggers of retries.
const (
	RetryTriggerAutomatic RetryTrigger = "AutomatedStageRetry"
	RetryTriggerManual    RetryTrigger = "ManualStageRetry"
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

// stageExecutions joins the structure with the runs of actions and rules, which are
// in the order of their start, and with the pipeline's state. It sets the conditions
// of the runs.
func (s *structure) stageExecutions(id string, runs []ActionExecution, rules []RuleExecution, state []types.StageState) []StageExecution {
	attempts := stageAttempts(runs)
	var stages []StageExecution
	for i := range s.stages {
		declared := &s.stages[i]
		stage := StageExecution{Name: declared.name, Attempt: max(1, attempts[declared.name].number)}
		current := stateOf(state, declared.name, id)
		if current != nil {
			stage.Status = StageStatus(current.LatestExecution.Status)
		}
		stage.retried(current, declared.retries)
		for j := range rules {
			if kinds := declared.conditionsOf(rules[j].Rule); rules[j].Stage == declared.name && len(kinds) == 1 {
				rules[j].Condition = kinds[0]
			}
		}
		for j, condition := range declared.conditions {
			looked := declared.stateOf(j, current)
			condition.Rules = slices.Clone(condition.Rules)
			for k, rule := range condition.Rules {
				if run := declared.run(rule.Rule, looked, rules); run != nil {
					run.Condition = condition.Type
					condition.Rules[k] = *run
				}
			}
			condition.join(looked)
			stage.Conditions = append(stage.Conditions, condition)
		}
		stages = append(stages, stage)
	}
	return stages
}

// stateOf returns the state of a stage if the execution is the last that entered
// it, nil if not.
func stateOf(state []types.StageState, stage, id string) *types.StageState {
	for i := range state {
		if s := &state[i]; aws.ToString(s.StageName) == stage && s.LatestExecution != nil && aws.ToString(s.LatestExecution.PipelineExecutionId) == id {
			return s
		}
	}
	return nil
}

// retried takes the retries from the state. Where it has none, the retries of a
// stage that cannot retry itself were made by hand.
func (s *StageExecution) retried(state *types.StageState, automatic bool) {
	if state != nil && state.RetryStageMetadata != nil {
		m := state.RetryStageMetadata
		s.AutomaticRetries, s.ManualRetries = int(aws.ToInt32(m.AutoStageRetryAttempt)), int(aws.ToInt32(m.ManualStageRetryAttempt))
		s.LatestRetry = RetryTrigger(m.LatestRetryTrigger)
		s.Attempt = max(s.Attempt, 1+s.AutomaticRetries+s.ManualRetries)
		return
	}
	if !automatic && s.Attempt > 1 {
		s.ManualRetries, s.LatestRetry = s.Attempt-1, RetryTriggerManual
	}
}

// stateOf returns the state of the condition with the index, nil if there is none.
func (s *stageStructure) stateOf(condition int, state *types.StageState) *types.ConditionState {
	if state == nil {
		return nil
	}
	kind := s.conditions[condition].Type
	conditions := map[ConditionType]*types.StageConditionState{
		ConditionBeforeEntry: state.BeforeEntryConditionState,
		ConditionOnSuccess:   state.OnSuccessConditionState,
		ConditionOnFailure:   state.OnFailureConditionState,
	}[kind]
	first := slices.IndexFunc(s.conditions, func(c ConditionExecution) bool { return c.Type == kind })
	if i := condition - first; conditions != nil && i < len(conditions.ConditionStates) {
		return &conditions.ConditionStates[i]
	}
	return nil
}

// run returns the newest run of a rule, nil if it has not run. Of a name that two
// conditions of the stage have, only the run in the condition's state counts.
func (s *stageStructure) run(rule string, state *types.ConditionState, runs []RuleExecution) *RuleExecution {
	named := len(s.conditionsOf(rule))
	for i := range slices.Backward(runs) {
		if r := &runs[i]; r.Stage == s.name && r.Rule == rule && (named == 1 || hasRun(state, r.ID)) {
			return r
		}
	}
	return nil
}

// conditionsOf returns the types of the conditions that have a rule of the name.
func (s *stageStructure) conditionsOf(rule string) []ConditionType {
	var kinds []ConditionType
	for _, c := range s.conditions {
		if slices.ContainsFunc(c.Rules, func(r RuleExecution) bool { return r.Rule == rule }) {
			kinds = append(kinds, c.Type)
		}
	}
	return kinds
}

// hasRun reports whether the state is that of the rule's run.
func hasRun(state *types.ConditionState, id string) bool {
	return state != nil && slices.ContainsFunc(state.RuleStates, func(s types.RuleState) bool { return ruleRunID(s) == id })
}
