package pipelinetest

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
