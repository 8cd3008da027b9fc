package conformance_test

import (
	"context"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	awscodecommit "github.com/aws/aws-sdk-go-v2/service/codecommit"
	"github.com/aws/aws-sdk-go-v2/service/codecommit/types"
)

// commentChecks are those of comments and of the ends of pull requests.
var commentChecks = []check{
	{
		name:      "length of a comment",
		assumes:   "A comment has at most 10,240 UTF-16 code units, so that a character beyond the first plane counts twice.",
		rests:     []string{"codecommit/ci.maxComment", "codecommit/codecommittest.Server"},
		choices:   []string{"codecommit/codecommittest.Server: Text is as long as"},
		want:      "success, CommentContentSizeLimitExceededException",
		otherwise: "Comments of package ci are shorter than they could be, or are refused.",
		needs:     []need{needContent},
		run: func(ctx context.Context, w *world) (string, error) {
			_, err1 := w.post(ctx, strings.Repeat("💡", 5120), "length-1")
			_, err2 := w.post(ctx, strings.Repeat("💡", 5121), "length-2")
			return answers(err1, err2)
		},
	},
	{
		name:      "order of comments",
		assumes:   "GetCommentsForPullRequest lists the newest comment first, and a reply after the comment that it replies to.",
		rests:     []string{"codecommit/codecommittest.Server"},
		choices:   []string{"codecommit/codecommittest.Server: Pull requests and their events are listed"},
		want:      "second, first, reply to first",
		otherwise: "Only the test server differs: package ci sorts comments.",
		needs:     []need{needContent},
		run: func(ctx context.Context, w *world) (string, error) {
			first, err := w.post(ctx, "first", "order-1")
			if err != nil {
				return "", err
			}
			// The service's times may have whole seconds.
			if err := w.pass(ctx, 2e9); err != nil {
				return "", err
			}
			if _, err := w.post(ctx, "second", "order-2"); err != nil {
				return answer(err)
			}
			if _, err := w.codecommit.PostCommentReply(ctx, &awscodecommit.PostCommentReplyInput{InReplyTo: &first, Content: aws.String("reply to first")}); err != nil {
				return answer(err)
			}
			out, err := w.codecommit.GetCommentsForPullRequest(ctx, &awscodecommit.GetCommentsForPullRequestInput{PullRequestId: &w.pullRequest.id})
			if err != nil {
				return answer(err)
			}
			var texts []string
			for _, data := range out.CommentsForPullRequestData {
				for _, c := range data.Comments {
					switch text := aws.ToString(c.Content); text {
					case "first", "second", "reply to first":
						texts = append(texts, text)
					}
				}
			}
			return strings.Join(texts, ", "), nil
		},
	},
	{
		name:      "nothing to take back",
		assumes:   "To delete an approval rule or a branch that is not there does nothing.",
		rests:     []string{"codecommit/codecommittest.Server"},
		choices:   []string{"codecommit/codecommittest.Server: An approval and an override count"},
		want:      "success, success",
		otherwise: "Only the test server differs.",
		needs:     []need{needContent},
		run: func(ctx context.Context, w *world) (string, error) {
			if w.pullRequest.id == "" {
				return "", errMissing
			}
			_, err1 := w.codecommit.DeletePullRequestApprovalRule(ctx, &awscodecommit.DeletePullRequestApprovalRuleInput{PullRequestId: &w.pullRequest.id, ApprovalRuleName: aws.String("no-such-rule")})
			_, err2 := w.codecommit.DeleteBranch(ctx, &awscodecommit.DeleteBranchInput{RepositoryName: &w.name, BranchName: aws.String("no-such-branch")})
			return answers(err1, err2)
		},
	},
	{
		name:      "merge by a push",
		assumes:   "A push that brings the destination of a pull request to its source commit merges it.",
		rests:     []string{"codecommit/ci.Handler.handlePullRequest", "codecommit/codecommittest.Server"},
		choices:   []string{"codecommit/codecommittest.Server: The destination commit of an open pull request"},
		want:      "CLOSED, merged",
		otherwise: "Builds of a pull request that was merged by hand go on, and their results are reported.",
		needs:     []need{needContent},
		run: func(ctx context.Context, w *world) (string, error) {
			main := w.source.Git("rev-parse", "main")
			w.source.Git("branch", "feature", w.source.CommitTree(w.source.Git("rev-parse", "main^{tree}"), "feature", main))
			w.source.Git("branch", "base", main)
			for _, name := range []string{"feature", "base"} {
				if err := w.push(ctx, "refs/heads/"+name); err != nil {
					return "", err
				}
			}
			id, err := w.open(ctx, "feature", "base")
			if err != nil {
				return answer(err)
			}
			w.source.Git("branch", "--force", "base", "feature")
			if err := w.push(ctx, "refs/heads/base"); err != nil {
				return "", err
			}
			p, err := w.closed(ctx, id)
			if err != nil {
				return "", err
			}
			merged := "not merged"
			if m := p.PullRequestTargets[0].MergeMetadata; m != nil && m.IsMerged {
				merged = "merged"
			}
			return string(p.PullRequestStatus) + ", " + merged, nil
		},
	},
	{
		name:      "squash merge",
		assumes:   "A merged pull request has the commit that the merge has made, and GetMergeCommit finds it.",
		rests:     []string{"pipeline/approval.merged", "codecommit/codecommittest.Server"},
		choices:   []string{"codecommit/codecommittest.Server: GetMergeCommit finds the merges"},
		want:      "CLOSED, the commit of the destination, GetMergeCommit the same",
		otherwise: "Package approval does not find the pull request of a revision.",
		needs:     []need{needContent},
		run: func(ctx context.Context, w *world) (string, error) {
			main := w.source.Git("rev-parse", "main")
			w.source.Git("branch", "squashed", w.source.CommitTree(w.source.Git("rev-parse", "light~1^{tree}"), "squashed", main))
			w.source.Git("branch", "target", main)
			for _, name := range []string{"squashed", "target"} {
				if err := w.push(ctx, "refs/heads/"+name); err != nil {
					return "", err
				}
			}
			id, err := w.open(ctx, "squashed", "target")
			if err != nil {
				return answer(err)
			}
			out, err := w.codecommit.MergePullRequestBySquash(ctx, &awscodecommit.MergePullRequestBySquashInput{PullRequestId: &id, RepositoryName: &w.name})
			if err != nil {
				return answer(err)
			}
			tip, err := w.codecommit.GetBranch(ctx, &awscodecommit.GetBranchInput{RepositoryName: &w.name, BranchName: aws.String("target")})
			if err != nil {
				return answer(err)
			}
			m := out.PullRequest.PullRequestTargets[0].MergeMetadata
			text := string(out.PullRequest.PullRequestStatus)
			if m == nil || aws.ToString(m.MergeCommitId) != aws.ToString(tip.Branch.CommitId) {
				return text + ", another commit", nil
			}
			text += ", the commit of the destination"
			squashed := w.source.Git("rev-parse", "squashed")
			found, err := w.codecommit.GetMergeCommit(ctx, &awscodecommit.GetMergeCommitInput{RepositoryName: &w.name, SourceCommitSpecifier: &squashed, DestinationCommitSpecifier: &main})
			if err != nil {
				a, err := answer(err)
				return text + ", GetMergeCommit " + a, err
			}
			if aws.ToString(found.MergedCommitId) == aws.ToString(m.MergeCommitId) {
				return text + ", GetMergeCommit the same", nil
			}
			return fmt.Sprintf("%s, GetMergeCommit %q", text, aws.ToString(found.MergedCommitId)), nil
		},
	},
	{
		name:      "deleted source branch",
		assumes:   "A pull request whose source branch is deleted is closed, and not merged.",
		rests:     []string{"codecommit/ci.Handler.handlePullRequest", "codecommit/codecommittest.Server"},
		want:      "CLOSED, not merged",
		otherwise: "Builds of such a pull request go on.",
		needs:     []need{needContent},
		run: func(ctx context.Context, w *world) (string, error) {
			main := w.source.Git("rev-parse", "main")
			w.source.Git("branch", "gone", w.source.CommitTree(w.source.Git("rev-parse", "main^{tree}"), "gone", main))
			if err := w.push(ctx, "refs/heads/gone"); err != nil {
				return "", err
			}
			id, err := w.open(ctx, "gone", "main")
			if err != nil {
				return answer(err)
			}
			if _, err := w.codecommit.DeleteBranch(ctx, &awscodecommit.DeleteBranchInput{RepositoryName: &w.name, BranchName: aws.String("gone")}); err != nil {
				return answer(err)
			}
			p, err := w.closed(ctx, id)
			if err != nil {
				return "OPEN: " + err.Error(), nil
			}
			merged := "not merged"
			if m := p.PullRequestTargets[0].MergeMetadata; m != nil && m.IsMerged {
				merged = "merged"
			}
			return string(p.PullRequestStatus) + ", " + merged, nil
		},
	},
}

// open opens a pull request and returns its ID.
func (w *world) open(ctx context.Context, source, destination string) (id string, err error) {
	out, err := w.codecommit.CreatePullRequest(ctx, &awscodecommit.CreatePullRequestInput{Title: aws.String("Conformance of " + source), Targets: []types.Target{
		{RepositoryName: &w.name, SourceReference: &source, DestinationReference: &destination},
	}})
	if err != nil {
		return "", err
	}
	return aws.ToString(out.PullRequest.PullRequestId), nil
}

// closed returns a pull request when it is closed, or an error after a minute.
func (w *world) closed(ctx context.Context, id string) (*types.PullRequest, error) {
	var p *types.PullRequest
	tries := 0
	_, err := w.until(ctx, 2e9, func() (bool, error) {
		out, err := w.codecommit.GetPullRequest(ctx, &awscodecommit.GetPullRequestInput{PullRequestId: &id})
		if err != nil {
			return false, err
		}
		p = out.PullRequest
		if tries++; tries > 30 {
			return false, fmt.Errorf("the pull request is %s after a minute", p.PullRequestStatus)
		}
		return p.PullRequestStatus == types.PullRequestStatusEnumClosed, nil
	})
	return p, err
}
