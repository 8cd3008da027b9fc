package pipeline

import "time"

// ActionExecution is one run of an action.
type ActionExecution struct {
	// ID of the run: a retried action has a new one.
	ID            string
	Stage, Action string // names
	Type          ActionType
	Status        ActionStatus
	// Runs is how often the action ran in this execution, 1 without a retry.
	Runs int
	// Started is when the run began, and Updated when it last changed, which
	// is its end for one that has ended.
	Started, Updated time.Time
	UpdatedBy        string // ARN of who last changed it, such as the reviewer of an approval; often empty
	Region           string // where the action runs, which may differ from the pipeline's Region
	RoleARN          string // the action's own role; often empty

	// Summary is what the action reported: text, or JSON for the sources of a
	// connection. It may hold up to 2048 characters.
	Summary string
	// ExternalID is the ID at the action's provider: a build, a deployment, a
	// commit, the token of an approval in a PARALLEL pipeline.
	ExternalID string
	// URL leads to what ExternalID is, as the provider told it. It may be
	// anything for a custom action: check it before you follow it.
	URL          string
	LogStreamARN string // of a Commands action

	// ErrorCode and ErrorMessage say why the action failed, such as JobFailed
	// and the provider's text. They are empty for a run that has not failed.
	ErrorCode, ErrorMessage string

	// Configuration is the action's configuration with its variables resolved.
	// Secret values, which the API masks, are left out.
	Configuration map[string]string
	// Namespace is where other actions find OutputVariables; may be empty.
	Namespace       string
	OutputVariables map[string]string
	Inputs, Outputs []Artifact
}

// Waiting reports whether the action is a manual approval that waits for its
// reviewer.
func (a *ActionExecution) Waiting() bool {
	return a.Status == ActionInProgress && a.Type.Category == "Approval"
}

// ActionType is the type of an action. All four are open sets.
type ActionType struct {
	Category string // Source, Build, Deploy, Test, Invoke, Approval or Compute
	Owner    string // AWS, ThirdParty or Custom
	Provider string // such as CodeBuild
	Version  string // "1" for the built-in ones
}

// ActionStatus is the status of a run of an action in the spelling of the API.
// It is an open set.
type ActionStatus string

// The statuses of actions.
const (
	ActionInProgress ActionStatus = "InProgress"
	ActionAbandoned  ActionStatus = "Abandoned" // the execution was stopped without waiting for it
	ActionSucceeded  ActionStatus = "Succeeded"
	ActionFailed     ActionStatus = "Failed"
)

// Terminal reports whether the run has ended. It is false for a status that
// this package does not know.
func (s ActionStatus) Terminal() bool {
	switch s {
	case ActionAbandoned, ActionSucceeded, ActionFailed:
		return true
	}
	return false
}

// Artifact is an input or output artifact of an action.
type Artifact struct {
	Name        string
	Bucket, Key string // where it is in S3
}
