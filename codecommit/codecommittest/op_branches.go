package codecommittest

import (
	"context"
	"errors"

	"github.com/codesuite-go/codesuite/internal/awsjson"
)

type getBranchInput struct {
	RepositoryName *string `json:"repositoryName"`
	BranchName     *string `json:"branchName"`
}

type getBranchOutput struct {
	Branch branchInfo `json:"branch"`
}

type branchInfo struct {
	BranchName string `json:"branchName"`
	CommitID   string `json:"commitId"`
}

func (s *Server) getBranch(ctx context.Context, in *getBranchInput) (*getBranchOutput, error) {
	r, err := s.repository(in.RepositoryName)
	if err != nil {
		return nil, err
	}
	if in.BranchName == nil || *in.BranchName == "" {
		return nil, awsjson.Errorf("BranchNameRequiredException", "a branch name is required")
	}
	name := *in.BranchName
	if !validBranchName(name) {
		return nil, awsjson.Errorf("InvalidBranchNameException", "%q is not the name of a branch", name)
	}
	id, _, err := r.resolve(ctx, "refs/heads/"+name)
	if errors.Is(err, errMissing) {
		return nil, awsjson.Errorf("BranchDoesNotExistException", "there is no branch %s", name)
	} else if err != nil {
		return nil, err
	}
	return &getBranchOutput{branchInfo{name, id}}, nil
}

type listBranchesInput struct {
	RepositoryName *string `json:"repositoryName"`
	NextToken      *string `json:"nextToken"`
}

type listBranchesOutput struct {
	Branches  []string `json:"branches"`
	NextToken *string  `json:"nextToken,omitempty"`
}

func (s *Server) listBranches(ctx context.Context, in *listBranchesInput) (*listBranchesOutput, error) {
	r, err := s.repository(in.RepositoryName)
	if err != nil {
		return nil, err
	}
	names, err := r.branches(ctx)
	if err != nil {
		return nil, err
	}
	out := new(listBranchesOutput)
	out.Branches, out.NextToken, err = awsjson.Page(names, in.NextToken, s.pageSize(), invalidToken, "ListBranches", r.name)
	return out, err
}
