package definition

import (
	"regexp"
	"slices"
	"strings"

	"github.com/codesuite-go/codesuite/pipeline"
	"github.com/codesuite-go/codesuite/pipeline/actiontype"
)

// conditions checks the conditions of a stage.
func (c *checker) conditions(path string, s *Stage, stage int) {
	if s.BeforeEntry != nil {
		at := path + ".beforeEntry"
		c.needsV2(at, "conditions of stages")
		c.list(at, s.BeforeEntry.Conditions, stage, ResultFail, ResultSkip)
		for i, condition := range s.BeforeEntry.Conditions {
			if condition.Result == ResultSkip {
				c.skipping(element(at+".conditions", i), condition)
			}
		}
	}
	if s.OnSuccess != nil {
		at := path + ".onSuccess"
		c.needsV2(at, "conditions of stages")
		c.list(at, s.OnSuccess.Conditions, stage, ResultFail, ResultRollback)
	}
	f := s.OnFailure
	if f == nil {
		return
	}
	at := path + ".onFailure"
	c.needsV2(at, "results of failures")
	if f.Conditions != nil {
		c.list(at, f.Conditions, stage, ResultRollback)
	}
	if f.Result != "" {
		c.result(at+".result", f.Result, stage, ResultRollback, ResultFail, ResultRetry, ResultSkip)
	} else if f.Conditions == nil && f.Retry == nil {
		c.errorf(at, "the stage has neither result nor conditions for a failure: set the result to RETRY, ROLLBACK, SKIP or FAIL, or remove onFailure")
	}
	if f.Retry == nil {
		return
	}
	retry := at + ".retryConfiguration"
	if f.Result != ResultRetry {
		c.errorf(retry, "a retry needs the result RETRY: set it, or remove retryConfiguration")
	}
	c.oneOf(retry+".retryMode", "mode of a retry", string(f.Retry.Mode), string(pipeline.RetryFailedActions), string(pipeline.RetryAllActions))
}

func (c *checker) result(path string, result ConditionResult, stage int, allowed ...ConditionResult) {
	if c.unknown(string(result)) {
		return
	}
	if !slices.Contains(allowed, result) {
		var words []string
		for _, a := range allowed {
			words = append(words, string(a))
		}
		if result == "" {
			c.errorf(path, "the condition has no result: set it to %s", either(words))
		} else {
			c.errorf(path, "%s is no result here: use %s", quote(string(result)), either(words))
		}
		return
	}
	if result != ResultRollback {
		return
	}
	if stage == 0 {
		c.errorf(path, "the source stage cannot be rolled back: use another result")
	}
	if c.p.ExecutionMode == pipeline.ModeParallel {
		c.errorf(path, "a pipeline in the mode PARALLEL has no rollback: use another result, or another execution mode")
	}
}

// list checks the conditions of one kind.
func (c *checker) list(path string, conditions []Condition, stage int, allowed ...ConditionResult) {
	path += ".conditions"
	if n := len(conditions); n != 1 {
		c.errorf(path, "there are %d conditions: give exactly one, with all rules", n)
	}
	for i, condition := range conditions {
		at := element(path, i)
		c.result(at+".result", condition.Result, stage, allowed...)
		if n := len(condition.Rules); n < 1 || n > 5 {
			c.errorf(at+".rules", "there are %d rules: a condition has 1 to 5", n)
		}
		names := make(map[string]bool)
		for j := range condition.Rules {
			rule := &condition.Rules[j]
			here := element(at+".rules", j)
			c.name(here+".name", "a rule", rule.Name)
			if names[rule.Name] && rule.Name != "" {
				c.errorf(here+".name", "two rules have the name %s: rename one", quote(rule.Name))
			}
			names[rule.Name] = true
			c.rule(here, rule)
		}
	}
}

// skipping checks the rules of a condition that skips the stage.
func (c *checker) skipping(path string, condition Condition) {
	for i, rule := range condition.Rules {
		if isNil(rule.Provider) {
			continue
		}
		if provider := rule.Provider.ActionType().Provider; provider != "LambdaInvoke" && provider != "VariableCheck" {
			c.errorf(element(path+".rules", i)+".ruleTypeId", "a condition with the result SKIP takes rules of LambdaInvoke and VariableCheck only: replace the rule of %s, or use FAIL", quote(provider))
		}
	}
}

func (c *checker) rule(path string, r *Rule) {
	c.role(path+".roleArn", r.RoleARN)
	if r.Region != "" && !c.unknown(r.Region) && !regionPattern.MatchString(r.Region) {
		c.errorf(path+".region", "%s is no Region: use a name such as eu-west-1", quote(r.Region))
	}
	if r.TimeoutInMinutes != 0 && (r.TimeoutInMinutes < 5 || r.TimeoutInMinutes > 86400) {
		c.errorf(path+".timeoutInMinutes", "the timeout is %d minutes: use 5 to 86400", r.TimeoutInMinutes)
	}
	if isNil(r.Provider) {
		c.errorf(path+".ruleTypeId", "the rule %s has no type: give it category, owner, provider and version", quote(r.Name))
		return
	}
	id := r.Provider.ActionType()
	isRule := c.oneOf(path+".ruleTypeId.category", "category of rules", id.Category, actiontype.CategoryRule)
	if id.Owner != "" {
		isRule = c.oneOf(path+".ruleTypeId.owner", "owner of a rule type", id.Owner, actiontype.OwnerAWS) && isRule
	}
	if !isRule {
		return
	}
	if id.Provider == "Commands" {
		c.lines(path+".commands", r.Commands)
	} else if r.Commands != nil {
		c.errorf(path+".commands", "only a rule of the provider Commands has commands: remove them")
	}
	definition, ok := c.find(id)
	configuration, err := Configuration(r.Provider)
	switch {
	case err != nil:
		c.errorf(path+".configuration", "the Go type is wrong: %v", err)
		return
	case !ok:
		c.unknownType(path+".ruleTypeId", id)
		return
	case len(configuration) > 200:
		c.errorf(path+".configuration", "there are %d keys: a rule has up to 200", len(configuration))
	}
	c.count(path+".inputArtifacts", "input", id, definition.Inputs, r.Inputs)
	k := &keys{checker: c, path: path + ".configuration", definition: definition, values: configuration, inputs: r.Inputs}
	k.check(10000)
	k.combinations(c.p)
	switch id.Provider {
	case "DeploymentWindow":
		k.window()
	case "VariableCheck":
		k.comparison()
	}
}

var (
	cronField   = regexp.MustCompile(`^[0-9A-Za-z*/,\-?#]+$`)
	zonePattern = regexp.MustCompile(`^([A-Z][A-Za-z_]+(/[A-Za-z_+\-0-9]+){1,2}|UTC([+-]\d{2}:\d{2})?|[A-Z]{3,5})$`)
)

// window checks the keys of a DeploymentWindow rule.
func (k *keys) window() {
	k.matches("TimeZone", zonePattern, "a time zone: use a name such as Europe/Berlin, UTC+02:00 or CET")
	cron := k.values["Cron"]
	if cron == "" || k.open(cron) {
		return
	}
	path := member(k.path, "Cron")
	fields := strings.Fields(cron)
	if n := len(fields); n != 6 && n != 7 {
		k.errorf(path, "the expression has %d fields: give seconds, minutes, hours, day of month, month, day of week and, if wanted, year", n)
		return
	}
	for _, field := range fields {
		if !cronField.MatchString(field) {
			k.errorf(path, "%s is no field of a cron expression: use digits, names of days and months, and * , - / ? L W #", quote(field))
		}
	}
	if !strings.HasPrefix(fields[0], "*") {
		k.errorf(path, "the seconds are %s: a window has * there", quote(fields[0]))
	}
	if (fields[3] == "?") == (fields[5] == "?") && fields[3] == "?" {
		k.errorf(path, "the day of month and the day of week are both ?: set one of them")
	}
}

// javaOnly are constructs of Java's regular expressions that Go does not have.
var javaOnly = regexp.MustCompile(`\(\?[=!<>]|\\[1-9kGZ]|[*+?}]\+|&&|\\[phHvVRX]`)

// comparison checks the keys of a VariableCheck rule.
func (k *keys) comparison() {
	if variable := k.values["Variable"]; variable != "" && !k.open(variable) {
		k.warnf(member(k.path, "Variable"), "%s is no variable, so that the rule always gives the same: write #{Namespace.Variable}", quote(variable))
	}
	if value := k.values["Value"]; k.values["Operator"] == "MATCHES" && !k.open(value) && !javaOnly.MatchString(value) {
		if _, err := regexp.Compile(value); err != nil {
			k.errorf(member(k.path, "Value"), "%s is no regular expression: close its brackets and escape what is meant as text", quote(value))
		}
	}
}
