package actiontype

import (
	"context"
	"iter"

	"github.com/aws/aws-sdk-go-v2/aws"
	awscodepipeline "github.com/aws/aws-sdk-go-v2/service/codepipeline"

	"github.com/codesuite-go/codesuite/internal/apierror"
)

// RulesAPI is the part of the AWS SDK's CodePipeline client that [ListRules]
// calls. [*awscodepipeline.Client] implements it.
type RulesAPI interface {
	ListRuleTypes(context.Context, *awscodepipeline.ListRuleTypesInput, ...func(*awscodepipeline.Options)) (*awscodepipeline.ListRuleTypesOutput, error)
}

var _ RulesAPI = (*awscodepipeline.Client)(nil)

// ListRules returns the types of the rules of stage conditions in the account and
// Region of api. It calls ListRuleTypes, which has one page.
func ListRules(ctx context.Context, api RulesAPI) iter.Seq2[Type, error] {
	return func(yield func(Type, error) bool) {
		if api == nil {
			yield(Type{}, errNoAPI)
			return
		}
		out, err := api.ListRuleTypes(ctx, &awscodepipeline.ListRuleTypesInput{})
		if err == nil && out == nil {
			err = apierror.ErrNoReply
		}
		if err != nil {
			yield(Type{}, &Error{Operation: "ListRuleTypes", Err: err})
			return
		}
		for _, r := range out.RuleTypes {
			var t Type
			if id := r.Id; id != nil {
				t.Category, t.Owner = string(id.Category), string(id.Owner)
				t.Provider, t.Version = aws.ToString(id.Provider), aws.ToString(id.Version)
			}
			for _, p := range r.RuleConfigurationProperties {
				t.Properties = append(t.Properties, Property{
					Name: aws.ToString(p.Name), Description: aws.ToString(p.Description), Type: PropertyType(p.Type),
					Required: p.Required, Key: p.Key, Secret: p.Secret, Queryable: p.Queryable,
				})
			}
			t.Inputs = artifactCount(r.InputArtifactDetails)
			if !yield(t, nil) {
				return
			}
		}
	}
}
