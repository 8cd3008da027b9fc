package ci

import (
	"fmt"
	"slices"
	"strings"

	"github.com/codesuite-go/codesuite/events"
	"github.com/codesuite-go/codesuite/events/pattern"
)

// EventRule is a rule of EventBridge that a [Handler] needs.
type EventRule struct {
	// Name says which events the rule sends: pull-requests, branches, tags, builds or
	// comments.
	Name    string
	Pattern pattern.Pattern
}

// Patterns returns the rules that send the function the events of the handler's flows
// and of their builds. Schedules have rules of their own, with the names that
// [Flow].Rule has. Add the account to a rule, as anybody whom an event bus lets in may
// send events of others.
//
// A rule may send more than the flows want, as the patterns of EventBridge know no
// globs: the handler leaves out the rest. A pattern that is longer than a rule takes
// is an error.
func (h *Handler) Patterns() ([]EventRule, error) {
	if h.invalid != nil {
		return nil, h.invalid
	}
	var rules []EventRule
	add := func(name string, source pattern.Source) error {
		p, err := pattern.New(source)
		if err != nil {
			return fmt.Errorf("ci: the rule %s: %w", name, err)
		}
		rules = append(rules, EventRule{Name: name, Pattern: p})
		return nil
	}
	var reviews, branches, tags []*flow
	projects := map[string]bool{}
	for _, f := range h.flows {
		switch f.Kind {
		case KindReview:
			reviews = append(reviews, f)
		case KindBranch:
			branches = append(branches, f)
		case KindTag:
			tags = append(tags, f)
		}
		if f.Kind == KindReview || h.options.Report != nil {
			projects[f.Project] = true
		}
	}
	if len(reviews) > 0 {
		changes := []events.PullRequestEvent{
			events.PullRequestCreated, events.PullRequestSourceBranchUpdated,
			events.PullRequestStatusChanged, events.PullRequestMergeStatusUpdated,
		}
		if h.merges() {
			changes = append(changes, events.PullRequestApprovalStateChanged, events.PullRequestApprovalRuleOverridden,
				events.PullRequestApprovalRuleUpdated, events.PullRequestApprovalRuleDeleted)
		}
		err := add("pull-requests", pattern.PullRequestFilter{Repository: matcher(reviews, repositoriesOf), Event: pattern.Equals(changes...)})
		if err != nil {
			return nil, err
		}
	}
	for _, kind := range []struct {
		name, reference string
		flows           []*flow
		names           func(*flow) globs
	}{
		{"branches", "branch", branches, func(f *flow) globs { return f.branches }},
		{"tags", "tag", tags, func(f *flow) globs { return f.tags }},
	} {
		if len(kind.flows) == 0 {
			continue
		}
		err := add(kind.name, pattern.ReferenceFilter{
			Repository: matcher(kind.flows, repositoriesOf),
			Type:       pattern.Equals(kind.reference),
			Name:       matcher(kind.flows, kind.names),
			Event:      pattern.Equals(events.ReferenceCreated, events.ReferenceUpdated),
		})
		if err != nil {
			return nil, err
		}
	}
	if h.tells() {
		var names []string
		for name := range projects {
			names = append(names, name)
		}
		slices.Sort(names)
		if err := add("builds", pattern.BuildFilter{Project: pattern.Equals(names...)}); err != nil {
			return nil, err
		}
	}
	if h.commands() {
		detail := pattern.Fields{"event": pattern.Equals(events.CommentOnPullRequestCreated)}
		if repositories := matcher(reviews, repositoriesOf); !all(reviews, repositoriesOf) {
			detail["repositoryName"] = repositories
		}
		err := add("comments", pattern.Fields{
			"source":      pattern.Equals("aws.codecommit"),
			"detail-type": pattern.Equals("CodeCommit Comment on Pull Request"),
			"detail":      detail,
		})
		if err != nil {
			return nil, err
		}
	}
	return rules, nil
}

func repositoriesOf(f *flow) globs { return f.repositories }

// all reports whether one of the flows takes names that a pattern cannot narrow.
func all(flows []*flow, of func(*flow) globs) bool {
	return slices.ContainsFunc(flows, func(f *flow) bool {
		g := of(f)
		return len(g.include) == 0 || slices.ContainsFunc(g.patterns, func(p string) bool {
			return strings.Trim(wildcard(p), "*") == ""
		})
	})
}

// matcher matches all that the globs of the flows match, and perhaps more. It is the
// zero Matcher, which matches everything, where it cannot narrow the names.
func matcher(flows []*flow, of func(*flow) globs) pattern.Matcher {
	if all(flows, of) {
		return pattern.Matcher{}
	}
	var names, wildcards []string
	for _, f := range flows {
		for _, glob := range of(f).patterns {
			switch text := wildcard(glob); {
			case strings.HasPrefix(glob, "!"):
			case strings.Contains(text, "*"):
				wildcards = append(wildcards, text)
			default:
				names = append(names, text)
			}
		}
	}
	slices.Sort(names)
	slices.Sort(wildcards)
	names, wildcards = slices.Compact(names), slices.Compact(wildcards)
	var m []pattern.Matcher
	if len(names) > 0 {
		m = append(m, pattern.Equals(names...))
	}
	if len(wildcards) > 0 {
		wild := pattern.Wildcard(wildcards...)
		if _, err := pattern.New(pattern.Fields{"detail": pattern.Fields{"name": wild}}); err != nil {
			return pattern.Matcher{} // too complex for EventBridge
		}
		m = append(m, wild)
	}
	return pattern.AnyOf(m...)
}

// wildcard returns the pattern of EventBridge that matches all that the glob matches.
// "**/" may stand for nothing, so that its slash goes as well.
func wildcard(glob string) string {
	text := fixedWith(strings.ReplaceAll(glob, "**/", "**"), '*')
	for strings.Contains(text, "**") {
		text = strings.ReplaceAll(text, "**", "*")
	}
	return text
}
