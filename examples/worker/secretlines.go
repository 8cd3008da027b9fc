//go:build unix

package main

import (
	"bytes"
	"cmp"
	"slices"
	"strings"
	"unicode/utf8"
)

const redacted = "[redacted]"

// minSecret is how many bytes a secret has at least: less would be found in
// every text.
const minSecret = 4

// secretLines are the lines of secrets. The output of a command is looked at line
// by line, and a secret may have several.
type secretLines struct {
	lines   [][]byte
	replace *strings.Replacer
	longest int // bytes that may be the start of a secret or of a character
}

func newSecretLines(secrets []string) secretLines {
	var lines []string
	for _, secret := range secrets {
		for line := range strings.Lines(secret) {
			if line = strings.TrimSpace(line); len(line) >= minSecret {
				lines = append(lines, line)
			}
		}
	}
	// The longest first: one may be the start of another.
	slices.SortFunc(lines, func(a, b string) int { return cmp.Or(len(b)-len(a), strings.Compare(a, b)) })
	s := secretLines{longest: utf8.UTFMax}
	var pairs []string
	for _, line := range slices.Compact(lines) {
		s.lines = append(s.lines, []byte(line))
		s.longest = max(s.longest, len(line))
		pairs = append(pairs, line, redacted)
	}
	s.replace = strings.NewReplacer(pairs...)
	return s
}

// redact returns the text without secrets. It returns the text itself if there are
// none in it.
func (s *secretLines) redact(text []byte) []byte {
	if slices.ContainsFunc(s.lines, func(line []byte) bool { return bytes.Contains(text, line) }) {
		return []byte(s.replace.Replace(string(text)))
	}
	return text
}
