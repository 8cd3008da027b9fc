package diagram

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/codesuite-go/codesuite/pipeline"
	"github.com/codesuite-go/codesuite/pipeline/definition"
)

// place is an action of a pipeline.
type place struct{ stage, action string }

// runs finds the runs and revisions of an execution by their places.
type runs struct {
	execution *pipeline.Execution // nil if only a structure is drawn
	actions   map[place]*pipeline.ActionExecution
	revisions map[place]*pipeline.Revision
	stages    map[string]*pipeline.StageExecution
	drawn     map[place]bool
}

func newRuns(e *pipeline.Execution) *runs {
	r := &runs{execution: e}
	if e == nil {
		return r
	}
	r.actions = make(map[place]*pipeline.ActionExecution, len(e.Actions))
	r.revisions = make(map[place]*pipeline.Revision, len(e.Revisions))
	r.drawn = make(map[place]bool, len(e.Actions))
	r.stages = make(map[string]*pipeline.StageExecution, len(e.Stages))
	for i := range e.Stages {
		r.stages[e.Stages[i].Name] = &e.Stages[i]
	}
	for i := range e.Actions {
		a := &e.Actions[i]
		r.actions[place{a.Stage, a.Action}] = a
	}
	for i := range e.Revisions {
		v := &e.Revisions[i]
		r.revisions[place{v.Stage, v.Action}] = v
	}
	return r
}

// find returns the run of an action, nil if it has not started.
func (r *runs) find(stage, action string) *pipeline.ActionExecution {
	at := place{stage, action}
	if r.actions[at] != nil {
		r.drawn[at] = true
	}
	return r.actions[at]
}

// revision returns the revision of a source action with the first line of its
// message.
func (r *runs) revision(stage, action string) string {
	v := r.revisions[place{stage, action}]
	if v == nil || v.ID == "" {
		return ""
	}
	message, _, _ := strings.Cut(strings.TrimSpace(v.Message), "\n")
	return strings.TrimSpace(shortID(v.ID) + " " + clean(message))
}

// strangers tells the runs that the structure has no place for, such as those of an
// earlier version of it.
func (r *runs) strangers() string {
	n := len(r.actions) - len(r.drawn)
	switch {
	case n <= 0:
		return ""
	case n == 1:
		return "Not in this structure: 1 action that ran"
	}
	return fmt.Sprintf("Not in this structure: %d actions that ran", n)
}

// structureOf returns a structure of what an execution has run, with all stages and
// conditions if it has them. Actions of a stage whose runs overlap are taken to be in
// parallel.
func structureOf(e *pipeline.Execution) *definition.Pipeline {
	p := &definition.Pipeline{Name: e.Pipeline, ExecutionMode: e.Mode, Version: e.PipelineVersion}
	index := make(map[string]int)
	for i := range e.Stages {
		index[e.Stages[i].Name] = i
		p.Stages = append(p.Stages, stageOf(&e.Stages[i]))
	}
	end := make(map[string]time.Time) // of the stage's newest group
	for i := range e.Actions {
		a := &e.Actions[i]
		n, known := index[a.Stage]
		if !known {
			n = len(p.Stages)
			index[a.Stage] = n
			p.Stages = append(p.Stages, definition.Stage{Name: a.Stage})
		}
		s := &p.Stages[n]
		order := 1
		if k := len(s.Actions); k > 0 {
			order = s.Actions[k-1].RunOrder
			if !a.Started.Before(end[a.Stage]) {
				order++
			}
		}
		switch {
		case !a.Status.Terminal():
			end[a.Stage] = time.Unix(1<<40, 0)
		case a.Updated.After(end[a.Stage]):
			end[a.Stage] = a.Updated
		}
		s.Actions = append(s.Actions, definition.Action{
			Name: a.Action, RunOrder: order, Namespace: a.Namespace,
			Inputs: names(a.Inputs), Outputs: names(a.Outputs),
			Provider: definition.Custom{
				Type:          definition.ActionType{Category: a.Type.Category, Owner: a.Type.Owner, Provider: a.Type.Provider, Version: a.Type.Version},
				Configuration: a.Configuration,
			},
		})
	}
	if len(e.Stages) == 0 {
		// The sources run first, whatever a retry has done to their times.
		slices.SortStableFunc(p.Stages, func(a, b definition.Stage) int { return rank(a) - rank(b) })
	}
	return p
}

// stageOf returns the stage of an execution with its conditions.
func stageOf(e *pipeline.StageExecution) definition.Stage {
	s := definition.Stage{Name: e.Name}
	for i := range e.Conditions {
		c := &e.Conditions[i]
		condition := definition.Condition{Result: definition.ConditionResult(c.Result)}
		for j := range c.Rules {
			condition.Rules = append(condition.Rules, definition.Rule{
				Name:     c.Rules[j].Rule,
				Provider: definition.Custom{Type: definition.ActionType{Category: "Rule", Owner: "AWS", Provider: c.Rules[j].Provider}},
			})
		}
		switch c.Type {
		case pipeline.ConditionBeforeEntry:
			s.BeforeEntry = with(s.BeforeEntry, condition)
		case pipeline.ConditionOnSuccess:
			s.OnSuccess = with(s.OnSuccess, condition)
		case pipeline.ConditionOnFailure:
			if s.OnFailure == nil {
				s.OnFailure = new(definition.OnFailure)
			}
			s.OnFailure.Conditions = append(s.OnFailure.Conditions, condition)
		}
	}
	return s
}

func with(c *definition.Conditions, condition definition.Condition) *definition.Conditions {
	if c == nil {
		c = new(definition.Conditions)
	}
	c.Conditions = append(c.Conditions, condition)
	return c
}

func rank(s definition.Stage) int {
	for i := range s.Actions {
		if s.Actions[i].Provider.ActionType().Category == "Source" {
			return 0
		}
	}
	return 1
}

func names(list []pipeline.Artifact) []definition.Artifact {
	all := make([]definition.Artifact, len(list))
	for i := range list {
		all[i].Name = list[i].Name
	}
	return all
}
