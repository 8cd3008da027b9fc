package pipelinetest

import (
	"reflect"
	"regexp"

	"github.com/codesuite-go/codesuite/internal/awsjson"
)

// maxActionTypes is the number of custom action types in a Region.
const maxActionTypes = 50

var regionPattern = regexp.MustCompile(`^[a-z0-9-]{4,30}$`)

type createCustomActionTypeInput struct {
	Category   *string        `json:"category"`
	Provider   *string        `json:"provider"`
	Version    *string        `json:"version"`
	Settings   *settingsJSON  `json:"settings"`
	Properties []propertyJSON `json:"configurationProperties"`
	Inputs     *countsJSON    `json:"inputArtifactDetails"`
	Outputs    *countsJSON    `json:"outputArtifactDetails"`
	Tags       []tagJSON      `json:"tags"`
}

type createCustomActionTypeOutput struct {
	ActionType typeJSON  `json:"actionType"`
	Tags       []tagJSON `json:"tags,omitempty"`
}

func (t *jobTable) createCustomActionType(_ Caller, in *createCustomActionTypeInput) (*createCustomActionTypeOutput, error) {
	var v validation
	v.Enum("category", in.Category, categories...)
	v.provider("", in.Provider, in.Version)
	if len(in.Properties) == 0 {
		in.Properties = nil
	}
	d := &actionTypeDefinition{in.Settings, in.Properties, in.Inputs, in.Outputs}
	if err := d.check(&v); err != nil {
		return nil, err
	}
	if err := checkTags(in.Tags); err != nil {
		return nil, err
	}
	if *in.Category == "Approval" || *in.Category == "Compute" {
		return nil, awsjson.Invalid("There are no custom action types of the category %s", *in.Category)
	}
	id := ActionType{*in.Category, "Custom", *in.Provider, *in.Version}
	a := t.types[id]
	switch {
	case a != nil && a.definition != nil && !a.deleted:
		return nil, awsjson.Errorf("ActionTypeAlreadyExistsException", "The action type %s already exists", id)
	case a != nil && a.deleted && !reflect.DeepEqual(a.definition, d):
		return nil, awsjson.Errorf("ActionTypeAlreadyExistsException", "The action type %s was deleted with another definition: "+
			"restore that, or use another version", id)
	}
	created := 0
	for _, other := range t.types {
		if other.definition != nil && other.integration == nil && !other.deleted {
			created++
		}
	}
	if created >= maxActionTypes {
		return nil, awsjson.Errorf("LimitExceededException", "The account has %d custom action types", created)
	}
	a = t.actionType(id)
	a.deleted = false
	a.define(d)
	t.server.tags["arn:aws:codepipeline:"+region+":"+accountID+":actiontype:"+id.String()] = in.Tags
	return &createCustomActionTypeOutput{d.json(id), in.Tags}, nil
}

type deleteCustomActionTypeInput struct {
	Category *string `json:"category"`
	Provider *string `json:"provider"`
	Version  *string `json:"version"`
}

func (t *jobTable) deleteCustomActionType(_ Caller, in *deleteCustomActionTypeInput) (nothing, error) {
	var v validation
	v.Enum("category", in.Category, categories...)
	v.provider("", in.Provider, in.Version)
	if err := v.Err(); err != nil {
		return nothing{}, err
	}
	id := ActionType{*in.Category, "Custom", *in.Provider, *in.Version}
	a := t.types[id]
	if a == nil || a.definition == nil || a.deleted {
		return nothing{}, awsjson.Invalid("The action type %s does not exist", id)
	}
	a.deleted = true
	return nothing{}, nil
}
