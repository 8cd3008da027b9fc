package pipeline

import (
	"context"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/codepipeline/types"
)

// Details returns an execution as [Client.Execution] does, and reads the Stages of
// the execution and the Targets of its EC2 deployments as well.
//
// It calls GetPipeline once. If the structure has conditions, it calls
// ListRuleExecutions once for each hundred runs of rules, and if it has conditions
// or stages that retry themselves, GetPipelineState, but not in the mode PARALLEL:
// that state has only one execution of each stage. It calls
// ListDeployActionExecutionTargets once for each hundred targets of each run of an
// EC2 deployment.
func (c *Client) Details(ctx context.Context, pipeline, id string) (*Execution, error) {
	l, err := c.load(ctx, pipeline, id)
	if err != nil {
		return nil, err
	}
	if err := c.details().add(ctx, l); err != nil {
		return nil, err
	}
	return l.execution, nil
}

// details adds stages and targets to an execution, one poll after another.
type details struct {
	client    *Client
	structure *structure                // nil before the first poll
	targets   map[string][]DeployTarget // of the runs that have ended, by ID
}

func (c *Client) details() *details {
	return &details{client: c, targets: make(map[string][]DeployTarget)}
}

// add reads the rules, the state and the targets after the execution and its
// actions: when those have ended, so have they.
func (d *details) add(ctx context.Context, l *loaded) error {
	e := l.execution
	if d.structure == nil {
		s, err := d.client.structure(ctx, e.Pipeline, e.PipelineVersion)
		if err != nil {
			return err
		}
		d.structure = s
	}
	var state []types.StageState
	var err error
	watched, conditions := d.structure.watched()
	if conditions {
		if l.rules, err = d.client.ruleRuns(ctx, e.Pipeline, e.ID); err != nil {
			return err
		}
	}
	if watched && e.Mode != ModeParallel {
		if state, err = d.client.state(ctx, e.Pipeline); err != nil {
			return err
		}
	}
	e.Stages = d.structure.stageExecutions(e.ID, l.runs, l.rules, state)
	return d.addTargets(ctx, l)
}

// addTargets sets the targets of all runs. Those of a run that has ended are read
// once more after its end.
func (d *details) addTargets(ctx context.Context, l *loaded) error {
	for i := range l.runs {
		run := &l.runs[i]
		if !run.deploysToTargets() {
			continue
		}
		targets, ok := d.targets[run.ID]
		if !ok {
			var err error
			if targets, err = d.client.targets(ctx, l.execution.Pipeline, run.ID); err != nil {
				return err
			}
			if run.Status.Terminal() {
				d.targets[run.ID] = targets
			}
		}
		run.Targets = slices.Clone(targets)
		for j := range l.execution.Actions {
			if a := &l.execution.Actions[j]; a.ID == run.ID {
				a.Targets = slices.Clone(targets)
			}
		}
	}
	return nil
}
