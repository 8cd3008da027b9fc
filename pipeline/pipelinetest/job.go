package pipelinetest

import (
	"context"
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
	// has no such status and shows Failed.
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

// Job is a job and its history, as [Server.Job] returns it.
type Job struct {
	ID      string
	Type    ActionType
	Status  JobStatus
	Created time.Time
	Ended   time.Time // zero for a job that has not ended

	// The pipeline context.
	Pipeline, ExecutionID, Stage, Action, ActionExecutionID string

	Configuration   map[string]string // with secrets in the clear
	Inputs, Outputs []Artifact
	EncryptionKey   string // ID or ARN of a KMS key; "" is the default key
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

// Jobs returns all jobs, in the order in which they were made, with everything that
// happened to each and who did it, also the calls that were refused.
func (s *Server) Jobs() []Job {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := make([]Job, len(s.jobs.all))
	for i, j := range s.jobs.all {
		list[i] = j.view()
	}
	return list
}

// Job returns the job with the ID, or false if there is none.
func (s *Server) Job(id string) (Job, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	j := s.jobs.byID[id]
	if j == nil {
		return Job{}, false
	}
	return j.view(), true
}

// JobCounts returns the number of jobs with each status, without those of
// which there are none.
func (s *Server) JobCounts() map[JobStatus]int {
	s.mu.Lock()
	defer s.mu.Unlock()
	counts := make(map[JobStatus]int)
	for _, j := range s.jobs.all {
		counts[j.Status]++
	}
	return counts
}

// WaitIdle waits until all jobs have ended. It fails with the error of the context if
// the context ends before. A job whose time is up ends with the next call of the API
// about jobs or of [Server.Advance], so that others must make calls meanwhile.
func (s *Server) WaitIdle(ctx context.Context) error {
	for {
		s.mu.Lock()
		if s.jobs.open == 0 {
			s.mu.Unlock()
			return nil
		}
		if s.jobs.idle == nil {
			s.jobs.idle = make(chan struct{})
		}
		idle := s.jobs.idle
		s.mu.Unlock()
		select {
		case <-idle:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// jobRecord is a job of the server. Server.mu guards it. The maps and lists of its
// description are not to be changed.
type jobRecord struct {
	Job
	table *jobTable
	run   *run // nil if it is of no pipeline of the server

	actionStarted time.Time // of the first job of the action
	ticket        int       // in the queue; 0 if it is not there
	offers        int
	accepted      string // the nonce that it was acknowledged with
}

// isThirdParty reports whether the job is one of the API of third-party jobs.
func (j *jobRecord) isThirdParty() bool {
	return j.Type.Owner == "ThirdParty" && j.table.integration(j.Type) == nil
}

// note adds to the history.
func (j *jobRecord) note(e JobEvent) {
	e.Time = j.table.server.clock()
	j.History = append(j.History, e)
}

// end ends the job, and nothing else.
func (j *jobRecord) end(status JobStatus) {
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
func (j *jobRecord) timeOut() bool {
	j.end(JobStatusTimedOut)
	j.note(JobEvent{Type: JobEventTimedOut})
	if j.run == nil {
		return false
	}
	j.run.finish(Outcome{State: StateFailed, ErrorCode: "JobFailed", Summary: "The action failed because its job had no result in time"})
	return true
}

// told returns the status as the API shows it.
func (j *jobRecord) told() JobStatus {
	if j.Status == JobStatusAbandoned {
		return JobStatusFailed
	}
	return j.Status
}

// view returns the job for a test to keep.
func (j *jobRecord) view() Job {
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

// JobEventType is what happened to a job.
type JobEventType string

// The types of what happens to jobs.
const (
	JobEventCreated      JobEventType = "Created"
	JobEventOffered      JobEventType = "Offered"      // a poll returned it, with Nonce
	JobEventInvoked      JobEventType = "Invoked"      // its function was invoked
	JobEventAcknowledged JobEventType = "Acknowledged" // a call to acknowledge it, with Nonce; see Code
	JobEventDetailsRead  JobEventType = "DetailsRead"  // a call for its details; see Code
	JobEventReported     JobEventType = "Reported"     // a call with its Result; see Code
	JobEventStopping     JobEventType = "Stopping"     // its execution is to stop and waits for it
	JobEventContinued    JobEventType = "Continued"    // Job.ContinuedBy goes on with it
	JobEventTimedOut     JobEventType = "TimedOut"
	JobEventAbandoned    JobEventType = "Abandoned"
	JobEventFinished     JobEventType = "Finished" // Server.Finish ended its action
)

// JobEvent is one thing that happened to a job, such as a call about it.
type JobEvent struct {
	Type JobEventType
	Time time.Time
	// Caller is who made the call, of the types that are calls.
	Caller Caller
	// Code is the error code that the call was refused with, "" if it was not.
	Code string
	// Nonce is that of an offer, or the one that a call to acknowledge the job has.
	Nonce string
	// Result is the one that was reported, also if it was refused.
	Result *JobResult
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

	// Of a success, and of progress that comes with a continuation token.
	Summary           string
	PercentComplete   *int32 // 0 to 100; nil if the call had none
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
