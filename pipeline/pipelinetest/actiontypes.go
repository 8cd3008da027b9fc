package pipelinetest

import (
	"cmp"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/codesuite-go/codesuite/internal/awsjson"
	"github.com/codesuite-go/codesuite/pipeline/actiontype"
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
		if other.definition != nil && !other.deleted {
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

type listActionTypesInput struct {
	OwnerFilter  *string `json:"actionOwnerFilter"`
	RegionFilter *string `json:"regionFilter"`
	NextToken    *string `json:"nextToken"`
}

type listActionTypesOutput struct {
	ActionTypes []typeJSON `json:"actionTypes"`
	NextToken   *string    `json:"nextToken,omitempty"`
}

func (t *jobTable) listActionTypes(_ Caller, in *listActionTypesInput) (*listActionTypesOutput, error) {
	var v validation
	if in.OwnerFilter != nil {
		v.Enum("actionOwnerFilter", in.OwnerFilter, owners...)
	}
	v.Text("regionFilter", in.RegionFilter, false, 4, 30, regionPattern)
	v.Text("nextToken", in.NextToken, false, 1, 2048, nil)
	if err := v.Err(); err != nil {
		return nil, err
	}
	var list []typeJSON
	if in.RegionFilter == nil || *in.RegionFilter == region {
		list = t.listed(aws.ToString(in.OwnerFilter))
	}
	part, next, err := awsjson.Page(list, in.NextToken, actionTypesPage, invalidToken, "action types", aws.ToString(in.OwnerFilter), aws.ToString(in.RegionFilter))
	if err != nil {
		return nil, err
	}
	out := &listActionTypesOutput{ActionTypes: []typeJSON{}, NextToken: next}
	out.ActionTypes = append(out.ActionTypes, part...)
	return out, nil
}

// actionTypesPage is the number of action types in a page.
const actionTypesPage = 20

// builtInJSON returns a built-in action type as ListActionTypes lists it, but
// without its configuration properties.
func builtInJSON(b actiontype.Type) typeJSON {
	counts := func(c actiontype.ArtifactCount) countsJSON {
		return countsJSON{aws.Int32(int32(c.Min)), aws.Int32(int32(c.Max))}
	}
	return typeJSON{
		ID:         actionTypeJSON{Category: b.Category, Owner: b.Owner, Provider: b.Provider, Version: b.Version},
		Properties: []propertyJSON{}, Inputs: counts(b.Inputs), Outputs: counts(b.Outputs),
	}
}

// listed returns the action types of the owner, or of all owners: those of the
// service and those that were created.
func (t *jobTable) listed(owner string) []typeJSON {
	var list []typeJSON
	for _, b := range actiontype.BuiltIn() {
		if owner == "" || owner == b.Owner {
			list = append(list, builtInJSON(b))
		}
	}
	for _, a := range t.types {
		if a.definition != nil && !a.deleted && (owner == "" || owner == a.id.Owner) {
			list = append(list, a.definition.json(a.id))
		}
	}
	slices.SortFunc(list, func(a, b typeJSON) int {
		return cmp.Or(strings.Compare(a.ID.Owner, b.ID.Owner), strings.Compare(a.ID.Category, b.ID.Category),
			strings.Compare(a.ID.Provider, b.ID.Provider), strings.Compare(a.ID.Version, b.ID.Version))
	})
	return list
}
