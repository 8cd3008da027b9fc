// Package awstext fits texts into the parameters of AWS API operations.
package awstext

import (
	"strings"
	"unicode/utf16"
)

// ellipsis ends a text that was cut.
const ellipsis = "…"

// Len returns the number of characters of s as a service counts them at most.
// The service models give limits in characters. A service that keeps text in
// UTF-16 counts two for each character outside the basic plane, and Len does,
// too: a text within the limit by this count is within it by both.
func Len(s string) int {
	n := 0
	for _, r := range s {
		n += max(1, utf16.RuneLen(r))
	}
	return n
}

// Cut returns s with at most limit characters by the count of [Len]. A text that
// was cut ends with an ellipsis. Bytes that are not UTF-8 become U+FFFD.
func Cut(s string, limit int) string {
	s = strings.ToValidUTF8(s, "\uFFFD")
	if len(s) <= limit || Len(s) <= limit {
		return s
	}
	if limit < 1 {
		return ""
	}
	n := Len(ellipsis)
	for i, r := range s {
		if n += utf16.RuneLen(r); n > limit {
			return s[:i] + ellipsis
		}
	}
	return s
}

// Optional returns a pointer to s, or nil for the empty string: most operations
// refuse an empty parameter and accept a missing one.
func Optional(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}
