package events

import (
	"encoding/json"

	"github.com/codesuite-go/codesuite/internal/jsontext"
)

// An Event is one thing that happened, as one of the pointer types of this
// package: *[PipelineExecutionStateChange], *[PullRequestStateChange] and so
// on, or *[Unknown]. Branch on the type with a type switch or a [Mux].
//
// Its identity is read strictly: its type, its header and the fields of its
// idempotency key. An object in which a field that the package reads appears twice is
// not read, because two readers might see two different events. If the object holds
// the identity of the event, that is an error. Half a surrogate pair in a string
// becomes U+FFFD.
//
// Only types of this package are events. An event may be read from several
// goroutines at once, and changed by none meanwhile.
type Event interface {
	// Name is the kind of the event in AWS's words, such as
	// "CodePipeline Action Execution State Change".
	Name() string

	// IdempotencyKey is equal for two deliveries of one event, whatever
	// envelope each came in, and different for two events. It is also equal when
	// one comes from EventBridge and the other from a notification rule, as far as
	// AWS gives both the same time. It is printable text that holds no secrets,
	// made from the identifiers in the event.
	IdempotencyKey() string

	// Raw returns the JSON text the event was decoded from, without the
	// envelopes around it: a copy, and nil for an event built in Go.
	Raw() json.RawMessage

	// MarshalJSON encodes the event so that Decode gives it back. Fields that
	// the package does not know stay as they were, fields that were changed
	// since the event was decoded have their new value. The secrets of a Job and
	// an ApprovalRequest are left out; Raw has them.
	MarshalJSON() ([]byte, error)

	// Problems returns the values of the event that do not fit their fields,
	// such as a fraction for a whole number. Such a field is empty, and Raw and
	// MarshalJSON have its value. At most 100 are kept.
	Problems() []*DecodeError

	origin() *Origin
}

// Origin is the part that all events have: the messages around the event, and
// the text that it was decoded from. With
// go-cmp compare events with cmpopts.IgnoreUnexported(events.Origin{}).
type Origin struct {
	// Delivery describes the messages the event was wrapped in. It is not part
	// of the event's JSON form.
	Delivery Delivery

	src *source
}

// source is what an event was decoded from. Pointers keep fmt from printing
// the payload, which may hold credentials, with an event.
type source struct {
	raw      *string
	problems []*DecodeError
}

func newSource(raw string, problems []*DecodeError) *source {
	s := &struct {
		source
		text string
	}{text: raw}
	s.raw, s.problems = &s.text, problems
	return &s.source
}

// Raw returns the JSON text the event was decoded from, as a copy, and nil
// for an event built in Go.
func (o *Origin) Raw() json.RawMessage {
	if o.src == nil {
		return nil
	}
	return json.RawMessage(*o.src.raw)
}

// Problems returns the values of the event that do not fit their fields; see
// [Event].
func (o *Origin) Problems() []*DecodeError {
	if o.src == nil {
		return nil
	}
	return o.src.problems
}

func (o *Origin) origin() *Origin { return o }

// Delivery has the messages that an event was wrapped in. All fields are nil for
// an event that came on its own, SNS and SQS are set for SNS in SQS. With raw
// message delivery from SNS to SQS nothing of the SNS message is left.
type Delivery struct {
	SNS *SNSDelivery
	SQS *SQSDelivery
	// Lambda is set for an event of an earlier call of a function, which the
	// function's destination got.
	Lambda *LambdaDelivery
}

// LambdaDelivery is the record of an asynchronous call of a Lambda function that
// a destination gets.
type LambdaDelivery struct {
	Time        Timestamp `event:"timestamp"`
	RequestID   string    `event:"requestContext/requestId"`
	FunctionARN string    `event:"requestContext/functionArn"` // with version or alias
	// Condition is Success, RetriesExhausted or EventAgeExceeded.
	Condition string `event:"requestContext/condition"`
	// InvokeCount is how often the function was called.
	InvokeCount int `event:"requestContext/approximateInvokeCount"`
	// FunctionError is Handled or Unhandled, "" for a success.
	FunctionError string `event:"responseContext/functionError"`
}

// SNSDelivery is the SNS message that held an event.
type SNSDelivery struct {
	Type      string    `event:"Type"` // "Notification"
	MessageID string    `event:"MessageId,id"`
	TopicARN  string    `event:"TopicArn,id"`
	Subject   string    `event:"Subject"`
	Timestamp Timestamp `event:"Timestamp"`
	// SubscriptionARN is set when SNS invoked a Lambda function, and empty
	// when the message came by HTTP or in a queue.
	SubscriptionARN string
}

// SQSDelivery is the SQS message that held an event.
type SQSDelivery struct {
	MessageID     string `event:"messageId,id"`
	ReceiptHandle string `event:"receiptHandle"`
	QueueARN      string `event:"eventSourceARN,id"`
	// MessageGroupID is set for FIFO queues, and for fair queues.
	MessageGroupID string `event:"attributes/MessageGroupId,id"`
	// ReceiveCount is how often the message was received, this time included.
	ReceiveCount int       `event:"attributes/ApproximateReceiveCount"`
	SentAt       Timestamp `event:"attributes/SentTimestamp"`
}

// Header is what EventBridge puts around every event. A notification rule
// sends the same fields but ID, Version and ReplayName, and its own ARN.
type Header struct {
	Origin

	// Version of the EventBridge envelope, "0".
	Version string `event:"version"`
	// ID of the event at EventBridge; a redelivery has the same one.
	ID string `event:"id,id"`
	// DetailType and Source say what the event is: "CodePipeline Pipeline
	// Execution State Change" and "aws.codepipeline".
	DetailType string `event:"detail-type|detailType,id"`
	Source     string `event:"source,id"`
	// Account and Region are where the event happened.
	Account string    `event:"account,id"`
	Time    Timestamp `event:"time,id"`
	Region  string    `event:"region,id"`
	// Resources are the ARNs of what the event is about.
	Resources []string `event:"resources"`
	// ReplayName is the name of the replay that sent an archived event again.
	ReplayName string `event:"replay-name"`
	// NotificationRuleARN is set for an event that a notification rule of the
	// developer tools console sent.
	NotificationRuleARN string `event:"notificationRuleArn"`
}

// Name is the detail type.
func (h *Header) Name() string {
	if h.DetailType == "" { // built in Go
		return "Event"
	}
	return h.DetailType
}

// Resource returns the first of the resources, and "" if there is none.
func (h *Header) Resource() string {
	if len(h.Resources) == 0 {
		return ""
	}
	return h.Resources[0]
}

func (h *Header) header() *Header { return h }

// headed is implemented by the events that have a Header.
type headed interface{ header() *Header }

// Unknown is a payload or message that is none of the other events. An event
// of EventBridge has its Header filled in and its Detail, whatever is in it.
// Any other JSON object is in Raw alone, and a message that is no JSON object
// is in Text.
type Unknown struct {
	Header
	Detail json.RawMessage `event:"detail"`
	// Text is a message that is no JSON object, such as a line of text
	// published to an SNS topic.
	Text string
}

// Name is the detail type, if there is one.
func (e *Unknown) Name() string {
	if e.DetailType == "" {
		return "Unknown"
	}
	return e.DetailType
}

// IdempotencyKey is the ID that EventBridge gave the event, else it is made
// from the text and the ID of the message around it: SNS's, else SQS's.
func (e *Unknown) IdempotencyKey() string {
	if e.ID != "" {
		return joinKey("event", e.ID)
	}
	text, _ := e.MarshalJSON()
	switch sns, sqs := e.Delivery.SNS, e.Delivery.SQS; {
	case sns != nil:
		return joinKey("sns", sns.MessageID, hexHash(text))
	case sqs != nil:
		return joinKey("sqs", sqs.MessageID, hexHash(text))
	default:
		return joinKey("unknown", hexHash(text))
	}
}

// MarshalJSON encodes the event; see [Event].
func (e Unknown) MarshalJSON() ([]byte, error) {
	switch {
	case e.Text != "" || e.src != nil && (*e.src.raw)[0] == '"':
		return jsontext.AppendQuoted(nil, e.Text), nil
	case e.opaque():
		return encode(&e, &Unknown{}, *e.src.raw)
	default:
		return marshal(&e)
	}
}

// opaque reports whether e is an object of which nothing was read.
func (e *Unknown) opaque() bool {
	if e.src == nil {
		return false
	}
	s, _, _ := sniff(jsontext.Scanner{Text: *e.src.raw})
	return s != shapeEvent
}

// UnmarshalJSON decodes any payload that holds exactly one event of this type.
func (e *Unknown) UnmarshalJSON(data []byte) error { return unmarshal(data, e) }
