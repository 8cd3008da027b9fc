package citest

import (
	"github.com/codesuite-go/codesuite/internal/awsjson"
)

type idsInput struct {
	IDs []string `json:"ids"`
}

type batchGetBuildsOutput struct {
	Builds   []buildJSON `json:"builds"`
	NotFound []string    `json:"buildsNotFound,omitempty"`
}

func (s *Server) batchGetBuilds(in *idsInput) (*batchGetBuildsOutput, error) {
	if err := validateList("ids", in.IDs, 1); err != nil {
		return nil, err
	}
	out := &batchGetBuildsOutput{Builds: []buildJSON{}}
	for _, id := range in.IDs {
		if b := s.find(id); b != nil {
			out.Builds = append(out.Builds, b.json())
		} else {
			out.NotFound = append(out.NotFound, id)
		}
	}
	return out, nil
}

// validateList checks a list of names or IDs, at most 100.
func validateList(member string, list []string, least int) error {
	var v awsjson.Validation
	v.Present(member, list != nil)
	if list != nil && (len(list) < least || len(list) > 100) {
		v.Fail(member, "Member must have length between %d and 100", least)
	}
	for _, entry := range list {
		v.Text(member, &entry, true, 1, noLimit, nil)
	}
	return as("InvalidInputException", v.Err())
}
