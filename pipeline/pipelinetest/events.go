package pipelinetest

// Delivery says how events reach the function of [Server.OnEvent]. The zero
// value delivers each once and in order.
type Delivery struct {
	// DuplicateRate is the share of events that are delivered twice, 0 to 1.
	DuplicateRate float64
	// Reorder is by how many others at most an event, or its duplicate, is
	// overtaken. Until as many have come it is held back; Settle and
	// FlushEvents deliver what is.
	Reorder int
	// Seed is that of what is random.
	Seed uint64
}

// eventQueue holds the events that were emitted. Server.mu guards it.
type eventQueue struct{}

// OnEvent sets a function that is called with each event, in the JSON that
// EventBridge delivers: one for every state change of an execution, a stage
// and an action. It is called by whoever made the state change, before the
// method or the API call that made it returns, unless the function is already
// running: then the event comes next. So it is never called twice at a time,
// and it may use the server and its API. Nil removes it.
func (s *Server) OnEvent(f func(payload []byte)) {}

// SetDelivery changes how events are delivered from now on.
func (s *Server) SetDelivery(d Delivery) {}

// FlushEvents delivers the events that are held back.
func (s *Server) FlushEvents() {}

// Events returns all events so far, each once and in order, whatever
// [Delivery] says.
func (s *Server) Events() [][]byte { return nil }

// deliver calls the function of OnEvent with the events that are due. mu must
// not be held.
func (s *Server) deliver() {}
