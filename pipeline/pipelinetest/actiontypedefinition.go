package pipelinetest

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/codesuite-go/codesuite/internal/awsjson"
)

// actionTypeDefinition is what CreateCustomActionType tells of an action type.
type actionTypeDefinition struct {
	Settings   *settingsJSON
	Properties []propertyJSON
	Inputs     *countsJSON
	Outputs    *countsJSON
}

type settingsJSON struct {
	ConfigurationURL *string `json:"thirdPartyConfigurationUrl,omitempty"`
	EntityURL        *string `json:"entityUrlTemplate,omitempty"`
	ExecutionURL     *string `json:"executionUrlTemplate,omitempty"`
	RevisionURL      *string `json:"revisionUrlTemplate,omitempty"`
}

type propertyJSON struct {
	Name        *string `json:"name"`
	Required    *bool   `json:"required"`
	Key         *bool   `json:"key"`
	Secret      *bool   `json:"secret"`
	Queryable   *bool   `json:"queryable"`
	Description *string `json:"description,omitempty"`
	Type        *string `json:"type,omitempty"`
}

type countsJSON struct {
	Minimum *int32 `json:"minimumCount"`
	Maximum *int32 `json:"maximumCount"`
}

type tagJSON struct {
	Key   *string `json:"key"`
	Value *string `json:"value"`
}

// typeJSON is an action type in replies.
type typeJSON struct {
	ID         actionTypeJSON `json:"id"`
	Settings   *settingsJSON  `json:"settings,omitempty"`
	Properties []propertyJSON `json:"actionConfigurationProperties"`
	Inputs     countsJSON     `json:"inputArtifactDetails"`
	Outputs    countsJSON     `json:"outputArtifactDetails"`
}

func (d *actionTypeDefinition) json(id ActionType) typeJSON {
	out := typeJSON{ID: actionTypeJSON(id), Settings: d.Settings, Properties: d.Properties, Inputs: *d.Inputs, Outputs: *d.Outputs}
	if out.Properties == nil {
		out.Properties = []propertyJSON{}
	}
	return out
}

func (v *validation) counts(member string, c *countsJSON) {
	if c == nil {
		v.Present(member, false)
		return
	}
	v.Present(member+".minimumCount", c.Minimum != nil)
	v.Present(member+".maximumCount", c.Maximum != nil)
	v.Integer(member+".minimumCount", c.Minimum, 0, 5)
	v.Integer(member+".maximumCount", c.Maximum, 0, 5)
}

// check returns what is wrong with the definition, besides what v tells.
func (d *actionTypeDefinition) check(v *validation) error {
	v.counts("inputArtifactDetails", d.Inputs)
	v.counts("outputArtifactDetails", d.Outputs)
	var templates []string
	if s := d.Settings; s != nil {
		v.Text("settings.thirdPartyConfigurationUrl", s.ConfigurationURL, false, 1, 2048, nil)
		v.Text("settings.entityUrlTemplate", s.EntityURL, false, 1, 2048, nil)
		v.Text("settings.executionUrlTemplate", s.ExecutionURL, false, 1, 2048, nil)
		v.Text("settings.revisionUrlTemplate", s.RevisionURL, false, 1, 2048, nil)
		templates = []string{aws.ToString(s.EntityURL), aws.ToString(s.ExecutionURL), aws.ToString(s.RevisionURL)}
	}
	if err := d.checkProperties(v); err != nil {
		return err
	}
	for _, c := range []*countsJSON{d.Inputs, d.Outputs} {
		if *c.Minimum > *c.Maximum {
			return awsjson.Invalid("The minimum count of artifacts, %d, is more than the maximum, %d", *c.Minimum, *c.Maximum)
		}
	}
	for _, template := range templates {
		if err := d.checkTemplate(template); err != nil {
			return awsjson.Invalid("The URL template '%s' is invalid: %v", template, err)
		}
	}
	return nil
}

// checkProperties checks the configuration properties of an action type, and
// fills in the optional members.
func (d *actionTypeDefinition) checkProperties(v *validation) error {
	if len(d.Properties) > 10 {
		v.Fail("configurationProperties", "Member must have length less than or equal to 10")
	}
	for i := range d.Properties {
		p := &d.Properties[i]
		member := fmt.Sprintf("configurationProperties.%d.member.", i+1)
		v.Text(member+"name", p.Name, true, 1, 50, nil)
		v.Present(member+"required", p.Required != nil)
		v.Present(member+"key", p.Key != nil)
		v.Present(member+"secret", p.Secret != nil)
		v.Text(member+"description", p.Description, false, 1, 160, nil)
		if p.Type != nil {
			v.Enum(member+"type", p.Type, "String", "Number", "Boolean")
		}
		if p.Queryable == nil {
			p.Queryable = new(bool)
		}
	}
	if err := v.Err(); err != nil {
		return err
	}
	queryable := 0
	for i, p := range d.Properties {
		if d.property(*p.Name) != &d.Properties[i] {
			return awsjson.Invalid("Two configuration properties have the name '%s'", *p.Name)
		}
		if !*p.Queryable {
			continue
		}
		if queryable++; queryable > 1 {
			return awsjson.Invalid("An action type has at most one queryable property")
		}
		if !*p.Required || *p.Secret {
			return awsjson.Invalid("The queryable property '%s' must be required and not secret", *p.Name)
		}
	}
	return nil
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

// checkTags returns the error that tags are refused with.
func checkTags(tags []tagJSON) error {
	if len(tags) > 50 {
		return awsjson.Errorf("TooManyTagsException", "There are %d tags, more than 50", len(tags))
	}
	seen := make(map[string]bool)
	for _, tag := range tags {
		key, value := aws.ToString(tag.Key), aws.ToString(tag.Value)
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
