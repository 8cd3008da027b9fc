package pipelinetest

import (
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
