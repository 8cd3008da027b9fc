package awsjson

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"regexp"
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

// uuidPattern is the pattern of the services' models.
var uuidPattern = regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$`)

// IsUUID reports whether s has the form of a UUID in lower case.
func IsUUID(s string) bool { return uuidPattern.MatchString(s) }

// randomUUID returns a UUID that is another one with each call.
func randomUUID() string {
	a, b := rand.Uint64(), rand.Uint64()
	return fmt.Sprintf("%08x-%04x-4%03x-%04x-%012x", a>>32, a>>16&0xffff, a&0xfff, b>>48&0x3fff|0x8000, b&0xffffffffffff)
}
