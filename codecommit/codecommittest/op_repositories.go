package codecommittest

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/codesuite-go/codesuite/internal/awsjson"
)

type repositoryMetadata struct {
	AccountID        string  `json:"accountId"`
	RepositoryID     string  `json:"repositoryId"`
	RepositoryName   string  `json:"repositoryName"`
	DefaultBranch    string  `json:"defaultBranch,omitempty"`
	LastModifiedDate float64 `json:"lastModifiedDate"`
	CreationDate     float64 `json:"creationDate"`
	CloneURLHTTP     string  `json:"cloneUrlHttp"`
	CloneURLSSH      string  `json:"cloneUrlSsh"`
	ARN              string  `json:"Arn"`
}

func (r *repository) metadata(ctx context.Context) (*repositoryMetadata, error) {
	head, err := r.head(ctx)
	if err != nil {
		return nil, err
	}
	address := "git-codecommit." + awsjson.Region + ".amazonaws.com/v1/repos/" + r.name
	return &repositoryMetadata{
		AccountID:        awsjson.AccountID,
		RepositoryID:     r.id,
		RepositoryName:   r.name,
		DefaultBranch:    head,
		LastModifiedDate: timestamp(r.lastModified()),
		CreationDate:     timestamp(r.created),
		CloneURLHTTP:     "https://" + address,
		CloneURLSSH:      "ssh://" + address,
		ARN:              r.arn(),
	}, nil
}

// timestamp returns seconds since 1970, with milliseconds.
func timestamp(t time.Time) float64 { return float64(t.UnixMilli()) / 1000 }

func (r *repository) lastModified() time.Time {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.modified
}

type getRepositoryInput struct {
	RepositoryName *string `json:"repositoryName"`
}

type getRepositoryOutput struct {
	RepositoryMetadata *repositoryMetadata `json:"repositoryMetadata"`
}

func (s *Server) getRepository(ctx context.Context, in *getRepositoryInput) (*getRepositoryOutput, error) {
	r, err := s.repository(in.RepositoryName)
	if err != nil {
		return nil, err
	}
	m, err := r.metadata(ctx)
	if err != nil {
		return nil, err
	}
	return &getRepositoryOutput{m}, nil
}

// maxNames is the number of repositories that one call may ask for.
const maxNames = 100

type batchGetRepositoriesInput struct {
	RepositoryNames []string `json:"repositoryNames"`
}

type batchGetRepositoriesOutput struct {
	Repositories         []*repositoryMetadata  `json:"repositories"`
	RepositoriesNotFound []string               `json:"repositoriesNotFound"`
	Errors               []batchRepositoryError `json:"errors"`
}

type batchRepositoryError struct {
	RepositoryName string `json:"repositoryName"`
	ErrorCode      string `json:"errorCode"`
	ErrorMessage   string `json:"errorMessage"`
}

func (s *Server) batchGetRepositories(ctx context.Context, in *batchGetRepositoriesInput) (*batchGetRepositoriesOutput, error) {
	switch n := len(in.RepositoryNames); {
	case n == 0:
		return nil, awsjson.Errorf("RepositoryNamesRequiredException", "a list of repository names is required")
	case n > maxNames:
		return nil, awsjson.Errorf("MaximumRepositoryNamesExceededException", "%d repository names are more than %d", n, maxNames)
	}
	out := &batchGetRepositoriesOutput{
		Repositories:         []*repositoryMetadata{},
		RepositoriesNotFound: []string{},
		Errors:               []batchRepositoryError{},
	}
	for _, name := range in.RepositoryNames {
		r, err := s.repository(&name)
		var e *awsjson.Error
		if errors.As(err, &e) && e.Code == "RepositoryDoesNotExistException" {
			out.RepositoriesNotFound = append(out.RepositoriesNotFound, name)
			out.Errors = append(out.Errors, batchRepositoryError{name, e.Code, e.Message})
			continue
		} else if err != nil {
			return nil, err
		}
		m, err := r.metadata(ctx)
		if err != nil {
			return nil, err
		}
		out.Repositories = append(out.Repositories, m)
	}
	return out, nil
}

type listRepositoriesInput struct {
	NextToken *string `json:"nextToken"`
	SortBy    *string `json:"sortBy"`
	Order     *string `json:"order"`
}

type listRepositoriesOutput struct {
	Repositories []repositoryNameIDPair `json:"repositories"`
	NextToken    *string                `json:"nextToken,omitempty"`
}

type repositoryNameIDPair struct {
	RepositoryName string `json:"repositoryName"`
	RepositoryID   string `json:"repositoryId"`
}

func (s *Server) listRepositories(_ context.Context, in *listRepositoriesInput) (*listRepositoriesOutput, error) {
	list := slices.Clone(s.repositories)
	sortBy, order := "repositoryName", "ascending"
	if in.SortBy != nil {
		sortBy = *in.SortBy
	}
	if in.Order != nil {
		order = *in.Order
	}
	var compare func(a, b *repository) int
	switch sortBy {
	case "repositoryName":
		compare = func(a, b *repository) int { return strings.Compare(a.name, b.name) }
	case "lastModifiedDate":
		times := make(map[*repository]time.Time)
		for _, r := range list {
			times[r] = r.lastModified()
		}
		compare = func(a, b *repository) int {
			return cmp.Or(times[a].Compare(times[b]), strings.Compare(a.name, b.name))
		}
	default:
		return nil, awsjson.Errorf("InvalidSortByException", "%q is neither repositoryName nor lastModifiedDate", sortBy)
	}
	slices.SortFunc(list, compare)
	switch order {
	case "ascending":
	case "descending":
		slices.Reverse(list)
	default:
		return nil, awsjson.Errorf("InvalidOrderException", "%q is neither ascending nor descending", order)
	}
	part, next, err := awsjson.Page(list, in.NextToken, s.pageSize(), invalidToken, "ListRepositories", sortBy, order)
	if err != nil {
		return nil, err
	}
	out := &listRepositoriesOutput{Repositories: []repositoryNameIDPair{}, NextToken: next}
	for _, r := range part {
		out.Repositories = append(out.Repositories, repositoryNameIDPair{r.name, r.id})
	}
	return out, nil
}
