package pipelinetest

import (
	"cmp"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/codesuite-go/codesuite/internal/awsjson"
	"github.com/codesuite-go/codesuite/pipeline/actiontype"
)

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

// builtInJSON returns a built-in action type as ListActionTypes lists it.
func builtInJSON(b actiontype.Type) typeJSON {
	counts := func(c actiontype.ArtifactCount) countsJSON {
		return countsJSON{aws.Int32(int32(c.Min)), aws.Int32(int32(c.Max))}
	}
	properties := []propertyJSON{}
	for _, p := range b.Properties {
		properties = append(properties, propertyJSON{
			Name: aws.String(p.Name), Required: aws.Bool(p.Required), Key: aws.Bool(p.Key), Secret: aws.Bool(p.Secret),
			Queryable: aws.Bool(p.Queryable), Type: aws.String(string(actiontype.PropertyTypeString)),
		})
	}
	return typeJSON{
		ID:         actionTypeJSON{Category: b.Category, Owner: b.Owner, Provider: b.Provider, Version: b.Version},
		Properties: properties, Inputs: counts(b.Inputs), Outputs: counts(b.Outputs),
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
