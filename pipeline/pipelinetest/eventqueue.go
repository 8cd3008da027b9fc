package pipelinetest

import "github.com/codesuite-go/codesuite/internal/eventqueue"

// Delivery says how events reach the function of [Server.OnEvent]. The zero
// value delivers each once and in order.
type Delivery struct {
	// DuplicateRate is the share of events that are delivered twice, 0 to 1.
	DuplicateRate float64
	// Reorder is the greatest number of later events that overtake an event or its
	// duplicate. The server holds the event back until they have come; Settle and
	// FlushEvents deliver it earlier.
	Reorder int
	// Seed seeds the random choices.
	Seed uint64
}

// OnEvent sets a function that is called with each event from now on, in the
// JSON that EventBridge delivers: one for every state change of an execution, a
// stage and an action. It is called by whoever made the state change, before
// the method or the API call that made it returns, unless the function is
// already running: then the event comes next. So it is never called twice at a
// time, and it may use the server and its API. Another function also gets the
// events that are held back; nil removes the function, and them.
func (s *Server) OnEvent(f func(payload []byte)) { s.events.Handle(f) }

// SetDelivery changes how events are delivered that come from now on.
func (s *Server) SetDelivery(d Delivery) { s.events.SetDelivery(eventqueue.Delivery(d)) }

// FlushEvents delivers the events that are held back.
func (s *Server) FlushEvents() {
	s.events.Flush()
	s.deliver()
}

// Events returns all events so far, each once and in order, whatever
// [Delivery] says.
func (s *Server) Events() [][]byte { return s.events.All() }

// deliver calls the function of OnEvent with the events that are due, and then
// that of OnInvoke with invocations and that of OnNotify with messages. mu must not be
// held.
func (s *Server) deliver() {
	defer s.notifications.outbox.deliver(s)
	defer s.jobs.invoke.deliver(s)
	s.events.Deliver()
}
