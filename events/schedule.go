package events

import (
	"encoding/json"
	"strings"
)

// ScheduledEvent is sent by an EventBridge rule with a schedule, or by a schedule
// of EventBridge Scheduler without an input of its own ("Scheduled Event"). Its
// source is aws.events or aws.scheduler.
type ScheduledEvent struct {
	Header

	// Detail is mostly {} for a rule and the JSON string "{}" for a schedule.
	Detail json.RawMessage `event:"detail"`
}

// Schedule returns the group and the name of a schedule of EventBridge
// Scheduler. ok is false for a rule.
func (e *ScheduledEvent) Schedule() (group, name string, ok bool) {
	path, ok := strings.CutPrefix(arnField(e.Resource(), 5), "schedule/")
	if !ok {
		return "", "", false
	}
	group, name, ok = strings.Cut(path, "/")
	return group, name, ok
}

// Rule returns the name of the rule, without its event bus. It is "" for a
// schedule of EventBridge Scheduler.
func (e *ScheduledEvent) Rule() string {
	name, ok := strings.CutPrefix(arnField(e.Resource(), 5), "rule/")
	if !ok {
		return ""
	}
	return name[strings.LastIndexByte(name, '/')+1:]
}

// IdempotencyKey is the ID that EventBridge gave the event, else it is made
// from rule and time.
func (e *ScheduledEvent) IdempotencyKey() string {
	return e.eventKey("schedule", e.Resource())
}

// MarshalJSON encodes the event; see [Event].
func (e ScheduledEvent) MarshalJSON() ([]byte, error) { return marshal(&e) }

// UnmarshalJSON decodes any payload that holds exactly one event of this type.
func (e *ScheduledEvent) UnmarshalJSON(data []byte) error { return unmarshal(data, e) }
