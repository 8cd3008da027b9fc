package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/codesuite-go/codesuite/examples/internal/command"
	"github.com/codesuite-go/codesuite/pipeline"
)

// runWatch follows an execution to its end.
func runWatch(s *session, ctx context.Context, inv *invocation) error {
	client, name, id, err := s.open(ctx, inv)
	if err != nil {
		return err
	}
	return s.follow(ctx, client, inv, name, id)
}

// follower shows an execution until it has ended.
type follower struct {
	*session
	inv      *invocation
	client   *pipeline.Client
	name, id string
}

// follow shows an execution until it has ended. An execution that does not succeed is
// an error that has been shown.
func (s *session) follow(ctx context.Context, client *pipeline.Client, inv *invocation, name, id string) error {
	f := &follower{s, inv, client, name, id}
	follow := f.lines
	if !inv.plain && !inv.verbose && command.IsTerminal(s.stdout) && os.Getenv("TERM") != "dumb" {
		follow = f.live
	}
	status, err := follow(ctx)
	if err != nil || status == pipeline.StatusSucceeded {
		return err
	}
	return &statusError{command.ExitFailed}
}

// asks reports whether the user of this terminal answers approvals.
func (f *follower) asks() bool {
	return (f.inv.ask || f.local != nil && !f.inv.approve) && command.IsTerminal(f.stdin)
}

// lines prints each change in a line.
func (f *follower) lines(ctx context.Context) (status pipeline.Status, err error) {
	for change, err := range f.client.Watch(ctx, f.name, f.id) {
		if err != nil {
			return status, err
		}
		status = change.Execution.Status
		if _, err := fmt.Fprintln(f.stdout, changeLine(change)); err != nil {
			return status, err
		}
		if change.Type != pipeline.ChangeApprovalWaiting {
			continue
		}
		switch {
		case f.inv.approve:
			err = f.answer(ctx, change.Action, true)
		case f.asks():
			err = f.prompt(ctx, change.Action)
		case f.local != nil:
			fmt.Fprintln(f.stderr, "pipeline: nobody is here to answer: the watch ends. With -approve it answers itself")
			if f.inLines {
				return pipeline.StatusSucceeded, nil
			}
			return status, nil
		}
		if err != nil {
			return status, err
		}
	}
	return status, nil
}

// prompt asks the user to answer an approval.
func (f *follower) prompt(ctx context.Context, action *pipeline.ActionExecution) error {
	approval, err := f.approval(ctx, action)
	if err != nil {
		return err
	}
	if err := printApproval(f.stderr, approval); err != nil {
		return err
	}
	for {
		fmt.Fprint(f.stderr, "Approve it? (y/n) ")
		line, err := f.input().line(ctx)
		if err != nil {
			if errors.Is(err, io.EOF) {
				err = errors.New("the input ended before the approval was answered")
			}
			return err
		}
		switch strings.ToLower(strings.TrimSpace(line)) {
		case "y", "yes":
			return f.client.Approve(ctx, approval, f.inv.summary)
		case "n", "no":
			return f.client.Reject(ctx, approval, f.inv.summary)
		}
	}
}

// answer answers the approval of an action.
func (f *follower) answer(ctx context.Context, action *pipeline.ActionExecution, approve bool) error {
	approval, err := f.approval(ctx, action)
	if err != nil {
		return err
	}
	if approve {
		return f.client.Approve(ctx, approval, f.inv.summary)
	}
	return f.client.Reject(ctx, approval, f.inv.summary)
}

// approval returns the approval of an action that waits.
func (f *follower) approval(ctx context.Context, action *pipeline.ActionExecution) (*pipeline.Approval, error) {
	return f.client.FindApproval(ctx, &pipeline.Approval{
		Pipeline: f.name, Stage: action.Stage, Action: action.Action, ExecutionID: f.id, ActionExecutionID: action.ID,
	})
}

// changeLine returns a change in one line.
func changeLine(c pipeline.Change) string {
	text := c.Time.Local().Format(time.TimeOnly) + "  "
	e, a := c.Execution, c.Action
	switch c.Type {
	case pipeline.ChangeExecution:
		text += fmt.Sprintf("execution %s of %s: %s%s", e.ID, e.Pipeline, e.Status, ifSet(": ", e.StatusSummary, ""))
	case pipeline.ChangeActionStarted:
		text += fmt.Sprintf("%s/%s started (%s)", a.Stage, a.Action, a.Type.Provider)
	case pipeline.ChangeActionEnded:
		text += fmt.Sprintf("%s/%s %s after %s%s", a.Stage, a.Action, actionWord(a), duration(a.Updated.Sub(a.Started)), ifSet(": ", cmp.Or(a.ErrorMessage, a.Summary), ""))
	case pipeline.ChangeApprovalWaiting:
		text += fmt.Sprintf("%s/%s waits for an approval%s", a.Stage, a.Action, ifSet(": ", a.Configuration["CustomData"], ""))
	case pipeline.ChangeRevisionKnown:
		text += fmt.Sprintf("%s/%s is at %s", c.Revision.Stage, c.Revision.Action, revision(c.Revision))
	case pipeline.ChangeRuleStarted:
		text += fmt.Sprintf("%s: rule %s started (%s)", c.Rule.Stage, c.Rule.Rule, c.Rule.Provider)
	case pipeline.ChangeRuleEnded:
		text += fmt.Sprintf("%s: rule %s %s%s", c.Rule.Stage, c.Rule.Rule, stateOf(string(c.Rule.Status)).word, ifSet(": ", cmp.Or(c.Rule.ErrorMessage, c.Rule.Summary), ""))
	case pipeline.ChangeCondition:
		text += fmt.Sprintf("%s: condition %s %s%s", c.Condition.Stage, when(c.Condition.Type), stateOf(string(c.Condition.Status)).word, ifSet(": ", c.Condition.Summary, ""))
	case pipeline.ChangeStageRetried:
		text += fmt.Sprintf("%s is retried (%s, attempt %d)", c.Stage.Name, c.Stage.LatestRetry, c.Stage.Attempt)
	case pipeline.ChangeLogStreamKnown:
		text += fmt.Sprintf("%s/%s logs to %s", a.Stage, a.Action, a.LogStreamARN)
	case pipeline.ChangeTarget:
		text += fmt.Sprintf("%s/%s: %s %s", a.Stage, a.Action, c.Target.ID, c.Target.Status)
	default:
		text += string(c.Type)
	}
	return shown(text)
}

// when returns when a condition counts.
func when(t pipeline.ConditionType) string {
	return strings.ToLower(strings.ReplaceAll(string(t), "_", " "))
}

// duration returns a duration as readers write it: 1.2s, 3m05s, 2h07m.
func duration(d time.Duration) string {
	switch d = max(d, 0); {
	case d < 10*time.Second:
		return fmt.Sprintf("%.1fs", d.Seconds())
	case d < time.Minute:
		return fmt.Sprintf("%ds", int(d.Seconds()))
	case d < time.Hour:
		return fmt.Sprintf("%dm%02ds", int(d.Minutes()), int(d.Seconds())%60)
	}
	return fmt.Sprintf("%dh%02dm", int(d.Hours()), int(d.Minutes())%60)
}
