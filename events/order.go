package events

import (
	"cmp"
	"strconv"
)

// supersedes orders two states of one thing: by attempt, by rank within the
// attempt, then by time. Events without an attempt do not tell a retry, which
// goes back in rank, from what came before it, so that among them time comes
// first. Each group of one attempt has one order, and that makes it an order
// as a whole: nothing supersedes itself, whatever the events are.
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
// attempt are told apart by their time, which is the same in a redelivery.
func attemptKey(attempt int, time Timestamp) string {
	if attempt > 0 {
		return strconv.Itoa(attempt)
	}
	return string(time)
}
