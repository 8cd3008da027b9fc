package pipelinetest

import (
	"slices"

	"github.com/codesuite-go/codesuite/internal/awsjson"
)

type getPipelineExecutionInput struct {
	PipelineName *string `json:"pipelineName"`
	ExecutionID  *string `json:"pipelineExecutionId"`
}

type getPipelineExecutionOutput struct {
	Execution executionJSON `json:"pipelineExecution"`
}

type executionJSON struct {
	PipelineName      string         `json:"pipelineName"`
	PipelineVersion   int            `json:"pipelineVersion"`
	ExecutionID       string         `json:"pipelineExecutionId"`
	Status            string         `json:"status"`
	ArtifactRevisions []revisionJSON `json:"artifactRevisions"`
	Variables         []variableJSON `json:"variables,omitempty"`
	Trigger           *triggerJSON   `json:"trigger"`
	ExecutionMode     string         `json:"executionMode"`
	ExecutionType     string         `json:"executionType"`
	Rollback          *rollbackJSON  `json:"rollbackMetadata,omitempty"`
}

type revisionJSON struct {
	Name     string             `json:"name"`
	ID       string             `json:"revisionId"`
	ChangeID string             `json:"revisionChangeIdentifier,omitempty"`
	Summary  string             `json:"revisionSummary,omitempty"`
	Created  *awsjson.Timestamp `json:"created,omitempty"`
	URL      string             `json:"revisionUrl,omitempty"`
}

type variableJSON struct {
	Name  string `json:"name"`
	Value string `json:"resolvedValue"`
}

func (s *Server) getPipelineExecution(in *getPipelineExecutionInput) (*getPipelineExecutionOutput, error) {
	var v validation
	v.name("pipelineName", in.PipelineName)
	v.UUID("pipelineExecutionId", in.ExecutionID, true)
	if err := v.Err(); err != nil {
		return nil, err
	}
	p, err := s.pipelineNamed(in.PipelineName)
	if err != nil {
		return nil, err
	}
	e := p.byID[*in.ExecutionID]
	if e == nil {
		return nil, executionNotFound(p, *in.ExecutionID)
	}
	out := executionJSON{
		PipelineName:      p.definition.Name,
		PipelineVersion:   e.definition.Version,
		ExecutionID:       e.id,
		Status:            e.status,
		ArtifactRevisions: []revisionJSON{},
		Trigger:           e.triggerJSON(),
		ExecutionMode:     e.definition.ExecutionMode,
		ExecutionType:     e.executionType,
		Rollback:          e.rollbackJSON(),
	}
	for _, f := range e.found() {
		out.ArtifactRevisions = append(out.ArtifactRevisions, revisionJSON{
			Name:     f.action.Outputs[0],
			ID:       f.revision.ID,
			ChangeID: f.revision.ChangeID,
			Summary:  f.revision.Summary,
			Created:  awsjson.At(f.revision.Created),
			URL:      told(f.revision.URL),
		})
	}
	for _, v := range e.variables {
		out.Variables = append(out.Variables, variableJSON{v.name, v.value})
	}
	return &getPipelineExecutionOutput{out}, nil
}

// foundRevision is what a source action has found.
type foundRevision struct {
	action   *Action
	revision Revision
}

// found returns what the source actions have found, in an order that varies,
// as that of the service does.
func (e *execution) found() []foundRevision {
	list := slices.Clone(e.sources)
	e.server().random.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
	return list
}
