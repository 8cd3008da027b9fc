//go:build unix

package main

import (
	"strings"
	"unicode/utf8"

	"github.com/codesuite-go/codesuite/internal/redact"
)

// Programs wrap what they encode, and the output of a command is looked at line
// by line.
const (
	base64Bytes = 57 // that a line of base64 shows, with 76 characters
	pemBytes    = 48 // that a line of PEM shows, with 64 characters of base64
	hexBytes    = 30 // that a line of xxd -p shows
	minPart     = 8  // bytes: less of a secret would be found in many lines
)

// maxEscape is how many bytes stand for one of a secret at most, as in \u0041.
const maxEscape = 6

// secretLines are the lines of secrets, in the forms that package redact knows,
// and the parts of secrets that encoded lines show. The output of a command is
// looked at line by line, and a secret may have several.
type secretLines struct {
	secrets *redact.Secrets // nil for none
	longest int             // bytes that may be the start of a secret or of a character
}

func newSecretLines(secrets []string) secretLines {
	s := secretLines{longest: utf8.UTFMax}
	var parts []string
	for _, secret := range secrets {
		s.longest = max(s.longest, maxEscape*len(secret))
		parts = append(parts, secret)
		for line := range strings.Lines(secret) {
			parts = append(parts, strings.TrimSpace(line))
		}
		for _, size := range []int{base64Bytes, pemBytes, hexBytes} {
			for start := 0; len(secret) > size && len(secret)-start >= minPart; start += size {
				parts = append(parts, secret[start:min(start+size, len(secret))])
			}
		}
	}
	if len(parts) > 0 {
		s.secrets = redact.New(parts...)
	}
	return s
}

// redact returns the text without secrets. It returns the text itself if there are
// none in it.
func (s *secretLines) redact(text []byte) []byte {
	if s.secrets == nil {
		return text
	}
	before := string(text)
	if after := s.secrets.Text(before); after != before {
		return []byte(after)
	}
	return text
}
