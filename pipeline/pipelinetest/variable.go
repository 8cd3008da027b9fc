package pipelinetest

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/codesuite-go/codesuite/internal/awsjson"
)

// resolvedVariable is a variable of a pipeline with its value in an execution.
type resolvedVariable struct{ name, value string }

// resolve returns the configuration with its variables such as
// #{namespace.key} replaced, or which of them has no value.
func (e *execution) resolve(configuration map[string]string) (resolved map[string]string, problem string) {
	resolved = maps.Clone(configuration)
	for _, key := range slices.Sorted(maps.Keys(configuration)) {
		value, unknown, ok := expand(configuration[key], e.variable)
		if !ok {
			return resolved, fmt.Sprintf("The configuration %s has the variable #{%s}, which has no value", key, unknown)
		}
		resolved[key] = value
	}
	return resolved, ""
}

// variable returns the value of a variable such as "namespace.key".
func (e *execution) variable(name string) (string, bool) {
	namespace, key, _ := strings.Cut(name, ".")
	switch namespace {
	case "codepipeline":
		return e.id, key == "PipelineExecutionId"
	case "variables":
		for _, v := range e.variables {
			if v.name == key {
				return v.value, true
			}
		}
		return "", false
	}
	variables, ran := e.outputs[namespace]
	value, ok := variables[key]
	if !ok && ran && e.server().simulation.Alone && e.definition.isOpen(e.server(), namespace) {
		return key + "-" + awsjson.Hex(6, "variable", e.id, name), true
	}
	return value, ok
}

// isOpen reports whether the action of the namespace has output variables that its
// type does not define.
func (p *Pipeline) isOpen(s *Server, namespace string) bool {
	for _, stage := range p.Stages {
		for _, a := range stage.Actions {
			if a.Namespace == namespace {
				kind, _ := s.provider(a.Type)
				return kind.open
			}
		}
	}
	return false
}

// expand replaces each #{name} in the text by its value. If one has no value,
// ok is false and unknown is the name of the first. What is not closed is text.
func expand(text string, value func(name string) (string, bool)) (expanded, unknown string, ok bool) {
	var b strings.Builder
	for {
		before, after, found := strings.Cut(text, "#{")
		name, rest, closed := strings.Cut(after, "}")
		if !found || !closed {
			b.WriteString(text)
			return b.String(), "", true
		}
		v, ok := value(name)
		if !ok {
			return "", name, false
		}
		b.WriteString(before)
		b.WriteString(v)
		text = rest
	}
}
