package gitpretty

import (
	"bytes"
	"strconv"
	"strings"
)

// An expansion is the expansion of the formats of one file. Some placeholders
// look back at, and change, the text before them, even text of the file.
type expansion struct {
	e     *Expander
	out   []byte
	clean int // out[:clean] is known to have no NUL

	limit     int // of len(out)
	work      int // bytes looked at again so far
	workLimit int

	wrap wrapping
	pad  padding
	err  error
}

// format appends the expansion of format to x.out.
func (x *expansion) format(format string) error {
	x.wrap = wrapping{start: len(x.out)}
	x.pad = padding{}
	for {
		text, rest, found := strings.Cut(format, "%")
		x.out = append(x.out, text...)
		if !found {
			break
		}
		format = rest
		if strings.HasPrefix(format, "%") {
			x.out = append(x.out, '%')
			format = format[1:]
			continue
		}
		n := x.item(format)
		if n == 0 {
			x.out = append(x.out, '%')
		}
		format = format[n:]
		x.check()
		if x.err != nil {
			return x.err
		}
	}
	x.out = x.rewrap(x.out, wrapping{})
	x.check()
	return x.err
}

func (x *expansion) check() {
	if x.err == nil && (len(x.out) > x.limit || x.work > x.workLimit) {
		x.err = ErrTooLarge
	}
}

// item expands the placeholder at the start of s, which is behind its "%",
// with its modifier and padding, and returns how much of s it takes. 0 means
// there is none.
func (x *expansion) item(s string) int {
	var modifier byte
	if s != "" && (s[0] == '-' || s[0] == '+' || s[0] == ' ') {
		modifier, s = s[0], s[1:]
		if strings.HasPrefix(s, "w") {
			return 0
		}
	}
	before := len(x.out)
	var n int
	if x.pad.flush != noFlush {
		n = x.padded(s)
	} else {
		x.out, n = x.placeholder(x.out, s)
	}
	if modifier == 0 {
		return n
	}
	switch {
	case len(x.out) == before && modifier == '-':
		x.out = bytes.TrimRight(x.out, "\n")
		x.clean = min(x.clean, len(x.out))
	case len(x.out) != before && modifier == '+':
		x.insert(before, '\n', s[:n])
	case len(x.out) != before && modifier == ' ':
		x.insert(before, ' ', s[:n])
	}
	return n + 1
}

// insert puts c before the text that the placeholder s wrote from at on.
func (x *expansion) insert(at int, c byte, s string) {
	if at > len(x.out) { // "%+" with a padding that took spaces away
		x.err = &FormatError{Placeholder: s}
		return
	}
	x.out = append(x.out, 0)
	copy(x.out[at+1:], x.out[at:])
	x.out[at] = c
	x.clean = min(x.clean, at)
}

// placeholder appends the expansion of the bare placeholder at the start of s
// to out, and returns how much of s it takes; 0 if it is not one. Placeholders
// for the layout change x instead.
func (x *expansion) placeholder(out []byte, s string) ([]byte, int) {
	if s == "" {
		return out, 0
	}
	if c, n := literal(s); n > 0 {
		return append(out, c), n
	}
	e := x.e
	c := &e.commit
	second := byte(0)
	if len(s) > 1 {
		second = s[1]
	}
	switch s[0] {
	case 'C':
		return x.color(out, s)
	case 'w':
		return x.parseWrap(out, s)
	case '<', '>':
		return out, x.pad.parse(s)
	case 'H':
		return append(out, c.ID...), 1
	case 'h':
		return append(out, abbrev(c.ID)...), 1
	case 'T':
		return append(out, c.TreeID...), 1
	case 't':
		return append(out, abbrev(c.TreeID)...), 1
	case 'P', 'p':
		for i, id := range c.Parents {
			if i > 0 {
				out = append(out, ' ')
			}
			if s[0] == 'p' {
				id = abbrev(id)
			}
			out = append(out, id...)
		}
		return out, 1
	case 'm':
		return append(out, '>'), 1
	case 'd', 'D', 'e':
		return out, 1
	case 'g':
		if second != 0 && strings.IndexByte("dDsnNeE", second) >= 0 {
			return out, 2
		}
	case 'G':
		switch second {
		case '?':
			return append(out, 'N'), 2
		case 'T':
			return append(out, "undefined"...), 2
		case 'G', 'S', 'K', 'F', 'P':
			return out, 2
		}
	case 'a':
		return e.person(out, c.Author, second)
	case 'c':
		return e.person(out, c.Committer, second)
	case 'B':
		return append(out, c.Message...), 1
	case 's':
		return append(out, e.subject...), 1
	case 'f':
		return append(out, e.fileName...), 1
	case 'b':
		return append(out, e.body...), 1
	case '(':
		if n := x.describe(s); n > 0 {
			return out, n
		}
		return x.trailers(out, s)
	}
	return out, 0
}

// literal decodes %n and %xHH.
func literal(s string) (c byte, n int) {
	switch {
	case strings.HasPrefix(s, "n"):
		return '\n', 1
	case strings.HasPrefix(s, "x") && len(s) >= 3:
		if v, err := strconv.ParseUint(s[1:3], 16, 8); err == nil {
			return byte(v), 3
		}
	}
	return 0, 0
}

func abbrev(id string) string { return id[:min(7, len(id))] }

// fileName is the subject with all but letters, digits, "_" and "." replaced,
// as in the names of patch files.
func fileName(subject string) string {
	var b strings.Builder
	gap := false
	for i := 0; i < len(subject); i++ {
		c := subject[i]
		if !isAlnum(c) && c != '_' && c != '.' {
			gap = true
			continue
		}
		if gap && b.Len() > 0 {
			b.WriteByte('-')
		}
		gap = false
		b.WriteByte(c)
		for c == '.' && i+1 < len(subject) && subject[i+1] == '.' {
			i++
		}
	}
	return strings.TrimRight(b.String(), ".-")
}

// describe recognises %(describe…). It expands to nothing, once per archive.
func (x *expansion) describe(s string) int {
	rest, ok := strings.CutPrefix(s, "(describe")
	if !ok || x.e.described.Swap(true) {
		return 0
	}
	if args, ok := strings.CutPrefix(rest, ":"); ok {
		rest = describeArgs(args)
	}
	if !strings.HasPrefix(rest, ")") {
		return 0
	}
	return len(s) - len(rest) + 1
}

// describeArgs returns the rest behind the options at the start of s, or s if one
// of them is malformed.
func describeArgs(s string) string {
	rest := s
	for {
		if a, after, ok := cutArg(rest, "tags"); ok {
			rest = after
			if _, ok := a.bool(); ok {
				continue
			}
		}
		if a, after, ok := cutArg(rest, "abbrev"); ok {
			if _, digits := cutInt(a.value); a.value == "" || digits != len(a.value) {
				return s
			}
			rest = after
			continue
		}
		a, after, ok := cutArg(rest, "exclude")
		if !ok {
			a, after, ok = cutArg(rest, "match")
		}
		if !ok {
			return rest
		}
		if a.value == "" {
			return s
		}
		rest = after
	}
}
