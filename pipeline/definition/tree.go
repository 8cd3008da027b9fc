package definition

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/codesuite-go/codesuite/internal/jsontext"
)

// maxText bounds the JSON that is read.
const maxText = 4 << 20

// A tree is a JSON value: map[string]any, []any, string, json.Number, bool or nil.

// readTree reads a JSON text. A member that is there twice is an error.
func readTree(data []byte) (any, error) {
	if len(data) > maxText {
		return nil, fmt.Errorf("the text has %d bytes: the limit is %d", len(data), maxText)
	}
	s, err := jsontext.NewScanner(data)
	if err != nil {
		return nil, err
	}
	tree, err := scanTree(s)
	if err != nil {
		return nil, err
	}
	return tree, s.End()
}

func scanTree(s *jsontext.Scanner) (any, error) {
	switch s.Peek() {
	case '{':
		object := make(map[string]any)
		more, err := s.Open('{')
		for more && err == nil {
			var name string
			if name, err = s.Name(); err != nil {
				return nil, err
			}
			if _, twice := object[name]; twice {
				return nil, s.Fail("a member is there twice: leave one of them")
			}
			if object[name], err = scanTree(s); err != nil {
				return nil, err
			}
			more, err = s.Next('{')
		}
		return object, err
	case '[':
		list := []any{}
		more, err := s.Open('[')
		for more && err == nil {
			var element any
			if element, err = scanTree(s); err != nil {
				return nil, err
			}
			list = append(list, element)
			more, err = s.Next('[')
		}
		return list, err
	}
	return s.Tree()
}

// appendTree appends a tree as JSON, the members named in order first and the
// others sorted. An indent, which begins with a line feed, gives each member a line.
func appendTree(b []byte, tree any, order []string, indent string) []byte {
	inner := indent
	if indent != "" {
		inner += "    "
	}
	switch tree := tree.(type) {
	case map[string]any:
		b = append(b, '{')
		for i, name := range memberNames(tree, order) {
			b = newLine(b, i, inner)
			b = append(jsontext.AppendQuoted(b, name), ':')
			if indent != "" {
				b = append(b, ' ')
			}
			b = appendTree(b, tree[name], order, inner)
		}
		return append(closeLine(b, len(tree), indent), '}')
	case []any:
		b = append(b, '[')
		for i, element := range tree {
			b = newLine(b, i, inner)
			b = appendTree(b, element, order, inner)
		}
		return append(closeLine(b, len(tree), indent), ']')
	case string:
		return jsontext.AppendQuoted(b, tree)
	case json.Number:
		return append(b, tree...)
	case bool:
		if tree {
			return append(b, "true"...)
		}
		return append(b, "false"...)
	}
	return append(b, "null"...)
}

func newLine(b []byte, i int, inner string) []byte {
	if i > 0 {
		b = append(b, ',')
	}
	return append(b, inner...)
}

func closeLine(b []byte, n int, indent string) []byte {
	if n > 0 {
		b = append(b, indent...)
	}
	return b
}

// memberNames returns the names of an object's members: those of order first.
func memberNames(object map[string]any, order []string) []string {
	return slices.SortedFunc(maps.Keys(object), func(a, b string) int {
		i, j := slices.Index(order, a), slices.Index(order, b)
		switch {
		case i >= 0 && j >= 0:
			return i - j
		case i >= 0:
			return -1
		case j >= 0:
			return 1
		}
		return strings.Compare(a, b)
	})
}

// rawJSON returns a tree as compact JSON.
func rawJSON(tree any) json.RawMessage { return appendTree(nil, tree, nil, "") }

// kind names the kind of a value, for errors.
func kind(tree any) string {
	switch tree.(type) {
	case map[string]any:
		return "an object"
	case []any:
		return "a list"
	case string:
		return "a text"
	case json.Number:
		return "a number"
	case bool:
		return "a boolean"
	}
	return "null"
}

// Error is a text that holds no structure, or a structure that cannot be written.
type Error struct {
	// Path leads to the offending value, such as stages[1].actions[0].runOrder. It
	// is empty for the whole.
	Path string
	// Line and Column are the place in the text that was read, from 1. They are 0 if
	// it is not known.
	Line, Column int
	Err          error
}

var _ error = (*Error)(nil)

// Error gives line and column, the path and the reason in one line. It holds no
// values of configurations.
func (e *Error) Error() string {
	text := "definition: "
	if e.Line > 0 {
		text += fmt.Sprintf("line %d, column %d: ", e.Line, e.Column)
	}
	if e.Path != "" {
		text += e.Path + ": "
	}
	return text + e.Err.Error()
}

// Unwrap returns e.Err.
func (e *Error) Unwrap() error { return e.Err }

func errorAt(path, format string, args ...any) error {
	return &Error{Path: path, Err: fmt.Errorf(format, args...)}
}

// member appends a member's name to a path.
func member(path, name string) string {
	if strings.ContainsAny(name, `.[]" `) || name == "" {
		return fmt.Sprintf("%s[%q]", path, name)
	}
	if path == "" {
		return name
	}
	return path + "." + name
}

// element appends a position in a list to a path.
func element(path string, i int) string { return fmt.Sprintf("%s[%d]", path, i) }
