package pipelinetest

import "io/fs"

// State is what became of a run of an action or a rule.
type State int

// The states of a run.
const (
	StateSucceeded State = iota
	StateFailed
	StateInProgress // ask again later
)

// Outcome is how a run of an action or a rule ends, or where it is. The zero value
// is success with the result that is usual for the provider.
type Outcome struct {
	State      State
	Summary    string
	ExternalID string // at the provider, such as a build ID
	URL        string // of the external execution; NoURL for none

	// ErrorCode and ErrorMessage are those of a failure; the defaults are
	// JobFailed, or RuleFailed, and the summary.
	ErrorCode, ErrorMessage string
	// Variables are the output variables, added to those that are usual.
	Variables map[string]string
	// Revision is what a source action found, instead of [Action.Revision].
	Revision *Revision
	// Artifacts has the files of output artifacts, by name, in place of those that
	// are made up. They are read when somebody gets the artifact.
	Artifacts map[string]fs.FS
	// Log is the lines that a Commands action adds to its log, also while it is in
	// progress. Without any, the server makes some up.
	Log []string
	// Targets are those of a deployment to EC2, in place of those so far. Without
	// any, the server makes up two.
	Targets []Target

	moved bool // it is progress that Advance tells
}

// ActionRun is one run of an action, as [Action.Run] gets to see it.
type ActionRun struct {
	Pipeline          string
	ExecutionID       string
	Stage, Action     string
	ActionExecutionID string
	Type              ActionType
	// Attempt is that of the pipeline execution, from 1; each retry adds one.
	Attempt int
	// Calls is how often Run has been called for this run before.
	Calls int
	// ExternalID is the one that an earlier Outcome gave.
	ExternalID string
	// Stopping reports that the execution is to stop once the action has ended.
	Stopping bool
	// Configuration has its variables resolved, and secrets in the clear.
	Configuration   map[string]string
	Inputs, Outputs []Artifact
}

// Artifact is an input or output artifact of a run.
type Artifact struct {
	Name, Bucket, Key string
	Revision          string // ID of the source revision, of inputs only; "" if there is none
}
