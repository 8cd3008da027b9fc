package citest

import "time"

// SetClock sets the clock that all times come from; nil is [time.Now]. The clock
// is called from many goroutines, with a lock held: it must not use the server.
func (s *Server) SetClock(now func() time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if now == nil {
		now = time.Now
	}
	s.clock = now
}

// Now returns the server's time.
func (s *Server) Now() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.now()
}

// Advance makes the next state change, which is the end of one phase of one build
// or batch, and moves the server's time to it. It reports whether there was one: none
// is left when no build is in progress but those that wait for [Server.Finish].
func (s *Server) Advance() bool {
	s.deliver()
	advanced := s.advance(func(time.Time) bool { return true })
	s.deliver()
	return advanced
}

// Settle makes all state changes that need no help, and delivers all events, also
// those that are held back. Builds that an event's function starts run to their end
// as well.
func (s *Server) Settle() {
	for {
		for s.Advance() {
		}
		s.FlushEvents()
		if !s.settling() {
			return
		}
	}
}

// settling reports whether something is left to do.
func (s *Server) settling() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, _, ok := s.due()
	return ok || len(s.todo) > 0
}

// Pass moves the server's time by d. All that is due meanwhile happens in order.
func (s *Server) Pass(d time.Duration) {
	end := s.Now().Add(d)
	s.passTo(end)
	s.mu.Lock()
	s.moveTo(end)
	s.mu.Unlock()
	s.deliver()
}

// catchUp makes the state changes that are due by the clock.
func (s *Server) catchUp() { s.passTo(s.Now()) }

func (s *Server) passTo(end time.Time) {
	s.deliver()
	for s.advance(func(due time.Time) bool { return !due.After(end) }) {
		s.deliver()
	}
}

// now returns the server's time.
func (s *Server) now() time.Time { return s.clock().Add(s.moved) }

// moveTo moves the server's time to t, unless it is later already.
func (s *Server) moveTo(t time.Time) {
	if d := t.Sub(s.now()); d > 0 {
		s.moved += d
	}
}

// advance makes the next state change if it is due by the function.
func (s *Server) advance(isDue func(time.Time) bool) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	at, change, ok := s.due()
	if !ok || !isDue(at) {
		return false
	}
	s.moveTo(at)
	change(at)
	return true
}

// due returns the next state change and its time. Of two at a time the one of the
// older build comes first, and builds come before batches.
func (s *Server) due() (at time.Time, change func(time.Time), ok bool) {
	for _, b := range s.running {
		if due, running := b.due(); running && (!ok || due.Before(at)) {
			at, change, ok = due, b.endPhase, true
		}
	}
	for _, b := range s.batches {
		if due, running := b.due(); running && (!ok || due.Before(at)) {
			at, change, ok = due, b.endPhase, true
		}
	}
	return at, change, ok
}
