package gitpretty

import (
	"bytes"
	"strings"
)

// A wrapping is the effect of %w(width,indent1,indent2) on the text after it,
// from start on.
type wrapping struct {
	start                  int
	width, indent, indent2 int
}

// parseWrap reads %w(…) at the start of s.
func (x *expansion) parseWrap(out []byte, s string) ([]byte, int) {
	args, ok := strings.CutPrefix(s, "w(")
	end := strings.IndexByte(args, ')')
	if !ok || end < 0 {
		return out, 0
	}
	var values [3]int64
	if end > 0 {
		rest := args
		for i := range values {
			if i > 0 {
				if rest[0] != ',' {
					break
				}
				rest = rest[1:]
			}
			var n int
			values[i], n = cutInt(rest)
			rest = rest[n:]
		}
		if rest[0] != ')' {
			return out, 0
		}
	}
	for _, v := range values {
		if v < 0 || v > maxWidth {
			return out, 0
		}
	}
	next := wrapping{width: int(values[0]), indent: int(values[1]), indent2: int(values[2])}
	return x.rewrap(out, next), len(s) - len(args) + end + 1
}

// rewrap wraps the text written to out under the current wrapping, unless next
// is the same, and makes next the current one.
//
// As in git, out is the text to be padded if %w stands behind a padding: the
// new wrapping then starts where that text ends, but in the output, which may
// be in the midst of the text so far.
func (x *expansion) rewrap(out []byte, next wrapping) []byte {
	w := x.wrap
	next.start = w.start
	if next == w {
		return out
	}
	if w.start < len(out) {
		text := bytes.Clone(cutNUL(out[w.start:]))
		out = w.wrapText(out[:w.start], text, x.limit)
		x.work += len(text)
		x.clean = min(x.clean, w.start)
	}
	x.wrap = next
	x.wrap.start = len(out)
	return out
}

// wrapText appends text to out, wrapped. It stops early when out exceeds
// limit.
func (w wrapping) wrapText(out, text []byte, limit int) []byte {
	if w.width == 0 {
		return w.indentText(out, text, limit)
	}
	if wrapped, ok := w.wrapLines(out, text, limit, true); ok {
		return wrapped
	}
	wrapped, _ := w.wrapLines(out, text, limit, false)
	return wrapped
}

// indentText appends text with its lines indented.
func (w wrapping) indentText(out, text []byte, limit int) []byte {
	indent := w.indent
	for len(text) > 0 && len(out) <= limit {
		line := text
		if i := bytes.IndexByte(text, '\n'); i >= 0 {
			line = text[:i+1]
		}
		out = appendSpaces(out, indent)
		out = append(out, line...)
		text = text[len(line):]
		indent = w.indent2
	}
	return out
}

// wrapLines breaks text at white space. A line feed within a paragraph counts
// as a space; one before another or before anything but a letter or digit
// stays. It reports false if text should be UTF-8 and is not.
func (w wrapping) wrapLines(out, text []byte, limit int, isUTF8 bool) ([]byte, bool) {
	var (
		indent = w.indent
		col    = indent
		bol    = 0  // start of the line in text
		space  = -1 // last white space in it where it can be broken
		at     = func(i int) byte {
			if i < len(text) {
				return text[i]
			}
			return 0
		}
	)
	for i := 0; len(out) <= limit; {
		for {
			n := escapeLen(text[i:])
			if n == 0 {
				break
			}
			i += n
		}
		c := at(i)
		if i < len(text) && !isSpace(c) {
			if !isUTF8 {
				col++
				i++
				continue
			}
			width, n := decode(text[i:])
			if n == 0 {
				return out, false
			}
			col += width
			i += n
			continue
		}
		broken := col > w.width && space >= 0
		if !broken {
			from := bol
			if i == len(text) && i == bol {
				return out, true
			}
			if space >= 0 {
				from = space
			} else {
				out = appendSpaces(out, indent)
			}
			out = append(out, text[from:i]...)
			if i == len(text) {
				return out, true
			}
			space = i
			switch {
			case c == '\t':
				col |= 7
			case c == '\n':
				space++
				switch {
				case at(space) == '\n':
					out = append(out, '\n')
					broken = true
				case !isAlnum(at(space)):
					broken = true
				default:
					out = append(out, ' ')
				}
			}
			if !broken {
				col++
				i++
			}
		}
		if broken {
			out = append(out, '\n')
			i = space
			if i < len(text) && isSpace(text[i]) {
				i++
			}
			bol, space = i, -1
			indent = w.indent2
			col = indent
		}
	}
	return out, true
}
