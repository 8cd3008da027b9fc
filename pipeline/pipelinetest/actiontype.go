package pipelinetest

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
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
