// Package plaintext makes texts of strangers fit for terminals and comments.
package plaintext

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Text returns what a terminal shows of the text: without escape sequences and
// without control characters but the tab and the end of a line, and without those that
// turn the direction of the text. Of a line that returns to its begin, as progress
// bars do, the last writing stays. Bytes that are not UTF-8 become U+FFFD.
func Text(text string) string {
	var b strings.Builder
	b.Grow(len(text))
	for i, line := range strings.Split(text, "\n") {
		if i > 0 {
			b.WriteByte('\n')
		}
		b.WriteString(plainLine(line))
	}
	return b.String()
}

// Line returns Text on one line, with one space for each run of white space.
func Line(text string) string {
	return strings.Join(strings.Fields(Text(text)), " ")
}

func plainLine(line string) string {
	shown := ""
	for writing := range strings.SplitSeq(line, "\r") {
		if writing = withoutControls(writing); writing != "" {
			shown = writing
		}
	}
	return shown
}

func withoutControls(s string) string {
	var b strings.Builder
	endless := false
	for s != "" {
		r, n := utf8.DecodeRuneInString(s)
		switch {
		case r == '\x1b':
			n = sequence(s, &endless)
		case unicode.Is(unicode.Bidi_Control, r):
		case r == utf8.RuneError && n == 1:
			b.WriteRune(r)
		case r == '\t' || r >= ' ' && r < '\x7f' || r >= '\u00a0':
			b.WriteString(s[:n])
		}
		s = s[n:]
	}
	return b.String()
}

// sequence returns the length of the escape sequence that the text begins with. One
// that does not end in the line is no more than its first two bytes, so that no text
// is lost. It sets endless once the end of a text is not in the rest of the line, so
// that the line is not searched again.
func sequence(s string, endless *bool) int {
	if len(s) < 2 {
		return len(s)
	}
	switch s[1] {
	case '[': // of parameters, and a final byte
		i := 2
		for i < len(s) && s[i] >= 0x20 && s[i] <= 0x3f {
			i++
		}
		if i < len(s) && s[i] >= 0x40 && s[i] <= 0x7e {
			return i + 1
		}
		return 2
	case ']', 'P', 'X', '^', '_': // of a text, such as the title of the window
		for i := 2; i < len(s) && !*endless; i++ {
			if s[i] == '\a' {
				return i + 1
			}
			if strings.HasPrefix(s[i:], "\x1b\\") {
				return i + 2
			}
		}
		*endless = true
		return 2
	}
	i := 1
	for i < len(s) && s[i] >= 0x20 && s[i] <= 0x2f {
		i++
	}
	if i < len(s) && s[i] >= 0x30 && s[i] <= 0x7e {
		return i + 1
	}
	return 1
}
