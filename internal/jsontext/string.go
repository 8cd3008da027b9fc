package jsontext

import (
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// Name reads the name of a member and the colon behind it.
func (d *Scanner) Name() (string, error) {
	if d.Peek() != '"' {
		return "", d.Want("a member name")
	}
	k, err := d.Str()
	if err != nil {
		return "", err
	}
	if d.Peek() != ':' {
		return "", d.Want("a colon")
	}
	d.Pos++
	return k, nil
}

// Str reads the string that starts here. A string without escapes shares
// memory with the text.
func (d *Scanner) Str() (string, error) { return d.readString(true) }

// SkipStr checks the string that starts here and moves behind it.
func (d *Scanner) SkipStr() error {
	_, err := d.readString(false)
	return err
}

// readString reads the string that starts here. Without keep it only checks it.
func (d *Scanner) readString(keep bool) (string, error) {
	start := d.Pos + 1
	s := d.Text
	for i := start; i < len(s); i++ {
		c := s[i]
		if c == '"' {
			d.Pos = i + 1
			return s[start:i], nil
		}
		if c == '\\' {
			return d.escaped(start, i, keep)
		}
		if c < 0x20 {
			d.Pos = i
			return "", d.Fail("control character in a string")
		}
	}
	d.Pos = len(s)
	return "", d.Fail("string without its closing quote")
}

// escaped goes on with a string at its first backslash, which is at i.
func (d *Scanner) escaped(start, i int, keep bool) (string, error) {
	end := i
	for { // find the end, so that one allocation is enough
		n := strings.IndexByte(d.Text[end:], '"')
		if n < 0 {
			d.Pos = len(d.Text)
			return "", d.Fail("string without its closing quote")
		}
		end += n
		slashes := 0
		for d.Text[end-1-slashes] == '\\' {
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
		b = append(b, d.Text[start:i]...)
	}
	for i < end {
		c := d.Text[i]
		switch {
		case c < 0x20:
			d.Pos = i
			return "", d.Fail("control character in a string")
		case c != '\\':
			if keep {
				b = append(b, c)
			}
			i++
			continue
		}
		d.Pos = i
		i += 2 // the end was found behind an even number of backslashes
		r := rune(d.Text[i-1])
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
			if r, ok = hex4(d.Text[i:end]); !ok {
				return "", d.Fail("\\u without four hexadecimal digits")
			}
			i += 4
			if utf16.IsSurrogate(r) {
				low := rune(0)
				if strings.HasPrefix(d.Text[i:end], `\u`) {
					low, _ = hex4(d.Text[i+2 : end])
				}
				if r = utf16.DecodeRune(r, low); r != utf8.RuneError {
					i += 6
				}
			}
		default:
			return "", d.Fail("unknown escape in a string")
		}
		if keep {
			b = utf8.AppendRune(b, r)
		}
	}
	d.Pos = end + 1
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
