package pipelinetest

import (
	"errors"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// SourceTrigger selects the pushes and pull requests of a connection's repository that
// start the pipeline. Without filters, each push to the branch of the source action
// does, as without a trigger.
type SourceTrigger struct {
	Source      string // name of a source action with a connection
	Push        []PushFilter
	PullRequest []PullFilter
}

// PushFilter selects pushes of branches, or of tags. All that is given must select
// the push.
type PushFilter struct {
	Branches *Globs
	Files    *Globs // that the push changes: one of them is enough
	Tags     *Globs // not together with Branches or Files
}

// PullFilter selects events of pull requests. All that is given must select
// the event.
type PullFilter struct {
	Events   []string // OPEN, UPDATED and CLOSED; none for all
	Branches *Globs   // into which the pull request goes
	Files    *Globs   // that the pull request changes: one of them is enough
}

// maxTriggers is the number of triggers that a pipeline has at most.
const maxTriggers = 50

// The events of pull requests.
var pullRequestEvents = []string{"OPEN", "UPDATED", "CLOSED"}

// trigger returns the trigger of a source action, nil if there is none.
func (p *Pipeline) trigger(source string) *SourceTrigger {
	for i := range p.Triggers {
		if p.Triggers[i].Source == source {
			return &p.Triggers[i]
		}
	}
	return nil
}

func (t SourceTrigger) clone() SourceTrigger {
	t.Push = slices.Clone(t.Push)
	for i, f := range t.Push {
		t.Push[i] = PushFilter{f.Branches.clone(), f.Files.clone(), f.Tags.clone()}
	}
	t.PullRequest = slices.Clone(t.PullRequest)
	for i, f := range t.PullRequest {
		t.PullRequest[i] = PullFilter{slices.Clone(f.Events), f.Branches.clone(), f.Files.clone()}
	}
	return t
}

// checkTriggers returns what is wrong with the triggers.
func (p *Pipeline) checkTriggers() error {
	if len(p.Triggers) > 0 && p.Type == "V1" {
		return errors.New("triggers need type V2")
	}
	if n := len(p.Triggers); n > maxTriggers {
		return fmt.Errorf("there are %d triggers: a pipeline has up to %d", n, maxTriggers)
	}
	seen := make(map[string]bool)
	for i := range p.Triggers {
		t := &p.Triggers[i]
		a := p.Stages[0].action(t.Source)
		switch {
		case a == nil || a.Type.Provider != "CodeStarSourceConnection":
			return fmt.Errorf("trigger: there is no source action %q with a connection", t.Source)
		case seen[t.Source]:
			return fmt.Errorf("the source action %s has two triggers", t.Source)
		}
		seen[t.Source] = true
		if err := t.check(); err != nil {
			return fmt.Errorf("trigger of %s: %w", t.Source, err)
		}
	}
	return nil
}

func (t *SourceTrigger) check() error {
	if len(t.Push) > 3 || len(t.PullRequest) > 3 {
		return errors.New("it has up to 3 filters of pushes and 3 of pull requests")
	}
	for _, f := range t.Push {
		if f.Tags != nil && (f.Branches != nil || f.Files != nil) || f.Tags == nil && f.Branches == nil && f.Files == nil {
			return errors.New("a filter of pushes has tags, or branches and files: choose valid filter combinations")
		}
		if err := checkPatterns(f.Branches, f.Files, f.Tags); err != nil {
			return err
		}
	}
	for _, f := range t.PullRequest {
		for i, event := range f.Events {
			if !slices.Contains(pullRequestEvents, event) || slices.Contains(f.Events[:i], event) {
				return fmt.Errorf("the events %q are not some of %q", f.Events, pullRequestEvents)
			}
		}
		if err := checkPatterns(f.Branches, f.Files); err != nil {
			return err
		}
	}
	return nil
}

// selectsPush reports whether one of the filters selects the push. Of a trigger
// without filters, the branch of the source action does.
func (t *SourceTrigger) selectsPush(p *Push, branch string) bool {
	if len(t.Push)+len(t.PullRequest) == 0 {
		return p.Tag == "" && p.Branch == branch
	}
	return slices.ContainsFunc(t.Push, func(f PushFilter) bool {
		if p.Tag != "" {
			return f.Tags != nil && f.Tags.selects(p.Tag)
		}
		return f.Tags == nil && f.Branches.selects(p.Branch) && f.Files.selectsAny(p.Changed)
	})
}

func (t *SourceTrigger) selectsPullRequest(p *PullEvent) bool {
	return slices.ContainsFunc(t.PullRequest, func(f PullFilter) bool {
		return (len(f.Events) == 0 || slices.Contains(f.Events, p.Event)) && f.Branches.selects(p.Target) && f.Files.selectsAny(p.Changed)
	})
}

// The triggers of a pipeline as the API has them.
type (
	gitTriggerJSON struct {
		Provider *string               `json:"providerType"`
		Git      *gitConfigurationJSON `json:"gitConfiguration"`
	}
	gitConfigurationJSON struct {
		Source      *string               `json:"sourceActionName"`
		Push        []pushFilterJSON      `json:"push,omitempty"`
		PullRequest []pullRequestTypeJSON `json:"pullRequest,omitempty"`
	}
	pushFilterJSON struct {
		Tags     *patternsJSON `json:"tags,omitempty"`
		Branches *patternsJSON `json:"branches,omitempty"`
		Files    *patternsJSON `json:"filePaths,omitempty"`
	}
	pullRequestTypeJSON struct {
		Events   []string      `json:"events,omitempty"`
		Branches *patternsJSON `json:"branches,omitempty"`
		Files    *patternsJSON `json:"filePaths,omitempty"`
	}
	patternsJSON struct {
		Includes []string `json:"includes,omitempty"`
		Excludes []string `json:"excludes,omitempty"`
	}
)

// triggers checks what the model says about triggers, and returns them.
func (v *validation) triggers(list []gitTriggerJSON) []SourceTrigger {
	var triggers []SourceTrigger
	if len(list) > maxTriggers {
		v.Fail("pipeline.triggers", "Member must have length less than or equal to %d", maxTriggers)
	}
	for i, in := range list {
		member := fmt.Sprintf("pipeline.triggers.%d.member.", i+1)
		v.Enum(member+"providerType", in.Provider, "CodeStarSourceConnection")
		if in.Git == nil {
			v.Present(member+"gitConfiguration", false)
			continue
		}
		member += "gitConfiguration."
		v.name(member+"sourceActionName", in.Git.Source)
		t := SourceTrigger{Source: aws.ToString(in.Git.Source)}
		if in.Git.Push != nil {
			v.length(member+"push", len(in.Git.Push), 3)
		}
		for j, f := range in.Git.Push {
			member := fmt.Sprintf("%spush.%d.member.", member, j+1)
			t.Push = append(t.Push, PushFilter{
				Tags: v.patterns(member+"tags", f.Tags), Branches: v.patterns(member+"branches", f.Branches), Files: v.patterns(member+"filePaths", f.Files),
			})
		}
		if in.Git.PullRequest != nil {
			v.length(member+"pullRequest", len(in.Git.PullRequest), 3)
		}
		for j, f := range in.Git.PullRequest {
			member := fmt.Sprintf("%spullRequest.%d.member.", member, j+1)
			if f.Events != nil {
				v.length(member+"events", len(f.Events), 3)
			}
			for k := range f.Events {
				v.Enum(member+"events", &f.Events[k], pullRequestEvents...)
			}
			t.PullRequest = append(t.PullRequest, PullFilter{
				Events: f.Events, Branches: v.patterns(member+"branches", f.Branches), Files: v.patterns(member+"filePaths", f.Files),
			})
		}
		triggers = append(triggers, t)
	}
	return triggers
}

func (v *validation) patterns(member string, in *patternsJSON) *Globs {
	if in == nil {
		return nil
	}
	for name, list := range map[string][]string{"includes": in.Includes, "excludes": in.Excludes} {
		if list != nil {
			v.length(member+"."+name, len(list), 8)
		}
		for i := range list {
			v.Text(fmt.Sprintf("%s.%s.%d.member", member, name, i+1), &list[i], true, 1, 255, nil)
		}
	}
	return (*Globs)(in)
}

func (t *SourceTrigger) json() gitTriggerJSON {
	git := &gitConfigurationJSON{Source: &t.Source}
	for _, f := range t.Push {
		git.Push = append(git.Push, pushFilterJSON{(*patternsJSON)(f.Tags), (*patternsJSON)(f.Branches), (*patternsJSON)(f.Files)})
	}
	for _, f := range t.PullRequest {
		git.PullRequest = append(git.PullRequest, pullRequestTypeJSON{f.Events, (*patternsJSON)(f.Branches), (*patternsJSON)(f.Files)})
	}
	return gitTriggerJSON{aws.String("CodeStarSourceConnection"), git}
}
