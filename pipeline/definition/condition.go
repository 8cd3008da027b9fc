package definition

import "github.com/codesuite-go/codesuite/pipeline"

// ConditionResult is what happens to an execution because of a condition.
type ConditionResult string

// The results of conditions.
const (
	ResultFail     ConditionResult = "FAIL"
	ResultRollback ConditionResult = "ROLLBACK"
	ResultRetry    ConditionResult = "RETRY" // only of OnFailure itself
	ResultSkip     ConditionResult = "SKIP"
)

// Conditions are conditions of a stage. CodePipeline takes one of them. They need
// pipelines of type V2.
type Conditions struct {
	Conditions []Condition `json:"conditions"`
	Other      Members     `json:"-"`
}

// OnFailure is what happens after the failure of a stage: either Result, or that of
// the condition if its rules succeed.
type OnFailure struct {
	Result     ConditionResult `json:"result"`
	Retry      *Retry          `json:"retryConfiguration"` // for ResultRetry
	Conditions []Condition     `json:"conditions"`         // with ResultRollback
	Other      Members         `json:"-"`
}

// Retry is the automatic retry of a stage, once for each failure.
type Retry struct {
	Mode  pipeline.RetryMode `json:"retryMode"`
	Other Members            `json:"-"`
}

// Condition is up to five rules with one result.
type Condition struct {
	// Result is FAIL or SKIP before the entry, FAIL or ROLLBACK on success, and
	// ROLLBACK on failure.
	Result ConditionResult `json:"result"`
	Rules  []Rule          `json:"rules"`
	Other  Members         `json:"-"`
}

// Rule is a rule of a condition.
type Rule struct {
	// Name is spelled as that of a pipeline. No two rules of a condition have the
	// same name.
	Name string `json:"name"`
	// Provider is the rule's type with its configuration, such as
	// [DeploymentWindowRule] or [Custom].
	Provider Provider `json:"ruleTypeId"`
	// Commands are the 1 to 50 shell commands of a [CommandsRule].
	Commands         []string   `json:"commands"`
	Inputs           []Artifact `json:"inputArtifacts"`
	RoleARN          string     `json:"roleArn"`
	Region           string     `json:"region"`
	TimeoutInMinutes int        `json:"timeoutInMinutes"` // 5 to 86400
	Other            Members    `json:"-"`
}
