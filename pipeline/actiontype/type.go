package actiontype

import (
	"cmp"
	"fmt"
	"strings"
)

// The owners of action types.
const (
	OwnerAWS        = "AWS"        // built into CodePipeline
	OwnerThirdParty = "ThirdParty" // provided by an AWS partner
	OwnerCustom     = "Custom"     // created in one's own account and Region
)

// CategoryRule is the category of [RuleTypes].
const CategoryRule = "Rule"

// Type is an action type of CodePipeline. Category, owner, provider and version
// identify it; the other fields are its definition. The zero values of these
// define an action without configuration and artifacts.
//
// A Type is a value. Several goroutines may use one as long as none changes it.
type Type struct {
	// Category is Source, Build, Test, Deploy, Invoke, Approval or Compute.
	// AWS documents custom action types for Build, Test, Deploy and Invoke.
	Category string
	// Owner is [OwnerAWS], [OwnerThirdParty] or [OwnerCustom]. The default is
	// OwnerCustom.
	Owner string
	// Provider is the name that pipelines use: 1 to 35 letters, digits, '_'
	// and '-'.
	Provider string
	// Version has 1 to 9 letters, digits, '_' and '-'. The definition of a
	// version cannot be changed; a new definition needs a new version.
	Version string

	// CodePipeline's console shows three links of an action: EntityURLTemplate
	// leads to the thing that the action works on, ExecutionURLTemplate to one
	// run of the action, and RevisionURLTemplate to the page where its
	// configuration is changed. {Config:Name} in them stands for the value of a
	// required property that is not secret, and {ExternalExecutionId} for the
	// external execution ID of a result. Each has at most 2,048 characters.
	EntityURLTemplate    string
	ExecutionURLTemplate string
	RevisionURLTemplate  string
	// ConfigurationURL is the address of a page to sign up with the provider.
	ConfigurationURL string

	// Properties are the configuration that a pipeline gives to the action. A
	// custom action type has at most 10, one of them queryable. Their order has
	// no meaning.
	Properties []Property

	// Inputs and Outputs are the numbers of artifacts that an action may have:
	// 0 to 5 for a custom action type.
	Inputs, Outputs ArtifactCount

	// The catalogue ([BuiltIn], [RuleTypes]) has more about a type. [List] does not
	// return these fields, and [Type.Create] and [Type.Diff] ignore them.
	OutputVariables []string // the names that the type itself defines, without those of a project or a stack
	V2              bool     // only for pipelines of type V2
	Retired         bool     // AWS has ended the service behind the type
	Since           string   // the month in which AWS added the type, such as "2025-05"; "" if it is not known
	Documentation   string   // address of a page of the user guide

	// Tags are put on the action type by [Type.Create]. They do not belong to
	// its definition, and [List] does not return them.
	Tags map[string]string
}

// Property is one property of an action's configuration.
type Property struct {
	Name        string       // 1 to 50 characters
	Description string       // for users, at most 160 characters
	Type        PropertyType // the default is PropertyTypeString
	Required    bool
	// Key marks the properties whose values together name one thing, such as a
	// project, and are unique.
	Key bool
	// Secret hides the value from everybody but job workers.
	Secret bool
	// Queryable lets a job worker poll for the jobs with one value of this
	// property. The property must be required and not secret, and pipelines give
	// it 1 to 20 letters, digits, '_' and '-'.
	Queryable bool
	// Values are the values that a type of the catalogue accepts, none if it accepts
	// any: those of each element of a [FormList]. Custom types cannot limit their
	// values.
	Values []string
	// Form is what the value of a property of the catalogue holds. [List] does not
	// return it.
	Form Form
}

// Form is what the text of a property's value holds. The zero value is any text.
type Form string

// The forms of values.
const (
	FormNumber     Form = "number"
	FormList       Form = "list" // with commas between the elements
	FormArray      Form = "JSON array"
	FormObject     Form = "JSON object"
	FormArtifact   Form = "artifact"                    // the name of an input artifact
	FormFile       Form = "file of an artifact"         // Artifact::path, of an input artifact
	FormTextOrFile Form = "text or file of an artifact" // any text, of which Artifact::path is a file
)

// PropertyType is the type of a property's value.
type PropertyType string

// The types of properties.
const (
	PropertyTypeString  PropertyType = "String"
	PropertyTypeNumber  PropertyType = "Number"
	PropertyTypeBoolean PropertyType = "Boolean"
)

// ArtifactCount is the least and the greatest number of artifacts of an action.
type ArtifactCount struct{ Min, Max int }

// String returns owner, category, provider and version, such as
// "Custom/Build/Lint/1".
func (t Type) String() string {
	return strings.Join([]string{t.owner(), t.Category, t.Provider, t.Version}, "/")
}

// ARN returns the ARN of the action type in a Region and an account, for IAM
// policies: "arn:aws:codepipeline:eu-west-1:111122223333:actiontype:Custom/Build/Lint/1".
func (t Type) ARN(region, account string) string {
	partition := "aws"
	switch {
	case strings.HasPrefix(region, "cn-"):
		partition = "aws-cn"
	case strings.HasPrefix(region, "us-gov-"):
		partition = "aws-us-gov"
	}
	return strings.Join([]string{"arn", partition, "codepipeline", region, account, "actiontype", t.String()}, ":")
}

func (t Type) owner() string { return cmp.Or(t.Owner, OwnerCustom) }

// String returns the type and the flags, such as "String required key".
func (p Property) String() string {
	words := []string{string(cmp.Or(p.Type, PropertyTypeString))}
	for _, flag := range []struct {
		name string
		set  bool
	}{{"required", p.Required}, {"key", p.Key}, {"secret", p.Secret}, {"queryable", p.Queryable}} {
		if flag.set {
			words = append(words, flag.name)
		}
	}
	return strings.Join(words, " ")
}

// String returns the range, such as "0 to 5".
func (c ArtifactCount) String() string { return fmt.Sprintf("%d to %d", c.Min, c.Max) }
