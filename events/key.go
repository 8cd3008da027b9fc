package events

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
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
