package action

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"slices"

	"github.com/codesuite-go/codesuite/events"
)

// Details describe a job. Formatting, logging or marshaling them shows neither
// credentials nor the values of the configuration. A struct that holds Details
// in a field that is not exported must redact them itself, as fmt does not call
// methods on such a field. A [*Job] may be held in any field.
type Details struct {
	ID        string
	AccountID string

	// Type is the action's type.
	Type events.ActionType

	// The place of the job in its pipeline. Third-party jobs have no
	// PipelineARN and no ExecutionID.
	Pipeline          string
	PipelineARN       string
	ExecutionID       string
	Stage             string
	Action            string
	ActionExecutionID string

	// Configuration is the action's configuration, with the values of secret
	// properties in plain text. SecretKeys names the properties that are
	// secret. Properties with a name such as Password or Token need not be
	// named. The values of secret properties are kept out of failure messages
	// and logs.
	Configuration map[string]string
	SecretKeys    []string

	Inputs  []Artifact
	Outputs []Artifact

	Credentials Credentials

	// EncryptionKey is the ID or ARN of the KMS key of the artifact store, ""
	// for the default key aws/s3.
	EncryptionKey string

	// ContinuationToken is the token of the previous job's result, "" for the
	// first job of an action.
	ContinuationToken string
}

// ownerThirdParty is the owner of action types that may not set output
// variables.
const ownerThirdParty = "ThirdParty"

// Artifact is an input or output artifact: an object in the artifact store.
type Artifact struct {
	Name     string
	Revision string // of an input, if CodePipeline tells it
	Bucket   string
	Key      string
}

// PipelineContext is the place of a job in its pipeline.
type PipelineContext struct {
	Pipeline          string
	PipelineARN       string // "" for third-party jobs
	ExecutionID       string // "" for third-party jobs
	Stage             string
	Action            string
	ActionExecutionID string
}

// String names the job and its place in the pipeline. It shows neither
// credentials nor the values of the configuration.
func (d Details) String() string {
	return fmt.Sprintf("job %s of action %q in stage %q of pipeline %q (execution %s), configuration of %q",
		d.ID, d.Action, d.Stage, d.Pipeline, d.ExecutionID, slices.Sorted(maps.Keys(d.Configuration)))
}

// GoString is the same as String.
func (d Details) GoString() string { return d.String() }

// Format writes the same as String, whatever the verb.
func (d Details) Format(f fmt.State, _ rune) { io.WriteString(f, d.String()) }

// MarshalJSON gives a string, the same as String.
func (d Details) MarshalJSON() ([]byte, error) { return json.Marshal(d.String()) }

// LogValue names the job and its place in the pipeline. It shows neither
// credentials nor the values of the configuration.
func (d Details) LogValue() slog.Value {
	return slog.GroupValue(
		slog.String("job", d.ID),
		slog.String("pipeline", d.Pipeline),
		slog.String("execution", d.ExecutionID),
		slog.String("stage", d.Stage),
		slog.String("action", d.Action),
	)
}

// clone returns a copy that shares nothing with d.
func (d Details) clone() Details {
	d.Configuration = maps.Clone(d.Configuration)
	d.SecretKeys = slices.Clone(d.SecretKeys)
	d.Inputs = slices.Clone(d.Inputs)
	d.Outputs = slices.Clone(d.Outputs)
	return d
}

func (d *Details) pipelineContext() PipelineContext {
	return PipelineContext{
		Pipeline: d.Pipeline, PipelineARN: d.PipelineARN, ExecutionID: d.ExecutionID,
		Stage: d.Stage, Action: d.Action, ActionExecutionID: d.ActionExecutionID,
	}
}
