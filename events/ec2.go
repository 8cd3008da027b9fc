package events

// SpotInterruptionWarning says that EC2 takes back a Spot Instance in two minutes
// (Amazon EC2, "EC2 Spot Instance Interruption Warning").
type SpotInterruptionWarning struct {
	Header

	InstanceID string `event:"detail/instance-id,id"`
	// Action is what EC2 does with the instance: terminate, stop or hibernate.
	Action string `event:"detail/instance-action,id"`
}

// IdempotencyKey is the ID that EventBridge gave the event.
func (e *SpotInterruptionWarning) IdempotencyKey() string {
	return e.eventKey("spot-interruption", e.InstanceID, e.Action)
}

// MarshalJSON encodes the event; see [Event].
func (e SpotInterruptionWarning) MarshalJSON() ([]byte, error) { return marshal(&e) }

// UnmarshalJSON decodes any payload that holds exactly one event of this type.
func (e *SpotInterruptionWarning) UnmarshalJSON(data []byte) error { return unmarshal(data, e) }
