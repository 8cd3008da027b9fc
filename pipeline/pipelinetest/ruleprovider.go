package pipelinetest

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/codesuite-go/codesuite/pipeline/pipelinetest/internal/window"
)

// ruleProvider is how the rules of a provider run if nobody decides. Its texts are
// templates as those of [provider].
type ruleProvider struct {
	takes   time.Duration
	id, url string // of the external execution
	// look returns how the rule ends, or that it is in progress. Without it the rule
	// succeeds.
	look func(*ruleRun) Outcome
}

// newRuleProviders returns those of the catalogue.
func newRuleProviders() map[string]ruleProvider {
	const console = "https://{region}.console.aws.amazon.com/"
	return map[string]ruleProvider{
		"CloudWatchAlarm":  {takes: 2 * time.Second, look: (*ruleRun).lookAtAlarm},
		"CodeBuild":        {takes: time.Minute, id: "{ProjectName}:{uuid build}", url: console + "codesuite/codebuild/projects/{ProjectName}/build/{id}"},
		"Commands":         {takes: time.Minute, id: "{uuid commands}"},
		"DeploymentWindow": {look: (*ruleRun).lookAtWindow},
		"LambdaInvoke":     {takes: 5 * time.Second, id: "{uuid request}", url: console + "lambda/home?region={region}#/functions/{FunctionName}"},
		"VariableCheck":    {look: (*ruleRun).checkVariable},
	}
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
		switch {
		case err == nil:
			ok = expression.MatchString(is)
		case r.execution.server().simulation.Alone:
			return Outcome{Summary: "The server has no such regular expressions: " + err.Error()}
		default:
			return Outcome{State: StateFailed, Summary: err.Error(), ErrorCode: "ConfigurationError"}
		}
	}
	if !ok {
		return Outcome{State: StateFailed, Summary: fmt.Sprintf("'%s' %s '%s' is false", is, operator, want)}
	}
	return Outcome{}
}

// lookAtWindow waits until the window is open.
func (r *ruleRun) lookAtWindow() Outcome {
	w, err := window.Parse(r.configuration["Cron"], r.configuration["TimeZone"])
	s := r.execution.server()
	switch {
	case err != nil:
		return Outcome{State: StateFailed, Summary: err.Error(), ErrorCode: "ConfigurationError"}
	case w.Open(s.clock()):
		return Outcome{}
	case s.simulation.Alone:
		return Outcome{Summary: "The window is taken as open"}
	}
	return Outcome{State: StateInProgress}
}

// lookAtAlarm fails if the alarm has one of the states.
func (r *ruleRun) lookAtAlarm() Outcome {
	c := r.configuration
	state := cmp.Or(r.execution.server().alarms[c["AlarmName"]], "OK")
	states := strings.Split(cmp.Or(c["AlarmStates"], "ALARM"), ",")
	if slices.ContainsFunc(states, func(s string) bool { return strings.TrimSpace(s) == state }) {
		return Outcome{State: StateFailed, Summary: fmt.Sprintf("The alarm '%s' has the state %s", c["AlarmName"], state)}
	}
	return Outcome{}
}

// waitTime is how long a rule waits before it looks.
func (r *ruleRun) waitTime() time.Duration {
	if r.rule.Provider != "CloudWatchAlarm" {
		return 0
	}
	minutes, _ := strconv.Atoi(r.configuration["WaitTime"])
	return time.Duration(minutes) * time.Minute
}

// SetAlarm sets the state of the alarm with the name, which rules of CloudWatchAlarm
// look at: OK, ALARM or INSUFFICIENT_DATA. The default is OK. SetAlarm fails if the
// state is another.
func (s *Server) SetAlarm(name, state string) error {
	if !slices.Contains([]string{"OK", "ALARM", "INSUFFICIENT_DATA"}, state) {
		return fmt.Errorf("pipelinetest: alarm %s: there is no state %q", name, state)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.alarms[name] = state
	return nil
}
