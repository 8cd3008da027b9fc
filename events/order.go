package events

import "strconv"

// supersedes orders two states of one thing: by attempt if both have one, by
// rank within the attempt, else by time. Without attempts a retried execution
// goes back in rank, so that there time comes first.
func supersedes(attempt, otherAttempt, rank, otherRank int, time, otherTime Timestamp) bool {
	known := attempt > 0 && otherAttempt > 0
	if known && attempt != otherAttempt {
		return attempt > otherAttempt
	}
	order := compareTimes(time, otherTime)
	if !known && order != 0 {
		return order > 0
	}
	if rank != otherRank {
		return rank > otherRank
	}
	return order > 0
}

// compareTimes is negative if a is before b, and 0 if they are equal or one
// is not readable.
func compareTimes(a, b Timestamp) int {
	x, err := a.Time()
	y, otherErr := b.Time()
	if err != nil || otherErr != nil {
		return 0
	}
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
