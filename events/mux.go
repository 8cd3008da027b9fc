package events

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"reflect"
	"runtime/debug"
	"strings"

	"github.com/codesuite-go/codesuite/internal/jsontext"
)

// A Handler handles one event. A Mux has handlers for particular types; see
// [On].
type Handler func(ctx context.Context, e Event) error

// A Middleware wraps the handling of every event, whatever handlers it has:
// to log, to measure, to leave out what was handled before ([Dedup]).
type Middleware func(next Handler) Handler

// Mux routes events to handlers by their type. Its zero value is ready for
// [On], Fallback and Use, and Invoke makes it a Lambda handler as it stands:
//
//	lambda.Start(&mux)
//
// Register everything first; after that a Mux may be used by several
// goroutines at once. It must not be copied.
type Mux struct {
	// Logger gets the reasons why messages of a batch failed, which the response
	// cannot hold, and the problems of events. Nil is silent.
	Logger *slog.Logger

	concrete   map[reflect.Type][]Handler
	interfaces []func(Event) Handler // nil for an event that does not fit
	fallback   Handler
	middleware []Middleware
	chain      Handler // middleware around dispatch; nil without middleware
}

// ErrUnhandled is the error for an *[Unknown] event that has neither handler
// nor fallback: what was not understood must not be lost silently. A known
// event without handler is no error, because rules and topics often deliver
// more than one program wants.
var ErrUnhandled = errors.New("unknown event without handler or fallback")

// On registers a handler for the events of type E: a pointer type of this
// package, or an interface that some of them implement, such as [RefEvent].
// An event goes to all handlers that it fits, one after the other: first
// those for its type, then those for interfaces, each in the order of
// registration. An error does not keep the others from running.
//
// It is an error to register what can never mean anything: no function, a
// type that Decode never returns, an interface that no event implements, and
// Event itself, for which there are Fallback and Use.
func On[E Event](m *Mux, handle func(ctx context.Context, event E) error) error {
	t := reflect.TypeFor[E]()
	if handle == nil {
		return fmt.Errorf("events: on %v: handler is nil", t)
	}
	if t == reflect.TypeFor[Event]() {
		return errors.New("events: on events.Event: register a handler for a type; Fallback gets the events without handler, Use sees all")
	}
	known := false
	for e := range prototypes {
		if _, ok := e.(E); ok {
			known = true
			break
		}
	}
	if !known {
		return fmt.Errorf("events: on %v: no event is of this type", t)
	}
	h := func(ctx context.Context, e Event) error { return handle(ctx, e.(E)) }
	if t.Kind() != reflect.Interface {
		if m.concrete == nil {
			m.concrete = map[reflect.Type][]Handler{}
		}
		m.concrete[t] = append(m.concrete[t], h)
		return nil
	}
	m.interfaces = append(m.interfaces, func(e Event) Handler {
		if _, ok := e.(E); ok {
			return h
		}
		return nil
	})
	return nil
}

// Fallback registers the handler for events that no other handler gets, known
// and unknown. It is an error to register a second one.
func (m *Mux) Fallback(handle Handler) error {
	switch {
	case handle == nil:
		return errors.New("events: fallback: handler is nil")
	case m.fallback != nil:
		return errors.New("events: fallback: there is one already, and an event can fall back only once")
	}
	m.fallback = handle
	return nil
}

// Use adds middleware. The first one added is the outermost. It is an error
// to add nil.
func (m *Mux) Use(middleware ...Middleware) error {
	for _, mw := range middleware {
		if mw == nil {
			return errors.New("events: use: middleware is nil")
		}
	}
	m.middleware = append(m.middleware, middleware...)
	m.chain = m.dispatch
	for i := len(m.middleware) - 1; i >= 0; i-- {
		m.chain = m.middleware[i](m.chain)
	}
	return nil
}

// Handle passes one event through the middleware to its handlers. The error
// names the event and joins the errors of its handlers.
func (m *Mux) Handle(ctx context.Context, e Event) error {
	if e == nil {
		return errors.New("events: handle: event is nil")
	}
	if problems := e.Problems(); m.Logger != nil && len(problems) > 0 {
		m.Logger.WarnContext(ctx, "event has values that do not fit its fields", "event", e.Name(), "key", e.IdempotencyKey(), "problems", len(problems), "first", problems[0])
	}
	h := m.chain
	if h == nil {
		h = m.dispatch
	}
	if err := h(ctx, e); err != nil {
		return fmt.Errorf("events: handle %s (%s): %w", e.Name(), e.IdempotencyKey(), err)
	}
	return nil
}

func (m *Mux) dispatch(ctx context.Context, e Event) error {
	handlers := m.concrete[reflect.TypeOf(e)]
	n := len(handlers)
	var errs []error
	for _, h := range handlers {
		if err := h(ctx, e); err != nil {
			errs = append(errs, err)
		}
	}
	for _, fits := range m.interfaces {
		if h := fits(e); h != nil {
			n++
			if err := h(ctx, e); err != nil {
				errs = append(errs, err)
			}
		}
	}
	if n > 0 {
		return errors.Join(errs...)
	}
	if m.fallback != nil {
		return m.fallback(ctx, e)
	}
	if _, ok := e.(*Unknown); ok {
		return ErrUnhandled
	}
	return nil
}

// Invoke decodes a payload as [DecodeAll] does and handles its events in
// order. It has the signature of a Lambda handler.
//
// For a batch of SQS messages it returns a partial batch response: the
// messages that could not be decoded or handled are in batchItemFailures, so
// that SQS delivers them again and at last moves them to the dead-letter
// queue, and all others are done with. The event source mapping must have
// ReportBatchItemFailures switched on: without it Lambda takes any response
// for the success of all messages. In a FIFO queue the messages that follow a
// failed one of the same group are not handled but reported as failed too,
// which keeps them in order; so are all messages left over when ctx ends.
//
// A panic in a handler is the failure of its message. The response does not tell
// Lambda why a message failed; Logger gets the error, and the stack of a panic.
//
// For any other payload the response is null, and the errors of its events
// are joined and returned. Panics are not recovered.
func (m *Mux) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	w, err := walkPayload(payload)
	if err != nil {
		return nil, err
	}
	if w.sqs {
		return m.batch(ctx, w.items)
	}
	var errs []error
	for _, it := range w.items {
		err := it.err
		if err == nil {
			err = m.Handle(ctx, it.event)
		}
		if err != nil {
			errs = append(errs, err)
		}
	}
	if len(errs) > 0 {
		return nil, errors.Join(errs...)
	}
	return []byte("null"), nil
}

// A PanicError is a panic of a handler in a batch of SQS messages, as
// [Mux.Logger] gets it.
type PanicError struct {
	Value any
	Stack []byte
}

var _ error = (*PanicError)(nil)

// Error gives the value that the handler panicked with.
func (e *PanicError) Error() string { return fmt.Sprintf("panic: %v", e.Value) }

// batch handles the events of SQS messages and reports the failed messages.
func (m *Mux) batch(ctx context.Context, items []item) ([]byte, error) {
	response := []byte(`{"batchItemFailures":[`)
	failed := map[string]bool{}  // by message ID
	blocked := map[string]bool{} // by message group
	for _, it := range items {
		if it.sqs == nil { // it cannot be reported, and nothing has been handled yet
			return nil, fmt.Errorf("events: invoke: batch of SQS messages holds a record that is none: %w", cause(it.err))
		}
	}
	for _, it := range items {
		group := it.sqs.MessageGroupID // fair queues have groups too, but no order
		fifo := strings.HasSuffix(it.sqs.QueueARN, ".fifo")
		var err error
		switch {
		case fifo && blocked[group]:
			err = errBlocked
		case ctx.Err() != nil:
			err = context.Cause(ctx)
		case it.err != nil:
			err = it.err
		default:
			err = m.recovered(ctx, it.event)
		}
		if err == nil {
			continue
		}
		m.logFailure(ctx, it, err)
		blocked[group] = true
		if !failed[it.sqs.MessageID] {
			if len(failed) > 0 {
				response = append(response, ',')
			}
			failed[it.sqs.MessageID] = true
			response = append(response, `{"itemIdentifier":`...)
			response = append(jsontext.AppendQuoted(response, it.sqs.MessageID), '}')
		}
	}
	return append(response, "]}"...), nil
}

var errBlocked = errors.New("an earlier message of the group failed")

func cause(err error) error {
	if err == nil {
		return errors.New("not an SQS record")
	}
	return err
}

func (m *Mux) recovered(ctx context.Context, e Event) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = &PanicError{Value: v, Stack: debug.Stack()}
		}
	}()
	return m.Handle(ctx, e)
}

func (m *Mux) logFailure(ctx context.Context, it item, err error) {
	if m.Logger == nil {
		return
	}
	args := []any{"messageID", it.sqs.MessageID, "receiveCount", it.sqs.ReceiveCount, "error", err}
	if it.event != nil {
		args = append(args, "event", it.event.Name(), "key", it.event.IdempotencyKey())
	}
	if p := (*PanicError)(nil); errors.As(err, &p) {
		args = append(args, "stack", string(p.Stack))
	}
	m.Logger.ErrorContext(ctx, "message failed", args...)
}
