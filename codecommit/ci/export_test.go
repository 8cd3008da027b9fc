package ci

import "time"

// SetClock sets the clock of the handler, and makes it wait for milliseconds instead of
// seconds.
func (h *Handler) SetClock(now func() time.Time) { h.now, h.wait = now, time.Millisecond }
