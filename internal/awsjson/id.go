package awsjson

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
)

// Hex returns n hexadecimal digits, at most 64, that follow from the words: a
// test server makes the same IDs in each run.
func Hex(n int, words ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(words, "\x00")))
	return hex.EncodeToString(sum[:])[:n]
}

// UUID returns a UUID that follows from the words.
func UUID(words ...string) string {
	h := Hex(32, words...)
	return fmt.Sprintf("%s-%s-4%s-8%s-%s", h[:8], h[8:12], h[13:16], h[17:20], h[20:])
}
