package ci

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	awscodecommit "github.com/aws/aws-sdk-go-v2/service/codecommit"
	"github.com/aws/aws-sdk-go-v2/service/codecommit/types"

	"github.com/codesuite-go/codesuite/events"
	"github.com/codesuite-go/codesuite/internal/apierror"
	"github.com/codesuite-go/codesuite/internal/awstext"
	"github.com/codesuite-go/codesuite/internal/markdown"
)

// vote approves the pull request of the report, revokes the approval, or merges it,
// and notes on the comment what has come of it. It reports whether an approval was
// given or revoked on which somebody may still act.
func (h *Handler) vote(ctx context.Context, f *Flow, r *Report) (voted bool, err error) {
	if !f.Approve && f.Merge == "" || r.SupersededBy != "" || r.PullRequest.Closed {
		return false, nil
	}
	all, err := h.verdict(ctx, r)
	if err != nil || all == verdictPending {
		return false, err
	}
	b := &ballot{handler: h, flow: f, report: r, revision: r.PullRequest.RevisionID}
	if f.Approve {
		err = b.approve(ctx, all == verdictPassed)
	}
	if err == nil && !b.over && all == verdictPassed {
		err = b.evaluate(ctx)
	}
	if err == nil && !b.over && b.satisfied && f.Merge != "" {
		err = b.merge(ctx)
	}
	return b.voted && !b.merged, errors.Join(err, b.tell(ctx))
}

// ballot is a vote on a pull request.
type ballot struct {
	handler   *Handler
	flow      *Flow
	report    *Report
	revision  string
	voted     bool // the approval was given or revoked
	approved  bool // by the handler
	merged    bool
	satisfied bool // all approval rules are
	over      bool // the revision or the pull request is no longer there to vote on
	notes     []string
}

// approve approves the revision, or revokes the approval. To revoke one that nobody
// has given is no error of the service.
func (b *ballot) approve(ctx context.Context, passed bool) error {
	state := types.ApprovalStateRevoke
	if passed {
		state = types.ApprovalStateApprove
	}
	for first := true; ; first = false {
		_, err := b.handler.clients.CodeCommit.UpdatePullRequestApprovalState(ctx, &awscodecommit.UpdatePullRequestApprovalStateInput{
			PullRequestId: &b.report.PullRequest.ID, RevisionId: &b.revision, ApprovalState: state,
		})
		if err == nil {
			b.voted, b.approved = true, passed
			return nil
		}
		if apierror.Code(err) != "RevisionNotCurrentException" || !first {
			return b.failed(ctx, "UpdatePullRequestApprovalState", err)
		}
		// The revision of the same commit may have another ID meanwhile.
		now, err := b.handler.readPullRequest(ctx, b.report.Region, b.report.Repository, b.report.PullRequest.ID)
		if errors.Is(err, errGone) || err == nil && (now.Closed || now.SourceCommit != b.report.PullRequest.SourceCommit) {
			b.drop(ctx, "a newer revision was pushed, or the pull request is closed")
			return nil
		}
		if err != nil {
			return err
		}
		b.revision = now.RevisionID
	}
}

// evaluate finds out whether the approval rules are satisfied.
func (b *ballot) evaluate(ctx context.Context) error {
	out, err := b.handler.clients.CodeCommit.EvaluatePullRequestApprovalRules(ctx, &awscodecommit.EvaluatePullRequestApprovalRulesInput{
		PullRequestId: &b.report.PullRequest.ID, RevisionId: &b.revision,
	})
	if err == nil && (out == nil || out.Evaluation == nil) {
		err = apierror.ErrNoReply
	}
	if err != nil {
		return b.failed(ctx, "EvaluatePullRequestApprovalRules", err)
	}
	e := out.Evaluation
	b.satisfied = e.Approved || e.Overridden
	switch {
	case e.Overridden:
		b.notes = append(b.notes, "The approval rules are overridden.")
	case len(e.ApprovalRulesNotSatisfied) > 0:
		b.notes = append(b.notes, "Approval rules that are not satisfied yet: "+names(e.ApprovalRulesNotSatisfied)+".")
	case len(e.ApprovalRulesSatisfied) > 0:
		b.notes = append(b.notes, "All approval rules are satisfied.")
	}
	return nil
}

// names returns the first of the names.
func names(list []string) string {
	const most = 5
	var spans []string
	for _, name := range list[:min(len(list), most)] {
		spans = append(spans, markdown.Code(name, 100))
	}
	if more := len(list) - most; more > 0 {
		spans = append(spans, fmt.Sprintf("and %d more", more))
	}
	return strings.Join(spans, ", ")
}

// merge merges the commit that was built. A push meanwhile makes it fail.
func (b *ballot) merge(ctx context.Context) error {
	id, repository, commit := &b.report.PullRequest.ID, &b.report.Repository, &b.report.PullRequest.SourceCommit
	var (
		api       = b.handler.clients.CodeCommit
		operation string
		err       error
	)
	switch b.flow.Merge {
	case events.MergeOptionFastForward:
		operation = "MergePullRequestByFastForward"
		_, err = api.MergePullRequestByFastForward(ctx, &awscodecommit.MergePullRequestByFastForwardInput{PullRequestId: id, RepositoryName: repository, SourceCommitId: commit})
	case events.MergeOptionSquash:
		operation = "MergePullRequestBySquash"
		_, err = api.MergePullRequestBySquash(ctx, &awscodecommit.MergePullRequestBySquashInput{PullRequestId: id, RepositoryName: repository, SourceCommitId: commit})
	default:
		operation = "MergePullRequestByThreeWay"
		_, err = api.MergePullRequestByThreeWay(ctx, &awscodecommit.MergePullRequestByThreeWayInput{PullRequestId: id, RepositoryName: repository, SourceCommitId: commit})
	}
	if err != nil {
		return b.failed(ctx, operation, err)
	}
	b.merged = true
	b.notes = append(b.notes, "Merged.")
	b.handler.options.Logger.InfoContext(ctx, "ci: merged", b.attrs()...)
	return nil
}

// failed decides what a failed call means: that there is nothing to vote on any more,
// that somebody has to do something, which is noted, or that the event has to come
// again, which the error says.
func (b *ballot) failed(ctx context.Context, operation string, err error) error {
	code := apierror.Code(err)
	if reason := dropped[code]; reason != "" {
		b.drop(ctx, reason)
		return nil
	}
	failure := &Error{Service: "codecommit", Operation: operation, Object: b.report.PullRequest.ID, Err: err}
	switch advice := advices[code]; {
	case advice != "":
		if !slices.Contains(b.notes, advice) {
			b.notes = append(b.notes, advice)
		}
		b.over = operation != "UpdatePullRequestApprovalState" // others may have approved
		b.handler.options.Logger.WarnContext(ctx, "ci: the pull request was not approved or merged: "+advice, append(b.attrs(), "error", failure)...)
		return nil
	case apierror.Denied(err):
		b.notes = append(b.notes, "The function is not allowed to: allow its role the IAM action codecommit:"+operation+" on the repository.")
	}
	return failure
}

func (b *ballot) drop(ctx context.Context, reason string) {
	b.over = true
	b.handler.options.Logger.InfoContext(ctx, "ci: not voted: "+reason, b.attrs()...)
}

func (b *ballot) attrs() []any {
	r := b.report
	return []any{"flow", b.flow.Name, "repository", r.Repository, "pullRequest", r.PullRequest.ID, "commit", r.PullRequest.SourceCommit}
}

// dropped are the errors after which nobody waits for the vote any more.
var dropped = map[string]string{
	"PullRequestAlreadyClosedException":        "the pull request is closed",
	"PullRequestDoesNotExistException":         "the pull request is gone",
	"RepositoryDoesNotExistException":          "the repository is gone",
	"ReferenceDoesNotExistException":           "a branch of the pull request is gone",
	"RevisionNotCurrentException":              "a newer revision was pushed",
	"TipOfSourceReferenceIsDifferentException": "a newer commit was pushed",
}

// advices say what to do about errors that come again with the event.
var advices = map[string]string{
	"PullRequestCannotBeApprovedByAuthorException": "The role of this function has created the pull request, and nobody can approve their own: create pull requests with another role, or turn Approve of the flow off.",
	"MaximumNumberOfApprovalsExceededException":    "The pull request has as many approvals as CodeCommit allows: somebody has to revoke one.",
	"InvalidRevisionIdException":                   "CodeCommit does not know the revision that was built: run the build again.",

	"PullRequestApprovalRulesNotSatisfiedException":   "It was not merged, as an approval rule is not satisfied.",
	"ManualMergeRequiredException":                    "It was not merged, as it has conflicts or cannot be merged in this way: merge the destination branch into the source branch, or choose another Merge of the flow.",
	"TipsDivergenceExceededException":                 "It was not merged, as the branches are too far apart for CodeCommit: merge them with git.",
	"MaximumFileContentToLoadExceededException":       "It was not merged, as its files are too large for CodeCommit to merge: merge the branches with git.",
	"MaximumItemsToCompareExceededException":          "It was not merged, as too many files differ for CodeCommit to merge: merge the branches with git.",
	"FileContentSizeLimitExceededException":           "It was not merged, as a file would become too large for CodeCommit to merge: merge the branches with git.",
	"FolderContentSizeLimitExceededException":         "It was not merged, as a folder is too large for CodeCommit to merge: merge the branches with git.",
	"EncryptionKeyAccessDeniedException":              "The role of this function may not use the KMS key of the repository: allow it in the policy of the key.",
	"EncryptionKeyDisabledException":                  "The KMS key of the repository is disabled: enable it.",
	"EncryptionKeyNotFoundException":                  "The KMS key of the repository is gone.",
	"RepositoryNotAssociatedWithPullRequestException": "The pull request is of another repository.",
}

// tell writes the notes into the comment.
func (b *ballot) tell(ctx context.Context) error {
	if len(b.notes) == 0 && !b.approved {
		return nil
	}
	return b.handler.note(ctx, b.flow, b.report, func(author string) string {
		lines := []string{notesTitle}
		if b.approved {
			lines = append(lines, approvalNote(author))
		}
		return awstext.Cut(strings.Join(append(lines, b.notes...), " "), maxNotes)
	})
}

// approvalNote says who has approved, and how an approval rule counts it.
func approvalNote(author string) string {
	if pool := poolMember(author); pool != "" {
		return "Approved by " + markdown.Code(author, 300) + ". An approval rule counts it if its pool has " + markdown.Code(pool, 300) + "."
	}
	if author == "" {
		return "Approved."
	}
	return "Approved by " + markdown.Code(author, 300) + "."
}

// poolMember returns the entry of an approval rule's pool for all sessions of the role
// of which the ARN is one, or the ARN of a user. It is "" for other ARNs.
func poolMember(arn string) string {
	fields := strings.SplitN(arn, ":", 6)
	if len(fields) < 6 || fields[0] != "arn" {
		return ""
	}
	kind, rest, _ := strings.Cut(fields[5], "/")
	switch {
	case fields[2] == "sts" && kind == "assumed-role":
		role, _, ok := strings.Cut(rest, "/")
		if !ok {
			return ""
		}
		fields[5] = "assumed-role/" + role + "/*"
		return strings.Join(fields, ":")
	case fields[2] == "iam" && kind == "user":
		return arn
	}
	return ""
}
