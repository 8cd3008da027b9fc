package events

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"
	"strconv"
	"strings"
)

// operator reads an alternative that is an object with one key.
func (p *patternParser) operator(path string) (patternRule, error) {
	if !p.more() {
		return patternRule{}, patternErrorf(path, "empty object: give one operator")
	}
	name := p.token().(string)
	at := patternJoin(path, name)
	var rule patternRule
	var err error
	switch name {
	case "exactly":
		rule, err = p.stringRule(at, patternExact)
	case "prefix", "suffix":
		rule, err = p.affix(at, name)
	case "equals-ignore-case":
		rule, err = p.stringRule(at, patternFold)
	case "wildcard":
		rule, err = p.stringRule(at, patternWildcard)
	case "cidr":
		rule, err = p.stringRule(at, patternCIDR)
	case "exists":
		exists, ok := p.token().(bool)
		if !ok {
			return patternRule{}, patternErrorf(at, "must be true or false")
		}
		rule = patternRule{op: patternExists, exists: exists}
	case "numeric":
		rule, err = p.numeric(at)
	case "anything-but":
		rule, err = p.anythingBut(at)
	default:
		err = patternErrorf(path, "unknown operator %q", name)
	}
	if err != nil {
		return patternRule{}, err
	}
	return rule, p.end(path)
}

// end reads the end of an object that has one key.
func (p *patternParser) end(path string) error {
	if p.more() {
		return patternErrorf(path, "more than one operator in an object: give each an object of its own")
	}
	p.token()
	return nil
}

func (p *patternParser) stringRule(path string, op patternOp) (patternRule, error) {
	text, ok := p.token().(string)
	if !ok {
		return patternRule{}, patternErrorf(path, "must be a string")
	}
	value, err := patternOperand(path, op, text)
	return patternRule{op: op, values: []patternScalar{value}}, err
}

func (p *patternParser) affix(path, name string) (patternRule, error) {
	rule := patternRule{op: patternPrefix}
	if name == "suffix" {
		rule.op = patternSuffix
	}
	switch t := p.token().(type) {
	case string:
		rule.values = []patternScalar{patternString(t)}
		return rule, nil
	case json.Delim:
		if t != '{' || !p.more() {
			break
		}
		if inner := p.token().(string); inner != "equals-ignore-case" {
			return rule, patternErrorf(path, "unknown operator %q: %s takes a string or equals-ignore-case", inner, name)
		}
		text, ok := p.token().(string)
		if !ok {
			return rule, patternErrorf(path+".equals-ignore-case", "must be a string")
		}
		rule.fold, rule.values = true, []patternScalar{patternString(text)}
		return rule, p.end(path)
	}
	return rule, patternErrorf(path, "must be a string, or an object with equals-ignore-case")
}

func (p *patternParser) numeric(path string) (patternRule, error) {
	rule := patternRule{op: patternRange}
	if p.token() != json.Delim('[') {
		return rule, patternErrorf(path, `must be a list such as [">=", 0, "<", 10]`)
	}
	for p.more() {
		operator, ok := p.token().(string)
		if !ok || strings.Trim(operator, "<=>") != "" {
			return rule, patternErrorf(path, `each number needs an operator before it: "=", "<", "<=", ">" or ">="`)
		}
		n, ok := p.token().(json.Number)
		if !ok {
			return rule, patternErrorf(path, "%s needs a number after it", operator)
		}
		b := patternBound{op: operator, literal: n.String()}
		if b.micros, ok = patternMicros(b.literal); !ok {
			return rule, patternErrorf(path, "%s is beyond plus or minus 5000000000 or has more than six decimal places", patternShort(b.literal))
		}
		if rule.bounds = append(rule.bounds, b); len(rule.bounds) > 2 {
			return rule, patternErrorf(path, "more than two comparisons")
		}
	}
	p.token() // ]
	if len(rule.bounds) == 0 {
		return rule, patternErrorf(path, `empty list: give an operator and a number, such as ["=", 5]`)
	}
	low := rule.bounds[0]
	switch low.op {
	case "=", "<", "<=":
		if len(rule.bounds) == 2 {
			return rule, patternErrorf(path, `a range begins with ">" or ">=" and the lower number, not with %q`, low.op)
		}
		if low.op != "=" && low.micros == -patternMaxMicros {
			return rule, patternErrorf(path, "%s %s leaves no range: numbers begin at -5000000000", low.op, low.literal)
		}
	case ">", ">=":
		if len(rule.bounds) == 1 {
			if low.micros == patternMaxMicros {
				return rule, patternErrorf(path, "%s %s leaves no range: numbers end at 5000000000", low.op, low.literal)
			}
			break
		}
		high := rule.bounds[1]
		if high.op != "<" && high.op != "<=" {
			return rule, patternErrorf(path, `a range ends with "<" or "<=" and the higher number, not with %q`, high.op)
		}
		if low.micros >= high.micros {
			return rule, patternErrorf(path, "%s is not less than %s: nothing can match", low.literal, high.literal)
		}
	default:
		return rule, patternErrorf(path, "unknown numeric operator %q", low.op)
	}
	return rule, nil
}

func (p *patternParser) anythingBut(path string) (patternRule, error) {
	rule := patternRule{op: patternExact, not: true}
	t := p.token()
	nested := t == json.Delim('{')
	if nested {
		if !p.more() {
			return rule, patternErrorf(path, "empty object: give one operator")
		}
		name := p.token().(string)
		switch name {
		case "prefix":
			rule.op = patternPrefix
		case "suffix":
			rule.op = patternSuffix
		case "equals-ignore-case":
			rule.op = patternFold
		case "wildcard":
			rule.op = patternWildcard
		default:
			return rule, patternErrorf(path, "unknown operator %q: anything-but takes values, prefix, suffix, equals-ignore-case or wildcard", name)
		}
		path = patternJoin(path, name)
		t = p.token()
	}
	if t == json.Delim('[') {
		for p.more() {
			if err := rule.addExcluded(fmt.Sprintf("%s[%d]", path, len(rule.values)), p.token()); err != nil {
				return rule, err
			}
		}
		p.token() // ]
		if len(rule.values) == 0 {
			return rule, patternErrorf(path, "empty list: give at least one value")
		}
	} else if err := rule.addExcluded(path, t); err != nil {
		return rule, err
	}
	if nested {
		return rule, p.end(path)
	}
	return rule, nil
}

func (r *patternRule) addExcluded(path string, t json.Token) error {
	switch v := t.(type) {
	case string:
		if v == "" && (r.op == patternPrefix || r.op == patternSuffix) {
			return patternErrorf(path, "must not be empty under anything-but")
		}
		value, err := patternOperand(path, r.op, v)
		if err != nil {
			return err
		}
		r.values = append(r.values, value)
	case json.Number:
		if r.op != patternExact {
			return patternErrorf(path, "must be a string")
		}
		value := patternNumber(v.String())
		if !value.numeric {
			return patternErrorf(path, "%s is beyond plus or minus 5000000000 or has more than six decimal places", patternShort(value.text))
		}
		r.values = append(r.values, value)
	default:
		return patternErrorf(path, "must be a string or a number under anything-but, or a list of one of them")
	}
	if r.values[0].kind != r.values[len(r.values)-1].kind {
		return patternErrorf(path, "strings and numbers are mixed: anything-but takes a list of one of them")
	}
	return nil
}

// patternOperand checks the string that an operator compares with.
func patternOperand(path string, op patternOp, text string) (patternScalar, error) {
	value := patternString(text)
	var err error
	switch op {
	case patternExact:
		value.addr, _ = patternAddr(text)
	case patternWildcard:
		value.parts, err = patternGlobParts(text)
	case patternCIDR:
		value.block, err = patternBlock(text)
	}
	if err != nil {
		return value, &PatternError{Path: path, Err: err}
	}
	return value, nil
}

// patternGlobParts splits a wildcard at its * and removes the escapes.
func patternGlobParts(text string) ([]string, error) {
	var parts []string
	var part []byte
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '*' && i+1 < len(text) && text[i+1] == '*':
			return nil, fmt.Errorf("consecutive * in %q: use one", patternShort(text))
		case c == '*':
			parts, part = append(parts, string(part)), nil
		case c == '\\':
			if i++; i == len(text) || text[i] != '*' && text[i] != '\\' {
				return nil, fmt.Errorf(`\ in %q escapes neither * nor \: write \\ for a backslash`, patternShort(text))
			}
			part = append(part, text[i])
		default:
			part = append(part, c)
		}
	}
	parts = append(parts, string(part))
	if len(parts) <= 6 {
		return parts, nil
	}
	repeated := map[string]bool{}
	for _, between := range parts[1 : len(parts)-1] {
		if repeated[between] {
			return nil, fmt.Errorf("%d * with %q between several of them: too complex for EventBridge, use fewer *", len(parts)-1, patternShort(between))
		}
		repeated[between] = true
	}
	return parts, nil
}

func patternBlock(text string) (netip.Prefix, error) {
	address, mask, ok := strings.Cut(text, "/")
	if !ok {
		return netip.Prefix{}, errors.New("must be an address, a slash and a number of bits")
	}
	addr, ok := patternAddr(address)
	if !ok {
		return netip.Prefix{}, fmt.Errorf("%q is not an IP address", patternShort(address))
	}
	bits, err := strconv.ParseUint(mask, 10, 8)
	if err != nil || int(bits) >= addr.BitLen() {
		return netip.Prefix{}, fmt.Errorf("the number of bits after the slash must be 0 to %d", addr.BitLen()-1)
	}
	return addr.Prefix(int(bits))
}
