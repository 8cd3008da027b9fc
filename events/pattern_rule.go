package events

import (
	"net/netip"
	"strings"
	"unicode"
	"unicode/utf8"
)

// patternOp is an operator of the pattern language.
type patternOp uint8

const (
	patternExact patternOp = iota
	patternPrefix
	patternSuffix
	patternFold
	patternWildcard
	patternExists
	patternRange
	patternCIDR
)

// patternOpNames are the operators' keys in JSON. An exact value has none: it
// stands as it is.
var patternOpNames = [...]string{
	patternExact: "", patternPrefix: "prefix", patternSuffix: "suffix", patternFold: "equals-ignore-case",
	patternWildcard: "wildcard", patternExists: "exists", patternRange: "numeric", patternCIDR: "cidr",
}

// patternRule is one alternative of a field's list.
type patternRule struct {
	op     patternOp
	not    bool            // anything-but
	fold   bool            // prefix or suffix without regard to case
	exists bool            // of patternExists
	values []patternScalar // of all but patternExists and patternRange; several only with not
	bounds []patternBound  // of patternRange: one or two
}

// patternBound is one comparison of a numeric range.
type patternBound struct {
	op      string
	literal string
	micros  int64
}

// matches reports whether the event has a value that satisfies the rule, given
// one value it has.
func (r *patternRule) matches(v *patternScalar) bool {
	switch r.op {
	case patternExists:
		return r.exists
	case patternRange:
		if !v.numeric {
			return false
		}
		for _, b := range r.bounds {
			if !b.holds(v.micros) {
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

func (r *patternRule) matchesValue(want, v *patternScalar) bool {
	if r.op == patternExact {
		return want.equal(v, r.not)
	}
	if v.kind != patternKindString {
		return false
	}
	switch r.op {
	case patternPrefix:
		if r.fold {
			_, ok := patternCutFold(v.text, want.text)
			return ok
		}
		return strings.HasPrefix(v.text, want.text)
	case patternSuffix:
		if r.fold {
			return patternSuffixFold(v.text, want.text)
		}
		return strings.HasSuffix(v.text, want.text)
	case patternFold:
		rest, ok := patternCutFold(v.text, want.text)
		return ok && rest == ""
	case patternWildcard:
		return patternGlob(want.parts, v.text)
	case patternCIDR:
		addr, ok := patternAddr(v.text)
		return ok && want.block.Contains(addr)
	}
	return false
}

func (b patternBound) holds(micros int64) bool {
	switch b.op {
	case "=":
		return micros == b.micros
	case "<":
		return micros < b.micros
	case "<=":
		return micros <= b.micros
	case ">":
		return micros > b.micros
	default:
		return micros >= b.micros
	}
}

// patternKind is the type of a JSON value that is neither object nor list.
type patternKind uint8

const (
	patternKindNull patternKind = iota
	patternKindBool
	patternKindNumber
	patternKindString
)

// patternScalar is a value of a pattern or of an event.
type patternScalar struct {
	kind    patternKind
	text    string // the string, or the literal of the others
	numeric bool   // a number that EventBridge compares as a number: micros is set
	micros  int64  // millionths
	addr    netip.Addr
	block   netip.Prefix // of a cidr
	parts   []string     // of a wildcard: the text between the *
}

func patternString(s string) patternScalar { return patternScalar{kind: patternKindString, text: s} }

func patternBool(b bool) patternScalar {
	if b {
		return patternScalar{kind: patternKindBool, text: "true"}
	}
	return patternScalar{kind: patternKindBool, text: "false"}
}

func patternNumber(literal string) patternScalar {
	s := patternScalar{kind: patternKindNumber, text: literal}
	s.micros, s.numeric = patternMicros(literal)
	return s
}

// equal compares a value of a pattern with one of an event. An address in a
// pattern equals every way to write it, except under anything-but, where
// EventBridge compares strings.
func (s *patternScalar) equal(v *patternScalar, not bool) bool {
	switch {
	case s.kind != v.kind:
		return false
	case s.kind == patternKindNull:
		return true
	case s.numeric && v.numeric:
		return s.micros == v.micros
	case s.text == v.text:
		return true
	case s.addr.IsValid() && !not:
		addr, ok := patternAddr(v.text)
		return ok && addr == s.addr
	}
	return false
}

// patternMaxMicros is the largest number that EventBridge compares as a number,
// in millionths.
const patternMaxMicros = 5_000_000_000 * 1_000_000

// patternMicros reads a JSON number as millionths. It fails for the numbers
// that EventBridge does not compare as numbers: beyond five billion, or with
// more than six decimal places.
func patternMicros(literal string) (int64, bool) {
	mantissa, exponent := literal, 0
	if i := strings.IndexAny(literal, "eE"); i >= 0 {
		var ok bool
		mantissa = literal[:i]
		if exponent, ok = patternExponent(literal[i+1:]); !ok {
			exponent = 1 << 20 // too large to matter, unless the number is zero
		}
	}
	mantissa, negative := strings.CutPrefix(mantissa, "-")
	whole, fraction, _ := strings.Cut(mantissa, ".")
	digits := strings.TrimLeft(whole+fraction, "0")
	exponent += 6 - len(fraction)
	for trimmed := strings.TrimRight(digits, "0"); len(digits) > len(trimmed); exponent++ {
		digits = digits[:len(digits)-1]
	}
	if digits == "" {
		return 0, true
	}
	if exponent < 0 || len(digits)+exponent > 16 { // 5e15 has 16 digits
		return 0, false
	}
	var n int64
	for _, d := range []byte(digits) {
		n = n*10 + int64(d-'0')
	}
	for range exponent {
		n *= 10
	}
	if n > patternMaxMicros {
		return 0, false
	}
	if negative {
		n = -n
	}
	return n, true
}

// patternExponent reads the exponent of a number, if it is a sane one.
func patternExponent(s string) (int, bool) {
	s = strings.TrimPrefix(s, "+")
	s, negative := strings.CutPrefix(s, "-")
	n := 0
	for _, d := range []byte(s) {
		if n = n*10 + int(d-'0'); n > 1<<20 {
			return 0, false
		}
	}
	if negative {
		n = -n
	}
	return n, true
}

// patternAddr reads an address as EventBridge does: dotted decimal with leading
// zeros allowed, or IPv6 in hexadecimal without a zone.
func patternAddr(s string) (netip.Addr, bool) {
	if len(s) > 64 || strings.Trim(s, "0123456789abcdefABCDEF:.") != "" {
		return netip.Addr{}, false
	}
	if strings.Contains(s, ".") {
		if strings.Contains(s, ":") {
			return netip.Addr{}, false
		}
		octets := strings.Split(s, ".")
		for i, octet := range octets {
			if octets[i] = strings.TrimLeft(octet, "0"); octets[i] == "" && octet != "" {
				octets[i] = "0"
			}
		}
		s = strings.Join(octets, ".")
	}
	addr, err := netip.ParseAddr(s)
	return addr.Unmap(), err == nil
}

// patternCutFold cuts prefix off s without regard to case. EventBridge accepts
// the lower or the upper case of each character of a pattern.
func patternCutFold(s, prefix string) (rest string, ok bool) {
	for _, want := range prefix {
		r, size := utf8.DecodeRuneInString(s)
		if size == 0 || !patternFoldRune(want, r) {
			return s, false
		}
		s = s[size:]
	}
	return s, true
}

func patternSuffixFold(s, suffix string) bool {
	for suffix != "" {
		want, n := utf8.DecodeLastRuneInString(suffix)
		r, size := utf8.DecodeLastRuneInString(s)
		if size == 0 || !patternFoldRune(want, r) {
			return false
		}
		suffix, s = suffix[:len(suffix)-n], s[:len(s)-size]
	}
	return true
}

func patternFoldRune(want, r rune) bool {
	return r == want || r == unicode.ToLower(want) || r == unicode.ToUpper(want)
}

// patternGlob matches s against the parts between the * of a wildcard. Taking
// the leftmost place for every part is enough, so that nothing is tried twice.
func patternGlob(parts []string, s string) bool {
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
