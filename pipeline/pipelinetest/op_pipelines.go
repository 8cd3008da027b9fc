package pipelinetest

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/codesuite-go/codesuite/internal/awsjson"
)

// maxPipelines is the number of pipelines in a Region.
const maxPipelines = 1000

type createPipelineInput struct {
	Pipeline *pipelineInput `json:"pipeline"`
	Tags     []tagJSON      `json:"tags"`
}

type createPipelineOutput struct {
	Pipeline pipelineJSON `json:"pipeline"`
	Tags     []tagJSON    `json:"tags,omitempty"`
}

// createPipeline creates a pipeline and starts its first execution, as the
// service does, unless a variable has no default.
func (s *Server) createPipeline(in *createPipelineInput) (*createPipelineOutput, error) {
	definition, err := in.Pipeline.pipeline(s)
	if err != nil {
		return nil, err
	}
	if err := checkTags(in.Tags); err != nil {
		return nil, err
	}
	p, err := s.create(definition)
	if err != nil {
		return nil, err
	}
	s.tags[p.arn] = in.Tags
	if variables, err := definition.values(nil); err == nil {
		p.add(&execution{
			executionType: "STANDARD",
			trigger:       Trigger{Type: "CreatePipeline", Detail: user},
			variables:     variables,
		}, 0, len(p.stages)-1)
	}
	return &createPipelineOutput{definition.json(), in.Tags}, nil
}

// create adds a pipeline of the first version.
func (s *Server) create(definition *Pipeline) (*pipelineRecord, error) {
	if s.pipelines[definition.Name] != nil {
		return nil, awsjson.Errorf("PipelineNameInUseException", "A pipeline with name '%s' already exists in account '%s'", definition.Name, accountID)
	}
	if len(s.pipelines) >= maxPipelines {
		return nil, awsjson.Errorf("LimitExceededException", "The account has %d pipelines", len(s.pipelines))
	}
	definition.Version = 1
	p := newPipeline(s, definition)
	p.before = s.deleted[definition.Name]
	s.pipelines[definition.Name] = p
	s.learnConnections(definition)
	return p, nil
}

// AddPipeline adds a pipeline by its structure in JSON, bare or as aws codepipeline
// get-pipeline prints it. Its version is 1. The structure is checked as that of
// CreatePipeline, but no execution starts. The error names what is wrong with it, or that
// the server has a pipeline of the name already.
func (s *Server) AddPipeline(structure []byte) error {
	var document struct {
		Pipeline *pipelineInput `json:"pipeline"`
	}
	err := json.Unmarshal(structure, &document)
	if err == nil && document.Pipeline == nil {
		err = json.Unmarshal(structure, &document.Pipeline)
	}
	if err == nil {
		s.mu.Lock()
		defer s.mu.Unlock()
		var definition *Pipeline
		if definition, err = document.Pipeline.pipeline(s); err == nil {
			_, err = s.create(definition)
		}
	}
	if err != nil {
		return fmt.Errorf("pipelinetest: the structure of a pipeline: %w", err)
	}
	return nil
}

// shownSecret stands for a secret value in replies, and for the value that is
// there already in an update.
const shownSecret = "****"

type updatePipelineInput struct {
	Pipeline *pipelineInput `json:"pipeline"`
}

type updatePipelineOutput struct {
	Pipeline pipelineJSON `json:"pipeline"`
}

// updatePipeline replaces the structure of a pipeline.
func (s *Server) updatePipeline(in *updatePipelineInput) (*updatePipelineOutput, error) {
	definition, err := in.Pipeline.pipeline(s)
	if err != nil {
		return nil, err
	}
	p := s.pipelines[definition.Name]
	if p == nil {
		return nil, awsjson.Errorf("InvalidStructureException", "Account '%s' does not have a pipeline with name '%s'", accountID, definition.Name)
	}
	definition.keep(p.definition)
	p.update(definition)
	return &updatePipelineOutput{p.definition.json()}, nil
}

// keep takes over the parts of the structure so far that the API does not show: the values
// of secrets that are given as they are shown, and the functions of a test.
func (p *Pipeline) keep(old *Pipeline) {
	for _, stage := range p.Stages {
		i := old.stageIndex(stage.Name)
		if i < 0 {
			continue
		}
		for j := range stage.Actions {
			a := &stage.Actions[j]
			was := old.Stages[i].action(a.Name)
			if was == nil || was.Type != a.Type {
				continue
			}
			a.Run, a.Revision, a.Secrets = was.Run, was.Revision, was.Secrets
			for _, key := range a.Secrets {
				if value, ok := was.Configuration[key]; ok && a.Configuration[key] == shownSecret {
					a.Configuration[key] = value
				}
			}
		}
	}
}

type deletePipelineInput struct {
	Name *string `json:"name"`
}

// deletePipeline deletes a pipeline and cancels its executions. One that does
// not exist is no error.
func (s *Server) deletePipeline(in *deletePipelineInput) (nothing, error) {
	var v validation
	v.name("name", in.Name)
	if err := v.Err(); err != nil {
		return nothing{}, err
	}
	p := s.pipelines[*in.Name]
	if p == nil {
		return nothing{}, nil
	}
	for _, e := range p.executions {
		if e.phase != ended {
			e.cancel()
		}
	}
	delete(s.pipelines, *in.Name)
	delete(s.tags, p.arn)
	s.deleted[*in.Name] = p.before + len(p.executions)
	return nothing{}, nil
}

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
