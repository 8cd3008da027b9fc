package main

import (
	"context"
	"fmt"

	"github.com/codesuite-go/codesuite/pipeline"
)

// runStop stops an execution.
func runStop(s *session, ctx context.Context, inv *invocation) error {
	client, name, id, err := s.open(ctx, inv)
	if err != nil {
		return err
	}
	if err := client.Stop(ctx, name, id, func(o *pipeline.StopOptions) {
		o.Abandon, o.Reason = inv.abandon, inv.reason
	}); err != nil {
		return err
	}
	return s.then(ctx, client, inv, name, id)
}

// runRetry runs a stage of an execution again.
func runRetry(s *session, ctx context.Context, inv *invocation) error {
	client, name, id, err := s.open(ctx, inv)
	if err != nil {
		return err
	}
	stage := inv.stage
	if stage == "" {
		e, err := client.Execution(ctx, name, id)
		if err != nil {
			return err
		}
		if stage = lastStage(e); stage == "" {
			return fmt.Errorf("no action of execution %s has failed or was abandoned: name the stage with -stage", id)
		}
	}
	mode := pipeline.RetryFailedActions
	if inv.all {
		mode = pipeline.RetryAllActions
	}
	if err := client.Retry(ctx, name, id, stage, mode); err != nil {
		return err
	}
	return s.then(ctx, client, inv, name, id)
}

// lastStage returns the stage of the newest action that failed or was abandoned.
func lastStage(e *pipeline.Execution) (stage string) {
	for _, a := range e.Actions {
		if a.Status == pipeline.ActionFailed || a.Status == pipeline.ActionAbandoned {
			stage = a.Stage
		}
	}
	return stage
}

// runRollback starts an execution with the revisions of an earlier one.
func runRollback(s *session, ctx context.Context, inv *invocation) error {
	if inv.stage == "" {
		return usagef("rollback: name the stage with -stage")
	}
	name, err := s.name(inv)
	if err != nil {
		return err
	}
	client, err := s.client(ctx, inv)
	if err != nil {
		return err
	}
	target := inv.to
	if target == "" {
		if target, err = rollbackTarget(ctx, client, name, inv.stage); err != nil {
			return err
		}
	}
	id, err := client.Rollback(ctx, name, inv.stage, target)
	if err != nil {
		return err
	}
	fmt.Fprintf(s.stderr, "pipeline: %s of %s goes back to execution %s\n", shown(inv.stage), shown(name), target)
	if !inv.watch {
		_, err = fmt.Fprintln(s.stdout, id)
		return err
	}
	return s.follow(ctx, client, inv, name, id)
}

// rollbackTarget returns the execution before the newest of those that succeeded in
// the stage.
func rollbackTarget(ctx context.Context, client *pipeline.Client, name, stage string) (string, error) {
	n := 0
	for e, err := range client.Executions(ctx, name, func(o *pipeline.ListOptions) { o.SucceededInStage = stage }) {
		if err != nil {
			return "", err
		}
		if n++; n == 2 {
			return e.ID, nil
		}
	}
	return "", fmt.Errorf("stage %s of %s has no execution before its newest success: name one with -to", stage, name)
}

// conditions are the values of -condition.
var conditions = map[string]pipeline.ConditionType{
	"before-entry": pipeline.ConditionBeforeEntry,
	"on-success":   pipeline.ConditionOnSuccess,
}

// runOverride lets an execution go on that a condition holds.
func runOverride(s *session, ctx context.Context, inv *invocation) error {
	if inv.stage == "" {
		return usagef("override: name the stage with -stage")
	}
	condition, ok := conditions[inv.condition]
	if !ok {
		return usagef("override: -condition %s: it is before-entry or on-success", shown(inv.condition))
	}
	client, name, id, err := s.open(ctx, inv)
	if err != nil {
		return err
	}
	if err := client.Override(ctx, name, id, inv.stage, condition); err != nil {
		return err
	}
	return s.then(ctx, client, inv, name, id)
}

// runDisable lets no execution enter, or leave, a stage.
func runDisable(s *session, ctx context.Context, inv *invocation) error {
	if inv.reason == "" {
		return usagef("disable: give those who wonder a -reason")
	}
	client, name, transition, err := s.transition(ctx, inv)
	if err != nil {
		return err
	}
	return client.DisableTransition(ctx, name, inv.stage, transition, inv.reason)
}

// runEnable lets executions enter, or leave, a stage again.
func runEnable(s *session, ctx context.Context, inv *invocation) error {
	client, name, transition, err := s.transition(ctx, inv)
	if err != nil {
		return err
	}
	return client.EnableTransition(ctx, name, inv.stage, transition)
}

// transition returns the client, the name of the pipeline and the transition that an
// invocation is about.
func (s *session) transition(ctx context.Context, inv *invocation) (*pipeline.Client, string, pipeline.TransitionType, error) {
	if inv.stage == "" {
		return nil, "", "", usagef("%s: name the stage with -stage", inv.verb.name)
	}
	name, err := s.name(inv)
	if err != nil {
		return nil, "", "", err
	}
	client, err := s.client(ctx, inv)
	if err != nil {
		return nil, "", "", err
	}
	if inv.outbound {
		return client, name, pipeline.TransitionOutbound, nil
	}
	return client, name, pipeline.TransitionInbound, nil
}

// then watches the execution if the invocation asks for it.
func (s *session) then(ctx context.Context, client *pipeline.Client, inv *invocation, name, id string) error {
	if !inv.watch {
		return nil
	}
	return s.follow(ctx, client, inv, name, id)
}
