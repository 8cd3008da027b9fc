package ci

import (
	"strings"
	"unicode/utf8"

	"github.com/codesuite-go/codesuite/internal/awstext"
)

// tail returns at most so many of the last lines of the text, without those at its end
// that are blank, and at most limit characters. Of a line that is too long by itself
// the end stays.
func tail(text string, lines, limit int) string {
	text = strings.TrimRight(text, " \t\n")
	start, left := len(text), limit
	for n := 0; n < lines && start > 0; n++ {
		line := text[:start]
		if n > 0 {
			line = line[:start-1] // the end of the line before
		}
		begin := strings.LastIndexByte(line, '\n') + 1
		size := awstext.Len(line[begin:])
		if n > 0 {
			size++
		}
		if size > left {
			if n == 0 {
				return lastOf(text[begin:], limit)
			}
			break
		}
		left -= size
		start = begin
	}
	return text[start:]
}

// lastOf returns the end of the line, at most limit characters.
func lastOf(line string, limit int) string {
	const mark = "…"
	left, start := limit-awstext.Len(mark), len(line)
	for start > 0 {
		r, n := utf8.DecodeLastRuneInString(line[:start])
		if left -= awstext.Len(string(r)); left < 0 {
			break
		}
		start -= n
	}
	if start == len(line) {
		return ""
	}
	return mark + line[start:]
}
