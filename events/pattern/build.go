package pattern

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/codesuite-go/codesuite/internal/jsontext"
)

// Source is what a [Pattern] can be made of: [Fields] and the filters of
// this package.
type Source interface {
	// Fields returns the fields of the pattern, from the top level of the event.
	Fields() Fields
}

// Condition is what a pattern asks of one field: a [Matcher] for a field with a
// value, [Fields] for a field that is an object, or [Or].
type Condition interface {
	appendCondition(dst []byte, path string, depth int) ([]byte, error)
}

// Fields is an object of a pattern: field names and what is asked of them. An
// event must satisfy all of them. The name "$or" with the value of [Or] stands
// for alternatives among fields.
type Fields map[string]Condition

// Fields returns f.
func (f Fields) Fields() Fields { return f }

// maxDepth bounds the nesting of Fields, so that a map that contains
// itself is an error.
const maxDepth = jsontext.MaxDepth

func (f Fields) appendCondition(dst []byte, path string, depth int) ([]byte, error) {
	return appendFields(dst, f, path, depth)
}

func appendFields(dst []byte, f Fields, path string, depth int) ([]byte, error) {
	if depth > maxDepth {
		return nil, errorf("", "nested more than %d levels deep", maxDepth)
	}
	dst = append(dst, '{')
	for i, name := range slices.Sorted(maps.Keys(f)) {
		at := joinPath(path, name)
		if !utf8.ValidString(name) {
			return nil, errorf(at, "the field name is not valid UTF-8")
		}
		if f[name] == nil {
			return nil, errorf(at, "no condition: use Exists(true) to accept every value")
		}
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(jsontext.AppendQuoted(dst, name), ':')
		var err error
		if dst, err = f[name].appendCondition(dst, at, depth+1); err != nil {
			return nil, err
		}
	}
	return append(dst, '}'), nil
}

type orCondition []Source

// Or asks that an event satisfy at least one of two or more alternatives. It
// goes under the name "$or" and stands beside other fields, which must match
// too:
//
//	pattern.Fields{
//		"source": pattern.Equals("aws.codepipeline"),
//		"detail": pattern.Fields{
//			"state": pattern.Equals("FAILED"),
//			"$or": pattern.Or(
//				pattern.Fields{"stage": pattern.Equals("Deploy")},
//				pattern.Fields{"pipeline": pattern.Prefix("prod-")},
//			),
//		},
//	}
//
// The lengths of all $or lists of a pattern, multiplied, must not exceed 1000.
func Or(alternatives ...Source) Condition { return orCondition(slices.Clone(alternatives)) }

func (o orCondition) appendCondition(dst []byte, path string, depth int) ([]byte, error) {
	if path != "$or" && !strings.HasSuffix(path, ".$or") {
		return nil, errorf(path, `Or goes under the name "$or"`)
	}
	if len(o) < 2 {
		return nil, errorf(path, "%d alternatives: give at least two", len(o))
	}
	dst = append(dst, '[')
	for i, source := range o {
		at := fmt.Sprintf("%s[%d]", path, i)
		if source == nil {
			return nil, errorf(at, "no fields")
		}
		if i > 0 {
			dst = append(dst, ',')
		}
		var err error
		if dst, err = appendFields(dst, source.Fields(), at, depth+1); err != nil {
			return nil, err
		}
	}
	return append(dst, ']'), nil
}

// Matcher is what a pattern asks of the value of a field: one or more
// alternatives of which one must hold. A field whose value is a list matches if
// one of its elements does.
//
// In a filter, the zero Matcher asks nothing. A Matcher is immutable.
type Matcher struct {
	rules []valueRule
	err   error
}

func (m Matcher) appendCondition(dst []byte, path string, _ int) ([]byte, error) {
	if m.err != nil {
		return nil, &Error{Path: path, Err: m.err}
	}
	return appendRules(dst, m.rules), nil
}

// isZero reports whether m is the zero Matcher, which asks nothing.
func (m Matcher) isZero() bool { return m.rules == nil && m.err == nil }

// Value is the type of a value that [Equals] compares with, among them
// the state types of this package.
type Value interface {
	~string | ~bool | ~int | ~int32 | ~int64 | ~float64
}

// Equals matches a field that equals one of the values, with case. A string
// never equals a number.
//
// Numbers are compared as numbers: 300 matches 300.0 and 3e2, as in EventBridge
// and unlike in its documentation. A number with more digits than 64 bits of
// IEEE 754 hold is compared as it is written. See [Numeric] for the limits.
func Equals[V Value](values ...V) Matcher {
	m := Matcher{rules: make([]valueRule, 0, len(values))}
	for _, value := range values {
		var s scalar
		switch v := reflect.ValueOf(value); v.Kind() {
		case reflect.String:
			s = stringValue(v.String())
		case reflect.Bool:
			s = boolValue(v.Bool())
		case reflect.Float64:
			literal, err := floatLiteral(v.Float())
			if err != nil {
				return Matcher{err: err}
			}
			s = numberValue(literal)
		default:
			s = numberValue(strconv.FormatInt(v.Int(), 10))
		}
		m.rules = append(m.rules, valueRule{op: opExact, values: []scalar{s}})
	}
	return m.checked()
}

// Null matches a field whose value is null. A field that is missing is another
// matter: see [Exists].
func Null() Matcher {
	return Matcher{rules: []valueRule{{op: opExact, values: []scalar{{kind: kindNull}}}}}
}

// Prefix matches a string that begins with one of the prefixes.
func Prefix(prefixes ...string) Matcher { return stringMatcher(opPrefix, false, prefixes) }

// PrefixIgnoreCase is like [Prefix] without regard to case.
func PrefixIgnoreCase(prefixes ...string) Matcher {
	return stringMatcher(opPrefix, true, prefixes)
}

// Suffix matches a string that ends with one of the suffixes.
func Suffix(suffixes ...string) Matcher { return stringMatcher(opSuffix, false, suffixes) }

// SuffixIgnoreCase is like [Suffix] without regard to case.
func SuffixIgnoreCase(suffixes ...string) Matcher {
	return stringMatcher(opSuffix, true, suffixes)
}

// EqualsIgnoreCase matches a string that equals one of the values without
// regard to case.
func EqualsIgnoreCase(values ...string) Matcher { return stringMatcher(opFold, false, values) }

// Wildcard matches a string against one of the patterns, in which * stands for
// any characters, none included; \* and \\ stand for * and \ themselves. Two *
// in a row are an error.
//
// EventBridge refuses wildcards that are too complex, and adds up all wildcards
// of a field. The measure is how many beginnings of wildcards one value can
// match at once: a * between two texts counts about 3, one at the end 1 or 2.
// [New] and [Parse] compute the number as the open-source matcher of EventBridge
// does, and refuse more than 10. AWS does not publish its limit; it is known to
// take 9 and to refuse 11.
func Wildcard(patterns ...string) Matcher { return stringMatcher(opWildcard, false, patterns) }

// CIDR matches a string that is an IP address in one of the blocks, IPv4 such
// as 10.0.0.0/24 or IPv6. A block with few bits also matches addresses of the
// other family, and /0 numbers, as in EventBridge's open-source matcher. A block
// of a single address, /32 or /128, is an error
// in EventBridge: use [Equals].
func CIDR(blocks ...string) Matcher { return stringMatcher(opCIDR, false, blocks) }

// Exists matches a field that is in the event with any value (true), null
// included, or one that is not (false).
//
// Only fields with values count: an object, or a list without elements, is as
// good as missing. A field whose parent is missing is missing.
func Exists(exists bool) Matcher {
	return Matcher{rules: []valueRule{{op: opExists, exists: exists}}}
}

// Numeric matches a number that compares to value as the operator says: "=",
// "<", "<=", ">" or ">=". Numbers with more digits than 64 bits of IEEE 754 hold
// never match, and are an error in a pattern.
//
// EventBridge's documentation gives a smaller range, -5,000,000,000 to
// 5,000,000,000 with six decimal places; its open-source matcher has compared
// all 64-bit numbers since September 2024. Within the smaller range both agree.
func Numeric(operator string, value float64) Matcher {
	return numericMatcher(operator, value)
}

// NumericRange matches a number between two bounds: the first operator is ">"
// or ">=", the second "<" or "<=", and low must be less than high. See
// [Numeric] for the limits.
func NumericRange(lowOperator string, low float64, highOperator string, high float64) Matcher {
	return numericMatcher(lowOperator, low, highOperator, high)
}

// AnythingBut matches a field that is in the event with a value that m does not
// match. Of a list, one element that m does not match is enough.
//
// EventBridge can negate [Equals] of strings or of numbers, [Prefix], [Suffix],
// [EqualsIgnoreCase] and [Wildcard], each with several values, but neither a
// mix of them nor the other matchers.
func AnythingBut(m Matcher) Matcher {
	if m.err != nil {
		return m
	}
	if len(m.rules) == 0 {
		return Matcher{err: errors.New("AnythingBut of no value")}
	}
	rule := valueRule{op: m.rules[0].op, not: true}
	for _, r := range m.rules {
		switch {
		case r.op != rule.op || len(r.values) == 0 || r.values[0].kind != m.rules[0].values[0].kind:
			return Matcher{err: errors.New("AnythingBut of a mix: all values must be strings, or numbers, of one operator")}
		case r.not || r.fold:
			return Matcher{err: errors.New("AnythingBut does not apply to AnythingBut, PrefixIgnoreCase and SuffixIgnoreCase")}
		}
		rule.values = append(rule.values, r.values...)
	}
	return Matcher{rules: []valueRule{rule}}
}

// AnyOf matches what one of the matchers matches.
func AnyOf(matchers ...Matcher) Matcher {
	var all Matcher
	for _, m := range matchers {
		if m.err != nil {
			return m
		}
		all.rules = append(all.rules, m.rules...)
	}
	return all.checked()
}

func stringMatcher(op opcode, fold bool, values []string) Matcher {
	m := Matcher{rules: make([]valueRule, 0, len(values))}
	for _, v := range values {
		m.rules = append(m.rules, valueRule{op: op, fold: fold, values: []scalar{stringValue(v)}})
	}
	return m.checked()
}

// checked turns a matcher that cannot be expressed in JSON into its error. All
// else is found when the pattern is parsed.
func (m Matcher) checked() Matcher {
	if len(m.rules) == 0 {
		return Matcher{err: errors.New("no value to match: give at least one")}
	}
	for _, r := range m.rules {
		for _, v := range r.values {
			if !utf8.ValidString(v.text) {
				return Matcher{err: fmt.Errorf("%q is not valid UTF-8", v.text)}
			}
		}
	}
	return m
}

func numericMatcher(terms ...any) Matcher {
	rule := valueRule{op: opRange}
	for i := 0; i < len(terms); i += 2 {
		literal, err := floatLiteral(terms[i+1].(float64))
		if err != nil {
			return Matcher{err: err}
		}
		operator := terms[i].(string)
		if !utf8.ValidString(operator) {
			return Matcher{err: fmt.Errorf("%q is not a numeric operator", operator)}
		}
		rule.bounds = append(rule.bounds, bound{op: operator, literal: literal})
	}
	return Matcher{rules: []valueRule{rule}}
}

func floatLiteral(f float64) (string, error) {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return "", fmt.Errorf("%v is not a number of JSON", f)
	}
	b, err := json.Marshal(f)
	return string(b), err
}
