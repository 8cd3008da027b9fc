package pipelinestatus

import "github.com/codesuite-go/codesuite/events"

// Pattern returns the pattern of an EventBridge rule for the events that r
// needs: those of executions, of source actions that have succeeded and of
// manual approvals, and all events of stages and actions if its options ask for
// them. The Matcher is for the names of the pipelines, such as
// events.Equals("website", "api") or events.Prefix("prod-"); its zero value is
// for all.
//
// It is an error if the options of r cannot work, or if the pattern is longer
// than a rule takes.
func (r *Reporter) Pattern(pipelines events.Matcher) (events.Pattern, error) {
	if err := r.usable(); err != nil {
		return events.Pattern{}, err
	}
	alternatives := []events.PatternSource{events.PipelineFilter{Pipeline: pipelines}}
	if r.options.Stages {
		alternatives = append(alternatives, events.StageFilter{Pipeline: pipelines})
	}
	if r.options.Actions {
		alternatives = append(alternatives, events.ActionFilter{Pipeline: pipelines})
	} else {
		alternatives = append(alternatives,
			events.ActionFilter{Pipeline: pipelines, Category: events.Equals("Source"), State: events.Equals(string(events.ActionSucceeded))},
			events.ActionFilter{Pipeline: pipelines, Category: events.Equals("Approval")})
	}
	return events.NewPattern(events.Fields{"$or": events.Or(alternatives...)})
}
