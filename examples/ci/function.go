package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"

	"github.com/aws/aws-lambda-go/lambda"

	"github.com/codesuite-go/codesuite/codecommit/ci"
	"github.com/codesuite-go/codesuite/events"
)

// function is the Lambda function. It gets the events of the flows, and requests to
// start a flow on demand.
type function struct {
	handler *ci.Handler
	mux     *events.Mux
}

var _ lambda.Handler = (*function)(nil)

// request is a payload that starts a flow on demand. Events have no member flow.
type request struct {
	Flow          *string    `json:"flow"`
	SourceVersion string     `json:"source_version"`
	Variables     []variable `json:"environment_variables"`
	RequestID     string     `json:"request_id"`
}

type variable struct {
	Name  string          `json:"name"`
	Value string          `json:"value"`
	Type  ci.VariableType `json:"type"`
}

// reply is the answer to a request.
type reply struct {
	BuildID string `json:"build_id"`
	ARN     string `json:"arn"`
	Number  int64  `json:"number"`
	URL     string `json:"url,omitempty"`
}

// Invoke handles an event or a request.
func (f *function) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	var r request
	if json.Unmarshal(payload, &struct {
		Flow **string `json:"flow"`
	}{&r.Flow}) != nil || r.Flow == nil {
		return f.mux.Invoke(ctx, payload)
	}
	decoder := json.NewDecoder(bytes.NewReader(payload))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&r); err != nil {
		return nil, fmt.Errorf("request to start a flow: %w: see README.md for its members", err)
	}
	build, err := f.handler.Start(ctx, *r.Flow, func(o *ci.DemandOptions) {
		o.SourceVersion, o.RequestID = r.SourceVersion, r.RequestID
		for _, v := range r.Variables {
			o.Variables = append(o.Variables, ci.Variable(v))
		}
	})
	if err != nil {
		return nil, err
	}
	return json.Marshal(reply{build.ID, build.ARN, build.Number, build.URL})
}
