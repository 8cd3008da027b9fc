package main

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// template is a template with its conditions and intrinsic functions resolved.
type template struct {
	root       *yaml.Node
	parameters map[string]string
}

var pseudoParameters = map[string]string{
	"AWS::Partition": "aws-cn", "AWS::Region": "cn-north-1", "AWS::AccountId": "111122223333",
	"AWS::URLSuffix": "amazonaws.com.cn", "AWS::StackName": "githubstatus",
}

// readTemplate reads template.yaml with these parameters and the defaults of
// the others.
func readTemplate(t testing.TB, parameters map[string]string) *template {
	t.Helper()
	text, err := os.ReadFile("template.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var root yaml.Node
	if err := yaml.Unmarshal(text, &root); err != nil {
		t.Fatal(err)
	}
	tmpl := &template{root: root.Content[0], parameters: map[string]string{}}
	for name, value := range pseudoParameters {
		tmpl.parameters[name] = value
	}
	declared := child(tmpl.root, "Parameters")
	for i := 0; i < len(declared.Content); i += 2 {
		if d := child(declared.Content[i+1], "Default"); d != nil {
			tmpl.parameters[declared.Content[i].Value] = d.Value
		}
	}
	for name, value := range parameters {
		if child(declared, name) == nil {
			t.Fatalf("the template has no parameter %s", name)
		}
		tmpl.parameters[name] = value
	}
	return tmpl
}

func (t *template) resource(tb testing.TB, name string) any {
	tb.Helper()
	n := child(child(t.root, "Resources"), name)
	if n == nil {
		tb.Fatalf("the template has no resource %s", name)
	}
	value, _ := t.eval(n)
	return value
}

// eval returns the value of a node, and false for AWS::NoValue.
func (t *template) eval(n *yaml.Node) (any, bool) {
	argument := func(i int) any {
		value, _ := t.eval(n.Content[i])
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
		if value, _ := t.eval(child(child(t.root, "Conditions"), n.Content[0].Value)); value == true {
			return t.eval(n.Content[1])
		}
		return t.eval(n.Content[2])
	case "!Equals":
		return fmt.Sprint(argument(0)) == fmt.Sprint(argument(1)), true
	case "!Not":
		return argument(0) != true, true
	case "!Contains":
		return slices.Contains(stringList(argument(0)), fmt.Sprint(argument(1))), true
	case "!EachMemberEquals":
		want := fmt.Sprint(argument(1))
		return !slices.ContainsFunc(stringList(argument(0)), func(s string) bool { return s != want }), true
	case "!Join":
		return strings.Join(stringList(argument(1)), argument(0).(string)), true
	case "!Split":
		return strings.Split(argument(1).(string), argument(0).(string)), true
	case "!Sub":
		text, names := n.Value, map[string]string{}
		if n.Kind == yaml.SequenceNode {
			text = n.Content[0].Value
			value, _ := t.eval(n.Content[1])
			for name, v := range value.(map[string]any) {
				names[name] = v.(string)
			}
		}
		return regexp.MustCompile(`\$\{[^}]+\}`).ReplaceAllStringFunc(text, func(s string) string {
			name := s[2 : len(s)-1]
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
			if value, ok := t.eval(n.Content[i+1]); ok {
				values[n.Content[i].Value] = value
			}
		}
		return values, true
	case yaml.SequenceNode:
		values := []any{}
		for _, c := range n.Content {
			if value, ok := t.eval(c); ok {
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

func (t *template) isList(parameter string) bool {
	declared := child(child(t.root, "Parameters"), parameter)
	return declared != nil && child(declared, "Type").Value == "CommaDelimitedList"
}

// child returns the value under the key of a mapping, nil if it has none.
func child(n *yaml.Node, key string) *yaml.Node {
	if i := slices.IndexFunc(n.Content, func(c *yaml.Node) bool { return c.Value == key }); i >= 0 && i%2 == 0 {
		return n.Content[i+1]
	}
	return nil
}

// at returns what is at the path of keys.
func at(value any, path ...string) any {
	for _, key := range path {
		m, _ := value.(map[string]any)
		value = m[key]
	}
	return value
}

func stringList(value any) []string {
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
