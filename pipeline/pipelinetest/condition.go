package pipelinetest

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// Condition is a condition of a stage: what happens depends on its rules, which
// run at once.
type Condition struct {
	// Result is what happens if a rule fails: FAIL or SKIP before the entry, FAIL
	// or ROLLBACK on success. On failure it is what happens if all rules succeed:
	// ROLLBACK.
	Result string
	Rules  []Rule // 1 to 5
}

// OnFailure is what happens to a stage that has failed. It has either a Result or
// a Condition.
type OnFailure struct {
	Result    string // FAIL, RETRY, ROLLBACK or SKIP
	RetryMode string // of RETRY: FAILED_ACTIONS (default) or ALL_ACTIONS
	Condition *Condition
}

// conditionKind is when a condition of a stage counts.
type conditionKind int

const (
	beforeEntry conditionKind = iota
	onSuccess
	onFailure
	conditionKinds // their number
)

// results are the results that conditions of the kind may have.
var results = [conditionKinds][]string{beforeEntry: {"FAIL", "SKIP"}, onSuccess: {"FAIL", "ROLLBACK"}, onFailure: {"ROLLBACK"}}

func (k conditionKind) String() string {
	return [conditionKinds]string{"beforeEntry", "onSuccess", "onFailure"}[k]
}

// condition returns the condition of the kind, nil if there is none.
func (s *Stage) condition(kind conditionKind) *Condition {
	switch {
	case kind == beforeEntry:
		return s.BeforeEntry
	case kind == onSuccess:
		return s.OnSuccess
	case s.OnFailure != nil:
		return s.OnFailure.Condition
	}
	return nil
}

// hasConditions reports whether there is anything that needs V2.
func (s *Stage) hasConditions() bool {
	return s.BeforeEntry != nil || s.OnSuccess != nil || s.OnFailure != nil
}

func (c *Condition) withDefaults() *Condition {
	if c == nil {
		return nil
	}
	out := *c
	out.Rules = slices.Clone(c.Rules)
	for i := range out.Rules {
		r := &out.Rules[i]
		r.Region = cmp.Or(r.Region, region)
		r.Configuration = maps.Clone(r.Configuration)
		r.Commands = slices.Clone(r.Commands)
		r.Inputs = slices.Clone(r.Inputs)
	}
	return &out
}

func (f *OnFailure) withDefaults() *OnFailure {
	if f == nil {
		return nil
	}
	out := *f
	if out.Result == "RETRY" {
		out.RetryMode = cmp.Or(out.RetryMode, "FAILED_ACTIONS")
	}
	out.Condition = f.Condition.withDefaults()
	return &out
}

// checkConditions returns what is wrong with the conditions of a stage.
func (p *Pipeline) checkConditions(s *Stage, first bool) error {
	if !s.hasConditions() {
		return nil
	}
	if p.Type == "V1" {
		return errors.New("conditions need type V2")
	}
	rolledBack := ""
	names := make(map[string]bool)
	for kind := range conditionKinds {
		c := s.condition(kind)
		if c == nil {
			continue
		}
		if !slices.Contains(results[kind], c.Result) {
			return fmt.Errorf("%s: the result %q is not one of %q", kind, c.Result, results[kind])
		}
		if c.Result == "ROLLBACK" {
			rolledBack = kind.String()
		}
		if len(c.Rules) < 1 || len(c.Rules) > 5 {
			return fmt.Errorf("%s: there are %d rules: a condition has 1 to 5", kind, len(c.Rules))
		}
		for i := range c.Rules {
			r := &c.Rules[i]
			if err := r.check(); err != nil {
				return fmt.Errorf("%s: rule %s: %w", kind, r.Name, err)
			}
			if names[r.Name] {
				return fmt.Errorf("two rules have the name %s", r.Name)
			}
			names[r.Name] = true
		}
	}
	if f := s.OnFailure; f != nil {
		switch {
		case (f.Result == "") == (f.Condition == nil):
			return errors.New("onFailure: it has either a result or a condition")
		case f.Result != "" && !slices.Contains([]string{"FAIL", "RETRY", "ROLLBACK", "SKIP"}, f.Result):
			return fmt.Errorf("onFailure: %q is no result", f.Result)
		case f.RetryMode != "" && f.Result != "RETRY":
			return errors.New("onFailure: only the result RETRY has a retry mode")
		case f.RetryMode != "" && f.RetryMode != "FAILED_ACTIONS" && f.RetryMode != "ALL_ACTIONS":
			return fmt.Errorf("onFailure: %q is no retry mode", f.RetryMode)
		case f.Result == "ROLLBACK":
			rolledBack = "onFailure"
		}
	}
	switch {
	case rolledBack != "" && first:
		return fmt.Errorf("%s: the source stage cannot be rolled back", rolledBack)
	case rolledBack != "" && p.ExecutionMode == "PARALLEL":
		return fmt.Errorf("%s: a pipeline in PARALLEL mode cannot be rolled back", rolledBack)
	}
	return nil
}

// The conditions of a stage as the API has them.
type (
	conditionsJSON struct {
		Result     string          `json:"result,omitempty"`
		Retry      *retryModeJSON  `json:"retryConfiguration,omitempty"`
		Conditions []conditionJSON `json:"conditions,omitempty"`
	}
	retryModeJSON struct {
		Mode string `json:"retryMode"`
	}
	conditionJSON struct {
		Result string     `json:"result,omitempty"`
		Rules  []ruleJSON `json:"rules"`
	}
	ruleJSON struct {
		Name           string            `json:"name"`
		Type           ruleTypeIDJSON    `json:"ruleTypeId"`
		Configuration  map[string]string `json:"configuration,omitempty"`
		Commands       []string          `json:"commands,omitempty"`
		InputArtifacts []nameJSON        `json:"inputArtifacts,omitempty"`
		RoleARN        string            `json:"roleArn,omitempty"`
		Region         string            `json:"region,omitempty"`
		Timeout        *int32            `json:"timeoutInMinutes,omitempty"`
	}
	ruleTypeIDJSON struct {
		Category string `json:"category"`
		Owner    string `json:"owner,omitempty"`
		Provider string `json:"provider"`
		Version  string `json:"version,omitempty"`
	}
)

func ruleTypeID(provider string) ruleTypeIDJSON { return ruleTypeIDJSON{"Rule", "AWS", provider, "1"} }

// conditions reads the conditions of a stage that a call declares.
func (v *validation) conditions(member string, raw json.RawMessage) (conditionsJSON, *Condition) {
	var in conditionsJSON
	if err := json.Unmarshal(raw, &in); err != nil {
		v.Fail(member, "Member must be conditions: %v", err)
		return in, nil
	}
	if len(in.Conditions) > 1 {
		v.Fail(member+".conditions", "Member must have length less than or equal to 1")
	}
	if len(in.Conditions) == 0 {
		return in, nil
	}
	c := &Condition{Result: in.Conditions[0].Result}
	for i, r := range in.Conditions[0].Rules {
		member := fmt.Sprintf("%s.conditions.1.member.rules.%d.member.", member, i+1)
		v.name(member+"name", &r.Name)
		v.Enum(member+"ruleTypeId.category", &r.Type.Category, "Rule")
		v.Integer(member+"timeoutInMinutes", r.Timeout, 5, 86400)
		rule := Rule{
			Name: r.Name, Provider: r.Type.Provider, Configuration: r.Configuration, Commands: r.Commands, Region: r.Region, RoleARN: r.RoleARN,
			Timeout: time.Duration(aws.ToInt32(r.Timeout)) * time.Minute,
		}
		for _, artifact := range r.InputArtifacts {
			rule.Inputs = append(rule.Inputs, artifact.Name)
		}
		c.Rules = append(c.Rules, rule)
	}
	return in, c
}

// json returns the condition as the API shows it.
func (c *Condition) json() conditionJSON {
	out := conditionJSON{Result: c.Result}
	for _, r := range c.Rules {
		rule := ruleJSON{
			Name: r.Name, Type: ruleTypeID(r.Provider), Configuration: r.Configuration, Commands: r.Commands, RoleARN: r.RoleARN, Region: r.Region,
		}
		if r.Timeout > 0 {
			rule.Timeout = aws.Int32(int32(r.Timeout / time.Minute))
		}
		for _, name := range r.Inputs {
			rule.InputArtifacts = append(rule.InputArtifacts, nameJSON{Name: name})
		}
		out.Rules = append(out.Rules, rule)
	}
	return out
}

// conditionsJSON returns the conditions of the kind as the API shows them: as they
// were declared, if they were.
func (s *Stage) conditionsJSON(kind conditionKind) json.RawMessage {
	declared := [conditionKinds]json.RawMessage{s.declared.beforeEntry, s.declared.onSuccess, s.declared.onFailure}
	if declared[kind] != nil {
		return declared[kind]
	}
	var out conditionsJSON
	if c := s.condition(kind); c != nil {
		out.Conditions = []conditionJSON{c.json()}
	}
	if f := s.OnFailure; kind == onFailure && f != nil {
		out.Result = f.Result
		if f.RetryMode != "" {
			out.Retry = &retryModeJSON{f.RetryMode}
		}
	}
	if out.Result == "" && out.Conditions == nil {
		return nil
	}
	raw, _ := json.Marshal(out) // texts and numbers
	return raw
}
