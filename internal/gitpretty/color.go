package gitpretty

import (
	"fmt"
	"strconv"
	"strings"
)

// color recognises %C…. In git archive colours are off but after "always,".
func (x *expansion) color(out []byte, s string) ([]byte, int) {
	if args, ok := strings.CutPrefix(s, "C("); ok {
		spec, _, ok := strings.Cut(args, ")")
		if !ok {
			return out, 0
		}
		n := len(s) - len(args) + len(spec) + 1
		spec, ok = strings.CutPrefix(spec, "always,")
		if !ok {
			return out, n
		}
		sequence, ok := colorSequence(spec)
		if !ok && x.err == nil {
			x.err = &FormatError{Placeholder: s[:n]}
		}
		return append(out, sequence...), n
	}
	for _, name := range []string{"red", "green", "blue", "reset"} {
		if strings.HasPrefix(s[1:], name) {
			return out, 1 + len(name)
		}
	}
	return out, 0
}

var colorNames = []string{"black", "red", "green", "yellow", "blue", "magenta", "cyan", "white"}

// colorAttributes are the codes that turn an attribute on and off.
var colorAttributes = map[string][2]int{
	"bold": {1, 22}, "dim": {2, 22}, "italic": {3, 23}, "ul": {4, 24}, "blink": {5, 25}, "reverse": {7, 27}, "strike": {9, 29},
}

// colorSequence returns the terminal sequence for a colour as git's
// configuration has them: "reset", a foreground and a background colour, and
// attributes, in any order.
func colorSequence(spec string) (string, bool) {
	var colors [2]string // foreground, background
	given, reset := 0, false
	var attributes [30]bool
	for _, word := range strings.Fields(spec) {
		if strings.EqualFold(word, "reset") {
			reset = true
			continue
		}
		if code, ok := colorCode(word, given); ok && given < 2 {
			colors[given] = code
			given++
			continue
		}
		name, off := strings.CutPrefix(word, "no")
		if off {
			name = strings.TrimPrefix(name, "-")
		}
		codes, ok := colorAttributes[name]
		if !ok {
			return "", false
		}
		if off {
			attributes[codes[1]] = true
		} else {
			attributes[codes[0]] = true
		}
	}
	var codes []string
	if reset {
		codes = append(codes, "")
	}
	for code, on := range attributes {
		if on {
			codes = append(codes, strconv.Itoa(code))
		}
	}
	for _, c := range colors {
		if c != "" {
			codes = append(codes, c)
		}
	}
	if len(codes) == 0 {
		return "", true
	}
	return "\x1b[" + strings.Join(codes, ";") + "m", true
}

// colorCode returns the code for a colour in the foreground (ground 0) or
// background (1): a name, a number up to 255, "#rrggbb", or "normal" for none.
func colorCode(word string, ground int) (string, bool) {
	base := 30 + 10*ground
	extended := strconv.Itoa(base+8) + ";"
	lower := lowerASCII(word)
	switch {
	case lower == "normal":
		return "", true
	case lower == "default":
		return strconv.Itoa(base + 9), true
	case len(word) == 7 && word[0] == '#':
		rgb, err := strconv.ParseUint(word[1:], 16, 32)
		return fmt.Sprintf("%s2;%d;%d;%d", extended, rgb>>16, rgb>>8&0xff, rgb&0xff), err == nil
	}
	name, bright := strings.CutPrefix(lower, "bright")
	for i, n := range colorNames {
		if n != name {
			continue
		}
		if bright {
			i += 60
		}
		return strconv.Itoa(base + i), true
	}
	v, n := cutInt(word)
	switch {
	case n == 0 || n != len(word) || v < -1 || v > 255:
		return "", false
	case v == -1:
		return "", true
	case v < 8:
		return strconv.Itoa(base + int(v)), true
	case v < 16:
		return strconv.Itoa(base + 60 + int(v) - 8), true
	}
	return extended + "5;" + strconv.FormatInt(v, 10), true
}
