package pipelinetest

import (
	"regexp"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/codesuite-go/codesuite/internal/awsjson"
)

var resourcePattern = regexp.MustCompile(`^arn:aws(-[\w]+)*:codepipeline:.+:[0-9]{12}:.+$`)

type tagResourceInput struct {
	ResourceARN *string   `json:"resourceArn"`
	Tags        []tagJSON `json:"tags"`
}

type untagResourceInput struct {
	ResourceARN *string  `json:"resourceArn"`
	TagKeys     []string `json:"tagKeys"`
}

type listTagsForResourceInput struct {
	ResourceARN *string `json:"resourceArn"`
	MaxResults  *int32  `json:"maxResults"`
	NextToken   *string `json:"nextToken"`
}

type listTagsForResourceOutput struct {
	Tags      []tagJSON `json:"tags"`
	NextToken *string   `json:"nextToken,omitempty"`
}

// tagResource adds tags to a pipeline or a custom action type. One whose key is
// there already gets the new value.
func (s *Server) tagResource(in *tagResourceInput) (nothing, error) {
	var v validation
	v.Text("resourceArn", in.ResourceARN, true, 1, 2048, resourcePattern)
	v.Present("tags", in.Tags != nil)
	if err := v.Err(); err != nil {
		return nothing{}, err
	}
	if err := s.checkResource(*in.ResourceARN); err != nil {
		return nothing{}, err
	}
	if err := checkTags(in.Tags); err != nil {
		return nothing{}, err
	}
	tags := slices.DeleteFunc(slices.Clone(s.tags[*in.ResourceARN]), func(old tagJSON) bool {
		return slices.ContainsFunc(in.Tags, func(t tagJSON) bool { return *t.Key == *old.Key })
	})
	tags = append(tags, in.Tags...)
	if err := checkTags(tags); err != nil {
		return nothing{}, err
	}
	s.tags[*in.ResourceARN] = tags
	return nothing{}, nil
}

// untagResource removes tags. Keys that are not there are no error.
func (s *Server) untagResource(in *untagResourceInput) (nothing, error) {
	var v validation
	v.Text("resourceArn", in.ResourceARN, true, 1, 2048, resourcePattern)
	v.Present("tagKeys", in.TagKeys != nil)
	if err := v.Err(); err != nil {
		return nothing{}, err
	}
	if err := s.checkResource(*in.ResourceARN); err != nil {
		return nothing{}, err
	}
	s.tags[*in.ResourceARN] = slices.DeleteFunc(slices.Clone(s.tags[*in.ResourceARN]), func(t tagJSON) bool {
		return slices.Contains(in.TagKeys, *t.Key)
	})
	return nothing{}, nil
}

func (s *Server) listTagsForResource(in *listTagsForResourceInput) (*listTagsForResourceOutput, error) {
	var v validation
	v.Text("resourceArn", in.ResourceARN, true, 1, 2048, resourcePattern)
	v.Page(in.MaxResults, 100, in.NextToken)
	if err := v.Err(); err != nil {
		return nil, err
	}
	if err := s.checkResource(*in.ResourceARN); err != nil {
		return nil, err
	}
	part, next, err := awsjson.Page(s.tags[*in.ResourceARN], in.NextToken, pageSize(in.MaxResults, 100), invalidToken, "tags", *in.ResourceARN)
	if err != nil {
		return nil, err
	}
	return &listTagsForResourceOutput{append([]tagJSON{}, part...), next}, nil
}

// checkResource returns the error for an ARN that is neither that of a pipeline
// nor that of a custom action type or a webhook.
func (s *Server) checkResource(arn string) error {
	prefix := "arn:aws:codepipeline:" + region + ":" + accountID + ":"
	resource, ok := strings.CutPrefix(arn, prefix)
	if !ok {
		return awsjson.Errorf("InvalidArnException", "%s is not an ARN of this account and Region", arn)
	}
	if name, ok := strings.CutPrefix(resource, "actiontype:"); ok {
		for id, a := range s.jobs.types {
			if id.String() == name && a.definition != nil && !a.deleted {
				return nil
			}
		}
	}
	if name, ok := strings.CutPrefix(resource, "webhook:"); ok && s.webhooks[name] != nil || s.pipelines[resource] != nil {
		return nil
	}
	return awsjson.Errorf("ResourceNotFoundException", "The resource %s does not exist", aws.ToString(&arn))
}
