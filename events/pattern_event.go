package events

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
)

const (
	patternMaxEvent      = 2 << 20 // bytes
	patternMaxEventDepth = 100
)

func patternDecodeEvent(event []byte) (map[string]any, error) {
	if len(event) > patternMaxEvent {
		return nil, fmt.Errorf("the event has %d bytes, the limit is %d", len(event), patternMaxEvent)
	}
	dec := json.NewDecoder(bytes.NewReader(event))
	dec.UseNumber()
	var v any
	if err := dec.Decode(&v); err != nil {
		if errors.Is(err, io.EOF) {
			err = io.ErrUnexpectedEOF
		}
		return nil, fmt.Errorf("the event is not valid JSON: %w", err)
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("the event is not valid JSON: more follows the first value")
	}
	fields, ok := v.(map[string]any)
	if !ok {
		return nil, errors.New("the event is not a JSON object")
	}
	return fields, patternUndot(v, 1)
}

// patternUndot replaces names with dots by objects in objects, and checks the
// depth.
func patternUndot(v any, depth int) error {
	if depth > patternMaxEventDepth {
		return fmt.Errorf("the event is nested more than %d levels deep", patternMaxEventDepth)
	}
	switch v := v.(type) {
	case []any:
		for _, element := range v {
			if err := patternUndot(element, depth+1); err != nil {
				return err
			}
		}
	case map[string]any:
		dotted := false
		for name, value := range v {
			switch value.(type) {
			case []any, map[string]any:
				if err := patternUndot(value, depth+1); err != nil {
					return err
				}
			}
			dotted = dotted || strings.Contains(name, ".")
		}
		if !dotted {
			return nil
		}
		for _, name := range slices.Sorted(maps.Keys(v)) {
			if !strings.Contains(name, ".") {
				continue
			}
			value := v[name]
			delete(v, name)
			steps := strings.Split(name, ".")
			if len(steps) > patternMaxEventDepth {
				return fmt.Errorf("the event has a name with more than %d dots", patternMaxEventDepth)
			}
			for _, step := range slices.Backward(steps[1:]) {
				value = map[string]any{step: value}
			}
			patternPut(v, steps[0], value)
		}
	}
	return nil
}

// patternPut adds a value to a name that may have one already.
func patternPut(m map[string]any, name string, value any) {
	old, ok := m[name]
	if !ok {
		m[name] = value
		return
	}
	oldFields, ok := old.(map[string]any)
	fields, isObject := value.(map[string]any)
	if !ok || !isObject {
		m[name] = []any{old, value} // either may match, as elements of a list do
		return
	}
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		patternPut(oldFields, name, fields[name])
	}
}
