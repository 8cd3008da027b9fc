package keylock

// Len returns how many locks somebody holds or wants.
func (l *Locks) Len() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.byName)
}
