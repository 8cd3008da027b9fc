package pipeline

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awscodepipeline "github.com/aws/aws-sdk-go-v2/service/codepipeline"
	"github.com/aws/aws-sdk-go-v2/service/codepipeline/types"

	"github.com/codesuite-go/codesuite/internal/apierror"
	"github.com/codesuite-go/codesuite/internal/awstext"
)

// Verdict is the answer to an approval in the spelling of the API.
type Verdict string

// The verdicts.
const (
	VerdictApproved Verdict = "Approved"
	VerdictRejected Verdict = "Rejected"
)

// maxApprovalSummary is the API's limit in characters.
const maxApprovalSummary = 512

// Approve approves an approval, by PutApprovalResult: the execution goes on. The
// summary is kept with the action, cut to the API's limit of 512 characters; it may
// be empty. The approval comes from [Client.Approvals], [Client.FindApproval] or
// [ApprovalOf].
//
// Approve may be called again, as after a lost reply: an approval that is approved
// already, by whomever, is no error. The error is an [*AnsweredError] if it was
// rejected, and [ErrApprovalOver] if it waits no longer. An earlier answer is read by
// ListActionExecutions. Outside the mode PARALLEL the service may not show the token of
// an answered approval: then the newest run of the action counts as that one.
//
// The permission codepipeline:PutApprovalResult is for the ARN of the action,
// arn:aws:codepipeline:REGION:ACCOUNT:PIPELINE/STAGE/ACTION.
func (c *Client) Approve(ctx context.Context, a *Approval, summary string) error {
	return c.answer(ctx, a, VerdictApproved, summary)
}

// Reject rejects an approval, by PutApprovalResult: the action fails. It does as
// [Client.Approve] does; an approval that is rejected already is no error.
func (c *Client) Reject(ctx context.Context, a *Approval, summary string) error {
	return c.answer(ctx, a, VerdictRejected, summary)
}

// AnsweredError is an approval that has been answered before.
type AnsweredError struct {
	Verdict Verdict
	By      string // ARN of the user; empty if the API does not have it
	At      time.Time
	Summary string // that the user gave
}

// Error returns the answer.
func (e *AnsweredError) Error() string {
	text := "the approval was answered already: " + string(e.Verdict)
	if e.By != "" {
		text += " by " + e.By
	}
	if !e.At.IsZero() {
		text += " at " + e.At.Format(time.RFC3339)
	}
	if e.Summary != "" {
		text += fmt.Sprintf(": %q", awstext.Cut(e.Summary, maxApprovalSummary))
	}
	return text
}

// Is reports whether target is [ErrApprovalOver].
func (e *AnsweredError) Is(target error) bool { return target == ErrApprovalOver }

func (c *Client) answer(ctx context.Context, a *Approval, verdict Verdict, summary string) error {
	if err := c.needApproval(opPutApproval, a, "the token of the approval", a.token()); err != nil {
		return err
	}
	_, err := call(ctx, opPutApproval, a.Pipeline, a.name(), c.api.PutApprovalResult, &awscodepipeline.PutApprovalResultInput{
		PipelineName: &a.Pipeline, StageName: &a.Stage, ActionName: &a.Action, Token: aws.String(a.token()),
		Result: &types.ApprovalResult{Status: types.ApprovalStatus(verdict), Summary: aws.String(awstext.Cut(summary, maxApprovalSummary))},
	})
	code := apierror.Code(err)
	if code != codeAlreadyCompleted && code != codeInvalidToken {
		return err
	}
	run, lookErr := c.approvalRun(ctx, a, code == codeAlreadyCompleted)
	if lookErr != nil {
		return fmt.Errorf("%w (how it ended cannot be read: %w)", err, lookErr)
	}
	reason := over(a, run)
	if answered := (*AnsweredError)(nil); errors.As(reason, &answered) && answered.Verdict == verdict {
		return nil
	}
	return &Error{Operation: opPutApproval, Pipeline: a.Pipeline, Object: a.name(), Err: &reasonError{reason: reason, err: errors.Unwrap(err)}}
}

// over returns why an approval waits no longer. The run is nil if it is not found.
func over(a *Approval, run *ActionExecution) error {
	switch {
	case run == nil:
		return fmt.Errorf("%w: no request of the action has this token; it has expired, or its execution has ended or was overtaken: see Client.Approvals for those that wait", ErrApprovalOver)
	case run.Status == ActionSucceeded:
		return &AnsweredError{VerdictApproved, run.UpdatedBy, run.Updated, run.Summary}
	case run.Status == ActionAbandoned:
		return fmt.Errorf("%w: its execution was stopped at %s", ErrApprovalOver, run.Updated.Format(time.RFC3339))
	case run.Status == ActionFailed && expired(a, run):
		return fmt.Errorf("%w: it has expired, as nobody answered from %s to %s; retry the stage to ask again",
			ErrApprovalOver, run.Started.Format(time.RFC3339), run.Updated.Format(time.RFC3339))
	case run.Status == ActionFailed:
		return &AnsweredError{VerdictRejected, run.UpdatedBy, run.Updated, run.Summary}
	}
	return fmt.Errorf("%w: another request of the action waits, with another token; take it from Client.Approvals", ErrApprovalOver)
}

// expired reports whether a failed approval failed without an answer.
func expired(a *Approval, run *ActionExecution) bool {
	return run.UpdatedBy == "" || !a.Expires.IsZero() && !run.Updated.Before(a.Expires)
}

// maxApprovalPages bounds the search for a run whose execution is not known, at a
// hundred runs a page.
const maxApprovalPages = 10

// approvalRun returns the run of an approval, nil if it is not found: that with the
// ID, or that with the token. The service may not show the token of an answered
// approval outside the mode PARALLEL. If it is completed for certain, the newest run
// of the action is the one: a newer request makes older tokens invalid.
func (c *Client) approvalRun(ctx context.Context, a *Approval, completed bool) (*ActionExecution, error) {
	var newest *ActionExecution
	in := &awscodepipeline.ListActionExecutionsInput{PipelineName: &a.Pipeline, MaxResults: aws.Int32(pageSize)}
	if a.ExecutionID != "" {
		in.Filter = &types.ActionExecutionFilter{PipelineExecutionId: &a.ExecutionID}
	}
	var found *ActionExecution
	read := 0
	err := pages(func(token *string) (*string, int, error) {
		in.NextToken = token
		out, err := call(ctx, opListActions, a.Pipeline, a.name(), c.api.ListActionExecutions, in)
		if err != nil {
			return nil, 0, err
		}
		for _, d := range out.ActionExecutionDetails {
			run := runOf(d)
			if run.Stage != a.Stage || run.Action != a.Action {
				continue
			}
			if a.ActionExecutionID != "" && run.ID == a.ActionExecutionID || a.token() != "" && run.ExternalID == a.token() {
				found = &run
				return nil, 0, nil
			}
			if newest == nil {
				newest = &run
			}
		}
		if read++; read == maxApprovalPages && a.ExecutionID == "" {
			return nil, 0, nil
		}
		return out.NextToken, len(out.ActionExecutionDetails), nil
	}, func(err error) error {
		return &Error{Operation: opListActions, Pipeline: a.Pipeline, Object: a.name(), Err: err}
	})
	if err != nil || found != nil || newest == nil {
		return found, err
	}
	switch {
	case completed && a.ActionExecutionID == "" && newest.ExternalID == "":
		return newest, nil
	case !completed && newest.Status == ActionInProgress: // with another token
		return newest, nil
	}
	return nil, nil
}
