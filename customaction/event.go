package customaction

import (
	"time"

	"github.com/codesuite-go/codesuite/pipeline/action"
)

// EventType is the type of an [Event].
type EventType string

// The types of events. Each job that a poll returns gets an EventAcknowledged or
// an EventDropped. Each acknowledged job gets an EventFinished and then an
// EventReported or an EventUnreported.
const (
	EventPolled       EventType = "Polled"       // CodePipeline answered a poll: Asked, Jobs, Duration
	EventPollFailed   EventType = "PollFailed"   // a poll failed: Asked, Duration, Err
	EventIdle         EventType = "Idle"         // a wait begins before the next poll: Duration, of the wait
	EventAcknowledged EventType = "Acknowledged" // a job is this worker's: Duration, since the poll
	EventDropped      EventType = "Dropped"      // a job is not this worker's, or the worker has it already: Duration, Err
	EventAckFailed    EventType = "AckFailed"    // a call to acknowledge failed: Err
	EventFinished     EventType = "Finished"     // the handler is done: Duration, of the handler; Outcome
	EventPutFailed    EventType = "PutFailed"    // a call to put a result failed: Outcome, Err
	EventReported     EventType = "Reported"     // CodePipeline has the result or needs none: Duration, of the report; Outcome, Accepted
	EventUnreported   EventType = "Unreported"   // the result could not be put: Duration, Outcome, Err
)

// Event is something that a worker did, for metrics. Fields that do not belong
// to its type are zero. It holds no secrets.
type Event struct {
	Type EventType

	// The job and its place, for what is about a job.
	JobID, Pipeline, ExecutionID, Stage, Action string

	Asked int // how many jobs a poll asked for
	Jobs  int // how many came

	Duration time.Duration
	Outcome  Outcome
	Accepted bool // whether CodePipeline took a result, or had no use for it any more
	Err      error
}

// Outcome is how a job ended, in one word: "Succeeded", "Continued" for a
// result with a continuation token, or the failure type.
type Outcome string

// Outcomes that are no failure types.
const (
	OutcomeSucceeded Outcome = "Succeeded"
	OutcomeContinued Outcome = "Continued"
)

func outcomeOf(o action.Outcome) Outcome {
	switch {
	case o.Failure != nil:
		return Outcome(o.Failure.Type)
	case o.Result != nil && o.Result.ContinuationToken != "":
		return OutcomeContinued
	}
	return OutcomeSucceeded
}

// eventOf returns an event about a job.
func eventOf(eventType EventType, p *polledJob) Event {
	d := &p.details
	return Event{
		Type: eventType, JobID: p.id,
		Pipeline: d.Pipeline, ExecutionID: d.ExecutionID, Stage: d.Stage, Action: d.Action,
	}
}
