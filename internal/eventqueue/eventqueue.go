// Package eventqueue holds the events of a test server and delivers them to a
// function, twice and out of order if asked.
package eventqueue

import (
	"bytes"
	"math/rand/v2"
	"slices"
	"sync"
)

// Delivery says how events reach the function of [Queue.Handle]. The zero value
// delivers each once and in order.
type Delivery struct {
	DuplicateRate float64 // share of events that are delivered twice, 0 to 1
	Reorder       int     // greatest number of later events that overtake an event or its duplicate
	Seed          uint64
}

// Queue is a queue of events. Its zero value works. Its methods are safe for
// concurrent use, and may be called by the function that it calls.
type Queue struct {
	mu       sync.Mutex
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

// Add adds an event. [Queue.Deliver] delivers it.
func (q *Queue) Add(payload []byte) {
	q.mu.Lock()
	defer q.mu.Unlock()
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

func (q *Queue) queue(payload []byte) {
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
func (q *Queue) next() (payload []byte, ok bool) {
	if len(q.pending) == 0 || !q.flush && q.pending[0].due > q.number || q.handler == nil {
		return nil, false
	}
	payload = q.pending[0].payload
	q.pending = q.pending[1:]
	return payload, true
}

// Handle sets the function that is called with each event from now on. Another
// function also gets the events that are held back; nil removes the function, and
// them.
func (q *Queue) Handle(f func(payload []byte)) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.handler = f
	if f == nil {
		q.pending = nil
	}
}

// SetDelivery changes how events are delivered that come from now on.
func (q *Queue) SetDelivery(d Delivery) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.delivery = d
	q.random = rand.New(rand.NewPCG(d.Seed, 0))
}

// Len returns the number of events so far.
func (q *Queue) Len() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return len(q.all)
}

// All returns all events so far, each once and in order.
func (q *Queue) All() [][]byte {
	q.mu.Lock()
	defer q.mu.Unlock()
	list := make([][]byte, len(q.all))
	for i, payload := range q.all {
		list[i] = bytes.Clone(payload)
	}
	return list
}

// Deliver calls the function with the events that are due. If the function is
// running, whoever called it goes on with them.
func (q *Queue) Deliver() { q.deliver(false) }

// Flush calls the function with all events, also those that are held back.
func (q *Queue) Flush() { q.deliver(true) }

func (q *Queue) deliver(flush bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.flush = q.flush || flush && len(q.pending) > 0
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
		q.call(q.handler, bytes.Clone(payload))
	}
}

// call calls the function without mu, which is held.
func (q *Queue) call(f func([]byte), payload []byte) {
	q.mu.Unlock()
	defer q.mu.Lock() // also when the function ends the test
	f(payload)
}
