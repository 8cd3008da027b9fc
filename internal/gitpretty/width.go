package gitpretty

import (
	"sort"
	"unicode/utf8"
)

// decode reads the character at the start of s and returns its width in
// columns and its length in bytes. Control characters have the width -1. The
// length is 0 for what git does not take for UTF-8: the usual and U+FFFE and
// U+FFFF.
func decode(s []byte) (width, length int) {
	r, n := utf8.DecodeRune(s)
	if r == utf8.RuneError && n <= 1 || r == 0xfffe || r == 0xffff {
		return 0, 0
	}
	return runeWidth(r), n
}

func runeWidth(r rune) int {
	switch {
	case r == 0:
		return 0
	case r < ' ', 0x7f <= r && r < 0xa0:
		return -1
	case r < 0x300:
		return 1
	case inTable(zeroWidth, r):
		return 0
	case inTable(doubleWidth, r):
		return 2
	}
	return 1
}

// inTable reports whether r is in one of the ranges, which are pairs of first
// and last.
func inTable(table [][2]rune, r rune) bool {
	i := sort.Search(len(table), func(i int) bool { return table[i][1] >= r })
	return i < len(table) && table[i][0] <= r
}

// escapeLen returns the length of the colour sequence at the start of s, 0 if
// there is none.
func escapeLen(s []byte) int {
	if len(s) < 3 || s[0] != '\x1b' || s[1] != '[' {
		return 0
	}
	i := 2
	for i < len(s) && (isDigit(s[i]) || s[i] == ';') {
		i++
	}
	if i == len(s) || s[i] != 'm' {
		return 0
	}
	return i + 1
}

// textWidth returns how many columns s takes, colours aside. Text that is not
// UTF-8 takes as many as it has bytes.
func textWidth(s []byte) int {
	width := 0
	for i := 0; i < len(s); {
		if ' ' <= s[i] && s[i] < 0x7f {
			width++
			i++
			continue
		}
		if n := escapeLen(s[i:]); n > 0 {
			i += n
			continue
		}
		w, n := decode(s[i:])
		if n == 0 {
			return len(s)
		}
		width += max(w, 0)
		i += n
	}
	return width
}

// replaceColumns replaces width columns of s from pos on by two dots. Text
// that is not UTF-8 stays as it is.
func replaceColumns(s []byte, pos, width int) []byte {
	out := make([]byte, 0, len(s)+2)
	col, replaced := 0, false
	for i := 0; i < len(s); {
		if n := escapeLen(s[i:]); n > 0 {
			out = append(out, s[i:i+n]...)
			i += n
			continue
		}
		w, n := decode(s[i:])
		if n == 0 {
			return s
		}
		w = max(w, 0)
		switch {
		case w == 0 || col < pos || col >= pos+width:
			out = append(out, s[i:i+n]...)
		case !replaced:
			out = append(out, ".."...)
			replaced = true
		}
		col += w
		i += n
	}
	return out
}
