package citest

import "github.com/codesuite-go/codesuite/internal/awsjson"

type retryBuildInput struct {
	ID    *string `json:"id"`
	Token *string `json:"idempotencyToken"`
}

func (s *Server) retryBuild(in *retryBuildInput) (*buildOutput, error) {
	var v awsjson.Validation
	v.Text("id", in.ID, true, 1, noLimit, nil)
	v.Text("idempotencyToken", in.Token, false, 0, 64, nil)
	if err := v.Err(); err != nil {
		return nil, as("InvalidInputException", err)
	}
	was := s.find(*in.ID)
	if was == nil {
		return nil, buildNotFound(*in.ID)
	}
	id, err := s.used("RetryBuild", in.Token, was.id)
	if err != nil {
		return nil, err
	}
	if id != "" {
		return &buildOutput{s.byID[id].json()}, nil
	}
	switch {
	case !was.ended():
		return nil, invalid("Build %s is in progress and cannot be retried", was.id)
	case was.batch != nil:
		return nil, invalid("Build %s belongs to a batch and cannot be retried by itself", was.id)
	}
	if err := s.room(was.project); err != nil {
		return nil, err
	}
	b := s.newBuild(was.project, was.config)
	set(&b.token, in.Token)
	s.use("RetryBuild", in.Token, was.id, b.id)
	b.launch()
	return &buildOutput{b.json()}, nil
}

func buildNotFound(id string) error {
	return awsjson.Errorf("ResourceNotFoundException", "Build does not exist: %s", id)
}
