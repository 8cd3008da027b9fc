package events

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"reflect"
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
