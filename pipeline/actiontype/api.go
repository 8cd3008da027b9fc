package actiontype

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"maps"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	awscodepipeline "github.com/aws/aws-sdk-go-v2/service/codepipeline"
	"github.com/aws/aws-sdk-go-v2/service/codepipeline/types"

	"github.com/codesuite-go/codesuite/internal/apierror"
	"github.com/codesuite-go/codesuite/internal/awstext"
	"github.com/codesuite-go/codesuite/internal/paging"
)

// API is the part of the AWS SDK's CodePipeline client that the package calls.
// [*awscodepipeline.Client] implements it. A fake for tests should embed the
// interface: a later version may have more methods.
type API interface {
	CreateCustomActionType(context.Context, *awscodepipeline.CreateCustomActionTypeInput, ...func(*awscodepipeline.Options)) (*awscodepipeline.CreateCustomActionTypeOutput, error)
	ListActionTypes(context.Context, *awscodepipeline.ListActionTypesInput, ...func(*awscodepipeline.Options)) (*awscodepipeline.ListActionTypesOutput, error)
}

var _ API = (*awscodepipeline.Client)(nil)

// List returns the action types of an owner, or of all owners if owner is "", in
// the account and Region of api. It calls ListActionTypes once for each page.
func List(ctx context.Context, api API, owner string) iter.Seq2[Type, error] {
	return func(yield func(Type, error) bool) {
		if api == nil {
			yield(Type{}, errNoAPI)
			return
		}
		in := &awscodepipeline.ListActionTypesInput{ActionOwnerFilter: types.ActionOwner(owner)}
		var tokens paging.Tokens
		for {
			out, err := api.ListActionTypes(ctx, in)
			if err == nil && out == nil {
				err = apierror.ErrNoReply
			}
			if err != nil {
				yield(Type{}, &Error{Operation: "ListActionTypes", Err: err})
				return
			}
			for _, t := range out.ActionTypes {
				if !yield(fromAPI(t), nil) {
					return
				}
			}
			if in.NextToken, err = tokens.Next(out.NextToken, len(out.ActionTypes)); err != nil {
				yield(Type{}, &Error{Operation: "ListActionTypes", Err: err})
				return
			} else if in.NextToken == nil {
				return
			}
		}
	}
}

// Create creates the custom action type. It calls CreateCustomActionType.
//
// The error is an [fs.ErrExist] if the type exists: use [Type.Ensure] to accept
// one with the same definition.
func (t Type) Create(ctx context.Context, api API) error {
	if api == nil {
		return errNoAPI
	}
	if err := t.Validate(); err != nil {
		return err
	}
	in := &awscodepipeline.CreateCustomActionTypeInput{
		Category:              types.ActionCategory(t.Category),
		Provider:              aws.String(t.Provider),
		Version:               aws.String(t.Version),
		Settings:              t.settings(),
		InputArtifactDetails:  t.Inputs.toAPI(),
		OutputArtifactDetails: t.Outputs.toAPI(),
		Tags:                  t.tags(),
	}
	for _, p := range t.Properties {
		in.ConfigurationProperties = append(in.ConfigurationProperties, p.toAPI())
	}
	_, err := api.CreateCustomActionType(ctx, in, func(o *awscodepipeline.Options) {
		if o.Retryer != nil {
			o.Retryer = quotaIsFinal{o.Retryer}
		}
	})
	if err == nil {
		return nil
	}
	if apierror.Code(err) == codeLimitExceeded {
		err = fmt.Errorf("the account has as many custom action types in this Region as it may: delete old versions: %w", err)
	}
	return &Error{Operation: "CreateCustomActionType", Object: t.String(), Err: err}
}

// quotaIsFinal keeps the SDK from retrying LimitExceededException. The SDK takes
// the error for throttling; here it is a quota, and time does not help.
type quotaIsFinal struct{ aws.Retryer }

func (r quotaIsFinal) IsErrorRetryable(err error) bool {
	return apierror.Code(err) != codeLimitExceeded && r.Retryer.IsErrorRetryable(err)
}

func (p Property) toAPI() types.ActionConfigurationProperty {
	return types.ActionConfigurationProperty{
		Name:        aws.String(p.Name),
		Description: awstext.Optional(p.Description),
		Required:    p.Required,
		Key:         p.Key,
		Secret:      p.Secret,
		Queryable:   p.Queryable,
		Type:        types.ActionConfigurationPropertyType(cmp.Or(p.Type, PropertyTypeString)),
	}
}

func (c ArtifactCount) toAPI() *types.ArtifactDetails {
	return &types.ArtifactDetails{MinimumCount: int32(c.Min), MaximumCount: int32(c.Max)}
}

func (t Type) settings() *types.ActionTypeSettings {
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

func (t Type) tags() []types.Tag {
	var tags []types.Tag
	for _, key := range slices.Sorted(maps.Keys(t.Tags)) {
		tags = append(tags, types.Tag{Key: aws.String(key), Value: aws.String(t.Tags[key])})
	}
	return tags
}

func fromAPI(in types.ActionType) Type {
	var t Type
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
			Type:        cmp.Or(PropertyType(p.Type), PropertyTypeString),
			Required:    p.Required,
			Key:         p.Key,
			Secret:      p.Secret,
			Queryable:   p.Queryable,
		})
	}
	t.Inputs, t.Outputs = artifactCount(in.InputArtifactDetails), artifactCount(in.OutputArtifactDetails)
	return t
}

func artifactCount(d *types.ArtifactDetails) ArtifactCount {
	if d == nil {
		return ArtifactCount{}
	}
	return ArtifactCount{Min: int(d.MinimumCount), Max: int(d.MaximumCount)}
}
