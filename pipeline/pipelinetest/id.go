package pipelinetest

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"

	"github.com/codesuite-go/codesuite/internal/awsjson"
)

const (
	region    = awsjson.Region
	accountID = awsjson.AccountID
)

// madeUpHex returns n hexadecimal digits that follow from the words.
func madeUpHex(n int, words ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(words, "\x00")))
	return hex.EncodeToString(sum[:])[:n]
}

// madeUpUUID returns a UUID that follows from the words.
func madeUpUUID(words ...string) string {
	h := madeUpHex(32, words...)
	return fmt.Sprintf("%s-%s-4%s-8%s-%s", h[:8], h[8:12], h[13:16], h[17:20], h[20:])
}
