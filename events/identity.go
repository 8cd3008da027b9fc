package events

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
)

// joinKey joins the parts of an idempotency key so that no two lists of parts
// give the same key.
func joinKey(parts ...string) string {
	var b strings.Builder
	for i, part := range parts {
		if i > 0 {
			b.WriteByte('|')
		}
		for _, r := range part {
			switch {
			case r == '|' || r == '%' || r < 0x20 || r == 0x7f:
				fmt.Fprintf(&b, "%%%02X", r)
			default:
				b.WriteRune(r)
			}
		}
	}
	return b.String()
}

func hexHash(text []byte) string {
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}

// eventKey is the ID of the event, which EventBridge keeps in a redelivery;
// without one it is made from what the event is about and its time.
func (h *Header) eventKey(prefix string, parts ...string) string {
	if h.ID != "" {
		return joinKey("event", h.ID)
	}
	return joinKey(prefix, h.Account, h.Region, joinKey(parts...), string(h.Time))
}

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
