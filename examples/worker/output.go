//go:build unix

package main

import (
	"bytes"
	"io"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"
)

// What the failure message has of the output. CodePipeline takes 5,000
// characters of a message.
const (
	tailLines = 30
	tailBytes = 4000
)

// maxLine is how many bytes of output a line of the log has at most. Longer
// ones are continued in the next line.
const maxLine = 16 << 10

// lineWriter writes the lines of several jobs.
type lineWriter struct {
	mu sync.Mutex
	w  io.Writer
}

// write writes whole lines.
func (w *lineWriter) write(lines []byte) {
	w.mu.Lock()
	defer w.mu.Unlock()
	_, _ = w.w.Write(lines)
}

// outputLog takes the output of a command: it writes the output line by line to
// the log, without secrets and control characters, and keeps its end. It is for
// one goroutine.
type outputLog struct {
	out     *lineWriter
	prefix  string // of each line
	secrets secretLines
	pending []byte   // the start of a line
	lines   []byte   // whole lines that are not written yet
	cleaned []byte   // the line at work
	last    [][]byte // the last lines, as a ring
	next    int      // the oldest of them
}

func newOutputLog(out *lineWriter, job string, secrets []string) *outputLog {
	return &outputLog{out: out, prefix: "[" + job + "] ", secrets: newSecretLines(secrets)}
}

// Write takes the next part of the output.
func (l *outputLog) Write(p []byte) (int, error) {
	n := len(p)
	for len(p) > 0 {
		line, rest, found := bytes.Cut(p, []byte("\n"))
		p = rest
		if found && len(l.pending) == 0 {
			l.line(line)
			continue
		}
		l.pending = append(l.pending, line...)
		if found {
			l.line(l.pending)
			l.pending = l.pending[:0]
			continue
		}
		if len(l.pending) > maxLine+l.secrets.longest {
			text := l.secrets.redact(l.pending)
			cut := characterStart(text, max(0, len(text)-l.secrets.longest))
			l.line(text[:cut])
			l.pending = append(l.pending[:0], text[cut:]...)
		}
	}
	l.write()
	return n, nil
}

// flush writes an output that does not end with a newline.
func (l *outputLog) flush() {
	if len(l.pending) > 0 {
		l.line(l.pending)
		l.pending = nil
	}
	l.write()
}

func (l *outputLog) write() {
	if len(l.lines) > 0 {
		l.out.write(l.lines)
		l.lines = l.lines[:0]
	}
}

func (l *outputLog) line(text []byte) {
	text = l.secrets.redact(text)
	if !isPlain(text) {
		l.cleaned = appendClean(l.cleaned[:0], text)
		text = l.secrets.redact(l.cleaned) // now that nothing is in between
	}
	for len(text) > maxLine {
		cut := characterStart(text, maxLine)
		l.emit(text[:cut])
		text = text[cut:]
	}
	l.emit(text)
}

func (l *outputLog) emit(text []byte) {
	l.lines = append(append(append(l.lines, l.prefix...), text...), '\n')
	if len(l.last) < tailLines {
		l.last = append(l.last, bytes.Clone(text))
		return
	}
	l.last[l.next] = append(l.last[l.next][:0], text...)
	l.next = (l.next + 1) % tailLines
}

// tail returns the last lines.
func (l *outputLog) tail() string {
	lines := slices.Concat(l.last[l.next:], l.last[:l.next])
	text := strings.TrimSpace(string(bytes.Join(lines, []byte("\n"))))
	if len(text) <= tailBytes {
		return text
	}
	text = text[len(text)-tailBytes:]
	for !utf8.RuneStart(text[0]) {
		text = text[1:]
	}
	return "…" + text
}

// isPlain reports whether a line is printable ASCII and tabs.
func isPlain(text []byte) bool {
	for _, c := range text {
		if (c < ' ' && c != '\t') || c > '~' {
			return false
		}
	}
	return true
}

// appendClean appends what a terminal shows of a line in the end: no control
// characters, no escape sequences, and of a progress bar its last state.
func appendClean(out, line []byte) []byte {
	if !utf8.Valid(line) {
		line = bytes.ToValidUTF8(line, []byte("\uFFFD"))
	}
	start, returned := len(out), false
	for len(line) > 0 {
		if n := printable(line); n > 0 {
			if returned {
				out, returned = out[:start], false
			}
			out = append(out, line[:n]...)
			line = line[n:]
			continue
		}
		switch line[0] {
		case '\x1b':
			line = line[escapeSize(line):]
			continue
		case '\r':
			returned = true
		case firstOfControl:
			line = line[1:]
		}
		line = line[1:]
	}
	return out
}

// firstOfControl is the first byte of the characters U+0080 to U+00BF, of which
// those to U+009F are control characters.
const firstOfControl = 0xC2

// printable returns how many bytes of UTF-8 at the start of text are printable
// characters and tabs.
func printable(text []byte) int {
	for i, c := range text {
		switch {
		case c < ' ' && c != '\t', c == 0x7F:
			return i
		case c == firstOfControl && i+1 < len(text) && text[i+1] < 0xA0:
			return i
		}
	}
	return len(text)
}

// escapeSize returns the size of the escape sequence at the start of text, which
// moves the cursor of a terminal or colors its text. It is 1 for an escape
// character alone.
func escapeSize(text []byte) int {
	if len(text) < 2 {
		return 1
	}
	switch c := text[1]; {
	case c == '[': // parameters, intermediate bytes, a final byte
		i := 2
		for i < len(text) && text[i] >= '0' && text[i] <= '?' {
			i++
		}
		for i < len(text) && text[i] >= ' ' && text[i] <= '/' {
			i++
		}
		if i < len(text) && text[i] >= '@' && text[i] <= '~' {
			return i + 1
		}
		return 1
	case c == ']': // a title or a link, up to BEL or ESC \
		i := 2
		for i < len(text) && text[i] != '\a' && text[i] != '\x1b' {
			i++
		}
		switch {
		case i < len(text) && text[i] == '\a':
			return i + 1
		case i+1 < len(text) && text[i+1] == '\\':
			return i + 2
		}
		return i
	case c >= '@' && c <= 'Z', c == '\\', c == '^', c == '_':
		return 2
	}
	return 1
}

// characterStart returns the start of the character that has the byte at i, or
// i itself where the text is not UTF-8.
func characterStart(text []byte, i int) int {
	for start := i; start >= 0 && start > i-utf8.UTFMax; start-- {
		if utf8.RuneStart(text[start]) {
			return start
		}
	}
	return i
}
