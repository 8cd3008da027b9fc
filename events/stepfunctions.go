package events

import "strconv"

// StateMachineExecutionStatusChange says that an execution of a standard
// workflow has a new status (AWS Step Functions, "Step Functions Execution
// Status Change").
type StateMachineExecutionStatusChange struct {
	Header

	ExecutionARN    string          `event:"detail/executionArn,id"`
	StateMachineARN string          `event:"detail/stateMachineArn"`
	ExecutionName   string          `event:"detail/name"`
	Status          ExecutionStatus `event:"detail/status,id"`
	// StartDate and StopDate are milliseconds since 1970; StopDate is "" for
	// a running execution.
	StartDate Timestamp `event:"detail/startDate,number"`
	StopDate  Timestamp `event:"detail/stopDate,number"`
	// Input and Output are JSON texts. They are missing if they are too large
	// for an event; InputIncluded and OutputIncluded tell.
	Input          string `event:"detail/input"`
	InputIncluded  bool   `event:"detail/inputDetails/included"`
	Output         string `event:"detail/output"`
	OutputIncluded bool   `event:"detail/outputDetails/included"`
	Error          string `event:"detail/error"`
	Cause          string `event:"detail/cause"`
	// RedriveCount counts how often the execution was redriven.
	RedriveCount int `event:"detail/redriveCount,id"`
}

// ExecutionStatus is the status of an execution of a state machine; events
// and the Step Functions API spell it the same.
type ExecutionStatus string

// The statuses of executions of state machines.
const (
	ExecutionRunning        ExecutionStatus = "RUNNING"
	ExecutionSucceeded      ExecutionStatus = "SUCCEEDED"
	ExecutionFailed         ExecutionStatus = "FAILED"
	ExecutionTimedOut       ExecutionStatus = "TIMED_OUT"
	ExecutionAborted        ExecutionStatus = "ABORTED"
	ExecutionPendingRedrive ExecutionStatus = "PENDING_REDRIVE"
)

// Terminal reports whether the execution has ended. It may be redriven yet.
func (s ExecutionStatus) Terminal() bool { return s.rank() == rankTerminal }

func (s ExecutionStatus) rank() int {
	switch s {
	case ExecutionRunning:
		return 2
	case ExecutionPendingRedrive:
		return 1
	case ExecutionSucceeded, ExecutionFailed, ExecutionTimedOut, ExecutionAborted:
		return rankTerminal
	default:
		return 0
	}
}

// IdempotencyKey is made from execution, redrive and status.
func (e *StateMachineExecutionStatusChange) IdempotencyKey() string {
	return joinKey("state-machine-execution", e.ExecutionARN, strconv.Itoa(e.RedriveCount), string(e.Status))
}

// Supersedes reports whether e has a newer status of the same execution
// than other: a later redrive is newer, then an ended execution, and of two
// equals the one with the later Time. It is true for nil.
func (e *StateMachineExecutionStatusChange) Supersedes(other *StateMachineExecutionStatusChange) bool {
	if other == nil {
		return true
	}
	return e.ExecutionARN == other.ExecutionARN &&
		supersedes(1+e.RedriveCount, 1+other.RedriveCount, e.Status.rank(), other.Status.rank(), e.Time, other.Time)
}

// MarshalJSON encodes the event; see [Event].
func (e StateMachineExecutionStatusChange) MarshalJSON() ([]byte, error) { return marshal(&e) }

// UnmarshalJSON decodes any payload that holds exactly one event of this type.
func (e *StateMachineExecutionStatusChange) UnmarshalJSON(data []byte) error {
	return unmarshal(data, e)
}
