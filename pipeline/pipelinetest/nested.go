package pipelinetest

import (
	"encoding/json"
	"fmt"

	"github.com/codesuite-go/codesuite/internal/awsjson"
)

// runPipeline starts another pipeline of the server, and follows its execution.
func (s *Server) runPipeline(r ActionRun) Outcome {
	s.mu.Lock()
	defer s.mu.Unlock()
	name := r.Configuration["PipelineName"]
	p := s.pipelines[name]
	switch {
	case p == nil && s.simulation.Alone:
		return Outcome{}
	case p == nil:
		return Outcome{State: StateFailed, Summary: fmt.Sprintf("There is no pipeline with name '%s'", name), ErrorCode: "ConfigurationError"}
	case r.ExternalID == "":
		id, err := p.startNested(r)
		if err != nil {
			return Outcome{State: StateFailed, Summary: err.Error(), ErrorCode: "ConfigurationError"}
		}
		return Outcome{State: StateInProgress, ExternalID: id, moved: true}
	}
	e := p.byID[r.ExternalID]
	switch {
	case e == nil:
		return Outcome{State: StateFailed, Summary: fmt.Sprintf("The pipeline '%s' was replaced", name)}
	case e.phase != ended:
		return Outcome{State: StateInProgress}
	case e.status != "Succeeded":
		return Outcome{State: StateFailed, Summary: fmt.Sprintf("Execution %s of %s is %s", e.id, name, e.status)}
	}
	return Outcome{}
}

// startNested starts an execution with the variables and the source revisions of the
// action.
func (p *pipelineRecord) startNested(r ActionRun) (id string, err error) {
	in := &startPipelineExecutionInput{Name: &p.definition.Name}
	for key, list := range map[string]any{"Variables": &in.Variables, "SourceRevisions": &in.SourceRevisions} {
		text := r.Configuration[key]
		if text == "" {
			continue
		}
		if err := json.Unmarshal([]byte(text), list); err != nil {
			return "", awsjson.Invalid("%s is not the JSON of a list: %v", key, err)
		}
	}
	out, err := p.server.startPipelineExecution(in)
	if err != nil {
		return "", err
	}
	return out.ExecutionID, nil
}
