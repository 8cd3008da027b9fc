package pipelinetest

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/codesuite-go/codesuite/internal/awsjson"
)

// actionType is an action type of the owners Custom and ThirdParty, and the
// jobs that wait for a poll. Server.mu guards it.
type actionType struct {
	id         ActionType
	definition *actionTypeDefinition // nil if nobody has created it
	deleted    bool
	queue      jobQueue
	again      []*job // to be offered once more by the next poll
}

// actionType returns the action type with the ID, which exists from now on.
func (t *jobTable) actionType(id ActionType) *actionType {
	a := t.types[id]
	if a == nil {
		a = &actionType{id: id}
		t.types[id] = a
	}
	return a
}

// known returns the action type with the ID, nil if neither CreateCustomActionType
// nor a job nor a pipeline has made it known.
func (t *jobTable) known(id ActionType) *actionType {
	if a := t.types[id]; a != nil {
		return a
	}
	for _, p := range t.server.pipelines {
		for _, stage := range p.definition.Stages {
			for _, action := range stage.Actions {
				if action.Type == id {
					return t.actionType(id)
				}
			}
		}
	}
	return nil
}

// define gives the action type a definition.
func (a *actionType) define(d *actionTypeDefinition) {
	a.definition = d
	for _, p := range d.Properties {
		if *p.Queryable {
			a.queue.setProperty(*p.Name)
		}
	}
}

var queryableValue = regexp.MustCompile(`^[a-zA-Z0-9_-]{1,20}$`)

// checkConfiguration returns what is wrong with the configuration of an action
// of the type.
func (a *actionType) checkConfiguration(configuration map[string]string) error {
	if a.definition == nil {
		return nil
	}
	declared := make(map[string]bool)
	for _, p := range a.definition.Properties {
		declared[*p.Name] = true
		value, ok := configuration[*p.Name]
		switch {
		case !ok && *p.Required:
			return fmt.Errorf("the configuration has no %s, which the action type %s requires", *p.Name, a.id)
		case ok && *p.Queryable && !queryableValue.MatchString(value):
			return fmt.Errorf("the queryable property %s has a value other than 1 to 20 letters, digits, '_' and '-'", *p.Name)
		}
	}
	for key := range configuration {
		if !declared[key] {
			return fmt.Errorf("the action type %s has no property %s", a.id, key)
		}
	}
	return nil
}

// executionURL returns the page of an external execution, as the action type
// makes it up, "" if it does not.
func (j *job) executionURL(r JobResult) string {
	a := j.table.types[j.Type]
	if a == nil || a.definition == nil || a.definition.Settings == nil {
		return ""
	}
	template := text(a.definition.Settings.ExecutionURL)
	const execution = "{ExternalExecutionId}"
	if r.ExternalExecutionID == "" && strings.Contains(template, execution) {
		return ""
	}
	replace := []string{execution, r.ExternalExecutionID}
	for key, value := range j.Configuration {
		replace = append(replace, "{Config:"+key+"}", value)
	}
	return strings.NewReplacer(replace...).Replace(template)
}

// checkTemplate returns what is wrong with a URL template.
func (d *actionTypeDefinition) checkTemplate(template string) error {
	for rest := template; ; {
		_, after, open := strings.Cut(rest, "{")
		if !open {
			return nil
		}
		placeholder, behind, closed := strings.Cut(after, "}")
		if !closed {
			return errors.New("a placeholder is not closed")
		}
		rest = behind
		name, isProperty := strings.CutPrefix(placeholder, "Config:")
		switch p := d.property(name); {
		case placeholder == "ExternalExecutionId":
		case !isProperty:
			return fmt.Errorf("{%s} is neither {ExternalExecutionId} nor {Config:name}", placeholder)
		case p == nil:
			return fmt.Errorf("there is no property %s", name)
		case !*p.Required || *p.Secret:
			return fmt.Errorf("the property %s is not both required and not secret", name)
		}
	}
}

func (d *actionTypeDefinition) property(name string) *propertyJSON {
	for i := range d.Properties {
		if *d.Properties[i].Name == name {
			return &d.Properties[i]
		}
	}
	return nil
}

// actionTypeInput is an action type as calls name it.
type actionTypeInput struct {
	Category *string `json:"category"`
	Owner    *string `json:"owner"`
	Provider *string `json:"provider"`
	Version  *string `json:"version"`
}

func (in *actionTypeInput) id() ActionType {
	return ActionType{*in.Category, *in.Owner, *in.Provider, *in.Version}
}

// actionType checks the required name of an action type.
func (v *validation) actionType(member string, in *actionTypeInput) {
	if in == nil {
		v.fail(member, "Member must not be null")
		return
	}
	v.enum(member+".category", in.Category, categories...)
	v.enum(member+".owner", in.Owner, owners...)
	v.provider(member+".", in.Provider, in.Version)
}

func (v *validation) provider(prefix string, provider, version *string) {
	v.text(prefix+"provider", provider, true, 1, 35, typePattern)
	v.text(prefix+"version", version, true, 1, 9, typePattern)
}

// present checks that a required member is there.
func (v *validation) present(member string, present bool) {
	if !present {
		v.fail(member, "Member must not be null")
	}
}

// checkProperties checks the configuration properties of an action type, and
// fills in the optional members.
func (d *actionTypeDefinition) checkProperties(v *validation) error {
	if len(d.Properties) > 10 {
		v.fail("configurationProperties", "Member must have length less than or equal to 10")
	}
	for i := range d.Properties {
		p := &d.Properties[i]
		member := fmt.Sprintf("configurationProperties.%d.member.", i+1)
		v.text(member+"name", p.Name, true, 1, 50, nil)
		v.present(member+"required", p.Required != nil)
		v.present(member+"key", p.Key != nil)
		v.present(member+"secret", p.Secret != nil)
		v.text(member+"description", p.Description, false, 1, 160, nil)
		if p.Type != nil {
			v.enum(member+"type", p.Type, "String", "Number", "Boolean")
		}
		if p.Queryable == nil {
			p.Queryable = new(bool)
		}
	}
	if err := v.err(); err != nil {
		return err
	}
	queryable := 0
	for i, p := range d.Properties {
		if d.property(*p.Name) != &d.Properties[i] {
			return invalid("Two configuration properties have the name '%s'", *p.Name)
		}
		if !*p.Queryable {
			continue
		}
		if queryable++; queryable > 1 {
			return invalid("An action type has at most one queryable property")
		}
		if !*p.Required || *p.Secret {
			return invalid("The queryable property '%s' must be required and not secret", *p.Name)
		}
	}
	return nil
}

// checkTags returns the error that tags are refused with.
func checkTags(tags []tagJSON) error {
	if len(tags) > 50 {
		return awsjson.Errorf("TooManyTagsException", "There are %d tags, more than 50", len(tags))
	}
	seen := make(map[string]bool)
	for _, tag := range tags {
		key, value := text(tag.Key), text(tag.Value)
		switch n := utf8.RuneCountInString(key); {
		case n < 1 || n > 128 || utf8.RuneCountInString(value) > 256:
			return awsjson.Errorf("InvalidTagsException", "A key has 1 to 128 characters, a value up to 256")
		case strings.HasPrefix(strings.ToLower(key), "aws:"):
			return awsjson.Errorf("InvalidTagsException", "Keys that start with aws: are reserved")
		case seen[key]:
			return awsjson.Errorf("InvalidTagsException", "The key '%s' is there twice", key)
		}
		seen[key] = true
	}
	return nil
}
