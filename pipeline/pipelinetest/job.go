package pipelinetest

import "time"

// JobStatus is the status of a job, as the API spells it.
type JobStatus string

// The statuses of a job.
const (
	JobStatusCreated    JobStatus = "Created"    // not offered yet: a continuation that waits for its delay
	JobStatusQueued     JobStatus = "Queued"     // the next poll may get it
	JobStatusDispatched JobStatus = "Dispatched" // offered, and not acknowledged
	JobStatusInProgress JobStatus = "InProgress" // acknowledged, or its function was invoked
	JobStatusTimedOut   JobStatus = "TimedOut"
	JobStatusSucceeded  JobStatus = "Succeeded" // also a job that another continues
	JobStatusFailed     JobStatus = "Failed"
	// JobStatusAbandoned is that of a job whose action was abandoned. The API
	// has no such status and tells Failed.
	JobStatusAbandoned JobStatus = "Abandoned"
)

// Ended reports whether a job with the status takes results no more.
func (s JobStatus) Ended() bool {
	switch s {
	case JobStatusTimedOut, JobStatusSucceeded, JobStatusFailed, JobStatusAbandoned:
		return true
	}
	return false
}

// Job is a job and its history, as [Server.Job] tells.
type Job struct {
	ID      string
	Type    ActionType
	Status  JobStatus
	Created time.Time
	Ended   time.Time // zero as long as it has not

	// The pipeline context.
	Pipeline, ExecutionID, Stage, Action, ActionExecutionID string

	Configuration   map[string]string // with secrets in the clear
	Inputs, Outputs []Artifact
	EncryptionKey   string
	ClientID        string // of a third-party job

	// ContinuationToken is the one that the job before it was answered with.
	ContinuationToken string
	// Continues and ContinuedBy are the IDs of the jobs before and after it.
	Continues, ContinuedBy string

	Nonce string // of the newest offer
	// Result is the one that was accepted, nil if there is none.
	Result *JobResult
	// History is all that happened to the job, in order.
	History []JobEvent
}

// Count returns the number of events of the type in the history.
func (j Job) Count(t JobEventType) int {
	n := 0
	for _, e := range j.History {
		if e.Type == t {
			n++
		}
	}
	return n
}
