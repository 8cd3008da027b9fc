package pipelinetest

import (
	"encoding/json"
	"errors"
	"strconv"
	"strings"
)

// jsonPath is a JsonPath of the kind that webhooks need: $.a.b, $['a'], $.a[0] and
// * for all members or elements.
type jsonPath []pathStep

type pathStep struct {
	name  string // of a member
	index int    // of an element
	kind  stepKind
}

type stepKind int

const (
	stepMember stepKind = iota
	stepElement
	stepAll
)

func parseJSONPath(text string) (jsonPath, error) {
	rest, ok := strings.CutPrefix(text, "$")
	if !ok {
		return nil, errors.New(`a path begins with "$"`)
	}
	var path jsonPath
	for rest != "" {
		var step pathStep
		switch {
		case strings.HasPrefix(rest, "["):
			inside, behind, ok := strings.Cut(rest[1:], "]")
			if !ok {
				return nil, errors.New(`a "[" is not closed`)
			}
			rest = behind
			var err error
			if step, err = bracketStep(inside); err != nil {
				return nil, err
			}
		case strings.HasPrefix(rest, "."):
			end := strings.IndexAny(rest[1:], ".[")
			if end < 0 {
				end = len(rest) - 1
			}
			step.name, rest = rest[1:1+end], rest[1+end:]
			switch {
			case step.name == "":
				return nil, errors.New(`a name is missing after "."; ".." is not supported`)
			case step.name == "*":
				step.kind = stepAll
			case strings.ContainsAny(step.name, "()@?"):
				return nil, errors.New("functions and filters are not supported")
			}
		default:
			return nil, errors.New(`a "." or a "[" is missing`)
		}
		path = append(path, step)
	}
	return path, nil
}

func bracketStep(inside string) (pathStep, error) {
	if inside == "*" {
		return pathStep{kind: stepAll}, nil
	}
	for _, quote := range []string{"'", `"`} {
		if name, ok := strings.CutPrefix(inside, quote); ok {
			if name, ok = strings.CutSuffix(name, quote); ok && name != "" {
				return pathStep{name: name}, nil
			}
		}
	}
	n, err := strconv.Atoi(inside)
	if err != nil || n < 0 {
		return pathStep{}, errors.New("a bracket holds a name in quotes, a number from 0 or *")
	}
	return pathStep{index: n, kind: stepElement}, nil
}

// find returns the values that the path leads to.
func (p jsonPath) find(value any) []any {
	values := []any{value}
	for _, step := range p {
		var next []any
		for _, value := range values {
			switch v := value.(type) {
			case map[string]any:
				if member, ok := v[step.name]; ok && step.kind == stepMember {
					next = append(next, member)
				}
				if step.kind == stepAll {
					for _, member := range v {
						next = append(next, member)
					}
				}
			case []any:
				if step.kind == stepElement && step.index < len(v) {
					next = append(next, v[step.index])
				}
				if step.kind == stepAll {
					next = append(next, v...)
				}
			}
		}
		values = next
	}
	return values
}

// jsonText returns a value as a webhook's filter compares it.
func jsonText(value any) string {
	if text, ok := value.(string); ok {
		return text
	}
	text, _ := json.Marshal(value) // that was decoded
	return string(text)
}
