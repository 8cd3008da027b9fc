package pipelinetest

import (
	"maps"
	"slices"
	"time"
)

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

// job is a job of the server. Server.mu guards it. The maps and lists of its
// description are not to be changed.
type job struct {
	Job
	table *jobTable
	run   *run // nil if it is of no pipeline of the server

	actionStarted time.Time // of the first job of the action
	ticket        int       // in the queue; 0 if it is not there
	offers        int
	accepted      string // the nonce that it was acknowledged with
}

func (j *job) isLambda() bool { return j.Type.Owner == "AWS" }

func (j *job) isThirdParty() bool { return j.Type.Owner == "ThirdParty" }

// note adds to the history.
func (j *job) note(e JobEvent) {
	e.Time = j.table.server.clock()
	e.Status = j.Status
	j.History = append(j.History, e)
}

// end ends the job, and nothing else.
func (j *job) end(status JobStatus) {
	j.Status = status
	j.Ended = j.table.server.clock()
	j.ticket = 0
	t := j.table
	t.open--
	if t.open == 0 && t.idle != nil {
		close(t.idle)
		t.idle = nil
	}
}

// timeOut ends the job and fails its run, and reports whether there is one.
func (j *job) timeOut() bool {
	j.end(JobStatusTimedOut)
	j.note(JobEvent{Type: JobTimedOut})
	if j.run == nil {
		return false
	}
	j.run.finish(Outcome{State: Failed, ErrorCode: "JobFailed", Summary: "The action failed because its job had no result in time"})
	return true
}

// told returns the status as the API tells it.
func (j *job) told() JobStatus {
	if j.Status == JobStatusAbandoned {
		return JobStatusFailed
	}
	return j.Status
}

// view returns the job for a test to keep.
func (j *job) view() Job {
	v := j.Job
	v.Configuration = maps.Clone(v.Configuration)
	v.Inputs = slices.Clone(v.Inputs)
	v.Outputs = slices.Clone(v.Outputs)
	v.Result = v.Result.clone()
	v.History = slices.Clone(v.History)
	for i := range v.History {
		v.History[i].Result = v.History[i].Result.clone()
	}
	return v
}
