package citest

import "github.com/codesuite-go/codesuite/internal/awsjson"

type idInput struct {
	ID *string `json:"id"`
}

func (in *idInput) validate() error {
	var v awsjson.Validation
	v.Text("id", in.ID, true, 1, noLimit, nil)
	return as("InvalidInputException", v.Err())
}

func (s *Server) stopBuild(in *idInput) (*buildOutput, error) {
	if err := in.validate(); err != nil {
		return nil, err
	}
	b := s.find(*in.ID)
	if b == nil {
		return nil, buildNotFound(*in.ID)
	}
	b.stop()
	return &buildOutput{b.json()}, nil
}
