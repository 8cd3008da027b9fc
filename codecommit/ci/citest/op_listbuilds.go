package citest

import (
	"slices"

	"github.com/codesuite-go/codesuite/internal/awsjson"
)

type listBuildsInput struct {
	Project   *string `json:"projectName"`
	SortOrder *string `json:"sortOrder"`
	NextToken *string `json:"nextToken"`
}

type listOutput struct {
	IDs       []string `json:"ids"`
	NextToken *string  `json:"nextToken,omitempty"`
}

// listPage is the number of IDs on a page.
const listPage = 100

func (s *Server) listBuildsForProject(in *listBuildsInput) (*listOutput, error) {
	var v awsjson.Validation
	v.Text("projectName", in.Project, true, 1, noLimit, nil)
	optionalEnum(&v, "sortOrder", in.SortOrder, sortOrders)
	if err := v.Err(); err != nil {
		return nil, as("InvalidInputException", err)
	}
	p, err := s.projectNamed(*in.Project)
	if err != nil {
		return nil, err
	}
	var ids []string
	for _, b := range s.builds {
		if b.project == p {
			ids = append(ids, b.id)
		}
	}
	return listed(ids, in.SortOrder, in.NextToken, listPage, "builds", p.Name)
}

var sortOrders = []string{"ASCENDING", "DESCENDING"}

// listed returns a page of the IDs, which are in the order of their start.
func listed(ids []string, order, token *string, size int, words ...string) (*listOutput, error) {
	sort := "DESCENDING"
	set(&sort, order)
	if sort == "DESCENDING" {
		slices.Reverse(ids)
	}
	page, next, err := awsjson.Page(ids, token, size, "InvalidInputException", append(words, sort)...)
	if err != nil {
		return nil, err
	}
	return &listOutput{page, next}, nil
}
