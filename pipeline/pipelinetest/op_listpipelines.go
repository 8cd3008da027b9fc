package pipelinetest

import (
	"maps"
	"slices"

	"github.com/codesuite-go/codesuite/internal/awsjson"
)

type listPipelinesInput struct {
	MaxResults *int32  `json:"maxResults"`
	NextToken  *string `json:"nextToken"`
}

type listPipelinesOutput struct {
	Pipelines []pipelineSummaryJSON `json:"pipelines"`
	NextToken *string               `json:"nextToken,omitempty"`
}

type pipelineSummaryJSON struct {
	Name          string             `json:"name"`
	Version       int                `json:"version"`
	PipelineType  string             `json:"pipelineType"`
	ExecutionMode string             `json:"executionMode"`
	Created       *awsjson.Timestamp `json:"created"`
	Updated       *awsjson.Timestamp `json:"updated"`
}

func (s *Server) listPipelines(in *listPipelinesInput) (*listPipelinesOutput, error) {
	var v validation
	v.Page(in.MaxResults, 1000, in.NextToken)
	if err := v.Err(); err != nil {
		return nil, err
	}
	names, next, err := awsjson.Page(slices.Sorted(maps.Keys(s.pipelines)), in.NextToken, pageSize(in.MaxResults, 1000), invalidToken, "pipelines")
	if err != nil {
		return nil, err
	}
	out := &listPipelinesOutput{Pipelines: make([]pipelineSummaryJSON, 0, len(names)), NextToken: next}
	for _, name := range names {
		p := s.pipelines[name]
		out.Pipelines = append(out.Pipelines, pipelineSummaryJSON{
			name, p.definition.Version, p.definition.Type, p.definition.ExecutionMode, awsjson.At(p.created), awsjson.At(p.updated)})
	}
	return out, nil
}
