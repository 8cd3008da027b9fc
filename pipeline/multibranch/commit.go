package multibranch

import (
	"context"

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

func (m *commitModel) remove(ctx context.Context, b branch) error { return m.stopBranch(ctx, b, nil) }
