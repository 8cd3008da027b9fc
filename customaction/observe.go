package customaction

import (
	"time"

	"github.com/codesuite-go/codesuite/pipeline/action"
)

// EventType is what a worker did.
type EventType string

// What a worker does. Of a job that is offered follows Acknowledged or Dropped,
// and of one that was acknowledged Finished and then Reported or Unreported.
const (
	Polled       EventType = "Polled"       // CodePipeline answered a poll: Asked, Jobs, Duration
	PollFailed   EventType = "PollFailed"   // a poll failed: Asked, Duration, Err
	Idle         EventType = "Idle"         // a wait begins before the next poll: Duration, of the wait
	Acknowledged EventType = "Acknowledged" // a job is this worker's: Duration, since the poll
	Dropped      EventType = "Dropped"      // a job is not this worker's, or is held already: Duration, Err
	AckFailed    EventType = "AckFailed"    // a call to acknowledge failed: Err
	Finished     EventType = "Finished"     // the handler is done: Duration, of the handler; Outcome
	PutFailed    EventType = "PutFailed"    // a call to put a result failed: Outcome, Err
	Reported     EventType = "Reported"     // CodePipeline has the result or needs none: Duration, of the report; Outcome, Accepted
	Unreported   EventType = "Unreported"   // the result could not be put: Duration, Outcome, Err
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
	Succeeded Outcome = "Succeeded"
	Continued Outcome = "Continued"
)

func outcomeOf(o action.Outcome) Outcome {
	switch {
	case o.Failure != nil:
		return Outcome(o.Failure.Type)
	case o.Result != nil && o.Result.ContinuationToken != "":
		return Continued
	}
	return Succeeded
}

// eventOf returns an event about a job.
func eventOf(eventType EventType, o *offer) Event {
	d := &o.details
	return Event{
		Type: eventType, JobID: o.id,
		Pipeline: d.Pipeline, ExecutionID: d.ExecutionID, Stage: d.Stage, Action: d.Action,
	}
}
