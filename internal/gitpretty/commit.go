package gitpretty

import (
	"bytes"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// A Commit is the data that placeholders show.
type Commit struct {
	ID      string // hexadecimal digits
	TreeID  string
	Parents []string

	Author, Committer Signature

	// Message is the commit message as stored, in UTF-8, usually with a
	// line feed at its end.
	Message string
}

// A Signature is a person and a time.
type Signature struct {
	Name, Email string
	// When is printed in its own location's offset from UTC.
	When time.Time
}

// An Expander expands placeholders for one commit and one archive. It is safe
// for concurrent use. The order of calls matters only to %(describe), of which
// the first in an archive differs from the others.
type Expander struct {
	commit    Commit
	subject   string // with line feeds replaced by spaces
	fileName  string // made of the subject's first line
	body      string
	text      string // the message from the subject on
	mailmap   mailmap
	described atomic.Bool
	trailers  func() trailerBlock
}

// New returns an Expander for commit. mailmap is the content of the tree's
// .mailmap file, or nil.
func New(commit Commit, mailmap []byte) *Expander {
	e := &Expander{commit: commit, mailmap: parseMailmap(mailmap)}
	e.commit.Message, _, _ = strings.Cut(commit.Message, "\x00")
	e.text = skipBlankLines(e.commit.Message)
	rest := e.text
	var subject []string
	for rest != "" {
		line, after := cutLine(rest)
		rest = after
		line = strings.TrimRight(line, spaces)
		if line == "" {
			break
		}
		subject = append(subject, line)
	}
	e.subject = strings.Join(subject, " ")
	first, _ := cutLine(e.text)
	e.fileName = fileName(first)
	e.body = skipBlankLines(rest)
	e.trailers = sync.OnceValue(func() trailerBlock { return findTrailers(e.text) })
	return e
}

// spaces is git's white space.
const spaces = " \t\n\r"

func isSpace(c byte) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' }

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

func isAlnum(c byte) bool {
	return isDigit(c) || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
}

// cutLine splits s behind its first line feed.
func cutLine(s string) (line, rest string) {
	if i := strings.IndexByte(s, '\n'); i >= 0 {
		return s[:i+1], s[i+1:]
	}
	return s, ""
}

func skipBlankLines(s string) string {
	for s != "" {
		line, rest := cutLine(s)
		if strings.Trim(line, spaces) != "" {
			break
		}
		s = rest
	}
	return s
}

// cutNUL returns the part of s before the first NUL: where git works on C strings,
// the rest does not count.
func cutNUL(b []byte) []byte {
	if i := bytes.IndexByte(b, 0); i >= 0 {
		return b[:i]
	}
	return b
}
