package pipelinestatus

import (
	"github.com/codesuite-go/codesuite/events"
	"github.com/codesuite-go/codesuite/events/pattern"
)

// Pattern returns the pattern of an EventBridge rule for the events that r
// needs: those of executions, of source actions that have succeeded and of
// manual approvals, and all events of stages and actions if its options ask for
// them. The Matcher is for the names of the pipelines, such as
// pattern.Equals("website", "api") or pattern.Prefix("prod-"); its zero value is
// for all.
//
// It is an error if the options of r cannot work, or if the pattern is longer
// than a rule takes.
func (r *Reporter) Pattern(pipelines pattern.Matcher) (pattern.Pattern, error) {
	if err := r.usable(); err != nil {
		return pattern.Pattern{}, err
	}
	alternatives := []pattern.Source{pattern.PipelineFilter{Pipeline: pipelines}}
	if r.options.Stages {
		alternatives = append(alternatives, pattern.StageFilter{Pipeline: pipelines})
	}
	if r.options.Actions {
		alternatives = append(alternatives, pattern.ActionFilter{Pipeline: pipelines})
	} else {
		alternatives = append(alternatives,
			pattern.ActionFilter{Pipeline: pipelines, Category: pattern.Equals("Source"), State: pattern.Equals(string(events.ActionSucceeded))},
			pattern.ActionFilter{Pipeline: pipelines, Category: pattern.Equals("Approval")})
	}
	return pattern.New(pattern.Fields{"$or": pattern.Or(alternatives...)})
}
