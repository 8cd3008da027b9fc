package codecommittest

import (
	"context"
	"errors"

	"github.com/codesuite-go/codesuite/internal/awsjson"
	"github.com/codesuite-go/codesuite/internal/gitobj"
)

type commit struct {
	CommitID       string   `json:"commitId"`
	TreeID         string   `json:"treeId"`
	Parents        []string `json:"parents"`
	Message        string   `json:"message"`
	Author         userInfo `json:"author"`
	Committer      userInfo `json:"committer"`
	AdditionalData string   `json:"additionalData"`
}

type userInfo struct {
	Name  string `json:"name"`
	Email string `json:"email"`
	Date  string `json:"date"`
}

func userInfoOf(s gitobj.Signature) userInfo { return userInfo{s.Name, s.Email, s.Date()} }

// getCommitByID returns the commit for the API.
func (s *Server) getCommitByID(ctx context.Context, r *repository, id string) (*commit, error) {
	if !gitobj.IsID(id) {
		return nil, s.missingCommit(awsjson.Errorf("InvalidCommitIdException", "%q is not a full commit ID", id))
	}
	c, err := r.commit(ctx, id)
	if errors.Is(err, errMissing) {
		return nil, s.missingCommit(awsjson.Errorf("CommitIdDoesNotExistException", "there is no commit %s", id))
	} else if err != nil {
		return nil, err
	}
	return &commit{
		CommitID:       id,
		TreeID:         c.TreeID,
		Parents:        orEmpty(c.Parents),
		Message:        c.Message,
		Author:         userInfoOf(c.Author),
		Committer:      userInfoOf(c.Committer),
		AdditionalData: c.Headers,
	}, nil
}

// missingCommit returns the error with the code that the faults ask for.
func (s *Server) missingCommit(e *awsjson.Error) *awsjson.Error {
	if code := s.faults.Load().MissingCommit; code != "" {
		e.Code = code
	}
	return e
}

type getCommitInput struct {
	RepositoryName *string `json:"repositoryName"`
	CommitID       *string `json:"commitId"`
}

type getCommitOutput struct {
	Commit *commit `json:"commit"`
}

func (s *Server) getCommit(ctx context.Context, in *getCommitInput) (*getCommitOutput, error) {
	r, err := s.repository(in.RepositoryName)
	if err != nil {
		return nil, err
	}
	if in.CommitID == nil || *in.CommitID == "" {
		return nil, awsjson.Errorf("CommitIdRequiredException", "a commit ID is required")
	}
	c, err := s.getCommitByID(ctx, r, *in.CommitID)
	if err != nil {
		return nil, err
	}
	return &getCommitOutput{c}, nil
}

// maxCommits is the number of commits that one call may ask for.
const maxCommits = 100

type batchGetCommitsInput struct {
	RepositoryName *string  `json:"repositoryName"`
	CommitIDs      []string `json:"commitIds"`
}

type batchGetCommitsOutput struct {
	Commits []*commit          `json:"commits"`
	Errors  []batchCommitError `json:"errors"`
}

type batchCommitError struct {
	CommitID     string `json:"commitId"`
	ErrorCode    string `json:"errorCode"`
	ErrorMessage string `json:"errorMessage"`
}

func (s *Server) batchGetCommits(ctx context.Context, in *batchGetCommitsInput) (*batchGetCommitsOutput, error) {
	r, err := s.repository(in.RepositoryName)
	if err != nil {
		return nil, err
	}
	switch n := len(in.CommitIDs); {
	case n == 0:
		return nil, awsjson.Errorf("CommitIdsListRequiredException", "a list of commit IDs is required")
	case n > maxCommits:
		return nil, awsjson.Errorf("CommitIdsLimitExceededException", "%d commit IDs are more than %d", n, maxCommits)
	}
	out := &batchGetCommitsOutput{Commits: []*commit{}, Errors: []batchCommitError{}}
	for _, id := range in.CommitIDs {
		c, err := s.getCommitByID(ctx, r, id)
		var e *awsjson.Error
		switch {
		case errors.As(err, &e):
			out.Errors = append(out.Errors, batchCommitError{id, e.Code, e.Message})
		case err != nil:
			return nil, err
		default:
			out.Commits = append(out.Commits, c)
		}
	}
	return out, nil
}
