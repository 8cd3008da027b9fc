package definition

import (
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/codesuite-go/codesuite/events/pattern"
)

// Resource is a pipeline in a template of CloudFormation: a resource of the type
// AWS::CodePipeline::Pipeline.
type Resource struct {
	LogicalID string
	// Pipeline is the structure. Its texts hold ${...} in place of what only a
	// deployment knows: ${Name} for a Ref, ${Name.Attribute} for an Fn::GetAtt, and
	// ${Fn::ImportValue} and the like for other functions.
	Pipeline Pipeline
	// EventRules are the rules of the template that start the pipeline, nil if the
	// pattern of one of them is not known.
	EventRules []EventRule
}

// TemplateOptions configure [ParseTemplate].
type TemplateOptions struct {
	// Parameters are the values of parameters, and of pseudo parameters such as
	// AWS::Region.
	Parameters map[string]string
	// Defaults gives each parameter that Parameters does not have its Default of the
	// template. That of a parameter of Systems Manager is the name of a value, and is
	// not taken.
	Defaults bool
	// Conditions are the values of conditions. Fn::If takes its first value for a
	// condition that is not there.
	Conditions map[string]bool
}

const (
	pipelineResource = "AWS::CodePipeline::Pipeline"
	ruleResource     = "AWS::Events::Rule"
)

// ParseTemplate returns the pipelines of a template of CloudFormation in JSON,
// ordered by logical ID, none if the template has no pipeline. A text, a number and
// a boolean stand for each other, as in CloudFormation. Errors have the line, as those
// of [Parse].
func ParseTemplate(data []byte, optFns ...func(*TemplateOptions)) ([]Resource, error) {
	var t template
	for _, fn := range optFns {
		fn(&t.o)
	}
	tree, err := parseTree(data)
	if err != nil {
		return nil, err
	}
	root, _ := tree.(map[string]any)
	resources, ok := root["Resources"].(map[string]any)
	if !ok {
		return nil, &Error{Err: errors.New("there are no Resources: give a template of CloudFormation as JSON")}
	}
	if t.o.Defaults {
		t.setDefaults(root["Parameters"])
	}
	var pipelines []Resource
	for _, id := range slices.Sorted(maps.Keys(resources)) {
		resource, _ := resources[id].(map[string]any)
		if resource["Type"] != pipelineResource {
			continue
		}
		r := Resource{LogicalID: id}
		if err := t.pipeline(&r, resource["Properties"]); err != nil {
			return nil, withPlace(err, data)
		}
		r.EventRules = t.rules(resources, &r)
		pipelines = append(pipelines, r)
	}
	return pipelines, nil
}

// Check checks the structure as [Pipeline.Check] does, with
// [CheckOptions].Placeholders and with the event rules of the template. The paths
// lead through the template, such as
// Resources.Web.Properties.Stages[1].Actions[0].Configuration.ProjectName.
func (r *Resource) Check(optFns ...func(*CheckOptions)) []Finding {
	findings := r.Pipeline.Check(append([]func(*CheckOptions){func(o *CheckOptions) {
		o.Placeholders, o.EventRules = true, r.EventRules
	}}, optFns...)...)
	for i := range findings {
		findings[i].Path = r.path(findings[i].Path)
	}
	return findings
}

// path returns the path in the template of a path in the structure.
func (r *Resource) path(path string) string {
	out := "Resources." + r.LogicalID + ".Properties"
	for path != "" {
		var name string
		if i := strings.IndexAny(path, ".["); i < 0 {
			name, path = path, ""
		} else if i == 0 && path[0] == '[' { // a position or a quoted name
			end := strings.IndexByte(path, ']') + 1
			out, path = out+path[:end], strings.TrimPrefix(path[end:], ".")
			continue
		} else {
			name, path = path[:i], strings.TrimPrefix(path[i:], ".")
		}
		if strings.HasSuffix(out, ".Configuration") || strings.HasSuffix(out, ".ArtifactStores") {
			out += "." + name
			continue
		}
		out += "." + upperFirst(name)
	}
	return out
}

// template reads the parts of a template.
type template struct {
	o        TemplateOptions
	defaults map[string]string // of parameters
}

// setDefaults reads the Parameters of a template.
func (t *template) setDefaults(tree any) {
	parameters, _ := tree.(map[string]any)
	t.defaults = make(map[string]string, len(parameters))
	for name, tree := range parameters {
		parameter, _ := tree.(map[string]any)
		if kind, _ := parameter["Type"].(string); strings.HasPrefix(kind, "AWS::SSM::Parameter::Value<") {
			continue
		}
		if value, ok := (decoder{lenient: true}).text(parameter["Default"]); ok {
			t.defaults[name] = value
		}
	}
}

// absentValue stands for AWS::NoValue.
type absentValue struct{}

// pipeline reads the properties of a pipeline.
func (t *template) pipeline(r *Resource, properties any) error {
	path := "Resources." + r.LogicalID + ".Properties"
	tree := t.resolve(properties)
	object, ok := tree.(map[string]any)
	if !ok {
		return errorAt(path, "want an object, found %s", kind(tree))
	}
	for _, name := range []string{"DisableInboundStageTransitions", "RestartExecutionOnUpdate", "Tags"} {
		delete(object, name) // they belong to the resource
	}
	if object["Name"] == nil {
		object["Name"] = "${" + r.LogicalID + "}" // CloudFormation makes one up
	}
	if list, ok := object["ArtifactStores"].([]any); ok {
		stores := make(map[string]any, len(list))
		for i, e := range list {
			at := element(path+".ArtifactStores", i)
			store, _ := e.(map[string]any)
			region, ok := store["Region"].(string)
			if _, twice := stores[region]; !ok || twice {
				return errorAt(at+".Region", "name another Region for each artifact store")
			}
			stores[region] = store["ArtifactStore"]
		}
		object["ArtifactStores"] = stores
	}
	renamed := apiNames(object, "").(map[string]any)
	if err := (decoder{lenient: true}).decode(reflect.ValueOf(&r.Pipeline).Elem(), renamed, ""); err != nil {
		var failure *Error
		if errors.As(err, &failure) {
			return &Error{Path: r.path(failure.Path), Err: failure.Err}
		}
		return err
	}
	return nil
}

// apiNames returns a tree with the API's names of members.
func apiNames(tree any, around string) any {
	switch tree := tree.(type) {
	case map[string]any:
		object := make(map[string]any, len(tree))
		for name, value := range tree {
			switch around {
			case "Configuration":
				object[name] = value
			case "ArtifactStores":
				object[name] = apiNames(value, "")
			default:
				object[lowerFirst(name)] = apiNames(value, name)
			}
		}
		return object
	case []any:
		list := make([]any, len(tree))
		for i := range tree {
			list[i] = apiNames(tree[i], "")
		}
		return list
	}
	return tree
}

func lowerFirst(s string) string {
	if s == "" || s[0] < 'A' || s[0] > 'Z' {
		return s
	}
	return strings.ToLower(s[:1]) + s[1:]
}

func upperFirst(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

// resolve returns a tree without functions.
func (t *template) resolve(tree any) any {
	switch tree := tree.(type) {
	case map[string]any:
		if len(tree) == 1 {
			for name, argument := range tree {
				if name == "Ref" || strings.HasPrefix(name, "Fn::") {
					return t.function(name, argument)
				}
			}
		}
		object := make(map[string]any, len(tree))
		for name, value := range tree {
			if value = t.resolve(value); value != (absentValue{}) {
				object[name] = value
			}
		}
		return object
	case []any:
		list := make([]any, 0, len(tree))
		for _, value := range tree {
			if value = t.resolve(value); value != (absentValue{}) {
				list = append(list, value)
			}
		}
		return list
	}
	return tree
}

// function returns the value of a function, a text with a placeholder if it is not
// known.
func (t *template) function(name string, argument any) any {
	switch name {
	case "Ref":
		if name, ok := argument.(string); ok {
			if name == "AWS::NoValue" {
				return absentValue{}
			}
			return t.reference(name)
		}
	case "Fn::GetAtt":
		switch argument := argument.(type) {
		case string:
			return "${" + argument + "}"
		case []any:
			if len(argument) == 2 {
				return fmt.Sprintf("${%v.%v}", argument[0], argument[1])
			}
		}
	case "Fn::Sub":
		return t.sub(argument)
	case "Fn::Join":
		if list, ok := argument.([]any); ok && len(list) == 2 {
			if text, ok := join(list[0], t.resolve(list[1])); ok {
				return text
			}
		}
	case "Fn::If":
		if list, ok := argument.([]any); ok && len(list) == 3 {
			condition, _ := list[0].(string)
			if holds, known := t.o.Conditions[condition]; known && !holds {
				return t.resolve(list[2])
			}
			return t.resolve(list[1])
		}
	case "Fn::ToJsonString":
		if text := rawJSON(t.resolve(argument)); len(text) <= maxText { // each nested one doubles the backslashes
			return string(text)
		}
	}
	return "${" + name + "}"
}

func (t *template) reference(name string) string {
	if value, ok := t.o.Parameters[name]; ok {
		return value
	}
	if value, ok := t.defaults[name]; ok {
		return value
	}
	return "${" + name + "}"
}

func join(separator, list any) (string, bool) {
	between, ok := separator.(string)
	elements, isList := list.([]any)
	if !ok || !isList {
		return "", false
	}
	texts := make([]string, len(elements))
	for i, e := range elements {
		if texts[i], ok = (decoder{lenient: true}).text(e); !ok {
			return "", false
		}
	}
	return strings.Join(texts, between), true
}

// sub returns the text of Fn::Sub.
func (t *template) sub(argument any) any {
	var values map[string]any
	if list, ok := argument.([]any); ok && len(list) == 2 {
		argument = list[0]
		values, _ = t.resolve(list[1]).(map[string]any)
	}
	text, ok := argument.(string)
	if !ok {
		return "${Fn::Sub}"
	}
	var b strings.Builder
	for {
		if b.Len() > maxText { // a text may name a value twice that names another twice
			return "${Fn::Sub}"
		}
		before, after, ok := strings.Cut(text, "${")
		b.WriteString(before)
		if !ok {
			return b.String()
		}
		name, rest, closed := strings.Cut(after, "}")
		if !closed {
			b.WriteString("${" + after)
			return b.String()
		}
		text = rest
		if literal, ok := strings.CutPrefix(name, "!"); ok {
			b.WriteString("${" + literal + "}")
			continue
		}
		name = strings.TrimSpace(name)
		if value, ok := (decoder{lenient: true}).text(values[name]); ok {
			b.WriteString(value)
			continue
		}
		b.WriteString(t.reference(name))
	}
}

// rules returns the event rules of a template that start the pipeline.
func (t *template) rules(resources map[string]any, r *Resource) []EventRule {
	rules := []EventRule{}
	for _, id := range slices.Sorted(maps.Keys(resources)) {
		resource, _ := resources[id].(map[string]any)
		if resource["Type"] != ruleResource {
			continue
		}
		properties, _ := t.resolve(resource["Properties"]).(map[string]any)
		targets, _ := properties["Targets"].([]any)
		starts := slices.ContainsFunc(targets, func(target any) bool {
			object, _ := target.(map[string]any)
			arn, _ := object["Arn"].(string)
			return strings.HasSuffix(arn, "${"+r.LogicalID+"}") || strings.HasSuffix(arn, ":"+r.Pipeline.Name)
		})
		if !starts || properties["EventPattern"] == nil {
			continue
		}
		text := rawJSON(properties["EventPattern"])
		parsed, err := pattern.Parse(text)
		if err != nil || strings.Contains(string(text), "${") || !utf8.Valid(text) {
			return nil
		}
		rules = append(rules, EventRule{Name: id, Pattern: parsed})
	}
	return rules
}
