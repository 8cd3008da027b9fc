package conformance_test

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	awscodecommit "github.com/aws/aws-sdk-go-v2/service/codecommit"
	"github.com/aws/aws-sdk-go-v2/service/codecommit/types"
)

// pullRequest is the one that the checks of pull requests share.
type pullRequest struct {
	id, revision, before, after string
	comment                     string
}

const comment = "A comment of the conformance run."

// pullRequestChecks are those of pull requests, comments and triggers.
var pullRequestChecks = []check{
	{
		name:      "new pull request",
		assumes:   "A pull request names its branches by full references, and has its two commits and a revision at once.",
		rests:     []string{"events.PullRequestStateChange", "codecommit/codecommittest.Server"},
		want:      "refs/heads/topic into refs/heads/main, with commits and revision",
		otherwise: "Flows of package ci do not find the branches of a pull request.",
		needs:     []need{needContent},
		run: func(ctx context.Context, w *world) (string, error) {
			main := w.source.Git("rev-parse", "main")
			if _, err := w.codecommit.CreateBranch(ctx, &awscodecommit.CreateBranchInput{RepositoryName: &w.name, BranchName: aws.String("topic"), CommitId: &main}); err != nil {
				return "", err
			}
			if err := w.putFile(ctx, main, "one\n"); err != nil {
				return "", err
			}
			out, err := w.codecommit.CreatePullRequest(ctx, &awscodecommit.CreatePullRequestInput{Title: aws.String("Conformance"), Targets: []types.Target{
				{RepositoryName: &w.name, SourceReference: aws.String("topic"), DestinationReference: aws.String("main")},
			}})
			if err != nil {
				return "", err
			}
			if len(out.PullRequest.PullRequestTargets) != 1 {
				return fmt.Sprintf("%d targets", len(out.PullRequest.PullRequestTargets)), nil
			}
			p, target := &w.pullRequest, out.PullRequest.PullRequestTargets[0]
			p.id, p.revision = aws.ToString(out.PullRequest.PullRequestId), aws.ToString(out.PullRequest.RevisionId)
			p.before, p.after = aws.ToString(target.DestinationCommit), aws.ToString(target.SourceCommit)
			with := "with commits and revision"
			if p.revision == "" || p.before != main || p.after == "" {
				with = fmt.Sprintf("revision %q, commits %q and %q", p.revision, p.before, p.after)
			}
			return fmt.Sprintf("%s into %s, %s", aws.ToString(target.SourceReference), aws.ToString(target.DestinationReference), with), nil
		},
	},
	{
		name:      "comment token",
		assumes:   "A comment that is posted again with its token is the first one, and with other text an IdempotencyParameterMismatchException.",
		rests:     []string{"codecommit/ci.thread.deleteOthers", "codecommit/codecommittest.Server"},
		choices:   []string{"codecommit/codecommittest.Server: A client request token stands for"},
		want:      "success, success, IdempotencyParameterMismatchException; one comment",
		otherwise: "Repeated events may post a comment twice, until the next report deletes one.",
		needs:     []need{needContent},
		run: func(ctx context.Context, w *world) (string, error) {
			first, err1 := w.post(ctx, comment, "token")
			second, err2 := w.post(ctx, comment, "token")
			_, err3 := w.post(ctx, "Another text.", "token")
			text, err := answers(err1, err2, err3)
			if err != nil {
				return "", err
			}
			w.pullRequest.comment = first
			one := "two comments"
			if first == second {
				one = "one comment"
			}
			return text + "; " + one, nil
		},
	},
	{
		name:      "comment token after an update",
		assumes:   "The token of a comment stands for it also after UpdateComment has changed the text.",
		rests:     []string{"codecommit/ci.thread.deleteOthers", "codecommit/codecommittest.Server"},
		want:      "the first comment",
		otherwise: "Repeated events may post a second comment, until the next report deletes one.",
		needs:     []need{needContent},
		run: func(ctx context.Context, w *world) (string, error) {
			if w.pullRequest.comment == "" {
				return "", errMissing
			}
			if _, err := w.codecommit.UpdateComment(ctx, &awscodecommit.UpdateCommentInput{CommentId: &w.pullRequest.comment, Content: aws.String("Updated.")}); err != nil {
				return "", err
			}
			id, err := w.post(ctx, comment, "token")
			if err != nil {
				return answer(err)
			}
			return yes(id == w.pullRequest.comment, "the first comment", "another comment")
		},
	},
	{
		name:      "deleted comment",
		assumes:   "A comment whose content is deleted is a CommentDeletedException for GetComment and UpdateComment, and is listed as deleted.",
		rests:     []string{"codecommit/ci.cannotWrite", "codecommit/codecommittest.Server"},
		choices:   []string{"codecommit/codecommittest.Server: Everybody may delete the content"},
		want:      "CommentDeletedException, CommentDeletedException, listed as deleted",
		otherwise: "A report of package ci whose comment somebody deleted fails instead of posting another.",
		needs:     []need{needContent},
		run: func(ctx context.Context, w *world) (string, error) {
			p := w.pullRequest
			if p.comment == "" {
				return "", errMissing
			}
			if _, err := w.codecommit.DeleteCommentContent(ctx, &awscodecommit.DeleteCommentContentInput{CommentId: &p.comment}); err != nil {
				return "", err
			}
			_, err1 := w.codecommit.GetComment(ctx, &awscodecommit.GetCommentInput{CommentId: &p.comment})
			_, err2 := w.codecommit.UpdateComment(ctx, &awscodecommit.UpdateCommentInput{CommentId: &p.comment, Content: aws.String("Updated again.")})
			text, err := answers(err1, err2)
			if err != nil {
				return "", err
			}
			out, err := w.codecommit.GetCommentsForPullRequest(ctx, &awscodecommit.GetCommentsForPullRequestInput{PullRequestId: &p.id})
			if err != nil {
				return "", err
			}
			listed := "not listed"
			for _, data := range out.CommentsForPullRequestData {
				for _, c := range data.Comments {
					if aws.ToString(c.CommentId) == p.comment {
						listed = "listed"
						if c.Deleted {
							listed = "listed as deleted"
						}
					}
				}
			}
			return text + ", " + listed, nil
		},
	},
	{
		name:      "approval of an old revision",
		assumes:   "A push to the source makes a new revision, and an approval of the old one is a RevisionNotCurrentException.",
		rests:     []string{"codecommit/ci.Handler.vote", "codecommit/codecommittest.Server"},
		choices:   []string{"codecommit/codecommittest.Server: An approval and an override count"},
		want:      "another revision, RevisionNotCurrentException",
		otherwise: "A build of an older push may approve the newer one.",
		needs:     []need{needContent},
		run: func(ctx context.Context, w *world) (string, error) {
			p := &w.pullRequest
			if p.id == "" {
				return "", errMissing
			}
			if err := w.putFile(ctx, p.after, "two\n"); err != nil {
				return "", err
			}
			var revision string
			_, err := w.until(ctx, 1e9, func() (bool, error) {
				out, err := w.codecommit.GetPullRequest(ctx, &awscodecommit.GetPullRequestInput{PullRequestId: &p.id})
				if err != nil {
					return false, err
				}
				revision = aws.ToString(out.PullRequest.RevisionId)
				return revision != p.revision, nil
			})
			if err != nil {
				return "", err
			}
			_, err = w.codecommit.UpdatePullRequestApprovalState(ctx, &awscodecommit.UpdatePullRequestApprovalStateInput{
				PullRequestId: &p.id, RevisionId: &p.revision, ApprovalState: types.ApprovalStateApprove,
			})
			text, err := answer(err)
			p.revision = revision
			return "another revision, " + text, err
		},
	},
	{
		name:      "approval by the author",
		assumes:   "The author of a pull request cannot approve it: PullRequestCannotBeApprovedByAuthorException.",
		rests:     []string{"codecommit/ci.Handler.vote", "codecommit/codecommittest.Server"},
		want:      "PullRequestCannotBeApprovedByAuthorException",
		otherwise: "Package ci reports the vote as failed instead of leaving it out.",
		needs:     []need{needContent},
		run: func(ctx context.Context, w *world) (string, error) {
			if w.pullRequest.id == "" {
				return "", errMissing
			}
			_, err := w.codecommit.UpdatePullRequestApprovalState(ctx, &awscodecommit.UpdatePullRequestApprovalStateInput{
				PullRequestId: &w.pullRequest.id, RevisionId: &w.pullRequest.revision, ApprovalState: types.ApprovalStateApprove,
			})
			return answer(err)
		},
	},
	{
		name:      "triggers: configuration ID",
		assumes:   "GetRepositoryTriggers returns at once what PutRepositoryTriggers has written, under the ID of its reply, in its order.",
		rests:     []string{"codecommit/trigger.Set"},
		want:      "the same ID, b a",
		otherwise: "Ensure writes once more, or reports a concurrent change that nobody made.",
		needs:     []need{needContent},
		run: func(ctx context.Context, w *world) (string, error) {
			var list []types.RepositoryTrigger
			for _, name := range []string{"b", "a"} {
				list = append(list, types.RepositoryTrigger{
					Name: &name, DestinationArn: &w.topic, Branches: []string{"no-such-branch"}, Events: []types.RepositoryTriggerEventEnum{types.RepositoryTriggerEventEnumAll},
				})
			}
			put, err := w.codecommit.PutRepositoryTriggers(ctx, &awscodecommit.PutRepositoryTriggersInput{RepositoryName: &w.name, Triggers: list})
			if err != nil {
				return "", err
			}
			get, err := w.codecommit.GetRepositoryTriggers(ctx, &awscodecommit.GetRepositoryTriggersInput{RepositoryName: &w.name})
			if err != nil {
				return "", err
			}
			id := "the same ID"
			if aws.ToString(put.ConfigurationId) != aws.ToString(get.ConfigurationId) {
				id = "another ID"
			}
			var names []string
			for _, t := range get.Triggers {
				names = append(names, aws.ToString(t.Name))
			}
			_, err = w.codecommit.PutRepositoryTriggers(ctx, &awscodecommit.PutRepositoryTriggersInput{RepositoryName: &w.name, Triggers: []types.RepositoryTrigger{}})
			return id + ", " + strings.Join(names, " "), err
		},
	},
}

// putFile changes a file on the branch topic, whose tip is the commit.
func (w *world) putFile(ctx context.Context, parent, content string) error {
	_, err := w.codecommit.PutFile(ctx, &awscodecommit.PutFileInput{
		RepositoryName: &w.name, BranchName: aws.String("topic"), ParentCommitId: &parent, FilePath: aws.String("topic"), FileContent: []byte(content),
	})
	return err
}

// post posts a comment with a token and returns its ID.
func (w *world) post(ctx context.Context, text, token string) (string, error) {
	p := w.pullRequest
	if p.id == "" {
		return "", errMissing
	}
	out, err := w.codecommit.PostCommentForPullRequest(ctx, &awscodecommit.PostCommentForPullRequestInput{
		PullRequestId: &p.id, RepositoryName: &w.name, BeforeCommitId: &p.before, AfterCommitId: &p.after,
		Content: &text, ClientRequestToken: aws.String(w.name + "-" + token),
	})
	if err != nil {
		return "", err
	}
	if out.Comment == nil || aws.ToString(out.Comment.CommentId) == "" {
		return "", errors.New("PostCommentForPullRequest returned no comment")
	}
	return *out.Comment.CommentId, nil
}
