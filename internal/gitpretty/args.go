package gitpretty

import (
	"math"
	"strconv"
	"strings"
)

// An arg is an argument of a placeholder in parentheses: "name" or
// "name=value".
type arg struct {
	hasValue bool
	value    string
}

// cutArg reads the argument called name at the start of s and returns the rest
// behind it: the next argument or the closing parenthesis.
func cutArg(s, name string) (a arg, rest string, ok bool) {
	rest, ok = strings.CutPrefix(s, name)
	if !ok {
		return arg{}, s, false
	}
	if after, ok := strings.CutPrefix(rest, "="); ok {
		end := strings.IndexAny(after, ",)")
		if end < 0 {
			return arg{}, s, false
		}
		a = arg{true, after[:end]}
		rest = after[end:]
	}
	switch {
	case strings.HasPrefix(rest, ","):
		return a, rest[1:], true
	case strings.HasPrefix(rest, ")"):
		return a, rest, true
	}
	return arg{}, s, false
}

// bool reads a switch as git reads booleans.
func (a arg) bool() (value, ok bool) {
	if !a.hasValue {
		return true, true
	}
	switch strings.ToLower(a.value) {
	case "true", "yes", "on":
		return true, true
	case "false", "no", "off", "":
		return false, true
	}
	digits := a.value
	if n := len(digits); n > 1 && strings.IndexByte("kKmMgG", digits[n-1]) >= 0 {
		digits = digits[:n-1]
	}
	v, err := strconv.ParseInt(strings.TrimLeft(digits, spaces), 0, 32)
	return v != 0, err == nil
}

// cutInt reads a decimal number as C's strtol does and returns how many bytes
// it takes, 0 if there is none. It saturates.
func cutInt(s string) (v int64, n int) {
	i := 0
	for i < len(s) && (isSpace(s[i]) || s[i] == '\v' || s[i] == '\f') {
		i++
	}
	negative := false
	if i < len(s) && (s[i] == '-' || s[i] == '+') {
		negative = s[i] == '-'
		i++
	}
	first := i
	for ; i < len(s) && isDigit(s[i]); i++ {
		d := int64(s[i] - '0')
		if v > (math.MaxInt64-d)/10 {
			v = math.MaxInt64
			continue
		}
		v = v*10 + d
	}
	if i == first {
		return 0, 0
	}
	if negative {
		v = -v
	}
	return v, i
}
