package pipeline

import "time"

// Execution is one execution of a pipeline, as the API told it at one moment.
// It is a value of its own: changing it changes nothing else.
type Execution struct {
	Pipeline        string // the pipeline's name
	ID              string
	PipelineVersion int // of the pipeline's structure
	Status          Status
	StatusSummary   string // what the service says about the status; often empty
	Trigger         Trigger
	Mode            Mode
	Type            ExecutionType
	// RollbackTarget is the ID of the execution that a rollback goes back to;
	// empty for other executions.
	RollbackTarget string
	// Variables are the pipeline's variables with the values of this execution.
	Variables []Variable
	// Started is when the first action started; zero before. The time at which
	// the execution itself was started stands only in [ExecutionSummary].
	Started time.Time
	// Attempts is 1 for the first run and one more for each retry of a stage.
	// It is counted from the runs of the actions, as the API does not tell it:
	// a retry is in it once it runs an action again.
	Attempts int
	// Actions are the newest runs of the actions, in the order of their start.
	// Actions that have not started are not in it.
	Actions []ActionExecution
	// Revisions are what the source actions fetched, one for each, in the order
	// of the actions' names. It is empty while no source action has finished.
	Revisions []Revision
}

// Failed returns the actions whose newest run failed, in the order of their
// start. An action that was retried and runs or succeeded is not among them.
func (e *Execution) Failed() []ActionExecution {
	var failed []ActionExecution
	for _, a := range e.Actions {
		if a.Status == ActionFailed {
			failed = append(failed, a)
		}
	}
	return failed
}

// Status is the status of an execution in the spelling of the API. It is an
// open set: a status that this package does not know is kept as it came.
type Status string

// The statuses of executions.
const (
	StatusInProgress Status = "InProgress"
	StatusStopping   Status = "Stopping"
	StatusStopped    Status = "Stopped"
	StatusSucceeded  Status = "Succeeded"
	StatusSuperseded Status = "Superseded" // a newer execution overtook it
	StatusFailed     Status = "Failed"
	StatusCancelled  Status = "Cancelled" // the structure of the pipeline was changed meanwhile
)

// Terminal reports whether the execution has ended. A retry of a stage begins
// anew: the same execution is then InProgress again. It is false for a status
// that this package does not know.
func (s Status) Terminal() bool {
	switch s {
	case StatusStopped, StatusSucceeded, StatusSuperseded, StatusFailed, StatusCancelled:
		return true
	}
	return false
}

// Trigger says what started an execution.
type Trigger struct {
	// Type is the kind of trigger in the spelling of the API, such as
	// CreatePipeline, StartPipelineExecution, PollForSourceChanges, Webhook,
	// WebhookV2, CloudWatchEvent, PutActionRevision, ManualRollback or
	// AutomatedRollback.
	Type string
	// Detail is who or what it was: mostly the ARN of a user, a role, a rule or
	// a connection.
	Detail string
}

// Mode is how a pipeline handles several executions. It is an open set.
type Mode string

// The execution modes.
const (
	ModeSuperseded Mode = "SUPERSEDED" // newer executions overtake older ones between stages
	ModeQueued     Mode = "QUEUED"
	ModeParallel   Mode = "PARALLEL"
)

// ExecutionType tells a rollback from other executions. It is an open set.
type ExecutionType string

// The types of executions.
const (
	ExecutionStandard ExecutionType = "STANDARD"
	ExecutionRollback ExecutionType = "ROLLBACK" // runs an earlier execution's revisions again
)

// Variable is a variable of the pipeline and its value.
type Variable struct {
	Name, Value string
}
