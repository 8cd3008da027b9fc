package pipeline

import "time"

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
	RetryAutomatic RetryTrigger = "AutomatedStageRetry"
	RetryManual    RetryTrigger = "ManualStageRetry"
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

// RuleExecution is one run of a rule of a condition.
type RuleExecution struct {
	ID          string // of the run; empty for a rule that has not run
	Stage, Rule string // names
	Provider    string // such as LambdaInvoke or DeploymentWindow
	Status      RuleStatus
	// Started is when the run began, and Updated when it last changed.
	Started, Updated time.Time
	UpdatedBy        string // ARN of the user who last changed it; often empty
	Region, RoleARN  string // may be empty

	Summary    string // the rule's report
	ExternalID string // the ID at the rule's provider, such as a build
	URL        string // the provider's link to ExternalID, not checked
	// ErrorCode and ErrorMessage say why the rule failed.
	ErrorCode, ErrorMessage string

	// Configuration is the rule's configuration with its variables resolved.
	Configuration map[string]string
}

// RuleStatus is the status of a run of a rule in the spelling of the API. It is an
// open set.
type RuleStatus string

// The statuses of rules.
const (
	RuleInProgress RuleStatus = "InProgress"
	RuleAbandoned  RuleStatus = "Abandoned"
	RuleSucceeded  RuleStatus = "Succeeded"
	RuleFailed     RuleStatus = "Failed"
)

// Terminal reports whether the run has ended. It is false for a status that this
// package does not know.
func (s RuleStatus) Terminal() bool {
	switch s {
	case RuleAbandoned, RuleSucceeded, RuleFailed:
		return true
	}
	return false
}
