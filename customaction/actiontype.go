package customaction

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/codepipeline/types"

	"github.com/codesuite-go/codesuite/internal/awstext"
)

// The owners of action types that a [Worker] serves.
const (
	OwnerCustom     = "Custom"     // an action type of one's own account and Region
	OwnerThirdParty = "ThirdParty" // an action type of an AWS partner
)

// ActionType declares an action type. A [Worker] needs what names it, which is
// category, owner, provider and version, and the properties that are secret:
// their values are kept out of its logs and of failure messages. The rest is
// what [ActionType.Create] and [ActionType.Ensure] make a custom action type of,
// and its zero value is an action without configuration and artifacts.
//
// An ActionType is a value: it may be used by several goroutines at once as
// long as none changes it.
type ActionType struct {
	// Category is Source, Build, Test, Deploy, Invoke, Approval or Compute.
	// AWS documents custom actions for Build, Test, Deploy and Invoke.
	Category string
	// Owner is Custom or ThirdParty. The default is Custom.
	Owner string
	// Provider is the name that pipelines use: 1 to 35 letters, digits, '_'
	// and '-'.
	Provider string
	// Version is 1 to 9 letters, digits, '_' and '-'. A declaration cannot be
	// changed, only replaced by one with another version.
	Version string

	// EntityURLTemplate is the address of what the action works on,
	// ExecutionURLTemplate that of one run of it and RevisionURLTemplate that
	// of the page to change its configuration; CodePipeline's console shows
	// them as links. {Config:Name} in them stands for the value of a property
	// that is required and not secret, {ExternalExecutionId} for the external
	// execution ID of a result. At most 2,048 characters each.
	EntityURLTemplate    string
	ExecutionURLTemplate string
	RevisionURLTemplate  string
	// ConfigurationURL is the address of a page to sign up at the provider.
	ConfigurationURL string

	// Properties are the configuration that a pipeline gives to the action,
	// at most 10, one of them queryable. Their order has no meaning.
	Properties []Property

	// Inputs and Outputs say how many artifacts the action takes and makes.
	Inputs, Outputs ArtifactCount

	// Tags are put on the action type when it is created. They are no part of
	// its definition: CodePipeline does not list them.
	Tags map[string]string
}

// Property is one property of an action's configuration.
type Property struct {
	Name        string       // 1 to 50 characters
	Description string       // for users, at most 160 characters
	Type        PropertyType // the default is String
	Required    bool
	// Key says that the values of all keys together name one thing, such as a
	// project, and are unique.
	Key bool
	// Secret hides the value from all but job workers.
	Secret bool
	// Queryable lets a worker ask for the jobs with one value of the property
	// alone; see [Options].QueryParam. Such a property is required and not
	// secret, and pipelines give it 1 to 20 letters, digits, '_' and '-'.
	Queryable bool
}

// PropertyType is the type of a property's value.
type PropertyType string

// The types of values.
const (
	String  PropertyType = "String"
	Number  PropertyType = "Number"
	Boolean PropertyType = "Boolean"
)

// ArtifactCount is how many artifacts an action may have, 0 to 5.
type ArtifactCount struct{ Min, Max int }

// String returns owner, category, provider and
// version, such as "Custom/Build/Lint/1".
func (t ActionType) String() string {
	return strings.Join([]string{t.owner(), t.Category, t.Provider, t.Version}, "/")
}

// ARN returns the resource of IAM policies for the action type in a Region and
// an account, such as
// "arn:aws:codepipeline:eu-west-1:111122223333:actiontype:Custom/Build/Lint/1".
func (t ActionType) ARN(region, account string) string {
	partition := "aws"
	switch {
	case strings.HasPrefix(region, "cn-"):
		partition = "aws-cn"
	case strings.HasPrefix(region, "us-gov-"):
		partition = "aws-us-gov"
	}
	return strings.Join([]string{"arn", partition, "codepipeline", region, account, "actiontype", t.String()}, ":")
}

func (t ActionType) owner() string { return cmp.Or(t.Owner, OwnerCustom) }

// sameName reports whether both are versions of one action type.
func (t ActionType) sameName(other ActionType) bool {
	return t.owner() == other.owner() && t.Category == other.Category && t.Provider == other.Provider
}

func (t ActionType) id() *types.ActionTypeId {
	return &types.ActionTypeId{
		Category: types.ActionCategory(t.Category),
		Owner:    types.ActionOwner(t.owner()),
		Provider: aws.String(t.Provider),
		Version:  aws.String(t.Version),
	}
}

// toAPI returns the parts of the definition as the API takes them.
func (p Property) toAPI() types.ActionConfigurationProperty {
	out := types.ActionConfigurationProperty{
		Name:      aws.String(p.Name),
		Required:  p.Required,
		Key:       p.Key,
		Secret:    p.Secret,
		Queryable: p.Queryable,
		Type:      types.ActionConfigurationPropertyType(cmp.Or(p.Type, String)),
	}
	if p.Description != "" {
		out.Description = aws.String(p.Description)
	}
	return out
}

func (c ArtifactCount) toAPI() *types.ArtifactDetails {
	return &types.ArtifactDetails{MinimumCount: int32(c.Min), MaximumCount: int32(c.Max)}
}

func (t ActionType) settings() *types.ActionTypeSettings {
	s := types.ActionTypeSettings{
		EntityUrlTemplate:          awstext.Optional(t.EntityURLTemplate),
		ExecutionUrlTemplate:       awstext.Optional(t.ExecutionURLTemplate),
		RevisionUrlTemplate:        awstext.Optional(t.RevisionURLTemplate),
		ThirdPartyConfigurationUrl: awstext.Optional(t.ConfigurationURL),
	}
	if s == (types.ActionTypeSettings{}) {
		return nil
	}
	return &s
}

func (t ActionType) tags() []types.Tag {
	var tags []types.Tag
	for _, key := range slices.Sorted(maps.Keys(t.Tags)) {
		tags = append(tags, types.Tag{Key: aws.String(key), Value: aws.String(t.Tags[key])})
	}
	return tags
}

func actionTypeOf(in types.ActionType) ActionType {
	var t ActionType
	if id := in.Id; id != nil {
		t.Category, t.Owner = string(id.Category), string(id.Owner)
		t.Provider, t.Version = aws.ToString(id.Provider), aws.ToString(id.Version)
	}
	if s := in.Settings; s != nil {
		t.EntityURLTemplate = aws.ToString(s.EntityUrlTemplate)
		t.ExecutionURLTemplate = aws.ToString(s.ExecutionUrlTemplate)
		t.RevisionURLTemplate = aws.ToString(s.RevisionUrlTemplate)
		t.ConfigurationURL = aws.ToString(s.ThirdPartyConfigurationUrl)
	}
	for _, p := range in.ActionConfigurationProperties {
		t.Properties = append(t.Properties, Property{
			Name:        aws.ToString(p.Name),
			Description: aws.ToString(p.Description),
			Type:        cmp.Or(PropertyType(p.Type), String),
			Required:    p.Required,
			Key:         p.Key,
			Secret:      p.Secret,
			Queryable:   p.Queryable,
		})
	}
	t.Inputs, t.Outputs = artifactCountOf(in.InputArtifactDetails), artifactCountOf(in.OutputArtifactDetails)
	return t
}

func artifactCountOf(d *types.ArtifactDetails) ArtifactCount {
	if d == nil {
		return ArtifactCount{}
	}
	return ArtifactCount{Min: int(d.MinimumCount), Max: int(d.MaximumCount)}
}

// secretKeys returns the names of the properties that are secret.
func (t ActionType) secretKeys() []string {
	var keys []string
	for _, p := range t.Properties {
		if p.Secret {
			keys = append(keys, p.Name)
		}
	}
	return keys
}
