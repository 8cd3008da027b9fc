//go:build unix

package main

import (
	"bytes"
	"fmt"
	"io"
	"regexp"
	"strings"
	"sync"
	"unicode"
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

const redacted = "[redacted]"

// lineWriter writes the lines of several jobs.
type lineWriter struct {
	mu sync.Mutex
	w  io.Writer
}

func (w *lineWriter) write(job, line string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	fmt.Fprintf(w.w, "[%s] %s\n", job, line)
}

// outputLog gets the output of a command: it writes it line by line to the log,
// without secrets and control characters, and keeps its end. It is for one
// goroutine.
type outputLog struct {
	out     *lineWriter
	job     string
	secrets *strings.Replacer
	keep    int // bytes that may be the start of a secret or of a character
	pending []byte
	last    []string
}

// minSecret is how many bytes a secret has at least: less would be found in
// every text.
const minSecret = 4

func newOutputLog(out *lineWriter, job string, secrets []string) *outputLog {
	l := &outputLog{out: out, job: job, keep: utf8.UTFMax}
	var pairs []string
	for _, secret := range secrets {
		for line := range strings.Lines(secret) { // the output is looked at line by line
			line = strings.TrimSpace(line)
			if len(line) >= minSecret {
				pairs = append(pairs, line, redacted)
				l.keep = max(l.keep, len(line))
			}
		}
	}
	l.secrets = strings.NewReplacer(pairs...)
	return l
}

func (l *outputLog) Write(p []byte) (int, error) {
	n := len(p)
	for len(p) > 0 {
		line, rest, found := bytes.Cut(p, []byte("\n"))
		l.pending = append(l.pending, line...)
		p = rest
		if found {
			l.line(string(l.pending))
			l.pending = l.pending[:0]
			continue
		}
		if len(l.pending) > maxLine+l.keep {
			text := l.secrets.Replace(string(l.pending))
			cut := characterStart(text, max(0, len(text)-l.keep))
			l.line(text[:cut])
			l.pending = append(l.pending[:0], text[cut:]...)
		}
	}
	return n, nil
}

// characterStart returns the start of the character that has the byte at i, or
// i itself where the text is not UTF-8.
func characterStart(text string, i int) int {
	for start := i; start >= 0 && start > i-utf8.UTFMax; start-- {
		if utf8.RuneStart(text[start]) {
			return start
		}
	}
	return i
}

// flush writes what the command has not ended with a newline.
func (l *outputLog) flush() {
	if len(l.pending) > 0 {
		l.line(string(l.pending))
		l.pending = nil
	}
}

// escapes matches the sequences that move the cursor of a terminal or color
// its text.
var escapes = regexp.MustCompile("\x1b(\\[[0-?]*[ -/]*[@-~]|\\][^\x07\x1b]*(\x07|\x1b\\\\)?|[@-Z\\\\^_])")

func (l *outputLog) line(text string) {
	text = l.secrets.Replace(text)
	text = escapes.ReplaceAllString(strings.ToValidUTF8(text, "\uFFFD"), "")
	text = strings.TrimRight(text, "\r")
	text = text[strings.LastIndexByte(text, '\r')+1:] // what a terminal shows of a progress bar
	text = strings.Map(func(c rune) rune {
		if unicode.IsControl(c) && c != '\t' {
			return -1
		}
		return c
	}, text)
	text = l.secrets.Replace(text) // now that nothing is in between
	for len(text) > maxLine {
		cut := characterStart(text, maxLine)
		l.emit(text[:cut])
		text = text[cut:]
	}
	l.emit(text)
}

func (l *outputLog) emit(text string) {
	l.out.write(l.job, text)
	l.last = append(l.last, text)
	if len(l.last) > tailLines {
		l.last = append(l.last[:0], l.last[1:]...)
	}
}

// tail returns the last lines.
func (l *outputLog) tail() string {
	text := strings.TrimSpace(strings.Join(l.last, "\n"))
	if len(text) <= tailBytes {
		return text
	}
	text = text[len(text)-tailBytes:]
	for !utf8.RuneStart(text[0]) {
		text = text[1:]
	}
	return "…" + text
}
