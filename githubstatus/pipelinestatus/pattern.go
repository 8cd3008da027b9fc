package pipelinestatus

import (
	"github.com/codesuite-go/codesuite/events"
	"github.com/codesuite-go/codesuite/events/pattern"
)

// Pattern returns the pattern of an EventBridge rule for the events of pipelines
// that r needs: those of executions, of source actions that have succeeded and of
// manual approvals, and all events of stages and actions if its options ask for
// them. The Matcher is for the names of the pipelines, such as
// pattern.Equals("website", "api") or pattern.Prefix("prod-"); its zero value is
// for all. Add the account to the rule, as anybody whom an event bus lets in may
// send events of others.
//
// A pattern that is longer than a rule takes is an error.
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

// BuildPattern returns the pattern of an EventBridge rule for the events of builds
// that r needs: all states of builds, and the end of the phase that fetches their
// source. The Matcher is for the names of the projects; its zero value is for all.
func (r *Reporter) BuildPattern(projects pattern.Matcher) (pattern.Pattern, error) {
	if err := r.usable(); err != nil {
		return pattern.Pattern{}, err
	}
	builds := pattern.BuildFilter{Project: projects}.Fields()
	detail := pattern.Fields{"completed-phase": pattern.Equals(sourcePhase)}
	if of, ok := builds["detail"].(pattern.Fields); ok { // none for all projects
		detail["project-name"] = of["project-name"]
	}
	return pattern.New(pattern.Fields{"$or": pattern.Or(
		builds,
		pattern.Fields{
			"source":      pattern.Equals("aws.codebuild"),
			"detail-type": pattern.Equals("CodeBuild Build Phase Change"),
			"detail":      detail,
		},
	)})
}
