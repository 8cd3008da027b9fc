package actiontype_test

import (
	"context"
	"errors"
	"io/fs"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awscodepipeline "github.com/aws/aws-sdk-go-v2/service/codepipeline"
	"github.com/aws/aws-sdk-go-v2/service/codepipeline/types"
	"github.com/aws/smithy-go"

	"github.com/codesuite-go/codesuite/pipeline/actiontype"
)

// pages are pages of action types.
type pages []*awscodepipeline.ListActionTypesOutput

func (p *pages) ListActionTypes(context.Context, *awscodepipeline.ListActionTypesInput, ...func(*awscodepipeline.Options)) (*awscodepipeline.ListActionTypesOutput, error) {
	if len(*p) == 0 {
		return nil, nil
	}
	out := (*p)[0]
	*p = (*p)[1:]
	return out, nil
}

func (p *pages) CreateCustomActionType(context.Context, *awscodepipeline.CreateCustomActionTypeInput, ...func(*awscodepipeline.Options)) (*awscodepipeline.CreateCustomActionTypeOutput, error) {
	return nil, &smithy.GenericAPIError{Code: "InvalidTagsException"}
}

func TestListPaging(t *testing.T) {
	t.Parallel()
	list := func(p pages, most int) (n int, err error) {
		for _, err := range actiontype.List(t.Context(), &p, "") {
			if err != nil {
				return n, err
			}
			if n++; n == most {
				break
			}
		}
		return n, nil
	}
	two := []types.ActionType{{}, {Id: &types.ActionTypeId{}}} // a reply may leave out anything
	page := func(token string) *awscodepipeline.ListActionTypesOutput {
		return &awscodepipeline.ListActionTypesOutput{ActionTypes: two, NextToken: aws.String(token)}
	}
	if n, err := list(pages{page("a"), page("a"), page("")}, 0); n != 4 || err == nil || !strings.Contains(err.Error(), "same continuation token") {
		t.Errorf("%d, %v for a page that comes twice", n, err)
	}
	if n, err := list(pages{page("a")}, 0); n != 2 || err == nil {
		t.Errorf("%d, %v without a reply", n, err)
	}
	if n, err := list(pages{page("a"), page("")}, 0); n != 4 || err != nil {
		t.Errorf("%d, %v", n, err)
	}
	if n, err := list(pages{page("a")}, 1); n != 1 || err != nil {
		t.Errorf("%d, %v after a break", n, err)
	}
	if err := build().Create(t.Context(), new(pages)); err == nil || errors.Is(err, fs.ErrPermission) || errors.Is(err, fs.ErrNotExist) {
		t.Errorf("error %v", err)
	}
}
