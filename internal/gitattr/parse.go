package gitattr

import (
	"bytes"
	"strings"
)

// Limits of git 2.39: what is longer is ignored.
const (
	maxLine = 2048      // bytes in a line, the line feed not counted
	maxFile = 100 << 20 // bytes in a file
)

const (
	blank       = " \t\r\n"
	macroPrefix = "[attr]"
)

// A line is one meaningful line of an attributes file.
type line struct {
	macro   bool
	name    string // the macro's name, or the pattern as written, without quotes
	assigns []namedValue
}

// A namedValue is one "name", "-name", "!name" or "name=value".
type namedValue struct {
	name  string
	value Value
}

// parseFile calls emit for every valid line of content. The strings it hands
// out share no memory with content.
func parseFile(content []byte, macrosAllowed bool, emit func(line)) {
	if len(content) >= maxFile {
		return
	}
	if i := bytes.IndexByte(content, 0); i >= 0 {
		content = content[:i]
	}
	for len(content) > 0 {
		var raw []byte
		raw, content, _ = bytes.Cut(content, []byte("\n"))
		if l, ok := parseLine(raw, macrosAllowed); ok {
			emit(l)
		}
	}
}

// parseLine parses a line without its line feed. It reports false for blank
// lines, comments and lines that git ignores.
func parseLine(raw []byte, macrosAllowed bool) (line, bool) {
	start := bytes.TrimLeft(raw, blank)
	if len(start) == 0 || start[0] == '#' || len(raw) >= maxLine {
		return line{}, false
	}
	text := string(start)
	name, rest, ok := unquote(text)
	if !ok {
		name, rest = cutBlank(text)
	}
	l := line{name: name}
	if len(name) > len(macroPrefix) && strings.HasPrefix(name, macroPrefix) {
		if !macrosAllowed {
			return line{}, false
		}
		l.macro = true
		l.name, _ = cutBlank(strings.TrimLeft(name[len(macroPrefix):], blank))
		if !validName(l.name) {
			return line{}, false
		}
	}
	for rest = strings.TrimLeft(rest, blank); rest != ""; rest = strings.TrimLeft(rest, blank) {
		var word string
		word, rest = cutBlank(rest)
		v, ok := parseAssign(word)
		if !ok {
			return line{}, false
		}
		l.assigns = append(l.assigns, v)
	}
	return l, true
}

func parseAssign(word string) (namedValue, bool) {
	name, text, hasText := strings.Cut(word, "=")
	v := namedValue{name: name, value: Value{State: StateSet}}
	switch {
	case strings.HasPrefix(name, "-"):
		v = namedValue{name[1:], Value{State: StateUnset}}
	case strings.HasPrefix(name, "!"):
		v = namedValue{name[1:], Value{State: StateUnspecified}}
	case hasText:
		v.value = Value{StateText, text}
	}
	return v, validName(v.name)
}

func validName(name string) bool {
	if name == "" || name[0] == '-' {
		return false
	}
	for i := range len(name) {
		switch c := name[i]; {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9':
		case c == '-', c == '.', c == '_':
		default:
			return false
		}
	}
	return true
}

// cutBlank splits s before its first blank.
func cutBlank(s string) (word, rest string) {
	if i := strings.IndexAny(s, blank); i >= 0 {
		return s[:i], s[i:]
	}
	return s, ""
}

// unquote reads a C-style quoted string at the start of s. It reports false
// if there is none or if it is malformed; s is then not a quoted pattern but
// one that contains quotes.
func unquote(s string) (text, rest string, ok bool) {
	if s == "" || s[0] != '"' {
		return "", s, false
	}
	var b strings.Builder
	for i := 1; i < len(s); i++ {
		switch c := s[i]; c {
		case '"':
			return b.String(), s[i+1:], true
		case '\\':
			if i++; i == len(s) {
				return "", s, false
			}
			if j := strings.IndexByte(`abfnrtv\"`, s[i]); j >= 0 {
				b.WriteByte("\a\b\f\n\r\t\v\\\""[j])
				continue
			}
			if i+2 >= len(s) || s[i] < '0' || s[i] > '3' || !isOctal(s[i+1]) || !isOctal(s[i+2]) {
				return "", s, false
			}
			b.WriteByte((s[i]-'0')<<6 | (s[i+1]-'0')<<3 | (s[i+2] - '0'))
			i += 2
		default:
			b.WriteByte(c)
		}
	}
	return "", s, false
}

func isOctal(c byte) bool { return '0' <= c && c <= '7' }
