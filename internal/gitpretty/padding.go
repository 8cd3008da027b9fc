package gitpretty

import (
	"bytes"
	"strings"
)

// maxWidth is the largest width and indentation git accepts.
const maxWidth = 16 << 10

// A padding is the effect of %<(…) and its kin on the next placeholder.
type padding struct {
	flush    flush
	width    int
	toColumn bool // width is the column to end at
	truncate truncation
}

type flush uint8

const (
	noFlush   flush = iota
	padRight        // %<
	padLeft         // %>
	padSteal        // %>>: like %>, but takes spaces before it if it needs room
	padCenter       // %><
)

type truncation uint8

const (
	truncNone truncation = iota
	truncRight
	truncLeft
	truncMiddle
)

// parse reads the placeholder at the start of s and returns its length, 0 if
// it is malformed. As in git, a malformed truncation leaves the padding set.
func (p *padding) parse(s string) int {
	rest := s[1:]
	kind := padRight
	if s[0] == '>' {
		switch kind = padLeft; {
		case strings.HasPrefix(rest, "<"):
			kind, rest = padCenter, rest[1:]
		case strings.HasPrefix(rest, ">"):
			kind, rest = padSteal, rest[1:]
		}
	}
	rest, toColumn := strings.CutPrefix(rest, "|")
	rest, ok := strings.CutPrefix(rest, "(")
	end := strings.IndexAny(rest, ",)")
	if !ok || end <= 0 {
		return 0
	}
	long, digits := cutInt(rest)
	width := int(int32(long)) // git stores the number in an int
	if digits == 0 || width == 0 || width < -maxWidth || width > maxWidth {
		return 0
	}
	if width < 0 {
		const terminal = 80
		if toColumn {
			width += terminal
		}
		if width < 0 {
			return 0
		}
	}
	p.flush, p.width, p.toColumn = kind, width, toColumn && width > 0
	if rest[end] == ')' {
		p.truncate = truncNone
		return len(s) - len(rest) + end + 1
	}
	rest = rest[end+1:]
	word, _, ok := strings.Cut(rest, ")")
	if !ok {
		return 0
	}
	switch word {
	case "trunc":
		p.truncate = truncRight
	case "ltrunc":
		p.truncate = truncLeft
	case "mtrunc":
		p.truncate = truncMiddle
	default:
		return 0
	}
	return len(s) - len(rest) + len(word) + 1
}

// padded expands the placeholder at the start of s, and colours in front of
// it, and pads or truncates the result as x.pad says.
func (x *expansion) padded(s string) int {
	width := x.pad.width
	if x.pad.toColumn {
		width -= x.column()
	}
	var text []byte
	taken := 0
	for {
		color := strings.HasPrefix(s[taken:], "C")
		var n int
		text, n = x.placeholder(text, s[taken:])
		taken += n
		if !color || !strings.HasPrefix(s[taken:], "%") {
			break
		}
		taken++
	}
	x.work += len(text)
	cols := textWidth(text)
	kind := x.pad.flush // of a padding within the padding, if there is one
	if kind == padSteal {
		text, width = x.steal(text, cols, width)
		kind = padLeft
	}
	x.pad.flush = noFlush
	if cols > width {
		cut := cols - (width - 2)
		switch x.pad.truncate {
		case truncRight:
			text = replaceColumns(text, width-2, cut)
		case truncLeft:
			text = replaceColumns(text, 0, cut)
		case truncMiddle:
			text = replaceColumns(text, width/2-1, cut)
		}
		x.out = append(x.out, text...)
		return taken
	}
	left := 0
	switch kind {
	case padLeft:
		left = width - cols
	case padCenter:
		left = (width - cols) / 2
	}
	x.out = appendSpaces(x.out, left)
	x.out = append(x.out, text...)
	x.out = appendSpaces(x.out, width-cols-left)
	return taken
}

// column returns how many columns the current line takes up.
func (x *expansion) column() int {
	// The text before x.clean has no NUL and need not be searched again.
	rest := x.out[x.clean:]
	x.clean += len(cutNUL(rest))
	line := x.out[max(0, bytes.LastIndexByte(x.out[:x.clean], '\n')):x.clean]
	x.work += len(line)
	return textWidth(line)
}

// steal takes spaces from the end of the output for text of cols columns to
// fit in width. It reaches over colours, which it moves into text.
func (x *expansion) steal(text []byte, cols, width int) ([]byte, int) {
	end := len(x.out)
	for cols > width && end > 1 {
		if x.out[end-1] == ' ' {
			end--
			width++
			continue
		}
		if x.out[end-1] != 'm' {
			break
		}
		window := x.out[max(0, end-11):end]
		esc := bytes.LastIndexByte(window, '\x1b')
		if esc < 0 || escapeLen(window[esc:]) != len(window)-esc {
			break
		}
		esc += end - len(window)
		text = append(bytes.Clone(x.out[esc:end]), text...)
		end = esc
	}
	x.out = x.out[:end]
	x.clean = min(x.clean, end)
	return text, width
}

func appendSpaces(out []byte, n int) []byte {
	const spaces = "                                                                "
	for ; n > len(spaces); n -= len(spaces) {
		out = append(out, spaces...)
	}
	return append(out, spaces[:n]...)
}
