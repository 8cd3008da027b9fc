package diagram_test

import (
	"math/rand/v2"
	"time"

	"github.com/codesuite-go/codesuite/events"
	"github.com/codesuite-go/codesuite/pipeline"
	"github.com/codesuite-go/codesuite/pipeline/actiontype"
	"github.com/codesuite-go/codesuite/pipeline/definition"
)

// random makes structures and executions of all shapes, with names of all kinds.
type random struct{ *rand.Rand }

func newRandom(seed uint64) random { return random{rand.New(rand.NewPCG(seed, 18))} }

var words = []string{
	"", "a", "Build", "Deploy-to-production", "#{Fetch.CommitId}", `<&>"'`, "]]>", "-->", "a::b", "line\nbreak", "\x00\x1b[31mred", "\u202eright", "\xff",
	"ünï", "线上环境部署流水线", "🚀🏳️‍🌈👩‍👩‍👧‍👦🇩🇪", "שלום", "e\u0301\u0301\u0301", "\ufdfd\ufdfd", "\ufffe\uffff", "WWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWW", "end", "1. one", "- two", "`three`",
}

func (r random) word() string {
	if r.IntN(3) == 0 {
		return words[r.IntN(len(words))] + words[r.IntN(len(words))]
	}
	return words[r.IntN(len(words))]
}

func (r random) artifacts() []definition.Artifact {
	var names []string
	for range r.IntN(4) {
		names = append(names, r.word())
	}
	return definition.Artifacts(names...)
}

func (r random) provider(types []actiontype.Type) definition.Provider {
	if r.IntN(20) == 0 {
		return nil
	}
	t := types[r.IntN(len(types))]
	configuration := make(map[string]string)
	for _, p := range t.Properties {
		configuration[p.Name] = r.word()
	}
	return definition.Custom{Type: definition.ActionType{Category: t.Category, Owner: t.Owner, Provider: t.Provider, Version: t.Version}, Configuration: configuration}
}

func (r random) conditions() []definition.Condition {
	var list []definition.Condition
	for range r.IntN(3) {
		c := definition.Condition{Result: []definition.ConditionResult{"FAIL", "ROLLBACK", "SKIP", "", "NEW"}[r.IntN(5)]}
		for range r.IntN(4) {
			c.Rules = append(c.Rules, definition.Rule{Name: r.word(), Provider: r.provider(actiontype.RuleTypes())})
		}
		list = append(list, c)
	}
	return list
}

func (r random) patterns() *definition.Patterns {
	if r.IntN(2) == 0 {
		return nil
	}
	return &definition.Patterns{Includes: []string{r.word(), r.word()}, Excludes: []string{r.word()}}
}

func (r random) structure() *definition.Pipeline {
	p := &definition.Pipeline{Name: r.word(), ExecutionMode: pipeline.Mode(r.word()), Version: r.IntN(3)}
	for range r.IntN(5) {
		p.Triggers = append(p.Triggers, definition.OnPush(r.word(), definition.PushTrigger{Branches: r.patterns(), Tags: r.patterns(), FilePaths: r.patterns()}),
			definition.OnPullRequest(r.word(), definition.PullRequestTrigger{Events: []string{r.word()}, Branches: r.patterns()}), definition.Trigger{ProviderType: r.word()})
	}
	for range r.IntN(3) {
		p.Variables = append(p.Variables, definition.Variable{Name: r.word()})
	}
	for range r.IntN(12) {
		s := definition.Stage{Name: r.word()}
		for range r.IntN(6) {
			s.Actions = append(s.Actions, definition.Action{
				Name: r.word(), RunOrder: r.IntN(4), Region: r.word(), Namespace: r.word(), Inputs: r.artifacts(), Outputs: r.artifacts(),
				Provider: r.provider(actiontype.BuiltIn()), OutputVariables: []string{r.word()},
			})
		}
		if r.IntN(3) == 0 {
			s.BeforeEntry = &definition.Conditions{Conditions: r.conditions()}
		}
		if r.IntN(3) == 0 {
			s.OnSuccess = &definition.Conditions{Conditions: r.conditions()}
		}
		if r.IntN(2) == 0 {
			s.OnFailure = &definition.OnFailure{Result: []definition.ConditionResult{"FAIL", "ROLLBACK", "SKIP", "RETRY", ""}[r.IntN(5)], Conditions: r.conditions()}
		}
		p.Stages = append(p.Stages, s)
	}
	return p
}

// execution returns an execution of the structure, and of some actions that it does
// not have.
func (r random) execution(p *definition.Pipeline) *pipeline.Execution {
	statuses := []pipeline.Status{"InProgress", "Stopping", "Stopped", "Succeeded", "Superseded", "Failed", "Cancelled", "", "Pausing"}
	e := &pipeline.Execution{
		Pipeline: p.Name, ID: r.word(), Status: statuses[r.IntN(len(statuses))], Type: []pipeline.ExecutionType{"STANDARD", "ROLLBACK"}[r.IntN(2)],
		RollbackTarget: r.word(), Attempts: r.IntN(4), Started: at(0), Trigger: pipeline.Trigger{Type: r.word(), Detail: "arn"},
	}
	for _, s := range p.Stages {
		if r.IntN(2) == 0 {
			e.Stages = append(e.Stages, r.stage(s.Name))
		}
		for _, a := range s.Actions {
			if r.IntN(3) == 0 {
				continue
			}
			start := r.IntN(1000)
			run := run(s.Name, a.Name, "Build", r.word(), []pipeline.ActionStatus{"InProgress", "Abandoned", "Succeeded", "Failed", "Pausing"}[r.IntN(5)], start, start+r.IntN(300000))
			if r.IntN(4) == 0 {
				run.Type = events.ActionType{Category: "Approval", Owner: "AWS", Provider: "Manual", Version: "1"}
			}
			run.Runs, run.ErrorCode = r.IntN(12), r.word()
			e.Actions = append(e.Actions, run)
			e.Revisions = append(e.Revisions, pipeline.Revision{Stage: s.Name, Action: a.Name, ID: r.word(), Message: r.word(), Created: time.Time{}})
		}
	}
	if r.IntN(3) == 0 {
		e.Actions = append(e.Actions, run("Gone", "Action", "Build", "CodeBuild", "Succeeded", 1, 2))
	}
	return e
}

// stage returns a stage of an execution, whose conditions need not be those of the
// structure.
func (r random) stage(name string) pipeline.StageExecution {
	s := pipeline.StageExecution{
		Name: name, Status: []pipeline.StageStatus{"InProgress", "Stopping", "Skipped", "", "Pausing"}[r.IntN(5)],
		Attempt: r.IntN(3), AutomaticRetries: r.IntN(2), ManualRetries: r.IntN(2),
	}
	for range r.IntN(5) {
		c := pipeline.ConditionExecution{
			Type:   []pipeline.ConditionType{pipeline.ConditionBeforeEntry, pipeline.ConditionOnSuccess, pipeline.ConditionOnFailure, "NEW"}[r.IntN(4)],
			Result: r.word(), Status: []pipeline.ConditionStatus{"InProgress", "Errored", "Overridden", "", "Pausing"}[r.IntN(5)],
		}
		for range r.IntN(3) {
			c.Rules = append(c.Rules, pipeline.RuleExecution{
				Rule: r.word(), Provider: r.word(), Status: []pipeline.RuleStatus{"InProgress", "Failed", ""}[r.IntN(3)], ErrorCode: r.word(),
			})
		}
		s.Conditions = append(s.Conditions, c)
	}
	return s
}
