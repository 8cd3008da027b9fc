package archive

// SetLimits sets how many bytes may wait for their turn, and how many are kept for a
// later use: tests need fewer bytes to reach the limits.
func (a *Archiver) SetLimits(window, kept int64) { a.limits = limits{window, kept} }
