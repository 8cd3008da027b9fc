package definition

import (
	"errors"
	"strings"
	"unicode/utf8"

	"github.com/codesuite-go/codesuite/internal/jsontext"
)

// parseTree reads a JSON text as readTree does. The error has a line and a column.
func parseTree(data []byte) (any, error) {
	tree, err := readTree(data)
	if err == nil {
		return tree, nil
	}
	failure := &Error{Err: err}
	var syntax *jsontext.Error
	if errors.As(err, &syntax) {
		failure.Err = errors.New(syntax.Reason)
		failure.Line, failure.Column = position(string(data), syntax.Offset)
	}
	return nil, failure
}

// withPlace returns an error of a text with the line and the column to which its path
// leads, or those of the next thing around it that is in the text.
func withPlace(err error, data []byte) error {
	var failure *Error
	if !errors.As(err, &failure) || failure.Path == "" {
		return err
	}
	at := *failure
	at.Line, at.Column = position(string(data), locate(string(data), at.Path))
	return &at
}

// position returns the line and the column of an offset, both from 1. A column is a
// character.
func position(text string, offset int) (line, column int) {
	before := text[:min(offset, len(text))]
	start := strings.LastIndexByte(before, '\n') + 1
	return strings.Count(before, "\n") + 1, utf8.RuneCountInString(before[start:]) + 1
}

// locate returns the offset of the value in a JSON text to which the path leads.
func locate(text, path string) int {
	s := &jsontext.Scanner{Text: text}
	here := ""
	for {
		bracket := s.Peek()
		start := s.Pos
		if bracket != '{' && bracket != '[' || here == path {
			return start
		}
		found := false
		more, err := s.Open(bracket)
		for i := 0; more && err == nil; i++ {
			next := element(here, i)
			if bracket == '{' {
				var name string
				if name, err = s.Name(); err != nil {
					return start
				}
				next = member(here, name)
			}
			if leads(next, path) {
				here, found = next, true
				break
			}
			if _, err = s.Value(); err == nil {
				more, err = s.Next(bracket)
			}
		}
		if !found {
			return start
		}
	}
}

// leads reports whether a path goes through the value at another path, or to it.
func leads(through, path string) bool {
	rest, ok := strings.CutPrefix(path, through)
	return ok && (rest == "" || rest[0] == '.' || rest[0] == '[')
}
