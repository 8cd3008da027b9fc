package cfntest

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// Template is a template whose conditions and intrinsic functions can be
// resolved.
type Template struct {
	Root       *yaml.Node
	parameters map[string]string
}

// Account is the AWS account of the stack.
const Account = "111122223333"

// StackName is the name of the stack.
const StackName = "stack"

// The partition is that of China, where a template finds out that it relies on
// the names of another.
var pseudoParameters = map[string]string{
	"AWS::Partition": "aws-cn", "AWS::Region": "cn-north-1", "AWS::AccountId": Account,
	"AWS::URLSuffix": "amazonaws.com.cn", "AWS::StackName": StackName,
}

// Read reads the template in the file with these parameters and the defaults of
// the others.
func Read(t testing.TB, file string, parameters map[string]string) *Template {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var root yaml.Node
	if err := yaml.Unmarshal(text, &root); err != nil {
		t.Fatal(err)
	}
	tmpl := &Template{Root: root.Content[0], parameters: map[string]string{}}
	for name, value := range pseudoParameters {
		tmpl.parameters[name] = value
	}
	declared := Child(tmpl.Root, "Parameters")
	for i := 0; i < len(declared.Content); i += 2 {
		if d := Child(declared.Content[i+1], "Default"); d != nil {
			tmpl.parameters[declared.Content[i].Value] = d.Value
		}
	}
	for name, value := range parameters {
		if Child(declared, name) == nil {
			t.Fatalf("the template has no parameter %s", name)
		}
		tmpl.parameters[name] = value
	}
	return tmpl
}

// Resource returns the resource with its functions resolved. A reference to a
// resource, or to an attribute of one, is its name.
func (t *Template) Resource(tb testing.TB, name string) any {
	tb.Helper()
	n := Child(Child(t.Root, "Resources"), name)
	if n == nil {
		tb.Fatalf("the template has no resource %s", name)
	}
	value, _ := t.Eval(n)
	return value
}

// Resources returns the resources of the type, by their names.
func (t *Template) Resources(tb testing.TB, kind string) map[string]any {
	tb.Helper()
	found := map[string]any{}
	all := Child(t.Root, "Resources")
	for i := 0; i < len(all.Content); i += 2 {
		if name := all.Content[i].Value; Child(all.Content[i+1], "Type").Value == kind {
			found[name] = t.Resource(tb, name)
		}
	}
	return found
}

// Eval returns the value of a node, and false for AWS::NoValue.
func (t *Template) Eval(n *yaml.Node) (any, bool) {
	argument := func(i int) any {
		value, _ := t.Eval(n.Content[i])
		return value
	}
	switch n.Tag {
	case "!Ref":
		if n.Value == "AWS::NoValue" {
			return nil, false
		}
		value, known := t.parameters[n.Value]
		switch {
		case !known:
			return n.Value, true
		case t.isList(n.Value):
			return strings.Split(value, ","), true
		}
		return value, true
	case "!GetAtt":
		return n.Value, true
	case "!If":
		if value, _ := t.Eval(Child(Child(t.Root, "Conditions"), n.Content[0].Value)); value == true {
			return t.Eval(n.Content[1])
		}
		return t.Eval(n.Content[2])
	case "!Equals":
		return fmt.Sprint(argument(0)) == fmt.Sprint(argument(1)), true
	case "!FindInMap":
		value, _ := t.Eval(Child(Child(t.Root, "Mappings"), n.Content[0].Value))
		return At(value, fmt.Sprint(argument(1)), fmt.Sprint(argument(2))), true
	case "!Not":
		return argument(0) != true, true
	case "!Contains":
		return slices.Contains(Strings(argument(0)), fmt.Sprint(argument(1))), true
	case "!EachMemberEquals":
		want := fmt.Sprint(argument(1))
		return !slices.ContainsFunc(Strings(argument(0)), func(s string) bool { return s != want }), true
	case "!Join":
		return strings.Join(Strings(argument(1)), argument(0).(string)), true
	case "!Split":
		return strings.Split(argument(1).(string), argument(0).(string)), true
	case "!Sub":
		text, names := n.Value, map[string]string{}
		if n.Kind == yaml.SequenceNode {
			text = n.Content[0].Value
			value, _ := t.Eval(n.Content[1])
			for name, v := range value.(map[string]any) {
				names[name] = v.(string)
			}
		}
		return regexp.MustCompile(`\$\{[^}]+\}`).ReplaceAllStringFunc(text, func(s string) string {
			name := s[2 : len(s)-1]
			if literal, ok := strings.CutPrefix(name, "!"); ok { // a variable of a policy
				return "${" + literal + "}"
			}
			if value, ok := names[name]; ok {
				return value
			}
			return t.parameters[name]
		}), true
	}
	switch n.Kind {
	case yaml.MappingNode:
		values := map[string]any{}
		for i := 0; i < len(n.Content); i += 2 {
			if value, ok := t.Eval(n.Content[i+1]); ok {
				values[n.Content[i].Value] = value
			}
		}
		return values, true
	case yaml.SequenceNode:
		values := []any{}
		for _, c := range n.Content {
			if value, ok := t.Eval(c); ok {
				values = append(values, value)
			}
		}
		return values, true
	}
	var value any
	if n.Decode(&value) != nil {
		return n.Value, true
	}
	return value, true
}

func (t *Template) isList(parameter string) bool {
	declared := Child(Child(t.Root, "Parameters"), parameter)
	return declared != nil && Child(declared, "Type").Value == "CommaDelimitedList"
}

// Child returns the value under the key of a mapping, nil if it has none.
func Child(n *yaml.Node, key string) *yaml.Node {
	if i := slices.IndexFunc(n.Content, func(c *yaml.Node) bool { return c.Value == key }); i >= 0 && i%2 == 0 {
		return n.Content[i+1]
	}
	return nil
}

// At returns the value at the path of keys.
func At(value any, path ...string) any {
	for _, key := range path {
		m, _ := value.(map[string]any)
		value = m[key]
	}
	return value
}

// Strings returns a value that is a text or a list of some as a list.
func Strings(value any) []string {
	switch v := value.(type) {
	case string:
		return []string{v}
	case []string:
		return v
	case []any:
		var all []string
		for _, element := range v {
			all = append(all, fmt.Sprint(element))
		}
		return all
	}
	return nil
}
