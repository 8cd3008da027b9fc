package pipelinetest

// State is what became of a run of an action.
type State int

// The states of a run.
const (
	StateSucceeded State = iota
	StateFailed
	StateInProgress // ask again later
)

// Outcome is how a run of an action ends, or where it is. The zero value is
// success with the result that is usual for the provider.
type Outcome struct {
	State      State
	Summary    string
	ExternalID string // at the provider, such as a build ID
	URL        string // of the external execution; NoURL for none

	// ErrorCode and ErrorMessage are those of a failure; the defaults are
	// JobFailed and the summary.
	ErrorCode, ErrorMessage string
	// Variables are the output variables, added to those that are usual.
	Variables map[string]string
	// Revision is what a source action found, instead of [Action.Revision].
	Revision *Revision
}

// ActionRun is one run of an action, as [Action.Run] gets to see it.
type ActionRun struct {
	Pipeline          string
	PipelineVersion   int
	ExecutionID       string
	Stage, Action     string
	ActionExecutionID string
	Type              ActionType
	// Attempt is that of the pipeline execution, from 1; each retry adds one.
	Attempt int
	// Calls is how often Run has been called for this run before.
	Calls int
	// Stopping reports that the execution is to stop once the action has ended.
	Stopping bool
	// Configuration has its variables resolved, and secrets in the clear.
	Configuration   map[string]string
	Inputs, Outputs []Artifact
}

// Artifact is an input or output artifact of a run.
type Artifact struct {
	Name, Bucket, Key string
	Revision          string // ID of the source revision, of inputs only
}
