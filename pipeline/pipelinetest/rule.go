package pipelinetest

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/codesuite-go/codesuite/internal/awsjson"
	"github.com/codesuite-go/codesuite/pipeline/actiontype"
	"github.com/codesuite-go/codesuite/pipeline/pipelinetest/internal/window"
)

// Rule is a rule of a condition. [Rule.Run] decides how the rule ends.
type Rule struct {
	Name          string
	Provider      string // such as VariableCheck, LambdaInvoke or DeploymentWindow
	Configuration map[string]string
	Commands      []string // of the provider Commands
	Inputs        []string // names of input artifacts
	Region        string   // default us-east-1
	RoleARN       string   // of the role that the rule takes on; "" for that of the pipeline
	// Timeout is how long the rule waits at most, in whole minutes from 5 minutes to 60
	// days; 0 is no limit.
	Timeout time.Duration

	// Run decides how the rule ends, as [Action.Run] does for an action. Without Run,
	// VariableCheck compares its variable, CloudWatchAlarm fails if the alarm of
	// [Server.SetAlarm] has one of the states, DeploymentWindow waits until the window
	// opens by the clock of [Server.SetClock], and other rules succeed.
	Run func(RuleRun) Outcome
}

// RuleRun is one run of a rule, as [Rule.Run] gets to see it.
type RuleRun struct {
	Pipeline        string
	ExecutionID     string
	Stage, Rule     string
	RuleExecutionID string
	// Attempt is that of the pipeline execution, from 1; each retry adds one.
	Attempt int
	// Calls is how often Run has been called for this run before.
	Calls int
	// Configuration has its variables resolved.
	Configuration map[string]string
}

func (r *Rule) check() error {
	if !validName(r.Name) {
		return errors.New("a name has 1 to 100 letters, digits, '.', '@', '-' and '_'")
	}
	kind, ok := actiontype.Find(actiontype.CategoryRule, actiontype.OwnerAWS, r.Provider, "1")
	if !ok {
		return fmt.Errorf("there is no rule provider %q", r.Provider)
	}
	known := make(map[string]bool)
	for _, p := range kind.Properties {
		value, given := r.Configuration[p.Name]
		known[p.Name] = true
		if p.Required && !given {
			return fmt.Errorf("the configuration lacks %s", p.Name)
		}
		if !given || len(p.Values) == 0 {
			continue
		}
		values := []string{value}
		if p.Form == actiontype.FormList {
			values = strings.Split(value, ",")
		}
		for _, value := range values {
			if !slices.Contains(p.Values, strings.TrimSpace(value)) {
				return fmt.Errorf("%s is %q: it is one of %q", p.Name, value, p.Values)
			}
		}
	}
	for key := range r.Configuration {
		if !known[key] && len(kind.Properties) > 0 {
			return fmt.Errorf("a rule of %s has no configuration %s", r.Provider, key)
		}
	}
	if cron, zone := r.Configuration["Cron"], r.Configuration["TimeZone"]; r.Provider == "DeploymentWindow" && !strings.Contains(cron+zone, "#{") {
		if _, err := window.Parse(cron, zone); err != nil {
			return err
		}
	}
	if (r.Provider == "Commands") != (len(r.Commands) > 0) {
		return errors.New("commands belong to the provider Commands, which needs them")
	}
	return nil
}

// ruleRun is one run of a rule. Server.mu guards it.
type ruleRun struct {
	execution *execution
	stage     string
	rule      *Rule // with defaults; not to be changed
	id        string
	attempt   int

	status           string // InProgress, Succeeded, Failed or Abandoned
	started, updated time.Time
	configuration    map[string]string // with variables resolved; not to be changed
	problem          string            // why the configuration cannot be resolved
	inputs           []Artifact

	summary, externalID, url string
	errorCode, errorMessage  string

	due    time.Time // when the server looks, if nobody decides
	asking bool      // a function is being called
	passed bool      // Simulation.RunRule does not decide
	calls  int       // of the function
}

func (e *execution) newRuleRun(rule *Rule) *ruleRun {
	p, stage := e.pipeline, e.definition.Stages[e.position].Name
	r := &ruleRun{
		execution: e, stage: stage, rule: rule, attempt: e.attempt, status: "InProgress", started: e.touch(),
		id: awsjson.UUID("rule", e.id, rule.Name, stage, strconv.Itoa(len(p.rules))),
	}
	r.updated = r.started
	r.configuration, r.problem = e.resolve(rule.Configuration)
	r.due = r.started.Add(e.server().takes(e.server().ruleProviders[rule.Provider].takes + r.waitTime()))
	for _, name := range rule.Inputs {
		r.inputs = append(r.inputs, e.artifacts[name])
	}
	p.rules = append(p.rules, r)
	return r
}

func (r *ruleRun) ended() bool { return r.status != "InProgress" }

// unattended returns how a rule ends without a function of the user.
func (r *ruleRun) unattended() (o Outcome, ok bool) {
	s := r.execution.server()
	now := s.clock()
	switch {
	case r.problem != "":
		return Outcome{State: StateFailed, Summary: r.problem, ErrorCode: "ConfigurationError"}, true
	case r.function() != nil:
		return Outcome{}, false
	case now.Before(r.due):
		return Outcome{}, false
	}
	if look := s.ruleProviders[r.rule.Provider].look; look != nil {
		o = look(r)
	}
	if o.State == StateInProgress && r.rule.Timeout > 0 && !now.Before(r.started.Add(r.rule.Timeout)) {
		o = Outcome{State: StateFailed, Summary: fmt.Sprintf("The rule has waited for %s", r.rule.Timeout)}
	}
	return o, o.State != StateInProgress
}

// function returns what decides about the rule, nil if nothing does. It is called
// without Server.mu.
func (r *ruleRun) function() func(RuleRun) (Outcome, bool) {
	simulation := r.execution.server().simulation
	switch run := r.rule.Run; {
	case r.problem != "":
		return nil
	case run != nil:
		return func(view RuleRun) (Outcome, bool) { return run(view), true }
	case simulation.RunRule != nil && !r.passed:
		return simulation.RunRule
	}
	return nil
}

// finish ends the rule, or notes its progress if the outcome is in progress. mu
// is held.
func (r *ruleRun) finish(o Outcome) {
	if r.ended() {
		return
	}
	r.updated = r.execution.touch()
	r.summary = cmp.Or(o.Summary, r.summary)
	r.externalID = cmp.Or(o.ExternalID, r.externalID)
	r.url = cmp.Or(o.URL, r.url)
	switch o.State {
	case StateInProgress:
		return
	}
	p := r.execution.server().ruleProviders[r.rule.Provider]
	if r.externalID == "" {
		r.externalID = fill(p.id, r.configuration, newWords(r.rule.Region, r.id, ""))
	}
	r.url = cmp.Or(r.url, fill(p.url, r.configuration, newWords(r.rule.Region, r.id, r.externalID)))
	switch o.State {
	case StateFailed:
		r.status = "Failed"
		r.errorCode = cmp.Or(o.ErrorCode, "RuleFailed")
		r.errorMessage = cmp.Or(o.ErrorMessage, r.summary)
	default:
		r.status = "Succeeded"
	}
	r.execution.wake()
}

func (r *ruleRun) abandon() {
	if !r.ended() {
		r.updated, r.status = r.execution.touch(), "Abandoned"
	}
}

// ask calls the function that decides about the rule, and reports whether something
// has changed by that. mu is held, but not while the function runs.
func (r *ruleRun) ask(function func(RuleRun) (Outcome, bool)) bool {
	o, ok := r.call(function)
	switch {
	case r.ended():
		return false
	case !ok:
		r.passed = true
		return r.execution.move()
	}
	r.finish(o)
	return r.ended()
}

func (r *ruleRun) call(function func(RuleRun) (Outcome, bool)) (Outcome, bool) {
	e := r.execution
	view := RuleRun{
		Pipeline: e.definition.Name, ExecutionID: e.id, Stage: r.stage, Rule: r.rule.Name, RuleExecutionID: r.id,
		Attempt: r.attempt, Calls: r.calls, Configuration: maps.Clone(r.configuration),
	}
	r.calls++
	r.asking = true
	s := e.server()
	s.mu.Unlock()
	defer func() { // also when the function ends the test
		s.mu.Lock()
		r.asking = false
	}()
	return function(view)
}
