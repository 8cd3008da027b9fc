package pattern

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/codesuite-go/codesuite/internal/jsontext"
)

const (
	maxEvent = 2 << 20 // bytes
	maxDots  = 100     // in a name
)

func decodeEvent(event []byte) (map[string]any, error) {
	if len(event) > maxEvent {
		return nil, fmt.Errorf("the event has %d bytes, the limit is %d", len(event), maxEvent)
	}
	d, err := jsontext.NewScanner(event)
	if err != nil {
		return nil, err
	}
	if d.Peek() != '{' {
		return nil, d.Want("an object")
	}
	v, err := d.Tree()
	if err == nil {
		err = d.End()
	}
	if err != nil {
		return nil, err
	}
	return v.(map[string]any), splitDots(v)
}

// splitDots replaces names with dots by objects in objects.
func splitDots(v any) error {
	switch v := v.(type) {
	case []any:
		for _, element := range v {
			if err := splitDots(element); err != nil {
				return err
			}
		}
	case map[string]any:
		dotted := false
		for name, value := range v {
			switch value.(type) {
			case []any, map[string]any:
				if err := splitDots(value); err != nil {
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
			if len(steps) > maxDots {
				return fmt.Errorf("the event has a name with more than %d dots", maxDots)
			}
			for _, step := range slices.Backward(steps[1:]) {
				value = map[string]any{step: value}
			}
			putField(v, steps[0], value)
		}
	}
	return nil
}

// putField adds a value to a name that may have one already.
func putField(m map[string]any, name string, value any) {
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
		putField(oldFields, name, fields[name])
	}
}
