package customaction

import (
	"context"
	"fmt"
	"iter"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awscodepipeline "github.com/aws/aws-sdk-go-v2/service/codepipeline"
	"github.com/aws/aws-sdk-go-v2/service/codepipeline/types"

	"github.com/codesuite-go/codesuite/internal/apierror"
	"github.com/codesuite-go/codesuite/internal/backoff"
)

// ActionTypeAPI is what is called of the AWS SDK's CodePipeline client to list
// and create action types. [*awscodepipeline.Client] implements it.
type ActionTypeAPI interface {
	CreateCustomActionType(context.Context, *awscodepipeline.CreateCustomActionTypeInput, ...func(*awscodepipeline.Options)) (*awscodepipeline.CreateCustomActionTypeOutput, error)
	ListActionTypes(context.Context, *awscodepipeline.ListActionTypesInput, ...func(*awscodepipeline.Options)) (*awscodepipeline.ListActionTypesOutput, error)
}

var _ ActionTypeAPI = (*awscodepipeline.Client)(nil)

// ChangedError is an action type that exists with another definition. A custom
// action type cannot be changed: declare the new definition with another
// version, and change the pipelines to that.
type ChangedError struct {
	ActionType  ActionType   // as declared
	Differences []Difference // at least one
	// NextVersion is a version after all that exist, "" if there is none of
	// 9 characters. It may be that of an action type that was deleted, which
	// CodePipeline does not list and which can only come back as it was.
	NextVersion string
}

var _ error = (*ChangedError)(nil)

// Error names the action type, all differences, and the next version.
func (e *ChangedError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "customaction: action type %s exists with another definition: ", e.ActionType)
	for i, d := range e.Differences {
		if i > 0 {
			b.WriteString("; ")
		}
		b.WriteString(d.String())
	}
	b.WriteString(": it cannot be changed, declare it with another version")
	if e.NextVersion != "" {
		fmt.Fprintf(&b, ", the next is %s", e.NextVersion)
	}
	return b.String()
}

// ActionTypes returns the action types of an owner, or of all if it is "", in
// the account and Region of api. It calls ListActionTypes, once for each page.
func ActionTypes(ctx context.Context, api ActionTypeAPI, owner string) iter.Seq2[ActionType, error] {
	return func(yield func(ActionType, error) bool) {
		in := &awscodepipeline.ListActionTypesInput{ActionOwnerFilter: types.ActionOwner(owner)}
		for {
			out, err := api.ListActionTypes(ctx, in)
			if err == nil && out == nil {
				err = apierror.ErrNoReply
			}
			if err != nil {
				yield(ActionType{}, &Error{Operation: "ListActionTypes", Err: err})
				return
			}
			for _, t := range out.ActionTypes {
				if !yield(actionTypeOf(t), nil) {
					return
				}
			}
			next := aws.ToString(out.NextToken)
			if next == "" {
				return
			}
			if next == aws.ToString(in.NextToken) {
				yield(ActionType{}, &Error{Operation: "ListActionTypes", Err: apierror.ErrSameToken})
				return
			}
			in.NextToken = out.NextToken
		}
	}
}

// Create creates the custom action type. It calls CreateCustomActionType.
//
// That it exists is an error: use [ActionType.Ensure] to take one that is the
// same. An account has at most 50 custom action types in a Region.
func (t ActionType) Create(ctx context.Context, api ActionTypeAPI) error {
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

// quotaIsFinal keeps the SDK from retrying LimitExceededException, which it
// takes for throttling: here it is a quota, and time does not help.
type quotaIsFinal struct{ aws.Retryer }

func (r quotaIsFinal) IsErrorRetryable(err error) bool {
	return apierror.Code(err) != codeLimitExceeded && r.Retryer.IsErrorRetryable(err)
}

// Ensure creates the custom action type unless it exists, and reports whether
// it did. One that exists with another definition is a [*ChangedError]. Several
// processes may do so at once: one creates, the others find it. It calls
// ListActionTypes and, if need be, CreateCustomActionType.
func (t ActionType) Ensure(ctx context.Context, api ActionTypeAPI) (created bool, err error) {
	if err := t.Validate(); err != nil {
		return false, err
	}
	const attempts = 5
	for attempt, wait := 1, 200*time.Millisecond; ; attempt, wait = attempt+1, 2*wait {
		var versions []ActionType
		for existing, err := range ActionTypes(ctx, api, OwnerCustom) {
			if err != nil {
				return false, err
			}
			if t.sameName(existing) {
				versions = append(versions, existing)
			}
		}
		for _, existing := range versions {
			if existing.Version != t.Version {
				continue
			}
			if diffs := t.Diff(existing); len(diffs) > 0 {
				return false, &ChangedError{ActionType: t, Differences: diffs, NextVersion: nextVersion(t.Version, versions)}
			}
			return false, nil
		}
		err := t.Create(ctx, api)
		if err == nil {
			return true, nil
		}
		switch apierror.Code(err) {
		case codeActionTypeExists:
			if attempt == attempts {
				return false, fmt.Errorf("%w (it is not listed: if it was deleted, it can come back only with the definition it had; declare another version, such as %s)",
					err, nextVersion(t.Version, versions))
			}
		case codeConcurrentModification:
			if attempt == attempts {
				return false, err
			}
		case codeValidation:
			// The API declares no error for what exists already, so that it may
			// come as this one. If it is about something else it stays.
			if attempt > 1 {
				return false, err
			}
		default:
			return false, err
		}
		// Another process creates it at this moment, or an attempt of the SDK
		// did whose reply was lost.
		if ended := backoff.Sleep(ctx, backoff.Jitter(wait)); ended != nil {
			return false, fmt.Errorf("%w (%w)", err, ended)
		}
	}
}
