package pattern

import (
	"encoding/json"
	"fmt"
	"strings"
)

// operator reads an alternative that is an object with one key.
func (p *parser) operator(path string) (valueRule, error) {
	if !p.more() {
		return valueRule{}, errorf(path, "empty object: give one operator")
	}
	name := p.token().(string)
	at := joinPath(path, name)
	var rule valueRule
	var err error
	switch name {
	case "exactly":
		rule, err = p.stringRule(at, opExact)
	case "prefix", "suffix":
		rule, err = p.affix(at, name)
	case "equals-ignore-case":
		rule, err = p.stringRule(at, opFold)
	case "wildcard":
		rule, err = p.stringRule(at, opWildcard)
	case "cidr":
		rule, err = p.stringRule(at, opCIDR)
	case "exists":
		exists, ok := p.token().(bool)
		if !ok {
			return valueRule{}, errorf(at, "must be true or false")
		}
		rule = valueRule{op: opExists, exists: exists}
	case "numeric":
		rule, err = p.numeric(at)
	case "anything-but":
		rule, err = p.anythingBut(at)
	default:
		err = errorf(path, "unknown operator %q", name)
	}
	if err != nil {
		return valueRule{}, err
	}
	return rule, p.end(path)
}

// end reads the end of an object that has one key.
func (p *parser) end(path string) error {
	if p.more() {
		return errorf(path, "more than one operator in an object: give each an object of its own")
	}
	p.token()
	return nil
}

func (p *parser) stringRule(path string, op opcode) (valueRule, error) {
	text, ok := p.token().(string)
	if !ok {
		return valueRule{}, errorf(path, "must be a string")
	}
	value, err := operand(path, op, text)
	return valueRule{op: op, values: []scalar{value}}, err
}

func (p *parser) affix(path, name string) (valueRule, error) {
	rule := valueRule{op: opPrefix}
	if name == "suffix" {
		rule.op = opSuffix
	}
	switch t := p.token().(type) {
	case string:
		rule.values = []scalar{stringValue(t)}
		return rule, nil
	case json.Delim:
		if t != '{' || !p.more() {
			break
		}
		if inner := p.token().(string); inner != "equals-ignore-case" {
			return rule, errorf(path, "unknown operator %q: %s takes a string or equals-ignore-case", inner, name)
		}
		text, ok := p.token().(string)
		if !ok {
			return rule, errorf(path+".equals-ignore-case", "must be a string")
		}
		rule.fold, rule.values = true, []scalar{stringValue(text)}
		return rule, p.end(path)
	}
	return rule, errorf(path, "must be a string, or an object with equals-ignore-case")
}

func (p *parser) numeric(path string) (valueRule, error) {
	rule := valueRule{op: opRange}
	if p.token() != json.Delim('[') {
		return rule, errorf(path, `must be a list such as [">=", 0, "<", 10]`)
	}
	for p.more() {
		operator, ok := p.token().(string)
		if !ok || strings.Trim(operator, "<=>") != "" {
			return rule, errorf(path, `each number needs an operator before it: "=", "<", "<=", ">" or ">="`)
		}
		n, ok := p.token().(json.Number)
		if !ok {
			return rule, errorf(path, "%s needs a number after it", operator)
		}
		b := bound{op: operator, literal: n.String()}
		if b.number, ok = numberOf(b.literal); !ok {
			return rule, errorf(path, "%s has more digits or a larger exponent than EventBridge compares: about 17 digits, up to 1.7e308", shorten(b.literal))
		}
		if rule.bounds = append(rule.bounds, b); len(rule.bounds) > 2 {
			return rule, errorf(path, "more than two comparisons")
		}
	}
	p.token() // ]
	if len(rule.bounds) == 0 {
		return rule, errorf(path, `empty list: give an operator and a number, such as ["=", 5]`)
	}
	low := rule.bounds[0]
	switch low.op {
	case "=", "<", "<=":
		if len(rule.bounds) == 2 {
			return rule, errorf(path, `a range begins with ">" or ">=" and the lower number, not with %q`, low.op)
		}
	case ">", ">=":
		if len(rule.bounds) == 1 {
			break
		}
		high := rule.bounds[1]
		if high.op != "<" && high.op != "<=" {
			return rule, errorf(path, `a range ends with "<" or "<=" and the higher number, not with %q`, high.op)
		}
		if low.number >= high.number {
			return rule, errorf(path, "%s is not less than %s: nothing can match", low.literal, high.literal)
		}
	default:
		return rule, errorf(path, "unknown numeric operator %q", low.op)
	}
	return rule, nil
}

func (p *parser) anythingBut(path string) (valueRule, error) {
	rule := valueRule{op: opExact, not: true}
	t := p.token()
	nested := t == json.Delim('{')
	if nested {
		if !p.more() {
			return rule, errorf(path, "empty object: give one operator")
		}
		name := p.token().(string)
		switch name {
		case "prefix":
			rule.op = opPrefix
		case "suffix":
			rule.op = opSuffix
		case "equals-ignore-case":
			rule.op = opFold
		case "wildcard":
			rule.op = opWildcard
		default:
			return rule, errorf(path, "unknown operator %q: anything-but takes values, prefix, suffix, equals-ignore-case or wildcard", name)
		}
		path = joinPath(path, name)
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
			return rule, errorf(path, "empty list: give at least one value")
		}
	} else if err := rule.addExcluded(path, t); err != nil {
		return rule, err
	}
	if nested {
		return rule, p.end(path)
	}
	return rule, nil
}

func (r *valueRule) addExcluded(path string, t json.Token) error {
	switch v := t.(type) {
	case string:
		if v == "" && (r.op == opPrefix || r.op == opSuffix) {
			return errorf(path, "must not be empty under anything-but")
		}
		value, err := operand(path, r.op, v)
		if err != nil {
			return err
		}
		r.values = append(r.values, value)
	case json.Number:
		if r.op != opExact {
			return errorf(path, "must be a string")
		}
		value := numberValue(v.String())
		if !value.numeric {
			return errorf(path, "%s has more digits or a larger exponent than EventBridge compares: about 17 digits, up to 1.7e308", shorten(value.text))
		}
		r.values = append(r.values, value)
	default:
		return errorf(path, "must be a string or a number under anything-but, or a list of one of them")
	}
	if r.values[0].kind != r.values[len(r.values)-1].kind {
		return errorf(path, "strings and numbers are mixed: anything-but takes a list of one of them")
	}
	return nil
}

// operand checks the string that an operator compares with.
func operand(path string, op opcode, text string) (scalar, error) {
	value := stringValue(text)
	var err error
	switch op {
	case opExact:
		value.addr, _ = addressOf(text)
	case opWildcard:
		value.parts, err = wildcardParts(text)
	case opCIDR:
		value.block, err = blockOf(text)
	}
	if err != nil {
		return value, &Error{Path: path, Err: err}
	}
	return value, nil
}

// wildcardParts splits a wildcard at its * and removes the escapes.
func wildcardParts(text string) ([]string, error) {
	var parts []string
	var part []byte
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '*' && i+1 < len(text) && text[i+1] == '*':
			return nil, fmt.Errorf("consecutive * in %q: use one", shorten(text))
		case c == '*':
			parts, part = append(parts, string(part)), nil
		case c == '\\':
			if i++; i == len(text) || text[i] != '*' && text[i] != '\\' {
				return nil, fmt.Errorf(`\ in %q escapes neither * nor \: write \\ for a backslash`, shorten(text))
			}
			part = append(part, text[i])
		default:
			part = append(part, c)
		}
	}
	return append(parts, string(part)), nil
}
