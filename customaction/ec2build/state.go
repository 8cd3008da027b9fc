package ec2build

import (
	"bytes"
	"encoding/json"
)

// A stateMachine is a state machine in Amazon States Language.
type stateMachine struct {
	Comment        string
	QueryLanguage  string
	StartAt        string
	TimeoutSeconds int
	States         states
}

// states keep their order in JSON.
type states []state

// state is a state of any type.
type state struct {
	name string

	Type           string
	Comment        string            `json:",omitempty"`
	Resource       string            `json:",omitempty"`
	TimeoutSeconds int               `json:",omitempty"`
	Seconds        any               `json:",omitempty"`
	Arguments      string            `json:",omitempty"`
	Assign         map[string]string `json:",omitempty"`
	Output         string            `json:",omitempty"`
	Error          string            `json:",omitempty"`
	Cause          string            `json:",omitempty"`
	Retry          []retrier         `json:",omitempty"`
	Catch          []catcher         `json:",omitempty"`
	Choices        []choice          `json:",omitempty"`
	Default        string            `json:",omitempty"`
	Next           string            `json:",omitempty"`
}

// retrier says how a failed task is repeated.
type retrier struct {
	ErrorEquals     []string
	IntervalSeconds int     `json:",omitempty"`
	MaxAttempts     int     // 0 is never
	BackoffRate     float64 `json:",omitempty"`
	MaxDelaySeconds int     `json:",omitempty"`
}

// catcher says where a failed task leads.
type catcher struct {
	ErrorEquals []string
	Assign      map[string]string `json:",omitempty"`
	Next        string
}

type choice struct {
	Condition string
	Assign    map[string]string `json:",omitempty"`
	Next      string
}

// MarshalJSON returns an object with the states in their order.
func (s states) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, state := range s {
		if i > 0 {
			b.WriteByte(',')
		}
		name, err := json.Marshal(state.name)
		if err != nil {
			return nil, err
		}
		b.Write(name)
		b.WriteByte(':')
		if err := encodeJSON(&b, state); err != nil {
			return nil, err
		}
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

// encodeJSON writes JSON without escapes for HTML, which would hide the operators of
// expressions.
func encodeJSON(b *bytes.Buffer, value any) error {
	e := json.NewEncoder(b)
	e.SetEscapeHTML(false)
	return e.Encode(value)
}

// expression returns the field whose value is that of an expression in JSONata.
func expression(jsonata string) string { return "{% " + jsonata + " %}" }
