package pipelinetest

// outbox holds what the function of a test is to hear of. Server.mu guards it.
type outbox[T any] struct {
	handler func(T)
	pending []T
	running bool // somebody calls the handler
}

// handle sets the function, nil for none. What nobody heard of is not repeated.
func (o *outbox[T]) handle(f func(T)) {
	o.handler = f
	if f == nil {
		o.pending = nil
	}
}

// put lets the function hear of a thing, if there is one.
func (o *outbox[T]) put(thing T) {
	if o.handler != nil {
		o.pending = append(o.pending, thing)
	}
}

// deliver calls the function with what it has not heard of, unless it is running.
// Server.mu must not be held.
func (o *outbox[T]) deliver(s *Server) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if o.running {
		return
	}
	o.running = true
	defer func() { o.running = false }()
	for len(o.pending) > 0 {
		next := o.pending[0]
		o.pending = o.pending[1:]
		handler := o.handler
		func() {
			s.mu.Unlock()
			defer s.mu.Lock() // also when the function ends the test
			handler(next)
		}()
	}
}
