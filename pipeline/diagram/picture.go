package diagram

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/codesuite-go/codesuite/internal/awstext"
	"github.com/codesuite-go/codesuite/pipeline"
	"github.com/codesuite-go/codesuite/pipeline/definition"
)

// picture is all that is drawn, without its geometry. Its texts are clean.
type picture struct {
	name   string
	state  state
	facts  []string // of the structure, then of the execution: one line each
	starts []string // triggers
	stages []stage
}

// stage is a stage with its actions, those that run in parallel together.
type stage struct {
	name     string
	state    state
	retries  string // of this execution
	disabled bool   // the transition into it
	reason   string
	before   []gate
	success  []gate
	failure  []gate
	groups   [][]box
}

// gate is a condition of a stage, or what happens after its failure.
type gate struct {
	when   string // such as "Before entry"
	rules  []box
	effect string // such as "otherwise skip"
	always bool   // it has no rules that decide
	state  state
}

// box is an action or a rule.
type box struct {
	name     string
	category string // in the API's spelling
	provider string
	subject  string // what the action works on, such as a repository
	revision string // of a source action
	region   string
	inputs   string
	outputs  string
	exports  string // the variables
	state    state
	time     string // how long it ran
	runs     int
	problem  string // the code of an error
}

// newPicture returns the picture of a structure and, if the options have one, an
// execution, of which a structure may have been made.
func newPicture(p *definition.Pipeline, made bool, o Options) *picture {
	pic := &picture{name: named(p.Name), starts: starts(p.Triggers)}
	if facts := structureFacts(p, made); facts != "" {
		pic.facts = append(pic.facts, facts)
	}
	if len(p.Variables) > 0 {
		var names []string
		for _, v := range p.Variables {
			names = append(names, named(v.Name))
		}
		pic.facts = append(pic.facts, "Variables "+strings.Join(names, ", "))
	}
	runs := newRuns(o.Execution)
	for i := range p.Stages {
		s := &p.Stages[i]
		drawn := stage{name: named(s.Name)}
		if reason, ok := o.Disabled[s.Name]; ok {
			drawn.disabled, drawn.reason = true, clean(reason)
		}
		if s.BeforeEntry != nil {
			drawn.before = gates("Before entry", "otherwise ", s.BeforeEntry.Conditions)
		}
		if s.OnSuccess != nil {
			drawn.success = gates("On success", "otherwise ", s.OnSuccess.Conditions)
		}
		if s.OnFailure != nil {
			drawn.failure = failureGates(s.OnFailure)
		}
		var states []state
		drawn.groups, states = runs.groups(s)
		if e := o.Execution; e != nil {
			drawn.state = stageState(states, e.Status)
			if entered := runs.stages[s.Name]; entered != nil {
				drawn.enter(entered)
			}
		}
		pic.stages = append(pic.stages, drawn)
	}
	if e := o.Execution; e != nil {
		pic.state = stateOf(e.Status)
		pic.facts = append(pic.facts, executionFacts(e))
		if strange := runs.strangers(); strange != "" {
			pic.facts = append(pic.facts, strange)
		}
	}
	return pic
}

// enter adds the state of a stage in an execution.
func (s *stage) enter(e *pipeline.StageExecution) {
	// The API does not tell approvals from other actions in progress.
	if e.Status != "" && !(e.Status == pipeline.StageInProgress && s.state == waiting) {
		s.state = stateOf(e.Status)
	}
	switch {
	case e.AutomaticRetries > 0 && e.ManualRetries > 0:
		s.retries = fmt.Sprintf("Retried: %d automatic, %d manual", e.AutomaticRetries, e.ManualRetries)
	case e.AutomaticRetries > 0:
		s.retries = fmt.Sprintf("Automatic retries: %d", e.AutomaticRetries)
	case e.Attempt > 1:
		s.retries = fmt.Sprintf("Retries: %d", e.Attempt-1)
	}
	lists := map[pipeline.ConditionType][]gate{
		pipeline.ConditionBeforeEntry: s.before, pipeline.ConditionOnSuccess: s.success, pipeline.ConditionOnFailure: s.failure,
	}
	for i := range e.Conditions {
		c := &e.Conditions[i]
		list := lists[c.Type]
		if len(list) == 0 {
			continue // one of another version of the structure
		}
		list[0].look(c)
		lists[c.Type] = list[1:]
	}
}

// look adds the state of a condition and its rules.
func (g *gate) look(c *pipeline.ConditionExecution) {
	if c.Status != "" {
		g.state = stateOf(c.Status)
	}
	for i := range g.rules {
		for j := range c.Rules {
			if r := &c.Rules[j]; r.Status != "" && named(r.Rule) == g.rules[i].name {
				g.rules[i].state = stateOf(r.Status)
				g.rules[i].problem = clean(r.ErrorCode)
			}
		}
	}
}

// structureFacts returns what is known of a structure. One that was made of an
// execution has no type, and maybe no mode.
func structureFacts(p *definition.Pipeline, made bool) string {
	kind, mode := string(p.Type), string(p.ExecutionMode)
	if !made {
		kind, mode = cmp.Or(kind, string(definition.PipelineTypeV1)), cmp.Or(mode, string(pipeline.ModeSuperseded))
	}
	var facts []string
	if kind != "" {
		facts = append(facts, "Type "+clean(kind))
	}
	if mode != "" {
		facts = append(facts, clean(mode))
	}
	if p.Version > 0 {
		facts = append(facts, fmt.Sprintf("version %d", p.Version))
	}
	return strings.Join(facts, " · ")
}

func executionFacts(e *pipeline.Execution) string {
	facts := []string{"Execution " + shortID(e.ID)}
	if e.Type == pipeline.ExecutionRollback {
		facts = append(facts, "rollback to "+shortID(e.RollbackTarget))
	}
	if e.Trigger.Type != "" {
		facts = append(facts, clean(e.Trigger.Type))
	}
	if !e.Started.IsZero() {
		facts = append(facts, e.Started.UTC().Format("2006-01-02 15:04 UTC"))
	}
	if e.Attempts > 1 {
		facts = append(facts, fmt.Sprintf("attempt %d", e.Attempts))
	}
	return strings.Join(facts, " · ")
}

// shortID returns the start of the ID of an execution or a revision, as the console
// shows it.
func shortID(id string) string {
	id = clean(id)
	if digest, ok := strings.CutPrefix(id, "sha256:"); ok {
		id = digest
	}
	if r := []rune(id); len(r) > 8 {
		return string(r[:8])
	}
	return cmp.Or(id, "(no ID)")
}

// words are the results of conditions.
var words = map[definition.ConditionResult]string{
	definition.ResultFail: "fail", definition.ResultRollback: "roll back", definition.ResultRetry: "retry", definition.ResultSkip: "skip",
}

func result(r definition.ConditionResult) string {
	return cmp.Or(words[r], clean(string(r)), "nothing")
}

func gates(when, effect string, conditions []definition.Condition) []gate {
	var list []gate
	for i := range conditions {
		list = append(list, gate{when: when, rules: rules(conditions[i].Rules), effect: effect + result(conditions[i].Result)})
	}
	return list
}

func failureGates(f *definition.OnFailure) []gate {
	const when = "On failure"
	list := gates(when, "", f.Conditions)
	for i := range list {
		list[i].effect = "then " + list[i].effect
	}
	effect := result(f.Result)
	switch {
	case f.Result == "" || len(list) > 0 && f.Result == definition.ResultRollback:
		return list
	case f.Result == definition.ResultRetry && f.Retry != nil && f.Retry.Mode == pipeline.RetryAllActions:
		effect = "retry all actions"
	case f.Result == definition.ResultRetry:
		effect = "retry failed actions"
	}
	return append(list, gate{when: when, effect: effect, always: true})
}

func rules(list []definition.Rule) []box {
	var boxes []box
	for i := range list {
		r := &list[i]
		b := box{name: named(r.Name), region: clean(r.Region)}
		b.category, b.provider, _ = provider(r.Provider)
		boxes = append(boxes, b)
	}
	return boxes
}

// groups returns the actions of a stage by their run orders, and the states of
// all.
func (r *runs) groups(s *definition.Stage) (groups [][]box, states []state) {
	order := make([]int, len(s.Actions))
	for i := range order {
		order[i] = i
	}
	number := func(i int) int { return cmp.Or(s.Actions[i].RunOrder, 1) }
	slices.SortStableFunc(order, func(a, b int) int { return number(a) - number(b) })
	for n, i := range order {
		b := r.box(s.Name, &s.Actions[i])
		states = append(states, b.state)
		if n == 0 || number(order[n-1]) != number(i) {
			groups = append(groups, nil)
		}
		last := len(groups) - 1
		groups[last] = append(groups[last], b)
	}
	return groups, states
}

func (r *runs) box(stage string, a *definition.Action) box {
	b := box{
		name: named(a.Name), region: clean(a.Region),
		inputs: artifacts(a.Inputs), outputs: artifacts(a.Outputs), exports: exports(a),
	}
	b.category, b.provider, b.subject = provider(a.Provider)
	if r.execution == nil {
		return b
	}
	run := r.find(stage, a.Name)
	b.state = actionState(run)
	if run == nil {
		return b
	}
	b.runs = run.Runs
	if run.Status.Terminal() && !run.Started.IsZero() && run.Updated.After(run.Started) {
		b.time = duration(run.Updated.Sub(run.Started))
	}
	if run.Status == pipeline.ActionFailed {
		b.problem = clean(run.ErrorCode)
	}
	b.revision = r.revision(stage, a.Name)
	return b
}

func artifacts(list []definition.Artifact) string {
	var names []string
	for i := range list {
		names = append(names, named(list[i].Name))
	}
	return awstext.Cut(strings.Join(names, ", "), maxText)
}

// exports returns the variables that later actions can use.
func exports(a *definition.Action) string {
	if a.Namespace == "" {
		return ""
	}
	if len(a.OutputVariables) == 0 {
		return clean(a.Namespace + ".*")
	}
	var names []string
	for _, name := range a.OutputVariables {
		names = append(names, a.Namespace+"."+name)
	}
	return clean(strings.Join(names, ", "))
}

// duration returns a time in words, such as "2m 10s".
func duration(d time.Duration) string {
	d = d.Round(time.Second)
	hours, minutes, seconds := int(d.Hours()), int(d.Minutes())%60, int(d.Seconds())%60
	switch {
	case hours >= 48:
		return fmt.Sprintf("%dd %dh", hours/24, hours%24)
	case hours > 0:
		return fmt.Sprintf("%dh %dm", hours, minutes)
	case minutes > 0:
		return fmt.Sprintf("%dm %ds", minutes, seconds)
	}
	return fmt.Sprintf("%ds", seconds)
}
