package events

// The states of pipelines, stages, actions, builds and state machine
// executions are open sets: a state that this package does not know is kept as
// it came. Terminal is false for it.

// PipelineState is the state of a pipeline execution, in the spelling of
// events.
type PipelineState string

// StageState is the state of one stage of an execution, in the spelling of
// events.
type StageState string

// ActionState is the state of one run of an action, in the spelling of
// events.
type ActionState string

// The states of pipeline executions.
const (
	PipelineStarted    PipelineState = "STARTED"
	PipelineResumed    PipelineState = "RESUMED" // a failed execution was retried
	PipelineStopping   PipelineState = "STOPPING"
	PipelineStopped    PipelineState = "STOPPED"
	PipelineSucceeded  PipelineState = "SUCCEEDED"
	PipelineFailed     PipelineState = "FAILED"
	PipelineCanceled   PipelineState = "CANCELED" // the structure of the pipeline was changed meanwhile
	PipelineSuperseded PipelineState = "SUPERSEDED"
)

// The states of stages.
const (
	StageStarted   StageState = "STARTED"
	StageResumed   StageState = "RESUMED"
	StageStopping  StageState = "STOPPING"
	StageStopped   StageState = "STOPPED"
	StageSucceeded StageState = "SUCCEEDED"
	StageFailed    StageState = "FAILED"
	StageCanceled  StageState = "CANCELED"
)

// The states of actions.
const (
	ActionStarted   ActionState = "STARTED"
	ActionSucceeded ActionState = "SUCCEEDED"
	ActionFailed    ActionState = "FAILED"
	ActionAbandoned ActionState = "ABANDONED" // the execution was stopped without waiting for it
	ActionCanceled  ActionState = "CANCELED"
)

// levels says where a state occurs.
type levels uint8

const (
	pipelineLevel levels = 1 << iota
	stageLevel
	actionLevel
	allLevels = pipelineLevel | stageLevel | actionLevel
)

// states is the one table of states: spelling in events, status in the API,
// where the event spelling and where the API status occurs, and how far the
// state is between start and end. Of two lines with one API status the
// first is the way back.
var states = [...]struct {
	event, api     string
	inEvent, inAPI levels
	rank           int
}{
	{"STARTED", "InProgress", allLevels, allLevels, 1},
	{"RESUMED", "InProgress", pipelineLevel | stageLevel, pipelineLevel | stageLevel, 2},
	{"STOPPING", "Stopping", pipelineLevel | stageLevel, pipelineLevel | stageLevel, 3},
	{"STOPPED", "Stopped", pipelineLevel | stageLevel, pipelineLevel | stageLevel, rankTerminal},
	{"SUCCEEDED", "Succeeded", allLevels, allLevels, rankTerminal},
	{"FAILED", "Failed", allLevels, allLevels, rankTerminal},
	{"CANCELED", "Cancelled", allLevels, pipelineLevel | stageLevel, rankTerminal},
	{"SUPERSEDED", "Superseded", pipelineLevel, pipelineLevel, rankTerminal},
	{"ABANDONED", "Abandoned", actionLevel, actionLevel, rankTerminal},
}

const rankTerminal = 9

func stateRank(event string, level levels) int {
	for _, s := range states {
		if s.event == event && s.inEvent&level != 0 {
			return s.rank
		}
	}
	return 0
}

func apiStatus(event string, level levels) (string, bool) {
	for _, s := range states {
		if s.event == event && s.inEvent&level != 0 && s.inAPI&level != 0 {
			return s.api, true
		}
	}
	return "", false
}

func eventState(api string, level levels) (string, bool) {
	for _, s := range states {
		if s.api == api && s.inEvent&level != 0 && s.inAPI&level != 0 {
			return s.event, true
		}
	}
	return "", false
}

// Terminal reports whether the state ends an attempt: succeeded, failed,
// stopped, canceled or superseded. A retry of the stage begins a new attempt
// of the same execution.
func (s PipelineState) Terminal() bool { return stateRank(string(s), pipelineLevel) == rankTerminal }

// APIStatus returns the state in the spelling of the CodePipeline API
// (PipelineExecutionStatus), such as Cancelled for CANCELED. RESUMED is
// InProgress there. ok is false for a state without counterpart.
func (s PipelineState) APIStatus() (status string, ok bool) {
	return apiStatus(string(s), pipelineLevel)
}

// PipelineStateOf returns the state for a PipelineExecutionStatus of the
// CodePipeline API. ok is false for a status without counterpart.
func PipelineStateOf(status string) (state PipelineState, ok bool) {
	s, ok := eventState(status, pipelineLevel)
	return PipelineState(s), ok
}

// Terminal reports whether the state ends an attempt at the stage: succeeded,
// failed, stopped or canceled.
func (s StageState) Terminal() bool { return stateRank(string(s), stageLevel) == rankTerminal }

// APIStatus returns the state in the spelling of the CodePipeline API
// (StageExecutionStatus). ok is false for a state without counterpart.
func (s StageState) APIStatus() (status string, ok bool) { return apiStatus(string(s), stageLevel) }

// Terminal reports whether the action has ended: succeeded, failed, abandoned
// or canceled.
func (s ActionState) Terminal() bool { return stateRank(string(s), actionLevel) == rankTerminal }

// APIStatus returns the state in the spelling of the CodePipeline API
// (ActionExecutionStatus). ok is false for a state without counterpart;
// CANCELED is one.
func (s ActionState) APIStatus() (status string, ok bool) { return apiStatus(string(s), actionLevel) }

// ActionStateOf returns the state for an ActionExecutionStatus of the
// CodePipeline API. ok is false for a status without counterpart.
func ActionStateOf(status string) (state ActionState, ok bool) {
	s, ok := eventState(status, actionLevel)
	return ActionState(s), ok
}
