package redact

import (
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// maxEscapes is how often a text may be escaped over again: an error with a
// URL inside of JSON inside of JSON has three.
const maxEscapes = 3

// view is a text as it is after some escapes and the line breaks are undone,
// with where each byte comes from.
type view struct {
	text  string
	start []int // of each byte in the original text, and its length at the end; nil for the original text
}

// views returns the original text and all that comes of it by undoing escapes.
func views(text string) []view {
	all := []view{{text: text}}
	if strings.IndexByte(text, '\n') >= 0 || strings.IndexByte(text, '\r') >= 0 {
		all[0] = undo(all[0], escape{})
	}
	for depth, round := 0, all; depth < maxEscapes && len(round) > 0; depth++ {
		var next []view
		for _, v := range round {
			for _, e := range []escape{{'%', percent}, {'\\', backslash}} {
				if strings.IndexByte(v.text, e.first) < 0 {
					continue
				}
				if undone := undo(v, e); undone.text != v.text {
					next = append(next, undone)
				}
			}
		}
		all = append(all, next...)
		round = next
	}
	return all
}

// span returns the part of the original text from which the part of the view
// comes.
func (v view) span(start, end int) span {
	if v.start == nil {
		return span{start, end}
	}
	// Several bytes may come from one escape, which goes as a whole.
	last := v.start[end-1]
	for end < len(v.text) && v.start[end] == last {
		end++
	}
	return span{v.start[start], v.start[end]}
}

// escape is a way to write bytes by others.
type escape struct {
	first byte // of each escape
	// undo returns the bytes for which the beginning of a text stands, and how
	// many bytes that is: none if it is no escape.
	undo func(string) (string, int)
}

// undo returns the view with each escape undone, and without line breaks.
func undo(v view, e escape) view {
	text := make([]byte, 0, len(v.text))
	start := make([]int, 0, len(v.text)+1)
	add := func(c byte, i int) {
		if c != '\r' && c != '\n' {
			text = append(text, c)
			start = append(start, v.origin(i))
		}
	}
	for i := 0; i < len(v.text); {
		c := v.text[i]
		if c == e.first && e.undo != nil {
			if bytes, n := e.undo(v.text[i:]); n > 0 {
				for _, c := range []byte(bytes) {
					add(c, i)
				}
				i += n
				continue
			}
		}
		add(c, i)
		i++
	}
	return view{string(text), append(start, v.origin(len(v.text)))}
}

// origin returns where in the original text the byte at i comes from.
func (v view) origin(i int) int {
	if v.start == nil {
		return i
	}
	return v.start[i]
}

// percent undoes the escapes of URLs.
func percent(s string) (string, int) {
	c, ok := number(s, 1, 2)
	if !ok {
		return "", 0
	}
	return string([]byte{byte(c)}), 3
}

// backslash undoes the escapes of JSON and of Go.
func backslash(s string) (string, int) {
	if len(s) < 2 {
		return "", 0
	}
	switch s[1] {
	case '\\', '"', '\'', '/':
		return s[1:2], 2
	case 'a':
		return "\a", 2
	case 'b':
		return "\b", 2
	case 'f':
		return "\f", 2
	case 'n':
		return "\n", 2
	case 'r':
		return "\r", 2
	case 't':
		return "\t", 2
	case 'v':
		return "\v", 2
	case 'x':
		if c, ok := number(s, 2, 2); ok {
			return string([]byte{byte(c)}), 4
		}
	case 'u':
		if c, ok := number(s, 2, 4); ok {
			return unicodeEscape(c, s)
		}
	case 'U':
		if c, ok := number(s, 2, 8); ok {
			return string(c), 10
		}
	}
	return "", 0
}

// unicodeEscape returns the character of the escape \uXXXX at the beginning of
// s, which may be half of one.
func unicodeEscape(c rune, s string) (string, int) {
	if utf16.IsSurrogate(c) && len(s) > 7 && s[6] == '\\' && s[7] == 'u' {
		if low, ok := number(s, 8, 4); ok {
			if whole := utf16.DecodeRune(c, low); whole != utf8.RuneError {
				return string(whole), 12
			}
		}
	}
	return string(c), 6
}

// number returns the hexadecimal number of n digits at s[at:].
func number(s string, at, n int) (rune, bool) {
	if len(s) < at+n {
		return 0, false
	}
	c, err := strconv.ParseUint(s[at:at+n], 16, 31)
	return rune(c), err == nil
}
