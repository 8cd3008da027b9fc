package gitpretty

import "strings"

// A trailerBlock is the trailers at the end of a message.
type trailerBlock struct {
	raw   string    // as they stand
	lines []trailer // with their continuations
}

type trailer struct {
	text      string // with its line feeds
	separator int    // index of the colon; less than 1 if it is no trailer
}

func (t trailer) key() string   { return strings.Trim(t.text[:t.separator], spaces) }
func (t trailer) value() string { return strings.Trim(t.text[t.separator+1:], spaces) }

// findTrailers finds the trailers in a message that starts with its subject.
func findTrailers(message string) trailerBlock {
	end := trailersEnd(message)
	block := trailerBlock{raw: message[trailersStart(message, end):end]}
	for rest := block.raw; rest != ""; {
		var line string
		line, rest = cutLine(rest)
		if n := len(block.lines); n > 0 && isSpace(line[0]) && block.lines[n-1].separator >= 1 {
			block.lines[n-1].text += line
			continue
		}
		block.lines = append(block.lines, trailer{line, separatorIndex(line)})
	}
	return block
}

// trailersEnd returns where the message ends for trailers: before a scissors
// line, and before blank lines, comments and the old list of conflicts at the
// end.
func trailersEnd(s string) int {
	const scissors = "# ------------------------ >8 ------------------------\n"
	cut := len(s)
	if strings.HasPrefix(s, scissors) {
		cut = 0
	} else if i := strings.Index(s, "\n"+scissors); i >= 0 {
		cut = i + 1
	}
	end, conflicts := cut, false
	for i := 0; i < cut; {
		line, _ := cutLine(s[i:])
		switch {
		case line[0] == '#', line[0] == '\n':
			end = min(end, i)
		case line == "Conflicts:\n":
			conflicts = true
			end = min(end, i)
		case conflicts && line[0] == '\t':
		default:
			end, conflicts = cut, false
		}
		i += len(line)
	}
	return end
}

// trailersStart returns where the trailers in s[:end] start: after the last
// blank line, if all lines from there on are trailers, or if one of them is
// git's own and at least a quarter are trailers. It returns end if there are
// none. The first paragraph cannot be trailers.
func trailersStart(s string, end int) int {
	title := 0
	for title < end {
		line, _ := cutLine(s[title:])
		if line[0] != '#' && strings.Trim(line, spaces) == "" {
			break
		}
		title += len(line)
	}
	var gits, blankOnly = false, true
	var trailers, others, continuations int
	for lineEnd := end; lineEnd > 0; {
		start := strings.LastIndexByte(s[:lineEnd-1], '\n') + 1
		if start < title {
			break
		}
		line, _ := cutLine(s[start:])
		switch {
		case line[0] == '#':
			others += continuations
			continuations = 0
		case strings.Trim(line, spaces) == "":
			if blankOnly {
				break
			}
			others += continuations
			if gits && trailers*3 >= others || trailers > 0 && others == 0 {
				return start + len(line)
			}
			return end
		case strings.HasPrefix(line, "Signed-off-by: "), strings.HasPrefix(line, "(cherry picked from commit "):
			blankOnly = false
			trailers++
			continuations = 0
			gits = true
		case isSpace(line[0]):
			blankOnly = false
			continuations++
		case separatorIndex(line) >= 1:
			blankOnly = false
			trailers++
			continuations = 0
		default:
			blankOnly = false
			others += 1 + continuations
			continuations = 0
		}
		lineEnd = start
	}
	return end
}

// separatorIndex returns the index of the colon of a trailer, -1 if line is
// not one: letters, digits and dashes, perhaps followed by blanks.
func separatorIndex(line string) int {
	blanks := false
	for i := range len(line) {
		switch c := line[i]; {
		case c == ':':
			return i
		case !blanks && (isAlnum(c) || c == '-'):
		case i > 0 && (c == ' ' || c == '\t'):
			blanks = true
		default:
			return -1
		}
	}
	return -1
}

// trailerOptions are the arguments of %(trailers:…).
type trailerOptions struct {
	keys                               []string
	only, unfold, keyOnly, valueOnly   bool
	separator, keyValueSeparator       string
	hasSeparator, hasKeyValueSeparator bool
}

// parse reads the arguments at the start of s and returns the rest behind them.
func (o *trailerOptions) parse(s string) (rest string, ok bool) {
	for !strings.HasPrefix(s, ")") {
		if a, rest, ok := cutArg(s, "key"); ok {
			if !a.hasValue {
				return s, false
			}
			o.keys = append(o.keys, strings.TrimSuffix(a.value, ":"))
			o.only = true
			s = rest
			continue
		}
		if a, rest, ok := cutArg(s, "separator"); ok {
			o.separator, o.hasSeparator, s = expandLiterals(a.value), true, rest
			continue
		}
		if a, rest, ok := cutArg(s, "key_value_separator"); ok {
			o.keyValueSeparator, o.hasKeyValueSeparator, s = expandLiterals(a.value), true, rest
			continue
		}
		found := false
		for _, option := range []struct {
			name  string
			value *bool
		}{{"only", &o.only}, {"unfold", &o.unfold}, {"keyonly", &o.keyOnly}, {"valueonly", &o.valueOnly}} {
			a, rest, ok := cutArg(s, option.name)
			if !ok {
				continue
			}
			s = rest // even if the value is no boolean, as in git
			if v, ok := a.bool(); ok {
				*option.value = v
				found = true
				break
			}
		}
		if !found {
			return s, false
		}
	}
	return s, true
}

// expandLiterals expands the placeholders that do not depend on a commit.
func expandLiterals(s string) string {
	var b strings.Builder
	for {
		text, rest, found := strings.Cut(s, "%")
		b.WriteString(text)
		if !found {
			return b.String()
		}
		c, n := literal(rest)
		switch {
		case n > 0:
			b.WriteByte(c)
		case strings.HasPrefix(rest, "%"):
			b.WriteByte('%')
			n = 1
		default:
			b.WriteByte('%')
		}
		s = rest[n:]
	}
}

func (o *trailerOptions) match(key string) bool {
	for _, k := range o.keys {
		if lowerASCII(k) == lowerASCII(key) {
			return true
		}
	}
	return len(o.keys) == 0
}

// trailers recognises %(trailers…).
func (x *expansion) trailers(out []byte, s string) ([]byte, int) {
	rest, ok := strings.CutPrefix(s, "(trailers")
	if !ok {
		return out, 0
	}
	var o trailerOptions
	if args, ok := strings.CutPrefix(rest, ":"); ok {
		if rest, ok = o.parse(args); !ok {
			return out, 0
		}
	}
	if !strings.HasPrefix(rest, ")") {
		return out, 0
	}
	n := len(s) - len(rest) + 1
	block := x.e.trailers()
	x.work += len(block.raw)
	if o.verbatim() {
		return append(out, block.raw...), n
	}
	start := len(out)
	for _, t := range block.lines {
		if t.separator < 1 {
			if !o.only {
				out = o.separate(out, start)
				out = append(out, t.text...)
				if o.hasSeparator {
					out = out[:len(strings.TrimRight(string(out), spaces))]
				}
			}
			continue
		}
		if o.match(t.key()) {
			out = o.separate(out, start)
			out = o.append(out, t)
		}
	}
	return out, n
}

// verbatim reports whether the options leave the block as it is.
func (o *trailerOptions) verbatim() bool {
	return !o.only && !o.unfold && !o.keyOnly && !o.valueOnly && len(o.keys) == 0 && !o.hasSeparator && !o.hasKeyValueSeparator
}

// separate appends the separator unless nothing was written since start.
func (o *trailerOptions) separate(out []byte, start int) []byte {
	if len(out) != start {
		out = append(out, o.separator...)
	}
	return out
}

func (o *trailerOptions) append(out []byte, t trailer) []byte {
	value := t.value()
	if o.unfold {
		value = unfold(value)
	}
	if !o.valueOnly {
		out = append(out, t.key()...)
	}
	if !o.keyOnly && !o.valueOnly {
		if o.hasKeyValueSeparator {
			out = append(out, o.keyValueSeparator...)
		} else {
			out = append(out, ": "...)
		}
	}
	if !o.keyOnly {
		out = append(out, value...)
	}
	if !o.hasSeparator {
		out = append(out, '\n')
	}
	return out
}

// unfold joins the lines of a value.
func unfold(value string) string {
	lines := strings.Split(value, "\n")
	for i := 1; i < len(lines); i++ {
		lines[i] = strings.TrimLeft(lines[i], spaces)
	}
	return strings.Trim(strings.Join(lines, " "), spaces)
}
