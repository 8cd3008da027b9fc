package approval

import (
	"errors"
	"fmt"
	"slices"

	"github.com/codesuite-go/codesuite/pipeline"
)

// Policy is the rules for the approvals of a pipeline.
type Policy struct {
	Pipeline string // name
	// Stage and Action name one approval action; empty, they are any. An approval
	// that several policies are for needs the rules of all of them.
	Stage, Action string
	Rules         []Rule
}

func (p *Policy) is(pipeline, stage, action string) bool {
	return p.Pipeline == pipeline && (p.Stage == "" || p.Stage == stage) && (p.Action == "" || p.Action == action)
}

// check returns what is wrong with the policy.
func (p *Policy) check() error {
	switch {
	case p.Pipeline == "":
		return errors.New("Policy.Pipeline is empty: set it to the name of a pipeline")
	case len(p.Rules) == 0:
		return errors.New("there are no rules: an approval by rule needs one")
	}
	for _, rule := range p.Rules {
		if rule == nil {
			return errors.New("a rule is nil")
		}
		if r, ok := rule.(interface{ check() error }); ok {
			if err := r.check(); err != nil {
				return fmt.Errorf("%s: %w", rule.Name(), err)
			}
		}
	}
	return nil
}

// checkPolicies returns what is wrong with one of the policies.
func checkPolicies(policies []Policy) error {
	if len(policies) == 0 {
		return errors.New("there are no policies")
	}
	for i, p := range policies {
		if err := p.check(); err != nil {
			return fmt.Errorf("policy number %d (pipeline %.100q): %w", i+1, p.Pipeline, err)
		}
	}
	return nil
}

// rules returns the rules for the approval.
func (a *Approver) rules(approval *pipeline.Approval) []Rule {
	var rules []Rule
	for _, p := range a.policies {
		if p.is(approval.Pipeline, approval.Stage, approval.Action) {
			rules = append(rules, p.Rules...)
		}
	}
	return rules
}

// pipelines returns the names of the pipelines that have policies, each once.
func (a *Approver) pipelines() []string {
	var names []string
	for _, p := range a.policies {
		if !slices.Contains(names, p.Pipeline) {
			names = append(names, p.Pipeline)
		}
	}
	return names
}
