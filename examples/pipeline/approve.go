package main

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/codesuite-go/codesuite/pipeline"
)

// runApprovals lists the approvals that wait, with what they are about.
func runApprovals(s *session, ctx context.Context, inv *invocation) error {
	approvals, _, err := s.approvals(ctx, inv)
	if err != nil {
		return err
	}
	for i, a := range approvals {
		if i > 0 {
			fmt.Fprintln(s.stdout)
		}
		if err := printApproval(s.stdout, a); err != nil {
			return err
		}
	}
	if len(approvals) == 0 {
		fmt.Fprintln(s.stderr, "pipeline: no approval waits")
	}
	return nil
}

// printApproval prints what a reviewer wants to know.
func printApproval(w io.Writer, a *pipeline.Approval) error {
	var p page
	fmt.Fprintf(&p.text, "%s\n", shown(a.Stage+"/"+a.Action+" of "+a.Pipeline))
	rows := [][]string{{"execution", a.ExecutionID}}
	add := func(name, value string) {
		if value != "" {
			rows = append(rows, []string{name, value})
		}
	}
	add("since", moment(a.Since))
	add("expires", moment(a.Expires))
	add("comment", a.CustomData)
	add("look at", a.ExternalEntityLink)
	if a.Execution != nil {
		for _, r := range a.Execution.Revisions {
			add(r.Action, revision(&r))
			add("", r.URL)
		}
	}
	p.table("  ", rows)
	_, err := io.WriteString(w, p.text.String())
	return err
}

// revision returns a revision in a line.
func revision(r *pipeline.Revision) string {
	id := r.ID
	if commitPattern.MatchString(id) {
		id = id[:8]
	} else if digestPattern.MatchString(id) {
		id = id[:19]
	}
	return id + ifSet(" of ", r.Repository, "") + ifSet(" (", r.Branch+r.Tag, ")") + ifSet(": ", r.Message, "")
}

func moment(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Local().Format(time.DateTime)
}

// runApprove approves the approval that waits.
func runApprove(s *session, ctx context.Context, inv *invocation) error {
	return s.answer(ctx, inv, (*pipeline.Client).Approve, "approved")
}

// runReject rejects the approval that waits.
func runReject(s *session, ctx context.Context, inv *invocation) error {
	return s.answer(ctx, inv, (*pipeline.Client).Reject, "rejected")
}

// answer answers the one approval that the invocation is about.
func (s *session) answer(ctx context.Context, inv *invocation, put func(*pipeline.Client, context.Context, *pipeline.Approval, string) error, verdict string) error {
	approvals, client, err := s.approvals(ctx, inv)
	if err != nil {
		return err
	}
	if len(approvals) == 0 {
		return fmt.Errorf("no such approval waits")
	}
	if len(approvals) > 1 {
		for _, a := range approvals {
			fmt.Fprintf(s.stderr, "pipeline: waits: %s\n", shown("-stage "+a.Stage+" -action "+a.Action+" -id "+a.ExecutionID))
		}
		return fmt.Errorf("%d approvals wait: choose one with -stage, -action and -id", len(approvals))
	}
	a := approvals[0]
	if err := put(client, ctx, a, inv.summary); err != nil {
		return err
	}
	if err := printApproval(s.stderr, a); err != nil {
		return err
	}
	fmt.Fprintf(s.stderr, "pipeline: %s\n", verdict)
	return s.then(ctx, client, inv, a.Pipeline, a.ExecutionID)
}

// approvals returns the approvals that wait and that the invocation is about.
func (s *session) approvals(ctx context.Context, inv *invocation) ([]*pipeline.Approval, *pipeline.Client, error) {
	name, err := s.name(inv)
	if err != nil {
		return nil, nil, err
	}
	client, err := s.client(ctx, inv)
	if err != nil {
		return nil, nil, err
	}
	var found []*pipeline.Approval
	for a, err := range client.Approvals(ctx, name) {
		if err != nil {
			return nil, nil, err
		}
		if (inv.stage == "" || inv.stage == a.Stage) && (inv.action == "" || inv.action == a.Action) && (inv.id == "" || inv.id == a.ExecutionID) {
			found = append(found, a)
		}
	}
	return found, client, nil
}
