package events

import (
	"errors"
	"fmt"
	"reflect"
	"strconv"

	"github.com/codesuite-go/codesuite/internal/jsontext"
)

// Decode decodes a payload that holds exactly one event: the event itself, as
// EventBridge or a notification rule sends it, a job, an approval request, or
// one of these in the envelopes that [DecodeAll] knows. A kind it does not
// know becomes an *[Unknown] and is no error.
//
// Values are read leniently where AWS is loose: 6, 6.0 and "6" are the same
// number, "True" is true, a number in the place of a string is its text, null
// is the zero value. States, providers and times may be anything.
//
// The identity of an event is read strictly: its type and header, and the
// fields of its idempotency key. Any other value that does not fit its field,
// such as an object in the place of a string, leaves the field empty and does
// not lose the event. Event.Problems returns such values; Event.Raw and the
// encoded event keep them.
//
// An error, mostly a *[DecodeError], is malformed JSON, invalid UTF-8, an
// identity that does not fit, a field of the identity twice, more than
// [MaxDepth] levels, [MaxSize] bytes or [MaxEvents] events, and a payload with
// no event or several.
//
// Strings of the event share memory with one copy of the payload, so an event
// keeps its payload alive.
func Decode(data []byte) (Event, error) {
	w, err := walkPayload(data)
	if err != nil {
		return nil, err
	}
	if len(w.items) != 1 {
		return nil, &DecodeError{Reason: "want one event, found " + strconv.Itoa(len(w.items)) + "; use DecodeAll"}
	}
	return w.items[0].event, w.items[0].err
}

// DecodeAll decodes all events of a payload, in order. It looks into
//
//   - SNS messages, as Lambda, HTTP endpoints and queues receive them
//   - SQS messages with an SNS message or an event inside: raw delivery, a queue
//     as the target of EventBridge, or a dead-letter queue of either or of Lambda
//   - records of the destinations of Lambda functions, with the event that the
//     function was called with
//   - the records of repository triggers and S3 notifications
//   - arrays of events, and JSON text in a JSON string
//
// Each event has the messages around it in its Delivery. Binary and compressed
// messages (CloudWatch Logs, Kinesis) are not opened, nor are the results of Lambda
// functions that come through EventBridge, because anyone may send these.
//
// One bad record does not hide the others: DecodeAll returns the events it
// could decode together with the joined errors of those it could not. If the
// payload as a whole is not readable it returns no events.
func DecodeAll(data []byte) ([]Event, error) {
	w, err := walkPayload(data)
	if err != nil {
		return nil, err
	}
	events := make([]Event, 0, len(w.items))
	var errs []error
	for _, it := range w.items {
		if it.err != nil {
			errs = append(errs, it.err)
		} else {
			events = append(events, it.event)
		}
	}
	return events, errors.Join(errs...)
}

// unmarshal decodes a payload that must hold an event of type T.
func unmarshal[T any](data []byte, dst *T) error {
	if string(data) == "null" { // by convention of encoding/json
		return nil
	}
	e, err := Decode(data)
	if err != nil {
		return err
	}
	got, ok := e.(any).(*T)
	if !ok {
		return fmt.Errorf("events: decode: want %T, found %T", dst, e)
	}
	*dst = *got
	return nil
}

// A walker goes through a payload and the messages in it, and collects what
// it finds.
type walker struct {
	items    []item
	sqs      bool // the payload is a batch of SQS messages
	delivery Delivery
	depth    int
	one      [1]item // where most payloads find room without an allocation
}

// An item is an event or the reason why there is none.
type item struct {
	event Event
	err   error
	sqs   *SQSDelivery // the message it was in, if any
}

func walkPayload(data []byte) (*walker, error) {
	if len(data) > MaxSize {
		return nil, &DecodeError{Reason: "more than " + strconv.Itoa(MaxSize) + " bytes"}
	}
	d, err := jsontext.NewScanner(data)
	if err != nil {
		return nil, asDecodeError(err)
	}
	w := &walker{}
	w.items = w.one[:0]
	if err = w.payload(d); err == nil {
		err = d.End()
	}
	if err != nil {
		return nil, asDecodeError(err)
	}
	return w, nil
}

// enter counts the messages and lists of records around what comes next.
func (w *walker) enter() (leave func(), err error) {
	if w.depth == maxEnvelopes {
		return nil, &DecodeError{Reason: "more than " + strconv.Itoa(maxEnvelopes) + " envelopes inside each other"}
	}
	w.depth++
	return func() { w.depth-- }, nil
}

func (w *walker) payload(d *jsontext.Scanner) error {
	switch d.Peek() {
	case '{':
		return w.object(d)
	case '[':
		return w.array(d)
	case '"':
		text, err := d.Str()
		if err != nil {
			return err
		}
		return w.message(text)
	default:
		return d.Want("an object")
	}
}

// message decodes the text of a message, which may be no JSON at all.
func (w *walker) message(text string) error {
	leave, err := w.enter()
	if err != nil {
		return err
	}
	defer leave()
	d := jsontext.Scanner{Text: text}
	switch d.Peek() {
	case '{':
	case '"':
		inner, err := d.Str()
		if err != nil || d.End() != nil {
			return w.text(text)
		}
		return w.message(inner)
	case '[':
		inside := jsontext.Scanner{Text: text, Pos: d.Pos + 1}
		if inside.Peek() != '{' {
			return w.text(text) // [INFO] and the like
		}
	default:
		return w.text(text)
	}
	if err := w.payload(&d); err != nil {
		return err
	}
	return d.End()
}

func (w *walker) text(text string) error {
	e := &Unknown{Text: text}
	w.add(e, string(jsontext.AppendQuoted(nil, text)))
	return nil
}

// array decodes the elements each on its own. The text is checked as a whole
// first: if it is broken there is no telling where an element ends.
func (w *walker) array(d *jsontext.Scanner) error {
	leave, err := w.enter()
	if err != nil {
		return err
	}
	defer leave()
	more, err := d.Open('[')
	for i := 0; more && err == nil; i++ {
		if len(w.items) >= MaxEvents {
			return d.Fail("more than " + strconv.Itoa(MaxEvents) + " events")
		}
		d.Peek()
		start := *d
		if _, err = d.Value(); err != nil {
			return within(position(i), err)
		}
		found, delivery := len(w.items), w.delivery
		if err := w.object(&start); err != nil {
			w.items = append(w.items[:found], item{err: err, sqs: w.delivery.SQS})
		}
		_ = w.within(position(i), found, nil)
		w.delivery = delivery
		more, err = d.Next('[')
	}
	return err
}

// within puts a step in front of the paths of an error and of the errors among
// the items from the given one on.
func (w *walker) within(step string, from int, err error) error {
	for i := range w.items[from:] {
		it := &w.items[from+i]
		if it.err = within(step, it.err); it.event != nil {
			for _, problem := range it.event.origin().src.problems {
				_ = within(step, problem)
			}
		}
	}
	return within(step, err)
}

// object decodes an object: an event, or an envelope.
func (w *walker) object(d *jsontext.Scanner) error {
	shape, name, err := sniff(*d)
	if err != nil {
		return err
	}
	switch shape {
	case shapeRecords:
		return w.records(d)
	case shapeSNS:
		return w.sns(d)
	case shapeRecord:
		return w.record(d, name)
	case shapeJob:
		return w.event(d, &Job{})
	case shapeApproval:
		return w.event(d, &ApprovalRequest{})
	case shapeS3Test:
		return w.event(d, &S3TestEvent{})
	case shapeHook:
		return w.event(d, &DeploymentHook{})
	case shapeInvocation:
		return w.invocation(d)
	case shapeEvent:
		return w.event(d, newEvent(name.source, name.detailType))
	default:
		text, err := d.Value()
		if err == nil {
			w.add(&Unknown{}, text)
		}
		return err
	}
}

func (w *walker) event(d *jsontext.Scanner, e Event) error {
	d.Peek()
	start := d.Pos
	problems, err := decodeInto(d, e)
	if err != nil {
		return err
	}
	w.add(e, d.Text[start:d.Pos], problems...)
	return nil
}

func (w *walker) add(e Event, raw string, problems ...*DecodeError) {
	o := e.origin()
	o.Delivery = w.delivery
	o.src = newSource(raw, problems)
	w.items = append(w.items, item{event: e, sqs: w.delivery.SQS})
}

// decodeInto reads the object that starts here into e.
func decodeInto(d *jsontext.Scanner, e Event) (problems []*DecodeError, err error) {
	if problems, err = bind(d, e); err != nil {
		return nil, err
	}
	if f, ok := e.(interface{ normalize() }); ok {
		f.normalize()
	}
	return problems, nil
}

// bind reads the object that starts here into the fields of dst.
func bind(d *jsontext.Scanner, dst any) (problems []*DecodeError, err error) {
	v := reflect.ValueOf(dst).Elem()
	_, lenient := dst.(*Unknown)
	b := binder{Scanner: d, lenient: lenient}
	err = b.object(planOf(v.Type()), v)
	return b.problems, err
}

type shape uint8

const (
	shapeUnknown    shape = iota
	shapeEvent            // of EventBridge or a notification rule
	shapeRecords          // {"Records": [...]}
	shapeRecord           // an element of Records
	shapeSNS              // an SNS message as HTTP endpoints and queues get it
	shapeJob              // {"CodePipeline.job": ...}
	shapeApproval         // {"approval": ...}
	shapeS3Test           // {"Event": "s3:TestEvent"}
	shapeHook             // {"LifecycleEventHookExecutionId": ...}
	shapeInvocation       // {"requestContext": ..., "requestPayload": ...}
)

// typeName is what tells one event or record from another.
type typeName struct{ source, detailType string }

// sniff finds out what the object that starts here is. It looks no further
// than needed; with the order that AWS writes that is before the detail.
func sniff(d jsontext.Scanner) (shape, typeName, error) {
	var name typeName
	var topic, message, invocation bool
	more, err := d.Open('{')
	for more && err == nil {
		var key string
		if key, err = d.Name(); err != nil {
			return 0, name, err
		}
		c := d.Peek()
		switch {
		case key == "Records" && c != '[':
			return 0, name, within(key, d.Want("an array"))
		case key == "Records":
			return shapeRecords, name, nil
		case key == "CodePipeline.job" && c != '{':
			return 0, name, within(key, d.Want("an object"))
		case key == "CodePipeline.job":
			return shapeJob, name, nil
		case key == "approval" && c == '{':
			return shapeApproval, name, nil
		case key == "LifecycleEventHookExecutionId" && c == '"':
			return shapeHook, name, nil
		case key == "requestContext" && c == '{':
			invocation = true
		case key == "requestPayload" && invocation && (c == '{' || c == '[' || c == '"'):
			return shapeInvocation, name, nil
		case key == "TopicArn" && c == '"':
			topic = true
		case key == "Message" && c == '"':
			message = true
		}
		if topic && message {
			return shapeSNS, name, nil
		}
		if c != '"' {
			if _, err = d.Value(); err != nil {
				return 0, name, within(printable(key), err)
			}
		} else {
			var s string
			switch key {
			case "detail-type", "detailType":
				name.detailType, err = d.Str()
			case "source":
				name.source, err = d.Str()
			case "eventSource", "EventSource":
				name.source, err = d.Str()
				return shapeRecord, name, err
			case "Event":
				if s, err = d.Str(); s == "s3:TestEvent" {
					return shapeS3Test, name, err
				}
			default:
				err = d.SkipStr()
			}
			if err != nil {
				return 0, name, within(printable(key), err)
			}
			if name.detailType != "" && name.source != "" {
				return shapeEvent, name, nil
			}
		}
		more, err = d.Next('{')
	}
	if name.detailType != "" {
		return shapeEvent, name, err
	}
	return shapeUnknown, name, err
}
