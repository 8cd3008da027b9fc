package cfnyaml

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"go.yaml.in/yaml/v3"
)

// The limits of a template.
const (
	maxBytes = 4 << 20
	maxNodes = 1 << 20      // after aliases are replaced by what they stand for
	maxText  = 4 * maxBytes // bytes of values, names and tags, likewise
	maxDepth = 100
)

// JSON returns a template in YAML, or in JSON, as JSON. The short forms of functions,
// such as !Ref and !Sub, become the long ones. An error has the line.
func JSON(template []byte) ([]byte, error) {
	if len(template) > maxBytes {
		return nil, fmt.Errorf("the template has %d bytes: the limit is %d", len(template), maxBytes)
	}
	var document yaml.Node
	if err := yaml.Unmarshal(template, &document); err != nil {
		return nil, err
	}
	if document.Kind != yaml.DocumentNode || len(document.Content) != 1 {
		return nil, errors.New("the template is empty")
	}
	var c converter
	tree, err := c.value(document.Content[0], 0)
	if err != nil {
		return nil, err
	}
	return json.Marshal(tree)
}

// converter turns nodes into values of encoding/json.
type converter struct{ nodes, text int }

// value returns the value of a node.
func (c *converter) value(n *yaml.Node, depth int) (any, error) {
	if c.nodes++; c.nodes > maxNodes {
		return nil, fmt.Errorf("line %d: the template has more than %d values: use fewer aliases", n.Line, maxNodes)
	}
	if c.text += len(n.Value) + len(n.Tag); c.text > maxText {
		return nil, fmt.Errorf("line %d: the template has more than %d bytes of text: use fewer aliases", n.Line, maxText)
	}
	if depth > maxDepth {
		return nil, fmt.Errorf("line %d: nested more than %d deep", n.Line, maxDepth)
	}
	if n.Kind == yaml.AliasNode {
		return c.value(n.Alias, depth+1)
	}
	value, err := c.plain(n, depth)
	if err != nil || !strings.HasPrefix(n.Tag, "!") || strings.HasPrefix(n.Tag, "!!") {
		return value, err
	}
	switch function := n.Tag[1:]; function {
	case "Ref", "Condition":
		return map[string]any{function: value}, nil
	case "GetAtt":
		if text, ok := value.(string); ok {
			resource, attribute, _ := strings.Cut(text, ".")
			value = []any{resource, attribute}
		}
		fallthrough
	default:
		return map[string]any{"Fn::" + function: value}, nil
	}
}

// plain returns the value of a node without its function.
func (c *converter) plain(n *yaml.Node, depth int) (any, error) {
	switch n.Kind {
	case yaml.MappingNode:
		object := make(map[string]any, len(n.Content)/2)
		for i := 0; i+1 < len(n.Content); i += 2 {
			name := n.Content[i]
			c.text += len(name.Value)
			if name.Kind != yaml.ScalarNode || name.Tag == "!!merge" {
				return nil, fmt.Errorf("line %d: the name of a member is no text", name.Line)
			}
			if _, twice := object[name.Value]; twice {
				return nil, fmt.Errorf("line %d: the member %q is there twice", name.Line, name.Value)
			}
			value, err := c.value(n.Content[i+1], depth+1)
			if err != nil {
				return nil, err
			}
			object[name.Value] = value
		}
		return object, nil
	case yaml.SequenceNode:
		list := make([]any, 0, len(n.Content))
		for _, element := range n.Content {
			value, err := c.value(element, depth+1)
			if err != nil {
				return nil, err
			}
			list = append(list, value)
		}
		return list, nil
	}
	switch n.ShortTag() {
	case "!!null":
		return nil, nil
	case "!!bool":
		var b bool
		if err := n.Decode(&b); err != nil {
			return nil, fmt.Errorf("line %d: %w", n.Line, err)
		}
		return b, nil
	case "!!int", "!!float":
		if json.Valid([]byte(n.Value)) { // keep it as it is written: 10 digits, 1.50
			return json.Number(n.Value), nil
		}
	}
	return n.Value, nil // dates, too, are texts
}
