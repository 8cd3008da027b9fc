package cfnyaml

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strconv"
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
// such as !Ref and !Sub, become the long ones. What is wrong in a line is an [*Error].
func JSON(template []byte) ([]byte, error) {
	if len(template) > maxBytes {
		return nil, fmt.Errorf("the template has %d bytes: the limit is %d", len(template), maxBytes)
	}
	var document yaml.Node
	if err := yaml.Unmarshal(template, &document); err != nil {
		return nil, syntaxError(template, err)
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

// Error is what is wrong in a line of a template. In YAML whose brackets or columns do
// not fit, that may be the line in which the list or the object begins.
type Error struct {
	Line int // from 1
	Err  error
}

func (e *Error) Error() string { return fmt.Sprintf("line %d: %v", e.Line, e.Err) }
func (e *Error) Unwrap() error { return e.Err }

// yamlError is the text of an error of package yaml, which may have a line.
var yamlError = regexp.MustCompile(`^yaml: (?:line (\d+): )?`)

// structural are the errors whose lines package yaml counts from 0.
var structural = regexp.MustCompile(`^(did not find expected (key|node content|'-'|','|<)|found (duplicate|incompatible|undefined))`)

// syntaxError returns an error of package yaml with its line.
func syntaxError(template []byte, err error) error {
	match := yamlError.FindStringSubmatch(err.Error())
	if match == nil {
		return err
	}
	text := err.Error()[len(match[0]):]
	line, _ := strconv.Atoi(match[1])
	if line == 0 {
		return errors.New(text)
	}
	if structural.MatchString(text) {
		line++
	}
	lines := bytes.Count(bytes.TrimRight(template, "\n"), []byte("\n")) + 1
	return &Error{min(line, lines), errors.New(text)}
}

// converter turns nodes into values of encoding/json.
type converter struct{ nodes, text int }

// value returns the value of a node.
func (c *converter) value(n *yaml.Node, depth int) (any, error) {
	if c.nodes++; c.nodes > maxNodes {
		return nil, &Error{n.Line, fmt.Errorf("the template has more than %d values: use fewer aliases", maxNodes)}
	}
	if c.text += len(n.Value) + len(n.Tag); c.text > maxText {
		return nil, &Error{n.Line, fmt.Errorf("the template has more than %d bytes of text: use fewer aliases", maxText)}
	}
	if depth > maxDepth {
		return nil, &Error{n.Line, fmt.Errorf("nested more than %d deep", maxDepth)}
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
				return nil, &Error{name.Line, errors.New("the name of a member is no text")}
			}
			if _, twice := object[name.Value]; twice {
				return nil, &Error{name.Line, fmt.Errorf("the member %q is there twice", name.Value)}
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
			return nil, &Error{n.Line, err}
		}
		return b, nil
	case "!!int", "!!float":
		if json.Valid([]byte(n.Value)) { // keep it as it is written: 10 digits, 1.50
			return json.Number(n.Value), nil
		}
	}
	return n.Value, nil // dates, too, are texts
}
