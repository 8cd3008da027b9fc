package pipeline

import "time"

// ChangeType is the kind of a [Change].
type ChangeType string

// The types of changes.
const (
	// ChangeExecution is a new Status of the execution.
	ChangeExecution ChangeType = "execution changed"
	// ChangeActionStarted is a new run of an action.
	ChangeActionStarted ChangeType = "action started"
	// ChangeActionEnded is the end of a run: succeeded, failed or abandoned.
	ChangeActionEnded ChangeType = "action ended"
	// ChangeApprovalWaiting is a manual approval that waits for its reviewer. It
	// follows the ChangeActionStarted of the same run.
	ChangeApprovalWaiting ChangeType = "approval waiting"
	// ChangeLogStreamKnown is a Commands action whose [ActionExecution.LogStream] is
	// known.
	ChangeLogStreamKnown ChangeType = "log stream known"
	// ChangeTarget is a new target of an EC2 deployment, or a new status of one or of
	// one of its events.
	ChangeTarget ChangeType = "target changed"
	// ChangeRevisionKnown is the revision of a source action, or another one after a
	// retry.
	ChangeRevisionKnown ChangeType = "revision known"
	// ChangeRuleStarted is a new run of a rule.
	ChangeRuleStarted ChangeType = "rule started"
	// ChangeRuleEnded is the end of a run: succeeded, failed or abandoned.
	ChangeRuleEnded ChangeType = "rule ended"
	// ChangeCondition is a new Status of a condition. It follows the changes of its
	// rules.
	ChangeCondition ChangeType = "condition changed"
	// ChangeStageRetried is another attempt of a stage, by itself or by hand.
	ChangeStageRetried ChangeType = "stage retried"
)

// Change is one change of an execution.
type Change struct {
	Type ChangeType
	// Time is the service's time of the start or end of an action or a rule and of
	// the change of a condition, and for other changes the time of the poll.
	Time time.Time
	// Execution is the whole execution at the poll. The changes of one poll share
	// it.
	Execution *Execution
	// Action is the run of ChangeActionStarted, ChangeActionEnded,
	// ChangeApprovalWaiting, ChangeLogStreamKnown and ChangeTarget; nil for others. It
	// may be an older run than that in Execution.
	Action *ActionExecution
	// Target is that of ChangeTarget; nil for others.
	Target *DeployTarget
	// Rule is the run of ChangeRuleStarted and ChangeRuleEnded; nil for others. It may
	// be an older run than that in Execution.
	Rule *RuleExecution
	// Condition is that of ChangeCondition; nil for others.
	Condition *ConditionExecution
	// Stage is that of ChangeStageRetried; nil for others.
	Stage *StageExecution
	// Revision is that of ChangeRevisionKnown; nil for others.
	Revision *Revision
}
