package pattern

import (
	"net/netip"
	"strings"
	"unicode"
	"unicode/utf8"
)

// opcode is an operator of the pattern language.
type opcode uint8

const (
	opExact opcode = iota
	opPrefix
	opSuffix
	opFold
	opWildcard
	opExists
	opRange
	opCIDR
)

// opcodeNames are the operators' keys in JSON. An exact value has none: it
// stands as it is.
var opcodeNames = [...]string{
	opExact: "", opPrefix: "prefix", opSuffix: "suffix", opFold: "equals-ignore-case",
	opWildcard: "wildcard", opExists: "exists", opRange: "numeric", opCIDR: "cidr",
}

// rule is one alternative of a field's list.
type valueRule struct {
	op     opcode
	not    bool     // anything-but
	fold   bool     // prefix or suffix without regard to case
	exists bool     // of opExists
	values []scalar // of all but opExists and opRange; several only with not
	bounds []bound  // of opRange: one or two
}

// bound is one comparison of a numeric range.
type bound struct {
	op      string
	literal string
	number  float64
}

// matches reports whether the event has a value that satisfies the rule, given
// one value it has.
func (r *valueRule) matches(v *scalar) bool {
	switch r.op {
	case opExists:
		return r.exists
	case opRange:
		if !v.numeric {
			return false
		}
		for _, b := range r.bounds {
			if !b.holds(v.number) {
				return false
			}
		}
		return true
	}
	for i := range r.values {
		if r.matchesValue(&r.values[i], v) {
			return !r.not
		}
	}
	return r.not
}

func (r *valueRule) matchesValue(want, v *scalar) bool {
	if r.op == opExact {
		return want.equal(v, r.not)
	}
	if r.op == opCIDR {
		return want.block.contains(v)
	}
	if v.kind != kindString {
		return false
	}
	switch r.op {
	case opPrefix:
		if r.fold {
			_, ok := cutFold(v.text, want.text)
			return ok
		}
		return strings.HasPrefix(v.text, want.text)
	case opSuffix:
		if r.fold {
			return suffixFold(v.text, want.text)
		}
		return strings.HasSuffix(v.text, want.text)
	case opFold:
		rest, ok := cutFold(v.text, want.text)
		return ok && rest == ""
	case opWildcard:
		return matchWildcard(want.parts, v.text)
	}
	return false
}

func (b bound) holds(n float64) bool {
	switch b.op {
	case "=":
		return n == b.number
	case "<":
		return n < b.number
	case "<=":
		return n <= b.number
	case ">":
		return n > b.number
	default:
		return n >= b.number
	}
}

// kind is the type of a JSON value that is neither object nor list.
type kind uint8

const (
	kindNull kind = iota
	kindBool
	kindNumber
	kindString
)

// scalar is a value of a pattern or of an event.
type scalar struct {
	kind    kind
	text    string // the string, or the literal of the others
	numeric bool   // a number that EventBridge compares as a number: number is set
	number  float64
	addr    netip.Addr
	block   addressBlock // of a cidr
	parts   []string     // of a wildcard: the text between the *
}

func stringValue(s string) scalar { return scalar{kind: kindString, text: s} }

func boolValue(b bool) scalar {
	if b {
		return scalar{kind: kindBool, text: "true"}
	}
	return scalar{kind: kindBool, text: "false"}
}

func numberValue(literal string) scalar {
	s := scalar{kind: kindNumber, text: literal}
	s.number, s.numeric = numberOf(literal)
	return s
}

// equal compares a value of a pattern with one of an event. An address in a
// pattern equals every way to write it, except under anything-but, where
// EventBridge compares strings.
func (s *scalar) equal(v *scalar, not bool) bool {
	switch {
	case s.kind != v.kind:
		return false
	case s.kind == kindNull:
		return true
	case s.numeric && v.numeric:
		return s.number == v.number
	case s.text == v.text:
		return true
	case s.addr.IsValid() && !not:
		addr, ok := addressOf(v.text)
		return ok && addr == s.addr
	}
	return false
}

// cutFold cuts prefix off s without regard to case. EventBridge accepts
// the lower or the upper case of each character of a pattern.
func cutFold(s, prefix string) (rest string, ok bool) {
	for _, want := range prefix {
		r, size := utf8.DecodeRuneInString(s)
		if size == 0 || !foldRune(want, r) {
			return s, false
		}
		s = s[size:]
	}
	return s, true
}

func suffixFold(s, suffix string) bool {
	for suffix != "" {
		want, n := utf8.DecodeLastRuneInString(suffix)
		r, size := utf8.DecodeLastRuneInString(s)
		if size == 0 || !foldRune(want, r) {
			return false
		}
		suffix, s = suffix[:len(suffix)-n], s[:len(s)-size]
	}
	return true
}

func foldRune(want, r rune) bool {
	return r == want || r == unicode.ToLower(want) || r == unicode.ToUpper(want)
}

// matchWildcard matches s against the parts between the * of a wildcard. Taking
// the leftmost place for every part is enough, so that nothing is tried twice.
func matchWildcard(parts []string, s string) bool {
	first, last := parts[0], parts[len(parts)-1]
	if len(parts) == 1 {
		return s == first
	}
	if len(s) < len(first)+len(last) || !strings.HasPrefix(s, first) || !strings.HasSuffix(s, last) {
		return false
	}
	s = s[len(first) : len(s)-len(last)]
	for _, part := range parts[1 : len(parts)-1] {
		i := strings.Index(s, part)
		if i < 0 {
			return false
		}
		s = s[i+len(part):]
	}
	return true
}
