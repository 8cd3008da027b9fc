package pipelinetest

import "github.com/codesuite-go/codesuite/internal/awsjson"

type stageTransitionInput struct {
	PipelineName *string `json:"pipelineName"`
	StageName    *string `json:"stageName"`
	Type         *string `json:"transitionType"`
	Reason       *string `json:"reason"`
}

// transition returns the stage that the transition leads to.
func (s *Server) transition(in *stageTransitionInput, disable bool) (*stageRecord, error) {
	var v validation
	v.name("pipelineName", in.PipelineName)
	v.name("stageName", in.StageName)
	v.Enum("transitionType", in.Type, "Inbound", "Outbound")
	if disable {
		v.Text("reason", in.Reason, true, 1, 300, reasonPattern)
	}
	if err := v.Err(); err != nil {
		return nil, err
	}
	p, i, err := s.stageNamed(in.PipelineName, in.StageName)
	if err != nil {
		return nil, err
	}
	if *in.Type == "Outbound" {
		i++
	}
	if i == 0 || i == len(p.stages) {
		return nil, awsjson.Invalid("Stage '%s' of pipeline '%s' has no %s transition", *in.StageName, p.definition.Name, *in.Type)
	}
	return p.stages[i], nil
}

func (s *Server) disableStageTransition(in *stageTransitionInput) (nothing, error) {
	st, err := s.transition(in, true)
	if err != nil {
		return nothing{}, err
	}
	st.disabled, st.changed = &disabledTransition{*in.Reason}, s.clock()
	return nothing{}, nil
}

func (s *Server) enableStageTransition(in *stageTransitionInput) (nothing, error) {
	st, err := s.transition(in, false)
	if err != nil {
		return nothing{}, err
	}
	if st.disabled != nil {
		st.disabled, st.changed = nil, s.clock()
		st.admitNext()
	}
	return nothing{}, nil
}
