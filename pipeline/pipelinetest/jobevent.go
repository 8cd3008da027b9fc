package pipelinetest

import (
	"maps"
	"time"
)

// JobEventType is what happened to a job.
type JobEventType string

// The types of what happens to jobs.
const (
	JobCreated      JobEventType = "Created"
	JobOffered      JobEventType = "Offered"      // a poll returned it, with Nonce
	JobInvoked      JobEventType = "Invoked"      // its function was invoked
	JobAcknowledged JobEventType = "Acknowledged" // a call to acknowledge it, with Nonce; see Code
	JobDetailsRead  JobEventType = "DetailsRead"  // a call for its details; see Code
	JobReported     JobEventType = "Reported"     // a call with its Result; see Code
	JobStopping     JobEventType = "Stopping"     // its execution was told to stop and waits for it
	JobContinued    JobEventType = "Continued"    // NextID is the job that goes on with it
	JobTimedOut     JobEventType = "TimedOut"
	JobAbandoned    JobEventType = "Abandoned"
	JobFinished     JobEventType = "Finished" // Server.Finish ended its action
)

// JobEvent is something that happened to a job.
type JobEvent struct {
	Type JobEventType
	Time time.Time
	// Status is that of the job afterwards.
	Status JobStatus
	// Caller is who made the call, of the types that are calls.
	Caller Caller
	// Code is the error code that the call was refused with, "" if it was not.
	Code   string
	Nonce  string
	Result *JobResult
	NextID string
}

// Caller is who made a call. A test that wants to tell its workers apart gives
// their configurations different credentials, or different AppIDs, which are
// part of the user agent.
type Caller struct {
	AccessKeyID string // that the call was signed with
	UserAgent   string
}

// JobResult is the result of a job as it was put.
type JobResult struct {
	Succeeded bool

	// Of a success, and of progress that a continuation token tells of.
	Summary           string
	PercentComplete   *int32
	ContinuationToken string
	OutputVariables   map[string]string
	CurrentRevision   *CurrentRevision

	// Of a failure.
	FailureType string // such as JobFailed
	Message     string

	ExternalExecutionID string
}

// CurrentRevision is what the job of a source action has found.
type CurrentRevision struct {
	Revision string // its ID
	ChangeID string
	Summary  string
	Created  time.Time
}

func (r *JobResult) clone() *JobResult {
	if r == nil {
		return nil
	}
	c := *r
	if r.PercentComplete != nil {
		percent := *r.PercentComplete
		c.PercentComplete = &percent
	}
	c.OutputVariables = maps.Clone(r.OutputVariables)
	if r.CurrentRevision != nil {
		revision := *r.CurrentRevision
		c.CurrentRevision = &revision
	}
	return &c
}
