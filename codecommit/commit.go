package codecommit

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awscodecommit "github.com/aws/aws-sdk-go-v2/service/codecommit"
	"github.com/aws/aws-sdk-go-v2/service/codecommit/types"

	"github.com/codesuite-go/codesuite/internal/gitobj"
)

// Commit is a commit of a repository.
type Commit struct {
	ID        string
	TreeID    string
	Parents   []string // commit IDs
	Author    Signature
	Committer Signature
	Message   string
}

// Signature is the author or committer of a commit.
type Signature struct {
	Name  string
	Email string
	Time  time.Time // with seconds precision and the offset from UTC that was recorded
}

// Subject returns the first line of the message.
func (c *Commit) Subject() string {
	subject, _, _ := strings.Cut(strings.TrimLeft(c.Message, "\n"), "\n")
	return strings.TrimSpace(subject)
}

// commit returns the commit of the full ID, with one call of GetCommit.
func (r *Repository) commit(ctx context.Context, id string) (*Commit, error) {
	out, err := call(ctx, r, "GetCommit", id,
		func(ctx context.Context, optFns ...func(*awscodecommit.Options)) (*awscodecommit.GetCommitOutput, error) {
			return r.api.GetCommit(ctx, &awscodecommit.GetCommitInput{
				RepositoryName: &r.name, CommitId: &id,
			}, optFns...)
		})
	if err != nil {
		return nil, err
	}
	c := out.Commit
	if c == nil || !gitobj.IsID(aws.ToString(c.TreeId)) {
		return nil, r.malformed("GetCommit", id, errors.New("the reply has no commit with a tree"))
	}
	if got := aws.ToString(c.CommitId); got != "" && got != id {
		return nil, r.malformed("GetCommit", id, fmt.Errorf("the reply has the commit %s", got))
	}
	commit := &Commit{ID: id, TreeID: *c.TreeId, Parents: c.Parents, Message: aws.ToString(c.Message)}
	if commit.Author, err = signature(c.Author); err != nil {
		return nil, r.malformed("GetCommit", id, fmt.Errorf("author: %w", err))
	}
	if commit.Committer, err = signature(c.Committer); err != nil {
		return nil, r.malformed("GetCommit", id, fmt.Errorf("committer: %w", err))
	}
	return commit, nil
}

func signature(u *types.UserInfo) (Signature, error) {
	if u == nil {
		return Signature{}, errors.New("missing in the reply")
	}
	t, err := gitobj.ParseDate(aws.ToString(u.Date))
	return Signature{Name: aws.ToString(u.Name), Email: aws.ToString(u.Email), Time: t}, err
}
