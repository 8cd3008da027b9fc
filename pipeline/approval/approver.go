package approval

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"log/slog"
	"strings"
	"time"

	"github.com/codesuite-go/codesuite/events"
	"github.com/codesuite-go/codesuite/pipeline"
)

// Pipelines finds and answers approvals. [*pipeline.Client] implements it. A fake
// should embed the interface, so that it still compiles when the interface grows.
type Pipelines interface {
	Approvals(ctx context.Context, pipeline string, optFns ...func(*pipeline.ApprovalsOptions)) iter.Seq2[*pipeline.Approval, error]
	FindApproval(ctx context.Context, a *pipeline.Approval) (*pipeline.Approval, error)
	Approve(ctx context.Context, a *pipeline.Approval, summary string) error
	Reject(ctx context.Context, a *pipeline.Approval, summary string) error
	Execution(ctx context.Context, pipeline, id string) (*pipeline.Execution, error)
}

var _ Pipelines = (*pipeline.Client)(nil)

// Options configure an [Approver]. The zero value holds the defaults.
type Options struct {
	// Account and Region are those of the pipelines. An event of others is an
	// [ErrForeign]; requests have no account. Empty ones are not compared.
	Account, Region string

	// Report gets a [Report] for each request that waits, and for each approval that
	// was answered. Its error is that of the Approver's method, so that the event is
	// delivered again. It may get a report twice.
	Report func(ctx context.Context, r Report) error

	// Now tells the time. The default is time.Now.
	Now func() time.Time

	// Logger logs decisions (Info), and rules that failed (Error). The default is
	// silent.
	Logger *slog.Logger
}

// Report is news of an approval.
type Report struct {
	// Approval has its Execution.
	Approval *pipeline.Approval
	// Opinions are why a request waits; nil when it was answered.
	Opinions []Opinion
	// Answer is nil while the approval waits.
	Answer *Answer
}

// Answer is how an approval ended.
type Answer struct {
	// Verdict is [pipeline.VerdictApproved] or [pipeline.VerdictRejected]. It is
	// empty if nobody answered: the approval has Expired, or its execution was
	// stopped before.
	Verdict pipeline.Verdict
	// Expired reports that the approval failed after its timeout: CodePipeline
	// names nobody who rejected it.
	Expired bool
	By      string    // ARN of who answered; empty if nobody did
	At      time.Time // zero if not known
	Summary string    // the reason that was given, or that CodePipeline has
}

// Approver answers approvals by policies. It is safe for concurrent use, also by
// several processes.
//
// # Trust
//
// An event only says where to look. Which approval waits, for which execution and
// with which revisions, comes from the API: a forged or an old event leads to an
// approval that does not wait, or to one on which the rules decide as they would have
// without the event. A token belongs to one run of one approval action, and so to one
// execution, whose revisions do not change: the answer is about what was looked up.
//
// # Doubles and losses
//
// An answer that was given already is no error. If a newer execution has taken over,
// or somebody else was faster, the Approver logs it and goes on.
type Approver struct {
	approvals Pipelines
	policies  []Policy
	options   Options
	err       error // of the options
}

// ErrForeign is the error of an event of another account or Region than those of the
// options.
var ErrForeign = errors.New("event of another account or Region")

// New returns an Approver for the approvals that the policies are for. Policies and
// options that cannot work are the error of each method.
func New(pipelines Pipelines, policies []Policy, optFns ...func(*Options)) *Approver {
	a := &Approver{approvals: pipelines, policies: policies}
	for _, fn := range optFns {
		fn(&a.options)
	}
	if a.options.Now == nil {
		a.options.Now = time.Now
	}
	if a.options.Logger == nil {
		a.options.Logger = slog.New(slog.DiscardHandler)
	}
	if pipelines == nil {
		a.err = errors.New("approval: pipelines is nil: give New a *pipeline.Client")
	} else if err := checkPolicies(policies); err != nil {
		a.err = fmt.Errorf("approval: %w", err)
	}
	return a
}

// usable returns the error of an Approver that cannot work.
func (a *Approver) usable() error {
	if a == nil || a.approvals == nil && a.err == nil {
		return errors.New("approval: the Approver does not come from New")
	}
	return a.err
}

// Register registers Request, Answered and, for scheduled events, Sweep with the Mux.
func (a *Approver) Register(mux *events.Mux) error {
	if err := a.usable(); err != nil {
		return err
	}
	if err := events.On(mux, a.Request); err != nil {
		return err
	}
	if err := events.On(mux, a.Answered); err != nil {
		return err
	}
	return events.On(mux, func(ctx context.Context, _ *events.ScheduledEvent) error { return a.Sweep(ctx) })
}

// Request answers the approval that the notification of CodePipeline is about, or
// reports that it waits. A rule that fails only lets it wait: Sweep returns the
// error. An approval without a policy is left alone.
func (a *Approver) Request(ctx context.Context, event *events.ApprovalRequest) error {
	if err := a.usable(); err != nil {
		return err
	}
	if event == nil {
		return errors.New("approval: request: event is nil")
	}
	asked := pipeline.ApprovalOf(event)
	log := a.options.Logger.With(attrs(asked)...)
	switch {
	case a.options.Region != "" && event.Region != a.options.Region:
		return fmt.Errorf("approval: request for %.100q: %w: Region %.40q, not %s", event.Pipeline, ErrForeign, event.Region, a.options.Region)
	case event.Token.IsZero():
		return errors.New("approval: request: the event has no token")
	case len(a.rules(asked)) == 0:
		log.InfoContext(ctx, "approval: there is no policy for it")
		return nil
	}
	found, err := a.approvals.FindApproval(ctx, asked)
	switch {
	case errors.Is(err, pipeline.ErrApprovalOver), errors.Is(err, fs.ErrNotExist):
		log.InfoContext(ctx, "approval: it does not wait any more, or never did", "reason", err)
		return nil
	case err != nil:
		return fmt.Errorf("approval: request: %w", err)
	case found.Pipeline != event.Pipeline || found.Stage != event.Stage || found.Action != event.Action || !found.Token.Equal(event.Token):
		return fmt.Errorf("approval: request: the approval of %.100q that waits is not the one of the event", event.Pipeline)
	}
	decision, opinions, _, err := a.decide(ctx, found)
	if err != nil || decision != DecisionWait || a.options.Report == nil {
		return err
	}
	if err := a.options.Report(ctx, Report{Approval: found, Opinions: opinions}); err != nil {
		return fmt.Errorf("approval: report that %s waits: %w", name(found), err)
	}
	return nil
}

// Sweep answers the approvals that wait in the pipelines of the policies, where the
// rules have come to a decision. Call it every few minutes: what a rule waits for
// comes without an event. The error joins those of all pipelines and rules; one does
// not keep the others from being answered.
func (a *Approver) Sweep(ctx context.Context) error {
	if err := a.usable(); err != nil {
		return err
	}
	var errs []error
	for _, name := range a.pipelines() {
		for found, err := range a.approvals.Approvals(ctx, name) {
			if err != nil {
				errs = append(errs, fmt.Errorf("approval: sweep: %w", err))
				break
			}
			if len(a.rules(found)) == 0 {
				continue
			}
			_, _, failures, err := a.decide(ctx, found)
			errs = append(errs, failures, err)
		}
		if ctx.Err() != nil {
			break
		}
	}
	return errors.Join(errs...)
}

// decide asks the rules and answers the approval if they say so. Failures are the
// errors of rules, and err that of the answer.
func (a *Approver) decide(ctx context.Context, found *pipeline.Approval) (decision Decision, opinions []Opinion, failures, err error) {
	log := a.options.Logger.With(attrs(found)...)
	if found.Execution == nil {
		return DecisionWait, nil, nil, fmt.Errorf("approval: %s comes without its execution", name(found))
	}
	decision, opinions = judge(ctx, a.rules(found), found, a.options.Now)
	var errs []error
	for _, o := range opinions {
		if o.Err != nil {
			log.ErrorContext(ctx, "approval: a rule failed", "rule", o.Rule, "error", o.Err)
			errs = append(errs, fmt.Errorf("approval: %s: %s: %w", name(found), o.Rule, o.Err))
		} else {
			log.InfoContext(ctx, "approval: a rule has decided", "rule", o.Rule, "decision", string(o.Decision), "reason", o.Reason)
		}
	}
	failures = errors.Join(errs...)
	switch decision {
	case DecisionApprove:
		err = a.approvals.Approve(ctx, found, "Approved by rule. "+reasons(opinions, DecisionApprove))
	case DecisionReject:
		err = a.approvals.Reject(ctx, found, "Rejected by rule. "+reasons(opinions, DecisionReject))
	default:
		return DecisionWait, opinions, failures, nil
	}
	switch {
	case errors.Is(err, pipeline.ErrApprovalOver):
		log.InfoContext(ctx, "approval: it does not wait any more", "reason", err)
		return decision, opinions, failures, nil
	case err != nil:
		return decision, opinions, failures, fmt.Errorf("approval: answer %s: %w", name(found), err)
	}
	log.InfoContext(ctx, "approval: answered", "decision", string(decision))
	return decision, opinions, failures, nil
}

// reasons returns the reasons of the opinions with the decision.
func reasons(opinions []Opinion, d Decision) string {
	var texts []string
	for _, o := range opinions {
		if o.Decision == d {
			texts = append(texts, o.Rule+": "+o.Reason)
		}
	}
	return strings.Join(texts, ". ")
}

// Answered reports how an approval with a policy has ended, whoever has answered it:
// the event that its action has succeeded or failed. Where the API lags behind the
// event, the error makes the event come again. Other events do nothing.
func (a *Approver) Answered(ctx context.Context, event *events.ActionExecutionStateChange) error {
	if err := a.usable(); err != nil {
		return err
	}
	if event == nil {
		return errors.New("approval: answered: event is nil")
	}
	asked := &pipeline.Approval{
		Pipeline: event.Pipeline, Stage: event.Stage, Action: event.Action, ExecutionID: event.ExecutionID, ActionExecutionID: event.ActionExecutionID,
	}
	o := a.options
	switch {
	case event.Type.Category != "Approval" || !event.State.Terminal() || len(a.rules(asked)) == 0:
		return nil
	case o.Account != "" && event.Account != o.Account || o.Region != "" && event.Region != o.Region:
		return fmt.Errorf("approval: answer of %.100q: %w: account %.20q in Region %.40q, not %s in %s",
			event.Pipeline, ErrForeign, event.Account, event.Region, o.Account, o.Region)
	case o.Report == nil:
		return nil
	}
	e, err := a.approvals.Execution(ctx, event.Pipeline, event.ExecutionID)
	if errors.Is(err, fs.ErrNotExist) {
		o.Logger.WarnContext(ctx, "approval: an event is about an execution that does not exist", attrs(asked)...)
		return nil
	} else if err != nil {
		return fmt.Errorf("approval: answered: %w", err)
	}
	var run *pipeline.ActionExecution
	for i, r := range e.Actions {
		if r.Type.Category == "Approval" && r.Stage == event.Stage && r.Action == event.Action && (event.ActionExecutionID == "" || r.ID == event.ActionExecutionID) {
			run = &e.Actions[i]
		}
	}
	switch {
	case run == nil: // of a run before a retry, or forged
		o.Logger.WarnContext(ctx, "approval: an event is about no run of the execution, or not the newest one", attrs(asked)...)
		return nil
	case !run.Status.Terminal():
		return fmt.Errorf("approval: %s still waits: the event is ahead of the API", name(asked))
	}
	asked.ActionExecutionID, asked.Execution, asked.Since = run.ID, e, run.Started
	asked.CustomData, asked.ExternalEntityLink = run.Configuration["CustomData"], run.Configuration["ExternalEntityLink"]
	answer := &Answer{By: run.UpdatedBy, At: run.Updated, Summary: run.Summary}
	switch run.Status {
	case pipeline.ActionSucceeded:
		answer.Verdict = pipeline.VerdictApproved
	case pipeline.ActionFailed:
		if answer.Expired = run.UpdatedBy == ""; !answer.Expired {
			answer.Verdict = pipeline.VerdictRejected
		}
		if answer.Summary == "" {
			answer.Summary = run.ErrorMessage
		}
	}
	if err := o.Report(ctx, Report{Approval: asked, Answer: answer}); err != nil {
		return fmt.Errorf("approval: report the answer to %s: %w", name(asked), err)
	}
	return nil
}

// name is the approval for errors.
func name(a *pipeline.Approval) string {
	return fmt.Sprintf("the approval %.100s/%.100s of %.100s", a.Stage, a.Action, a.Pipeline)
}

// attrs are the approval for the log. Its token is not among them.
func attrs(a *pipeline.Approval) []any {
	return []any{"pipeline", a.Pipeline, "stage", a.Stage, "action", a.Action, "execution", a.ExecutionID}
}
