package events

import (
	"encoding/json"
	"strings"
)

// ScheduledEvent is sent by an EventBridge rule with a schedule ("Scheduled
// Event").
type ScheduledEvent struct {
	Header

	// Detail is mostly {}.
	Detail json.RawMessage `event:"detail"`
}

// Rule returns the name of the rule, without its event bus.
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
