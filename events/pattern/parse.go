package pattern

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/codesuite-go/codesuite/internal/jsontext"
)

// parser walks the tokens of a pattern that is known to be JSON.
type parser struct {
	d         jsontext.Scanner
	orIsField bool // read $or as the name of a field
	sawOr     bool
}

func parse(data []byte) (*fieldTree, error) {
	if len(data) > maxInput {
		return nil, errorf("", "%d bytes of JSON, the limit is %d", len(data), maxInput)
	}
	d, err := jsontext.NewScanner(data)
	if err == nil {
		valid := *d
		if _, err = valid.Value(); err == nil {
			err = valid.End()
		}
	}
	if err != nil {
		return nil, errorf("", "not valid JSON: %w", decodeError(err))
	}
	root, sawOr, err := parseTokens(*d, false)
	if err != nil && sawOr {
		// What is not an operator may still be a field named $or: EventBridge
		// tries this too, for patterns from before there was an operator.
		if field, _, fieldErr := parseTokens(*d, true); fieldErr == nil {
			return field, nil
		}
	}
	return root, err
}

func parseTokens(d jsontext.Scanner, orIsField bool) (*fieldTree, bool, error) {
	p := &parser{d: d, orIsField: orIsField}
	if p.token() != json.Delim('{') {
		return nil, false, errorf("", "must be an object")
	}
	root, err := p.object("", false, true)
	return root, p.sawOr, err
}

// token returns the next token: a bracket, or a value as of [scanner.tree]. The
// text has been checked, so that there is one and it has no error.
func (p *parser) token() json.Token {
	switch p.skip() {
	case '{', '}', '[', ']':
		p.d.Pos++
		return json.Delim(p.d.Text[p.d.Pos-1])
	}
	v, _ := p.d.Tree()
	return v
}

// more reports whether another element or member follows in this list or
// object.
func (p *parser) more() bool {
	c := p.skip()
	return c != '}' && c != ']'
}

// skip moves to the next token and returns its first byte.
func (p *parser) skip() byte {
	c := p.d.Peek()
	for c == ',' || c == ':' {
		p.d.Pos++
		c = p.d.Peek()
	}
	return c
}

// reserved are the names that a field inside a $or must not have.
// EventBridge keeps them for operators, some of which do not exist yet.
var reserved = map[string]bool{
	"exactly": true, "equals-ignore-case": true, "prefix": true, "suffix": true, "anything-but": true,
	"exists": true, "wildcard": true, "numeric": true, "cidr": true,
	"=": true, "<": true, "<=": true, ">": true, ">=": true,
	"regex": true, "not-wildcard": true, "not-equals-ignore-case": true,
	"date-after": true, "date-on-or-after": true, "date-before": true, "date-on-or-before": true, "in-date-range": true,
	"ip-address-in-range": true, "ip-address-not-in-range": true,
}

// object reads an object after its {. The fields of the envelope can be in it
// if top is set.
func (p *parser) object(path string, inOr, top bool) (*fieldTree, error) {
	node := &fieldTree{}
	seen := map[string]bool{}
	for p.more() {
		name := p.token().(string)
		at := joinPath(path, name)
		if seen[name] {
			return nil, errorf(at, "given twice: EventBridge would keep the last and drop the others")
		}
		seen[name] = true
		field := member{name: name}
		var err error
		switch {
		case name == "$or" && !p.orIsField:
			p.sawOr = true
			field.or, err = p.or(at, top)
		case inOr && reserved[name]:
			err = errorf(at, "%q is reserved and cannot name a field inside $or", name)
		default:
			switch p.token() {
			case json.Delim('{'):
				field.object, err = p.object(at, inOr, false)
			case json.Delim('['):
				field.rules, err = p.rules(at)
			default:
				err = errorf(at, "must be a list of values or an object, also for a single value")
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
			return nil, &Error{Err: errEmpty}
		}
		return nil, errorf(path, "empty object: leave the field out, or use exists")
	}
	node.sort(top)
	return node, nil
}

func (p *parser) or(path string, top bool) ([]*fieldTree, error) {
	if p.token() != json.Delim('[') {
		return nil, errorf(path, "must be a list of objects")
	}
	var alternatives []*fieldTree
	for p.more() {
		at := fmt.Sprintf("%s[%d]", path, len(alternatives))
		if p.token() != json.Delim('{') {
			return nil, errorf(at, "must be an object with fields")
		}
		node, err := p.object(at, true, top)
		if err != nil {
			return nil, err
		}
		alternatives = append(alternatives, node)
	}
	p.token() // ]
	if len(alternatives) < 2 {
		return nil, errorf(path, "%d alternatives: give at least two", len(alternatives))
	}
	return alternatives, nil
}

// rules reads the alternatives of a field.
func (p *parser) rules(path string) ([]valueRule, error) {
	var rules []valueRule
	for p.more() {
		at := fmt.Sprintf("%s[%d]", path, len(rules))
		t := p.token()
		var rule valueRule
		var err error
		switch {
		case t == json.Delim('{'):
			rule, err = p.operator(at)
		default:
			var value scalar
			value, err = tokenValue(at, t)
			rule.values = []scalar{value}
		}
		if err != nil {
			return nil, err
		}
		rules = append(rules, rule)
	}
	p.token() // ]
	if len(rules) == 0 {
		return nil, errorf(path, "empty list: give at least one value")
	}
	return rules, nil
}

func tokenValue(path string, t json.Token) (scalar, error) {
	switch v := t.(type) {
	case string:
		s := stringValue(v)
		s.addr, _ = addressOf(v)
		return s, nil
	case json.Number:
		return numberValue(v.String()), nil
	case bool:
		return boolValue(v), nil
	case nil:
		return scalar{kind: kindNull, text: "null"}, nil
	}
	return scalar{}, errorf(path, "a value must be a string, a number, true, false, null or an operator")
}

func joinPath(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}

// shorten cuts a text that goes into an error.
func shorten(s string) string {
	if len(s) <= 64 {
		return s
	}
	return strings.ToValidUTF8(s[:64], "") + "..."
}
