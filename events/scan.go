package events

import (
	"encoding/json"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// scanner reads one JSON text (RFC 8259) from front to back. It works on a
// string so that the strings it returns share memory with the text, and
// accepts nothing that the grammar does not: the text decides what a pipeline
// does, and must not mean different things to different readers.
type scanner struct {
	s     string
	i     int
	depth int
}

// newScanner returns a scanner of a copy of data, which must be UTF-8.
func newScanner(data []byte) (*scanner, error) {
	if !utf8.Valid(data) {
		return nil, &DecodeError{Reason: "not valid UTF-8"}
	}
	return &scanner{s: string(data)}, nil
}

func (d *scanner) fail(reason string) error {
	return &DecodeError{Offset: d.i, Reason: reason}
}

// space skips white space and returns the next byte, 0 at the end.
func (d *scanner) space() byte {
	for d.i < len(d.s) {
		switch c := d.s[d.i]; c {
		case ' ', '\n', '\t', '\r':
			d.i++
		default:
			return c
		}
	}
	return 0
}

// found names the value that starts here, for errors.
func (d *scanner) found() string {
	switch c := d.space(); {
	case c == 0 && d.i >= len(d.s):
		return "the end of the text"
	case c == '{':
		return "an object"
	case c == '[':
		return "an array"
	case c == '"':
		return "a string"
	case c == '-' || c >= '0' && c <= '9':
		return "a number"
	case c == 't' || c == 'f':
		return "a boolean"
	case c == 'n':
		return "null"
	default:
		return "an invalid character"
	}
}

func (d *scanner) want(what string) error {
	return d.fail("want " + what + ", found " + d.found())
}

// open enters an object or array and reports whether it has members.
func (d *scanner) open(bracket byte) (more bool, err error) {
	if d.space() != bracket {
		if bracket == '{' {
			return false, d.want("an object")
		}
		return false, d.want("an array")
	}
	if d.depth++; d.depth > MaxDepth {
		return false, d.fail("nested more than " + strconv.Itoa(MaxDepth) + " deep")
	}
	d.i++
	if d.space() == bracket+2 { // '{' and '}', '[' and ']' are two apart in ASCII
		d.i++
		d.depth--
		return false, nil
	}
	return true, nil
}

// next moves behind a member and reports whether another one follows.
func (d *scanner) next(bracket byte) (more bool, err error) {
	switch c := d.space(); c {
	case ',':
		d.i++
		return true, nil
	case bracket + 2:
		d.i++
		d.depth--
		return false, nil
	default:
		return false, d.want("a comma or the closing bracket")
	}
}

// key reads the name of a member and the colon behind it.
func (d *scanner) key() (string, error) {
	if d.space() != '"' {
		return "", d.want("a member name")
	}
	k, err := d.str()
	if err != nil {
		return "", err
	}
	if d.space() != ':' {
		return "", d.want("a colon")
	}
	d.i++
	return k, nil
}

// str reads the string that starts here. Without escapes it shares memory
// with the text.
func (d *scanner) str() (string, error) { return d.read(true) }

// read is str; without keep it only checks the string.
func (d *scanner) read(keep bool) (string, error) {
	start := d.i + 1
	s := d.s
	for i := start; i < len(s); i++ {
		c := s[i]
		if c == '"' {
			d.i = i + 1
			return s[start:i], nil
		}
		if c == '\\' {
			return d.escaped(start, i, keep)
		}
		if c < 0x20 {
			d.i = i
			return "", d.fail("control character in a string")
		}
	}
	d.i = len(s)
	return "", d.fail("string without its closing quote")
}

// escaped goes on with a string at its first backslash, which is at i.
func (d *scanner) escaped(start, i int, keep bool) (string, error) {
	end := i
	for { // find the end, so that one allocation is enough
		n := strings.IndexByte(d.s[end:], '"')
		if n < 0 {
			d.i = len(d.s)
			return "", d.fail("string without its closing quote")
		}
		end += n
		slashes := 0
		for d.s[end-1-slashes] == '\\' {
			slashes++
		}
		if slashes%2 == 0 {
			break
		}
		end++
	}
	var b []byte
	if keep {
		b = make([]byte, 0, end-start)
		b = append(b, d.s[start:i]...)
	}
	for i < end {
		c := d.s[i]
		switch {
		case c < 0x20:
			d.i = i
			return "", d.fail("control character in a string")
		case c != '\\':
			if keep {
				b = append(b, c)
			}
			i++
			continue
		}
		d.i = i
		i += 2 // the end was found behind an even number of backslashes
		r := rune(d.s[i-1])
		switch r {
		case '"', '\\', '/':
		case 'b':
			r = '\b'
		case 'f':
			r = '\f'
		case 'n':
			r = '\n'
		case 'r':
			r = '\r'
		case 't':
			r = '\t'
		case 'u':
			var ok bool
			if r, ok = hex4(d.s[i:end]); !ok {
				return "", d.fail("\\u without four hexadecimal digits")
			}
			i += 4
			if utf16.IsSurrogate(r) {
				low := rune(0)
				if strings.HasPrefix(d.s[i:end], `\u`) {
					low, _ = hex4(d.s[i+2 : end])
				}
				if r = utf16.DecodeRune(r, low); r != utf8.RuneError {
					i += 6
				}
			}
		default:
			return "", d.fail("unknown escape in a string")
		}
		if keep {
			b = utf8.AppendRune(b, r)
		}
	}
	d.i = end + 1
	return string(b), nil
}

func hex4(s string) (rune, bool) {
	if len(s) < 4 {
		return 0, false
	}
	var r rune
	for i := range 4 {
		c := s[i]
		switch {
		case c >= '0' && c <= '9':
			c -= '0'
		case c >= 'a' && c <= 'f':
			c -= 'a' - 10
		case c >= 'A' && c <= 'F':
			c -= 'A' - 10
		default:
			return 0, false
		}
		r = r<<4 | rune(c)
	}
	return r, true
}

// number reads the number that starts here and returns its text.
func (d *scanner) number() (string, error) {
	start := d.i
	digits := func() bool {
		from := d.i
		for d.i < len(d.s) && d.s[d.i] >= '0' && d.s[d.i] <= '9' {
			d.i++
		}
		return d.i > from
	}
	if d.s[d.i] == '-' {
		d.i++
	}
	zero := d.i < len(d.s) && d.s[d.i] == '0'
	first := d.i
	if !digits() || zero && d.i > first+1 {
		return "", d.fail("not a number")
	}
	if d.i < len(d.s) && d.s[d.i] == '.' {
		d.i++
		if !digits() {
			return "", d.fail("not a number")
		}
	}
	if d.i < len(d.s) && (d.s[d.i] == 'e' || d.s[d.i] == 'E') {
		d.i++
		if d.i < len(d.s) && (d.s[d.i] == '+' || d.s[d.i] == '-') {
			d.i++
		}
		if !digits() {
			return "", d.fail("not a number")
		}
	}
	return d.s[start:d.i], nil
}

// word reads true, false or null.
func (d *scanner) word() (string, error) {
	for _, w := range [...]string{"true", "false", "null"} {
		if strings.HasPrefix(d.s[d.i:], w) {
			d.i += len(w)
			return w, nil
		}
	}
	if c := d.space(); c == 't' || c == 'f' || c == 'n' {
		return "", d.fail("want a value, found an unknown word")
	}
	return "", d.want("a value")
}

// null moves behind a null, if one is next.
func (d *scanner) null() bool {
	if d.space() != 'n' || !strings.HasPrefix(d.s[d.i:], "null") {
		return false
	}
	d.i += len("null")
	return true
}

// scalar reads a string, number or boolean as text, and null as no text.
func (d *scanner) scalar() (string, error) {
	switch c := d.space(); {
	case c == '"':
		return d.str()
	case c == '-' || c >= '0' && c <= '9':
		return d.number()
	case c == 'n':
		_, err := d.word()
		return "", err
	case c == 't' || c == 'f':
		return d.word()
	default:
		return "", d.want("a string")
	}
}

// value checks any value and returns its text.
func (d *scanner) value() (string, error) {
	c := d.space()
	start := d.i
	var err error
	switch {
	case c == '{' || c == '[':
		err = d.composite(c)
	case c == '"':
		_, err = d.read(false)
	case c == '-' || c >= '0' && c <= '9':
		_, err = d.number()
	default:
		_, err = d.word()
	}
	if err != nil {
		return "", err
	}
	return d.s[start:d.i], nil
}

func (d *scanner) composite(bracket byte) error {
	more, err := d.open(bracket)
	for more && err == nil {
		if bracket == '{' {
			if _, err = d.key(); err != nil {
				return err
			}
		}
		if _, err = d.value(); err != nil {
			return err
		}
		more, err = d.next(bracket)
	}
	return err
}

// tree reads any value: map[string]any, []any, string, [json.Number], bool or
// nil. Of a name that an object has twice it keeps the last.
func (d *scanner) tree() (any, error) {
	switch c := d.space(); {
	case c == '{':
		fields := map[string]any{}
		more, err := d.open('{')
		for more && err == nil {
			var name string
			if name, err = d.key(); err != nil {
				return nil, err
			}
			if fields[name], err = d.tree(); err != nil {
				return nil, err
			}
			more, err = d.next('{')
		}
		return fields, err
	case c == '[':
		list := []any{}
		more, err := d.open('[')
		for more && err == nil {
			var element any
			if element, err = d.tree(); err != nil {
				return nil, err
			}
			list = append(list, element)
			more, err = d.next('[')
		}
		return list, err
	case c == '"':
		return d.str()
	case c == '-' || c >= '0' && c <= '9':
		number, err := d.number()
		return json.Number(number), err
	}
	word, err := d.word()
	if word == "null" || err != nil {
		return nil, err
	}
	return word == "true", nil
}

// end reports anything but white space behind the value.
func (d *scanner) end() error {
	if d.space(); d.i < len(d.s) {
		return d.fail("more text behind the JSON value")
	}
	return nil
}
