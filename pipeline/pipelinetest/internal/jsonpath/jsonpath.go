// Package jsonpath finds values in decoded JSON, with JsonPaths of the kind that the
// filters of webhooks need: $.a.b, $['a'], $.a[0] and * for all members or elements.
package jsonpath

import (
	"errors"
	"strconv"
	"strings"
)

// Path is a parsed JsonPath.
type Path []step

type step struct {
	name  string // of a member
	index int    // of an element
	kind  kind
}

type kind int

const (
	stepMember kind = iota
	stepElement
	stepAll
)

// Parse returns the path of the text. It has neither functions nor filters, and no
// "..".
func Parse(text string) (Path, error) {
	rest, ok := strings.CutPrefix(text, "$")
	if !ok {
		return nil, errors.New(`a path begins with "$"`)
	}
	var path Path
	for rest != "" {
		var next step
		switch {
		case strings.HasPrefix(rest, "["):
			inside, behind, ok := strings.Cut(rest[1:], "]")
			if !ok {
				return nil, errors.New(`a "[" is not closed`)
			}
			rest = behind
			var err error
			if next, err = bracketStep(inside); err != nil {
				return nil, err
			}
		case strings.HasPrefix(rest, "."):
			end := strings.IndexAny(rest[1:], ".[")
			if end < 0 {
				end = len(rest) - 1
			}
			next.name, rest = rest[1:1+end], rest[1+end:]
			switch {
			case next.name == "":
				return nil, errors.New(`a name is missing after "."; ".." is not supported`)
			case next.name == "*":
				next.kind = stepAll
			case strings.ContainsAny(next.name, "()@?"):
				return nil, errors.New("functions and filters are not supported")
			}
		default:
			return nil, errors.New(`a "." or a "[" is missing`)
		}
		path = append(path, next)
	}
	return path, nil
}

func bracketStep(inside string) (step, error) {
	if inside == "*" {
		return step{kind: stepAll}, nil
	}
	for _, quote := range []string{"'", `"`} {
		if name, ok := strings.CutPrefix(inside, quote); ok {
			if name, ok = strings.CutSuffix(name, quote); ok && name != "" {
				return step{name: name}, nil
			}
		}
	}
	n, err := strconv.Atoi(inside)
	if err != nil || n < 0 {
		return step{}, errors.New("a bracket holds a name in quotes, a number from 0 or *")
	}
	return step{index: n, kind: stepElement}, nil
}

// Find returns the values that the path leads to. Those of the members of an object
// have no order.
func (p Path) Find(value any) []any {
	values := []any{value}
	for _, s := range p {
		var next []any
		for _, value := range values {
			switch v := value.(type) {
			case map[string]any:
				if member, ok := v[s.name]; ok && s.kind == stepMember {
					next = append(next, member)
				}
				if s.kind == stepAll {
					for _, member := range v {
						next = append(next, member)
					}
				}
			case []any:
				if s.kind == stepElement && s.index < len(v) {
					next = append(next, v[s.index])
				}
				if s.kind == stepAll {
					next = append(next, v...)
				}
			}
		}
		values = next
	}
	return values
}
