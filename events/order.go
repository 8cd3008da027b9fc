package events

import (
	"cmp"
	"strconv"
)

// supersedes reports whether the first state is newer. It compares attempt, then
// rank, then time. Without an attempt number time comes before rank: a retry goes
// back in rank. No state supersedes itself.
func supersedes(attempt, otherAttempt, rank, otherRank int, time, otherTime Timestamp) bool {
	byRank, byTime := cmp.Compare(rank, otherRank), compareTimes(time, otherTime)
	if attempt <= 0 {
		byRank, byTime = byTime, byRank
	}
	return cmp.Or(cmp.Compare(attempt, otherAttempt), byRank, byTime) > 0
}

// compareTimes is negative if a is before b. A time that is not readable is
// before all others.
func compareTimes(a, b Timestamp) int {
	x, _ := a.Time()
	y, _ := b.Time()
	return x.Compare(y)
}

// attemptKey tells attempts apart in idempotency keys. Events without an
// attempt are told apart by their time, which is the same in a redelivery, and
// events without both by their ID.
func attemptKey(attempt int, h *Header) string {
	if attempt > 0 {
		return strconv.Itoa(attempt)
	}
	return cmp.Or(string(h.Time), h.ID)
}
