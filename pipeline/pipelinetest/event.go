package pipelinetest

import (
	"bytes"
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"github.com/codesuite-go/codesuite/internal/awsjson"
)

// eventState returns the spelling of events for a status of the API that an
// execution or a stage ends with.
func eventState(status string) string {
	switch status {
	case "Cancelled":
		return "CANCELED"
	case "Skipped": // which events have no state for
		return "SUCCEEDED"
	}
	return strings.ToUpper(status)
}

// event is an event of EventBridge.
type event struct {
	Version    string   `json:"version"`
	ID         string   `json:"id"`
	DetailType string   `json:"detail-type"`
	Source     string   `json:"source"`
	Account    string   `json:"account"`
	Time       string   `json:"time"`
	Region     string   `json:"region"`
	Resources  []string `json:"resources"`
	Detail     detail   `json:"detail"`
}

// detail is the detail of all three kinds of events, in the order of their
// samples.
type detail struct {
	Pipeline          string           `json:"pipeline"`
	ExecutionID       string           `json:"execution-id"`
	StartTime         string           `json:"start-time,omitempty"`
	LastRetryTime     string           `json:"stage-last-retry-attempt-time,omitempty"`
	Stage             string           `json:"stage,omitempty"`
	ExecutionTrigger  any              `json:"execution-trigger,omitempty"`
	StopComments      string           `json:"stop-execution-comments,omitempty"`
	ExecutionResult   *eventResult     `json:"execution-result,omitempty"`
	OutputArtifacts   []eventArtifact  `json:"output-artifacts,omitempty"`
	ActionExecutionID string           `json:"action-execution-id,omitempty"`
	Action            string           `json:"action,omitempty"`
	InputArtifacts    []eventArtifact  `json:"input-artifacts,omitempty"`
	State             string           `json:"state"`
	Region            string           `json:"region,omitempty"`
	Type              *eventActionType `json:"type,omitempty"`
	Version           decimal          `json:"version"`
	Attempt           decimal          `json:"pipeline-execution-attempt"`
}

type eventTrigger struct {
	Type   string `json:"trigger-type"`
	Detail string `json:"trigger-detail"`
}

type eventCommit struct {
	AuthorDisplayName  string `json:"author-display-name,omitempty"`
	FullRepositoryName string `json:"full-repository-name,omitempty"`
	ProviderType       string `json:"provider-type,omitempty"`
	AuthorEmail        string `json:"author-email,omitempty"`
	BranchName         string `json:"branch-name,omitempty"`
	CommitMessage      string `json:"commit-message,omitempty"`
	AuthorDate         string `json:"author-date,omitempty"`
	TagName            string `json:"tag-name,omitempty"`
	CommitID           string `json:"commit-id"`
	ConnectionARN      string `json:"connection-arn,omitempty"`
	AuthorID           string `json:"author-id,omitempty"`
}

type eventResult struct {
	URL        string `json:"external-execution-url,omitempty"`
	Summary    string `json:"external-execution-summary,omitempty"`
	ExternalID string `json:"external-execution-id,omitempty"`
	ErrorCode  string `json:"error-code,omitempty"`
}

type eventArtifact struct {
	Name       string     `json:"name"`
	S3Location s3Location `json:"s3location"`
}

type eventActionType struct {
	Owner    string `json:"owner"`
	Provider string `json:"provider"`
	Category string `json:"category"`
	Version  string `json:"version"`
}

// decimal is a whole number that is written like 6.0.
type decimal int

func (d decimal) MarshalJSON() ([]byte, error) { return []byte(strconv.Itoa(int(d)) + ".0"), nil }

// milliseconds returns the time as details tell it.
func milliseconds(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }

// emit emits the event of a state of the execution.
func (e *execution) emit(state string) {
	d := detail{StartTime: milliseconds(e.started), State: state}
	switch {
	case state == "STARTED":
		d.ExecutionTrigger = eventTrigger{e.trigger.Type, e.trigger.Detail}
	case e.trigger.CommitID != "":
		d.ExecutionTrigger = e.trigger.commit()
	}
	if state == "STOPPING" {
		d.StopComments = e.stopReason
	}
	e.emitDetail("Pipeline", d)
}

// emitStage emits the event of a state of the stage with the index.
func (e *execution) emitStage(i int, state string) {
	d := detail{Stage: e.definition.Stages[i].Name, State: state}
	if state == "RESUMED" {
		d.LastRetryTime = milliseconds(e.stages[i].retried)
	} else {
		d.StartTime = milliseconds(e.stages[i].started)
	}
	e.emitDetail("Stage", d)
}

// emit emits the event of a state of the run.
func (r *run) emit(state string) {
	t := r.action.Type
	d := detail{
		StartTime:         milliseconds(r.started),
		Stage:             r.stage,
		ActionExecutionID: r.id,
		Action:            r.action.Name,
		InputArtifacts:    eventArtifacts(r.inputs),
		State:             state,
		Region:            r.action.Region,
		Type:              &eventActionType{t.Owner, t.Provider, t.Category, t.Version},
	}
	if state == "SUCCEEDED" {
		d.OutputArtifacts = eventArtifacts(r.outputs)
	}
	if result := (eventResult{told(r.url), r.summary, r.externalID, r.errorCode}); r.ended() && result != (eventResult{}) {
		d.ExecutionResult = &result
	}
	r.execution.emitDetail("Action", d)
}

func eventArtifacts(artifacts []Artifact) []eventArtifact {
	var list []eventArtifact
	for _, a := range artifacts {
		list = append(list, eventArtifact{a.Name, s3Location{a.Bucket, a.Key}})
	}
	return list
}

func (e *execution) emitDetail(level string, d detail) {
	s := e.server()
	d.Pipeline = e.definition.Name
	d.ExecutionID = e.id
	d.Version = decimal(e.definition.Version)
	d.Attempt = decimal(e.attempt)
	payload := event{
		Version:    "0",
		ID:         awsjson.UUID("event", e.id, strconv.Itoa(s.events.Len())),
		DetailType: "CodePipeline " + level + " Execution State Change",
		Source:     "aws.codepipeline",
		Account:    accountID,
		Time:       s.clock().UTC().Format(time.RFC3339),
		Region:     region,
		Resources:  []string{e.pipeline.arn},
		Detail:     d,
	}
	s.events.Add(plainJSON(payload))
}

// plainJSON returns a value of texts and numbers as JSON, without the escapes of HTML.
func plainJSON(v any) []byte {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	encoder.Encode(v) // cannot fail
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}
