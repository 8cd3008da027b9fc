package events

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

const (
	patternMaxEvent = 2 << 20 // bytes
	patternMaxDots  = 100     // in a name
)

func patternDecodeEvent(event []byte) (map[string]any, error) {
	if len(event) > patternMaxEvent {
		return nil, fmt.Errorf("the event has %d bytes, the limit is %d", len(event), patternMaxEvent)
	}
	d, err := newScanner(event)
	if err != nil {
		return nil, err
	}
	if d.space() != '{' {
		return nil, d.want("an object")
	}
	v, err := d.tree()
	if err == nil {
		err = d.end()
	}
	if err != nil {
		return nil, err
	}
	return v.(map[string]any), patternUndot(v)
}

// patternUndot replaces names with dots by objects in objects.
func patternUndot(v any) error {
	switch v := v.(type) {
	case []any:
		for _, element := range v {
			if err := patternUndot(element); err != nil {
				return err
			}
		}
	case map[string]any:
		dotted := false
		for name, value := range v {
			switch value.(type) {
			case []any, map[string]any:
				if err := patternUndot(value); err != nil {
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
			if len(steps) > patternMaxDots {
				return fmt.Errorf("the event has a name with more than %d dots", patternMaxDots)
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
