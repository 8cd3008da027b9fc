package codecommittest

import (
	"context"
	"errors"
	"strings"

	"github.com/codesuite-go/codesuite/internal/awsjson"
	"github.com/codesuite-go/codesuite/internal/gitobj"
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
	name, err := branchNameOf(in.BranchName)
	if err != nil {
		return nil, err
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

type createBranchInput struct {
	RepositoryName *string `json:"repositoryName"`
	BranchName     *string `json:"branchName"`
	CommitID       *string `json:"commitId"`
}

func (s *Server) createBranch(ctx context.Context, in *createBranchInput) (*empty, error) {
	r, err := s.repository(in.RepositoryName)
	if err != nil {
		return nil, err
	}
	name, err := branchNameOf(in.BranchName)
	if err != nil {
		return nil, err
	}
	ref := branchPrefix + name
	for other := range r.known {
		switch {
		case other == ref:
			return nil, awsjson.Errorf("BranchNameExistsException", "there is a branch %s", name)
		case gitobj.IsID(name) || strings.HasPrefix(other, ref+"/") || strings.HasPrefix(ref, other+"/"):
			return nil, awsjson.Errorf("InvalidBranchNameException", "%q cannot be the name of a branch beside %s", name, other)
		}
	}
	if valueOf(in.CommitID) == "" {
		return nil, awsjson.Errorf("CommitIdRequiredException", "a commit ID is required")
	}
	if _, err := s.existingCommit(ctx, r, *in.CommitID); err != nil {
		return nil, err
	}
	if err := r.update(ctx, ref, "", *in.CommitID); err != nil {
		return nil, err
	}
	return new(empty), s.observe(ctx, r, s.caller(ctx), nil)
}

// branchNameOf returns the name of a branch that a call must have.
func branchNameOf(name *string) (string, error) {
	switch {
	case name == nil || *name == "":
		return "", awsjson.Errorf("BranchNameRequiredException", "a branch name is required")
	case !validBranchName(*name):
		return "", awsjson.Errorf("InvalidBranchNameException", "%q is not the name of a branch", *name)
	}
	return *name, nil
}

type deleteBranchInput struct {
	RepositoryName *string `json:"repositoryName"`
	BranchName     *string `json:"branchName"`
}

type deleteBranchOutput struct {
	Branch *branchInfo `json:"deletedBranch,omitempty"`
}

func (s *Server) deleteBranch(ctx context.Context, in *deleteBranchInput) (*deleteBranchOutput, error) {
	r, err := s.repository(in.RepositoryName)
	if err != nil {
		return nil, err
	}
	name, err := branchNameOf(in.BranchName)
	if err != nil {
		return nil, err
	}
	head, err := r.head(ctx)
	if err != nil {
		return nil, err
	}
	id := r.known[branchPrefix+name]
	switch {
	case name == head:
		return nil, awsjson.Errorf("DefaultBranchCannotBeDeletedException", "%s is the default branch", name)
	case id == "":
		return new(deleteBranchOutput), nil
	}
	if err := r.update(ctx, branchPrefix+name, id, ""); err != nil {
		return nil, err
	}
	return &deleteBranchOutput{&branchInfo{name, id}}, s.observe(ctx, r, s.caller(ctx), nil)
}

type updateDefaultBranchInput struct {
	RepositoryName *string `json:"repositoryName"`
	BranchName     *string `json:"defaultBranchName"`
}

func (s *Server) updateDefaultBranch(ctx context.Context, in *updateDefaultBranchInput) (*empty, error) {
	r, err := s.repository(in.RepositoryName)
	if err != nil {
		return nil, err
	}
	name, err := branchNameOf(in.BranchName)
	if err != nil {
		return nil, err
	}
	if r.known[branchPrefix+name] == "" {
		return nil, awsjson.Errorf("BranchDoesNotExistException", "there is no branch %s", name)
	}
	return new(empty), r.setHead(ctx, name)
}
