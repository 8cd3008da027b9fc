package pipelinetest

import (
	"cmp"
	"fmt"
	"maps"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/codesuite-go/codesuite/internal/awsjson"
)

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

	asking bool // Rule.Run is being called
	calls  int  // of Rule.Run
}

func (e *execution) newRuleRun(rule *Rule) *ruleRun {
	p, stage := e.pipeline, e.definition.Stages[e.position].Name
	r := &ruleRun{
		execution: e, stage: stage, rule: rule, attempt: e.attempt, status: "InProgress", started: e.touch(),
		id: awsjson.UUID("rule", e.id, rule.Name, stage, strconv.Itoa(len(p.rules))),
	}
	r.updated = r.started
	r.configuration, r.problem = e.resolve(rule.Configuration)
	for _, name := range rule.Inputs {
		r.inputs = append(r.inputs, e.artifacts[name])
	}
	p.rules = append(p.rules, r)
	return r
}

func (r *ruleRun) ended() bool { return r.status != "InProgress" }

// unattended returns how a rule ends without a function of the user.
func (r *ruleRun) unattended() (o Outcome, ok bool) {
	switch {
	case r.problem != "":
		return Outcome{State: StateFailed, Summary: r.problem, ErrorCode: "ConfigurationError"}, true
	case r.rule.Run != nil:
		return Outcome{}, false
	case r.rule.Provider == "VariableCheck":
		return r.checkVariable(), true
	}
	return Outcome{}, true
}

// checkVariable compares a variable as VariableCheck does. MATCHES takes Go's
// regular expressions.
func (r *ruleRun) checkVariable() Outcome {
	is, want, operator := r.configuration["Variable"], r.configuration["Value"], r.configuration["Operator"]
	ok := false
	switch operator {
	case "EQ":
		ok = is == want
	case "NE":
		ok = is != want
	case "CONTAINS":
		ok = strings.Contains(is, want)
	case "MATCHES":
		expression, err := regexp.Compile("^(?:" + want + ")$")
		if err != nil {
			return Outcome{State: StateFailed, Summary: err.Error(), ErrorCode: "ConfigurationError"}
		}
		ok = expression.MatchString(is)
	}
	if !ok {
		return Outcome{State: StateFailed, Summary: fmt.Sprintf("'%s' %s '%s' is false", is, operator, want)}
	}
	return Outcome{}
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

// ask calls Rule.Run and reports whether the rule has ended by that. mu is held,
// but not while the function runs.
func (r *ruleRun) ask() bool {
	o := r.callRun()
	if r.ended() {
		return false
	}
	r.finish(o)
	return r.ended()
}

func (r *ruleRun) callRun() Outcome {
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
	return r.rule.Run(view)
}
