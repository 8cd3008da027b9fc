package pipeline

import (
	"cmp"
	"context"
	"iter"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/codepipeline/types"

	"github.com/codesuite-go/codesuite/events"
	"github.com/codesuite-go/codesuite/internal/apierror"
)

// Approval is a manual approval that waits for its reviewer.
type Approval struct {
	Pipeline, Stage, Action string // names
	ExecutionID             string
	ActionExecutionID       string // of the action's run
	// Token answers the approval. It may be missing for a moment after the approval
	// began to wait.
	Token events.Secret
	// CustomData is the action's comment for the reviewer, and ExternalEntityLink
	// its link to what to review. Either may be empty.
	CustomData, ExternalEntityLink string
	// Since is when the approval began to wait, and Expires when it fails if nobody
	// answers it: after the action's timeout, or seven days.
	Since, Expires time.Time
	// Execution is the execution with its trigger and revisions, as it was when the
	// approval was read.
	Execution *Execution
}

// ApprovalOf returns the approval of a request that came by SNS. It calls nothing:
// the approval has neither IDs nor Since nor Execution, which
// [Client.FindApproval] adds.
func ApprovalOf(request *events.ApprovalRequest) *Approval {
	if request == nil {
		return new(Approval) // which each method refuses
	}
	expires, _ := request.Expires.Time()
	return &Approval{
		Pipeline: request.Pipeline, Stage: request.Stage, Action: request.Action, Token: request.Token,
		CustomData: request.CustomData, ExternalEntityLink: request.ExternalEntityLink, Expires: expires,
	}
}

// name returns stage and action, for errors.
func (a *Approval) name() string {
	if a == nil || a.Stage == "" && a.Action == "" {
		return ""
	}
	return a.Stage + "/" + a.Action
}

// is reports whether the approval, which waits, is the one that other names by the ID
// of the run, the execution or the token. The service may not show the token yet:
// then it is that of the one request that waits.
func (a *Approval) is(other *Approval) bool {
	if a.Stage != other.Stage || a.Action != other.Action || other.ExecutionID != "" && a.ExecutionID != other.ExecutionID {
		return false
	}
	if other.ActionExecutionID != "" {
		return a.ActionExecutionID == other.ActionExecutionID
	}
	return other.Token.IsZero() || a.Token.Equal(other.Token) || a.Token.IsZero() && !a.parallel()
}

// parallel reports whether the action may have other requests at the same time.
func (a *Approval) parallel() bool { return a.Execution != nil && a.Execution.Mode == ModeParallel }

// defaultApprovalsWithin is the longest timeout of an approval.
const defaultApprovalsWithin = 60 * 24 * time.Hour

// ApprovalsOptions say which approvals to list.
type ApprovalsOptions struct {
	// Within is how long ago an execution may have started in a pipeline of the
	// mode PARALLEL, where the list of executions is read back so far. The default
	// is 60 days: no approval waits longer. A negative value reads the whole list.
	Within time.Duration
}

// Approvals lists the manual approvals of a pipeline that wait for an answer, in
// every execution mode. The first error ends the sequence.
//
// A pipeline without approvals costs one call of GetPipeline. In the modes
// SUPERSEDED and QUEUED, GetPipelineState tells which execution waits in which
// stage; approvals come in the order of the stages. GetPipelineState does not have
// the executions of the mode PARALLEL: Approvals lists the executions, looks at the
// actions of those in progress, and yields the approvals of the newest execution
// first. Each execution with an approval costs the calls of [Client.Execution].
func (c *Client) Approvals(ctx context.Context, pipeline string, optFns ...func(*ApprovalsOptions)) iter.Seq2[*Approval, error] {
	var o ApprovalsOptions
	for _, fn := range optFns {
		fn(&o)
	}
	o.Within = cmp.Or(o.Within, defaultApprovalsWithin)
	return func(yield func(*Approval, error) bool) {
		err := c.need(opGetPipeline, pipeline, "", "the name of the pipeline", pipeline)
		if err == nil {
			err = c.approvals(ctx, pipeline, o.Within, func(a *Approval) bool { return yield(a, nil) })
		}
		if err != nil {
			yield(nil, err)
		}
	}
}

// FindApproval returns the approval that waits, with all of its fields, for one that
// has Pipeline, Stage, Action and any of Token, ActionExecutionID and ExecutionID,
// such as that of [ApprovalOf]. It makes the calls of [Client.Approvals]. The error is
// [ErrApprovalOver] if it waits no longer; an [*AnsweredError] has the answer.
func (c *Client) FindApproval(ctx context.Context, a *Approval) (*Approval, error) {
	const operation = "FindApproval"
	if err := c.needApproval(operation, a, "the token, or the ID of the execution or of the action's run",
		cmp.Or(a.token(), a.id())); err != nil {
		return nil, err
	}
	var found *Approval
	yield := func(waiting *Approval) bool {
		if waiting.is(a) {
			found = waiting
			if found.Token.IsZero() {
				found.Token = a.Token
			}
		}
		return found == nil
	}
	var err error
	if a.ExecutionID != "" {
		err = c.approvalsOf(ctx, a.Pipeline, a.ExecutionID, yield)
	} else {
		err = c.approvals(ctx, a.Pipeline, defaultApprovalsWithin, yield)
	}
	if err != nil || found != nil {
		return found, err
	}
	run, err := c.approvalRun(ctx, a, false)
	if err != nil {
		return nil, err
	}
	return nil, &Error{Operation: operation, Pipeline: a.Pipeline, Object: a.name(), Err: over(a, run)}
}

// token returns the token as it is.
func (a *Approval) token() string {
	if a == nil {
		return ""
	}
	return a.Token.Reveal()
}

// id returns the ID of the run or of the execution.
func (a *Approval) id() string {
	if a == nil {
		return ""
	}
	return cmp.Or(a.ActionExecutionID, a.ExecutionID)
}

// needApproval returns the error of a client that cannot work, or of an approval
// that lacks a name or the value.
func (c *Client) needApproval(operation string, a *Approval, name, value string) error {
	var named Approval
	if a != nil {
		named = *a
	}
	return c.need(operation, named.Pipeline, named.name(), "the name of the pipeline", named.Pipeline,
		"the name of the stage", named.Stage, "the name of the action", named.Action, name, value)
}

// approvals calls yield for each approval that waits, until yield returns false.
func (c *Client) approvals(ctx context.Context, pipeline string, within time.Duration, yield func(*Approval) bool) error {
	s, err := c.structure(ctx, pipeline, 0)
	if err != nil || !s.hasApprovals() {
		return err
	}
	if s.mode != ModeParallel {
		return c.serialApprovals(ctx, pipeline, s, yield)
	}
	for e, err := range c.Executions(ctx, pipeline) {
		switch {
		case err != nil:
			return err
		case within >= 0 && !e.Started.IsZero() && time.Since(e.Started) > within:
			return nil
		case e.Status.Terminal():
			continue
		}
		more, err := c.waiting(ctx, pipeline, e.ID, s, nil, yield)
		if err != nil || !more {
			return err
		}
	}
	return nil
}

func (s *structure) hasApprovals() bool {
	for _, stage := range s.stages {
		if len(stage.approvals) > 0 {
			return true
		}
	}
	return false
}

// serialApprovals is for the modes in which one execution is in a stage.
func (c *Client) serialApprovals(ctx context.Context, pipeline string, s *structure, yield func(*Approval) bool) error {
	state, err := c.state(ctx, pipeline)
	if err != nil {
		return err
	}
	tokens := tokensOf(state)
	for _, stage := range state {
		if stage.LatestExecution == nil || !s.waits(stage) {
			continue
		}
		more, err := c.waiting(ctx, pipeline, aws.ToString(stage.LatestExecution.PipelineExecutionId), s, tokens, yield)
		if err != nil || !more {
			return err
		}
	}
	return nil
}

// approvalsOf calls yield for each approval of an execution that waits.
func (c *Client) approvalsOf(ctx context.Context, pipeline, id string, yield func(*Approval) bool) error {
	s, err := c.structure(ctx, pipeline, 0)
	if err != nil || !s.hasApprovals() {
		return err
	}
	var tokens map[string]string
	if s.mode != ModeParallel {
		state, err := c.state(ctx, pipeline)
		if err != nil {
			return err
		}
		tokens = tokensOf(state)
	}
	_, err = c.waiting(ctx, pipeline, id, s, tokens, yield)
	return err
}

// waits reports whether an approval waits in the stage.
func (s *structure) waits(state types.StageState) bool {
	stage := s.stage(aws.ToString(state.StageName))
	return stage != nil && slices.ContainsFunc(state.ActionStates, func(a types.ActionState) bool {
		_, approval := stage.approvals[aws.ToString(a.ActionName)]
		return approval && a.LatestExecution != nil && a.LatestExecution.Status == types.ActionExecutionStatusInProgress
	})
}

// tokensOf returns the tokens of the approvals by the IDs of their runs.
func tokensOf(state []types.StageState) map[string]string {
	tokens := make(map[string]string)
	for _, stage := range state {
		for _, action := range stage.ActionStates {
			if latest := action.LatestExecution; latest != nil && latest.Token != nil {
				tokens[aws.ToString(latest.ActionExecutionId)] = *latest.Token
			}
		}
	}
	return tokens
}

// waiting calls yield for each approval of an execution that waits, and reports
// whether yield wants more. The tokens are those of the pipeline's state, nil in the
// mode PARALLEL.
func (c *Client) waiting(ctx context.Context, pipeline, id string, s *structure, tokens map[string]string, yield func(*Approval) bool) (more bool, err error) {
	runs, err := c.runs(ctx, pipeline, id)
	var l *loaded
	for i := 0; i < len(runs) && err == nil; i++ {
		run := &runs[i]
		if !run.Waiting() {
			continue
		}
		if l == nil {
			reply, getErr := c.get(ctx, pipeline, id)
			if getErr != nil {
				err = getErr
				break
			}
			if Status(reply.Status).Terminal() {
				return true, nil
			}
			if l, err = c.join(ctx, pipeline, id, reply, runs); err != nil {
				break
			}
		}
		if !yield(approvalOf(l.execution, run, s, tokens)) {
			return false, nil
		}
	}
	// An execution that has vanished since has no approvals.
	if apierror.Code(err) == codeExecutionNotFound {
		err = nil
	}
	return true, err
}

// approvalOf returns the approval of a run that waits.
func approvalOf(e *Execution, run *ActionExecution, s *structure, tokens map[string]string) *Approval {
	a := &Approval{
		Pipeline: e.Pipeline, Stage: run.Stage, Action: run.Action, ExecutionID: e.ID, ActionExecutionID: run.ID,
		CustomData: run.Configuration["CustomData"], ExternalEntityLink: run.Configuration["ExternalEntityLink"],
		Since: run.Started, Execution: e,
	}
	token := tokens[run.ID]
	if s.mode == ModeParallel {
		token = run.ExternalID
	}
	a.Token = events.NewSecret(token)
	timeout := defaultApprovalTimeout
	if stage := s.stage(run.Stage); stage != nil {
		timeout = cmp.Or(stage.approvals[run.Action], timeout)
	}
	if !run.Started.IsZero() {
		a.Expires = run.Started.Add(timeout)
	}
	return a
}
