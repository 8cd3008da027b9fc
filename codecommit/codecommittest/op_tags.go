package codecommittest

import (
	"context"
	"maps"
	"strings"

	"github.com/codesuite-go/codesuite/internal/awsjson"
)

// The limits of the tags of a repository.
const (
	maxTags     = 50
	maxTagKey   = 128
	maxTagValue = 256
)

type tagsInput struct {
	ARN     *string           `json:"resourceArn"`
	Tags    map[string]string `json:"tags"`
	TagKeys []string          `json:"tagKeys"`
}

// taggedRepository returns the repository with the ARN that a call names.
func (s *Server) taggedRepository(arn *string) (*repository, error) {
	if valueOf(arn) == "" {
		return nil, awsjson.Errorf("ResourceArnRequiredException", "the ARN of a repository is required")
	}
	name, ok := strings.CutPrefix(*arn, "arn:aws:codecommit:"+awsjson.Region+":"+awsjson.AccountID+":")
	if !ok || !validRepositoryName(name) {
		return nil, awsjson.Errorf("InvalidResourceArnException", "%q is not the ARN of a repository of this account and Region", *arn)
	}
	return s.repository(&name)
}

func (s *Server) tagResource(_ context.Context, in *tagsInput) (*empty, error) {
	r, err := s.taggedRepository(in.ARN)
	switch {
	case err != nil:
		return nil, err
	case len(in.Tags) == 0:
		return nil, awsjson.Errorf("TagsMapRequiredException", "tags are required")
	}
	tags := maps.Clone(r.tags)
	if tags == nil {
		tags = make(map[string]string)
	}
	for key, value := range in.Tags {
		switch {
		case strings.HasPrefix(strings.ToLower(key), "aws:"):
			return nil, awsjson.Errorf("InvalidSystemTagUsageException", "the tag %s is of AWS", key)
		case key == "" || characters(key) > maxTagKey:
			return nil, awsjson.Errorf("InvalidTagsMapException", "the key %.200q does not have 1 to %d characters", key, maxTagKey)
		case characters(value) > maxTagValue:
			return nil, awsjson.Errorf("InvalidTagsMapException", "the value of the tag %s has more than %d characters", key, maxTagValue)
		}
		tags[key] = value
	}
	if len(tags) > maxTags {
		return nil, awsjson.Errorf("TooManyTagsException", "%d tags are more than %d", len(tags), maxTags)
	}
	r.tags = tags
	return new(empty), nil
}

func (s *Server) untagResource(_ context.Context, in *tagsInput) (*empty, error) {
	r, err := s.taggedRepository(in.ARN)
	switch {
	case err != nil:
		return nil, err
	case len(in.TagKeys) == 0:
		return nil, awsjson.Errorf("TagKeysListRequiredException", "keys of tags are required")
	case len(in.TagKeys) > maxTags:
		return nil, awsjson.Errorf("TooManyTagsException", "%d keys are more than %d", len(in.TagKeys), maxTags)
	}
	tags := maps.Clone(r.tags)
	for _, key := range in.TagKeys {
		if key == "" || characters(key) > maxTagKey {
			return nil, awsjson.Errorf("InvalidTagKeysListException", "the key %.200q does not have 1 to %d characters", key, maxTagKey)
		}
		delete(tags, key)
	}
	r.tags = tags
	return new(empty), nil
}

type listTagsOutput struct {
	Tags map[string]string `json:"tags"`
}

func (s *Server) listTagsForResource(_ context.Context, in *tagsInput) (*listTagsOutput, error) {
	r, err := s.taggedRepository(in.ARN)
	if err != nil {
		return nil, err
	}
	out := &listTagsOutput{make(map[string]string)}
	maps.Copy(out.Tags, r.tags)
	return out, nil
}
