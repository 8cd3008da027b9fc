package pipelinetest

import "github.com/codesuite-go/codesuite/internal/awsjson"

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
