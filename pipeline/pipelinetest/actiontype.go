package pipelinetest

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/codesuite-go/codesuite/internal/awsjson"
)

// actionTypeRecord is an action type of the owners Custom and ThirdParty, and the
// jobs that wait for a poll. Server.mu guards it.
type actionTypeRecord struct {
	id         ActionType
	definition *actionTypeDefinition // nil if nobody has created it
	// integration is the declaration of a partner's type, nil if it was not made with an
	// integration model.
	integration *typeDeclaration
	deleted     bool
	queue       jobQueue
	again       []*jobRecord // to be offered once more by the next poll
}

// actionType returns the action type with the ID, which exists from now on.
func (t *jobTable) actionType(id ActionType) *actionTypeRecord {
	a := t.types[id]
	if a == nil {
		a = &actionTypeRecord{id: id}
		t.types[id] = a
	}
	return a
}

// known returns the action type with the ID, nil if neither CreateCustomActionType
// nor a job nor a pipeline has made it known.
func (t *jobTable) known(id ActionType) *actionTypeRecord {
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
func (a *actionTypeRecord) define(d *actionTypeDefinition) {
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
func (a *actionTypeRecord) checkConfiguration(configuration map[string]string) error {
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
func (j *jobRecord) executionURL(r JobResult) string {
	a := j.table.types[j.Type]
	if a == nil || a.definition == nil || a.definition.Settings == nil {
		return ""
	}
	template := aws.ToString(a.definition.Settings.ExecutionURL)
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
		v.Fail(member, "Member must not be null")
		return
	}
	v.Enum(member+".category", in.Category, categories...)
	v.Enum(member+".owner", in.Owner, owners...)
	v.provider(member+".", in.Provider, in.Version)
}

func (v *validation) provider(prefix string, provider, version *string) {
	v.Text(prefix+"provider", provider, true, 1, 35, typePattern)
	v.Text(prefix+"version", version, true, 1, 9, typePattern)
}

// actionTypeDefinition is the input of CreateCustomActionType.
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

func (v *validation) counts(member string, c *countsJSON) { v.artifactCounts(member, c, 5) }

func (v *validation) artifactCounts(member string, c *countsJSON, most int32) {
	if c == nil {
		v.Present(member, false)
		return
	}
	v.Present(member+".minimumCount", c.Minimum != nil)
	v.Present(member+".maximumCount", c.Maximum != nil)
	v.Integer(member+".minimumCount", c.Minimum, 0, most)
	v.Integer(member+".maximumCount", c.Maximum, 0, most)
}

// check returns what is wrong with the definition, besides what v reports.
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
