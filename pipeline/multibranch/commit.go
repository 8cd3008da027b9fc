package multibranch

import (
	"context"
	"errors"
	"io/fs"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/codesuite-go/codesuite/pipeline"
)

// commitModel is ModelCommit.
type commitModel struct{ *Handler }

func (m *commitModel) start(ctx context.Context, p push) (execution, error) {
	s, err := m.structure(ctx, p.pipeline, m.options.CacheTime)
	if err != nil {
		return execution{}, err
	}
	source, err := s.source("CodeCommit", "RepositoryName", p.repository.Name())
	if err != nil {
		return execution{}, err
	}
	return m.run(ctx, s, p, pipeline.SourceRevisionOverride{
		Action: aws.ToString(source.Name), Type: pipeline.RevisionCommitID, Value: p.commit.ID,
	})
}

// remove stops the executions of the branch, if the pipeline has a source action
// of its repository.
func (m *commitModel) remove(ctx context.Context, b branch) error {
	s, err := m.structure(ctx, b.pipeline, m.options.CacheTime)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	switch repositories := s.repositories(); {
	case !slices.Contains(repositories, b.repository.Name()):
		m.note(ctx, b, "the pipeline has no source action of the repository: nothing is stopped")
		return nil
	default:
		return m.stopBranch(ctx, b, nil, len(repositories) == 1)
	}
}
