package ci

import "time"

// SetClock sets the clock of the handler.
func (h *Handler) SetClock(now func() time.Time) { h.now = now }
