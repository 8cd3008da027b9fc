package events

import (
	"encoding/json"
	"fmt"
	"strings"
)

// patternParser walks the tokens of a pattern that is known to be JSON.
type patternParser struct {
	d         scanner
	orIsField bool // read $or as the name of a field
	sawOr     bool
}

func patternParse(data []byte) (*patternNode, error) {
	if len(data) > patternMaxInput {
		return nil, patternErrorf("", "%d bytes of JSON, the limit is %d", len(data), patternMaxInput)
	}
	d, err := newScanner(data)
	if err == nil {
		valid := *d
		if _, err = valid.value(); err == nil {
			err = valid.end()
		}
	}
	if err != nil {
		return nil, patternErrorf("", "not valid JSON: %w", err)
	}
	root, sawOr, err := patternParseTokens(*d, false)
	if err != nil && sawOr {
		// What is not an operator may still be a field named $or: EventBridge
		// tries this too, for patterns from before there was an operator.
		if field, _, fieldErr := patternParseTokens(*d, true); fieldErr == nil {
			return field, nil
		}
	}
	return root, err
}

func patternParseTokens(d scanner, orIsField bool) (*patternNode, bool, error) {
	p := &patternParser{d: d, orIsField: orIsField}
	if p.token() != json.Delim('{') {
		return nil, false, patternErrorf("", "must be an object")
	}
	root, err := p.object("", false, true)
	return root, p.sawOr, err
}

// token returns the next token: a bracket, or a value as of [scanner.tree]. The
// text has been checked, so that there is one and it has no error.
func (p *patternParser) token() json.Token {
	switch p.skip() {
	case '{', '}', '[', ']':
		p.d.i++
		return json.Delim(p.d.s[p.d.i-1])
	}
	v, _ := p.d.tree()
	return v
}

// more reports whether another element or member follows in this list or
// object.
func (p *patternParser) more() bool {
	c := p.skip()
	return c != '}' && c != ']'
}

// skip moves to the next token and returns its first byte.
func (p *patternParser) skip() byte {
	c := p.d.space()
	for c == ',' || c == ':' {
		p.d.i++
		c = p.d.space()
	}
	return c
}

// patternReserved are the names that a field inside a $or must not have.
// EventBridge keeps them for operators, some of which do not exist yet.
var patternReserved = map[string]bool{
	"exactly": true, "equals-ignore-case": true, "prefix": true, "suffix": true, "anything-but": true,
	"exists": true, "wildcard": true, "numeric": true, "cidr": true,
	"=": true, "<": true, "<=": true, ">": true, ">=": true,
	"regex": true, "not-wildcard": true, "not-equals-ignore-case": true,
	"date-after": true, "date-on-or-after": true, "date-before": true, "date-on-or-before": true, "in-date-range": true,
	"ip-address-in-range": true, "ip-address-not-in-range": true,
}

// object reads an object after its {. The fields of the envelope can be in it
// if top is set.
func (p *patternParser) object(path string, inOr, top bool) (*patternNode, error) {
	node := &patternNode{}
	seen := map[string]bool{}
	for p.more() {
		name := p.token().(string)
		at := patternJoin(path, name)
		if seen[name] {
			return nil, patternErrorf(at, "given twice: EventBridge would keep the last and drop the others")
		}
		seen[name] = true
		field := patternField{name: name}
		var err error
		switch {
		case name == "$or" && !p.orIsField:
			p.sawOr = true
			field.or, err = p.or(at, top)
		case inOr && patternReserved[name]:
			err = patternErrorf(at, "%q is reserved and cannot name a field inside $or", name)
		default:
			switch p.token() {
			case json.Delim('{'):
				field.object, err = p.object(at, inOr, false)
			case json.Delim('['):
				field.rules, err = p.rules(at)
			default:
				err = patternErrorf(at, "must be a list of values or an object, also for a single value")
			}
		}
		if err != nil {
			return nil, err
		}
		node.fields = append(node.fields, field)
	}
	p.token() // }
	if len(node.fields) == 0 {
		if path == "" {
			return nil, &PatternError{Err: errPatternEmpty}
		}
		return nil, patternErrorf(path, "empty object: leave the field out, or use exists")
	}
	node.sort(top)
	return node, nil
}

func (p *patternParser) or(path string, top bool) ([]*patternNode, error) {
	if p.token() != json.Delim('[') {
		return nil, patternErrorf(path, "must be a list of objects")
	}
	var alternatives []*patternNode
	for p.more() {
		at := fmt.Sprintf("%s[%d]", path, len(alternatives))
		if p.token() != json.Delim('{') {
			return nil, patternErrorf(at, "must be an object with fields")
		}
		node, err := p.object(at, true, top)
		if err != nil {
			return nil, err
		}
		alternatives = append(alternatives, node)
	}
	p.token() // ]
	if len(alternatives) < 2 {
		return nil, patternErrorf(path, "%d alternatives: give at least two", len(alternatives))
	}
	return alternatives, nil
}

// rules reads the alternatives of a field.
func (p *patternParser) rules(path string) ([]patternRule, error) {
	var rules []patternRule
	for p.more() {
		at := fmt.Sprintf("%s[%d]", path, len(rules))
		t := p.token()
		var rule patternRule
		var err error
		switch {
		case t == json.Delim('{'):
			rule, err = p.operator(at)
		default:
			var value patternScalar
			value, err = patternTokenValue(at, t)
			rule.values = []patternScalar{value}
		}
		if err != nil {
			return nil, err
		}
		rules = append(rules, rule)
	}
	p.token() // ]
	if len(rules) == 0 {
		return nil, patternErrorf(path, "empty list: give at least one value")
	}
	return rules, nil
}

func patternTokenValue(path string, t json.Token) (patternScalar, error) {
	switch v := t.(type) {
	case string:
		s := patternString(v)
		s.addr, _ = patternAddr(v)
		return s, nil
	case json.Number:
		return patternNumber(v.String()), nil
	case bool:
		return patternBool(v), nil
	case nil:
		return patternScalar{kind: patternKindNull, text: "null"}, nil
	}
	return patternScalar{}, patternErrorf(path, "a value must be a string, a number, true, false, null or an operator")
}

func patternJoin(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}

// patternShort cuts a text that goes into an error.
func patternShort(s string) string {
	if len(s) <= 64 {
		return s
	}
	return strings.ToValidUTF8(s[:64], "") + "..."
}
