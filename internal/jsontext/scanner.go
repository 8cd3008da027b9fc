package jsontext

import (
	"encoding/json"
	"strconv"
	"strings"
	"unicode/utf8"
)

// MaxDepth is how deeply arrays and objects may be nested in one text.
const MaxDepth = 128

// Scanner reads one JSON text (RFC 8259) from front to back. A copy of a
// Scanner reads on from the same place on its own.
type Scanner struct {
	// Text is the text, which must be UTF-8.
	Text string
	// Pos is the position of the next byte.
	Pos int
	// Depth counts the arrays and objects around the next byte.
	Depth int
}

// NewScanner returns a Scanner of a copy of data. Data that is not UTF-8 is an
// error.
func NewScanner(data []byte) (*Scanner, error) {
	if !utf8.Valid(data) {
		return nil, &Error{Reason: "not valid UTF-8"}
	}
	return &Scanner{Text: string(data)}, nil
}

// Error says what is wrong with a text and where. It never holds values of the
// text.
type Error struct {
	Offset int // in bytes
	Reason string
}

var _ error = (*Error)(nil)

// Error gives the reason and the offset in one line.
func (e *Error) Error() string { return e.Reason + " (byte " + strconv.Itoa(e.Offset) + ")" }

// Fail returns an *[Error] at the next byte.
func (d *Scanner) Fail(reason string) error {
	return &Error{Offset: d.Pos, Reason: reason}
}

// Peek skips white space and returns the next byte, 0 at the end.
func (d *Scanner) Peek() byte {
	for d.Pos < len(d.Text) {
		switch c := d.Text[d.Pos]; c {
		case ' ', '\n', '\t', '\r':
			d.Pos++
		default:
			return c
		}
	}
	return 0
}

// found names the value that starts here, for errors.
func (d *Scanner) found() string {
	switch c := d.Peek(); {
	case c == 0 && d.Pos >= len(d.Text):
		return "the end of the text"
	case c == '{':
		return "an object"
	case c == '[':
		return "an array"
	case c == '"':
		return "a string"
	case c == '-' || c >= '0' && c <= '9':
		return "a number"
	}
	switch rest := d.Text[min(d.Pos, len(d.Text)):]; {
	case strings.HasPrefix(rest, "true"), strings.HasPrefix(rest, "false"):
		return "a boolean"
	case strings.HasPrefix(rest, "null"):
		return "null"
	}
	return "an invalid character"
}

// Want returns an *[Error] that names the expected value and the value that
// starts here.
func (d *Scanner) Want(what string) error {
	return d.Fail("want " + what + ", found " + d.found())
}

// Open enters an object ('{') or array ('[') and reports whether it has
// members.
func (d *Scanner) Open(bracket byte) (more bool, err error) {
	if d.Peek() != bracket {
		if bracket == '{' {
			return false, d.Want("an object")
		}
		return false, d.Want("an array")
	}
	if d.Depth++; d.Depth > MaxDepth {
		return false, d.Fail("nested more than " + strconv.Itoa(MaxDepth) + " deep")
	}
	d.Pos++
	if d.Peek() == bracket+2 { // '{' and '}', '[' and ']' are two apart in ASCII
		d.Pos++
		d.Depth--
		return false, nil
	}
	return true, nil
}

// Next moves behind a member of an object ('{') or array ('[') and reports
// whether another one follows.
func (d *Scanner) Next(bracket byte) (more bool, err error) {
	switch c := d.Peek(); c {
	case ',':
		d.Pos++
		return true, nil
	case bracket + 2:
		d.Pos++
		d.Depth--
		return false, nil
	default:
		return false, d.Want("a comma or the closing bracket")
	}
}

// Number reads the number that starts here and returns its text.
func (d *Scanner) Number() (string, error) {
	start := d.Pos
	digits := func() bool {
		from := d.Pos
		for d.Pos < len(d.Text) && d.Text[d.Pos] >= '0' && d.Text[d.Pos] <= '9' {
			d.Pos++
		}
		return d.Pos > from
	}
	if d.Text[d.Pos] == '-' {
		d.Pos++
	}
	zero := d.Pos < len(d.Text) && d.Text[d.Pos] == '0'
	first := d.Pos
	if !digits() || zero && d.Pos > first+1 {
		return "", d.Fail("not a number")
	}
	if d.Pos < len(d.Text) && d.Text[d.Pos] == '.' {
		d.Pos++
		if !digits() {
			return "", d.Fail("not a number")
		}
	}
	if d.Pos < len(d.Text) && (d.Text[d.Pos] == 'e' || d.Text[d.Pos] == 'E') {
		d.Pos++
		if d.Pos < len(d.Text) && (d.Text[d.Pos] == '+' || d.Text[d.Pos] == '-') {
			d.Pos++
		}
		if !digits() {
			return "", d.Fail("not a number")
		}
	}
	return d.Text[start:d.Pos], nil
}

// word reads true, false or null.
func (d *Scanner) word() (string, error) {
	for _, w := range [...]string{"true", "false", "null"} {
		if strings.HasPrefix(d.Text[d.Pos:], w) {
			d.Pos += len(w)
			return w, nil
		}
	}
	if c := d.Peek(); c == 't' || c == 'f' || c == 'n' {
		return "", d.Fail("want a value, found an unknown word")
	}
	return "", d.Want("a value")
}

// Null moves behind a null and reports whether one was next.
func (d *Scanner) Null() bool {
	if d.Peek() != 'n' || !strings.HasPrefix(d.Text[d.Pos:], "null") {
		return false
	}
	d.Pos += len("null")
	return true
}

// Scalar reads a string, number or boolean as text, and null as no text.
func (d *Scanner) Scalar() (string, error) {
	switch c := d.Peek(); {
	case c == '"':
		return d.Str()
	case c == '-' || c >= '0' && c <= '9':
		return d.Number()
	case c == 'n':
		_, err := d.word()
		return "", err
	case c == 't' || c == 'f':
		return d.word()
	default:
		return "", d.Want("a string")
	}
}

// Value checks any value and returns its text.
func (d *Scanner) Value() (string, error) {
	c := d.Peek()
	start := d.Pos
	var err error
	switch {
	case c == '{' || c == '[':
		err = d.composite(c)
	case c == '"':
		_, err = d.readString(false)
	case c == '-' || c >= '0' && c <= '9':
		_, err = d.Number()
	default:
		_, err = d.word()
	}
	if err != nil {
		return "", err
	}
	return d.Text[start:d.Pos], nil
}

func (d *Scanner) composite(bracket byte) error {
	more, err := d.Open(bracket)
	for more && err == nil {
		if bracket == '{' {
			if _, err = d.Name(); err != nil {
				return err
			}
		}
		if _, err = d.Value(); err != nil {
			return err
		}
		more, err = d.Next(bracket)
	}
	return err
}

// Tree reads any value: map[string]any, []any, string, [json.Number], bool or
// nil. The last member of a name counts.
func (d *Scanner) Tree() (any, error) {
	switch c := d.Peek(); {
	case c == '{':
		fields := map[string]any{}
		more, err := d.Open('{')
		for more && err == nil {
			var name string
			if name, err = d.Name(); err != nil {
				return nil, err
			}
			if fields[name], err = d.Tree(); err != nil {
				return nil, err
			}
			more, err = d.Next('{')
		}
		return fields, err
	case c == '[':
		list := []any{}
		more, err := d.Open('[')
		for more && err == nil {
			var element any
			if element, err = d.Tree(); err != nil {
				return nil, err
			}
			list = append(list, element)
			more, err = d.Next('[')
		}
		return list, err
	case c == '"':
		return d.Str()
	case c == '-' || c >= '0' && c <= '9':
		number, err := d.Number()
		return json.Number(number), err
	}
	word, err := d.word()
	if word == "null" || err != nil {
		return nil, err
	}
	return word == "true", nil
}

// End returns an error if more than white space follows.
func (d *Scanner) End() error {
	if d.Peek(); d.Pos < len(d.Text) {
		return d.Fail("more text behind the JSON value")
	}
	return nil
}
