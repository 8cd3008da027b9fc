package pipelinetest

import (
	"bytes"
	"math/rand/v2"
	"slices"
)

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

// eventQueue holds the events that were emitted. Server.mu guards it.
type eventQueue struct {
	all      [][]byte
	handler  func([]byte)
	delivery Delivery
	random   *rand.Rand

	number     int            // of the events that were queued
	pending    []pendingEvent // by due, of equals the newest first if they are reordered
	delivering bool           // somebody calls the handler
	flush      bool           // deliver what is not due yet
}

type pendingEvent struct {
	payload []byte
	due     int // number of the last event that overtakes it
}

func (q *eventQueue) add(payload []byte) {
	q.all = append(q.all, payload)
	if q.handler == nil {
		return
	}
	q.number++
	q.queue(payload)
	if q.delivery.DuplicateRate > 0 && q.random.Float64() < q.delivery.DuplicateRate {
		q.queue(payload)
	}
}

func (q *eventQueue) queue(payload []byte) {
	due := q.number
	if q.delivery.Reorder > 0 {
		due += q.random.IntN(q.delivery.Reorder + 1)
	}
	i := 0
	for i < len(q.pending) && (q.pending[i].due < due || q.pending[i].due == due && q.delivery.Reorder <= 0) {
		i++
	}
	q.pending = slices.Insert(q.pending, i, pendingEvent{payload, due})
}

// next takes the next event out of the queue.
func (q *eventQueue) next() (payload []byte, ok bool) {
	if len(q.pending) == 0 || !q.flush && q.pending[0].due > q.number || q.handler == nil {
		return nil, false
	}
	payload = q.pending[0].payload
	q.pending = q.pending[1:]
	return payload, true
}

// OnEvent sets a function that is called with each event from now on, in the
// JSON that EventBridge delivers: one for every state change of an execution, a
// stage and an action. It is called by whoever made the state change, before
// the method or the API call that made it returns, unless the function is
// already running: then the event comes next. So it is never called twice at a
// time, and it may use the server and its API. Another function also gets the
// events that are held back; nil removes the function, and them.
func (s *Server) OnEvent(f func(payload []byte)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.events.handler = f
	if f == nil {
		s.events.pending = nil
	}
}

// SetDelivery changes how events are delivered that come from now on.
func (s *Server) SetDelivery(d Delivery) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.events.delivery = d
	s.events.random = rand.New(rand.NewPCG(d.Seed, 0))
}

// FlushEvents delivers the events that are held back.
func (s *Server) FlushEvents() {
	s.mu.Lock()
	s.events.flush = len(s.events.pending) > 0
	s.mu.Unlock()
	s.deliver()
}

// Events returns all events so far, each once and in order, whatever
// [Delivery] says.
func (s *Server) Events() [][]byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := make([][]byte, len(s.events.all))
	for i, payload := range s.events.all {
		list[i] = bytes.Clone(payload)
	}
	return list
}

// deliver calls the function of OnEvent with the events that are due, and then
// that of OnInvoke with invocations. mu must not be held.
func (s *Server) deliver() {
	defer s.jobs.invoke.deliver(s)
	s.mu.Lock()
	defer s.mu.Unlock()
	q := &s.events
	if q.delivering {
		return
	}
	q.delivering = true
	defer func() { q.delivering = false }()
	for {
		payload, ok := q.next()
		if !ok {
			q.flush = q.flush && len(q.pending) > 0
			return
		}
		s.call(q.handler, bytes.Clone(payload))
	}
}

// call calls the function without mu, which is held.
func (s *Server) call(f func([]byte), payload []byte) {
	s.mu.Unlock()
	defer s.mu.Lock() // also when the function ends the test
	f(payload)
}
