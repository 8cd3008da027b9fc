package definition

import (
	"slices"
	"unicode/utf8"
)

func (c *checker) triggers() {
	if len(c.p.Triggers) > 0 {
		c.needsV2("triggers", "triggers")
	}
	if n := len(c.p.Triggers); n > maxTriggers {
		c.errorf("triggers", "there are %d triggers: a pipeline has up to %d", n, maxTriggers)
	}
	seen := make(map[string]bool)
	for i, t := range c.p.Triggers {
		path := element("triggers", i)
		c.oneOf(path+".providerType", "provider of triggers", t.ProviderType, connectionProvider)
		if t.Git == nil {
			c.errorf(path+".gitConfiguration", "the trigger has no gitConfiguration: name the source action there")
			continue
		}
		path += ".gitConfiguration"
		name := t.Git.SourceAction
		if seen[name] && !c.unknown(name) {
			c.errorf(path+".sourceActionName", "the source action %s has two triggers: put their filters into one", quote(name))
		}
		seen[name] = true
		c.source(path+".sourceActionName", name)
		c.filters(path+".push", "push", len(t.Git.Push), t.Git.Push != nil)
		for j, push := range t.Git.Push {
			c.push(element(path+".push", j), push)
		}
		c.filters(path+".pullRequest", "pull request", len(t.Git.PullRequest), t.Git.PullRequest != nil)
		for j, pull := range t.Git.PullRequest {
			c.pullRequest(element(path+".pullRequest", j), pull)
		}
	}
}

// source checks that a trigger's source action is there and has a connection.
func (c *checker) source(path, name string) {
	if c.unknown(name) {
		return
	}
	var names []string
	if len(c.p.Stages) > 0 {
		for _, a := range c.p.Stages[0].Actions {
			if isNil(a.Provider) || a.Provider.ActionType().Provider != connectionProvider {
				if a.Name == name {
					c.errorf(path, "the action %s is no source of a connection: only the provider %s has triggers", quote(name), connectionProvider)
					return
				}
				continue
			}
			if a.Name == name {
				return
			}
			names = append(names, a.Name)
		}
	}
	c.errorf(path, "there is no source action %s with a connection: name one of the first stage, which has %s", quote(name), either(names))
}

func (c *checker) filters(path, what string, n int, there bool) {
	if there && (n < 1 || n > 3) {
		c.errorf(path, "there are %d filters of %s events: a trigger has 1 to 3, or leaves the list out", n, what)
	}
}

func (c *checker) push(path string, f PushTrigger) {
	if f.Tags != nil && f.Branches != nil {
		c.errorf(path, "one filter of pushes has either tags or branches: make two filters of it")
	}
	if f.Tags != nil && f.FilePaths != nil {
		c.warnf(path+".filePaths", "a push of a tag has no changed files: move filePaths to a filter with branches")
	}
	if f.Tags == nil && f.Branches == nil && f.FilePaths == nil {
		c.errorf(path, "the filter selects nothing: give it branches, tags or filePaths, or remove it")
	}
	c.patterns(path+".branches", f.Branches)
	c.patterns(path+".filePaths", f.FilePaths)
	c.patterns(path+".tags", f.Tags)
}

func (c *checker) pullRequest(path string, f PullRequestTrigger) {
	if n := len(f.Events); f.Events != nil && (n < 1 || n > 3) {
		c.errorf(path+".events", "there are %d events: give 1 to 3 of OPEN, UPDATED and CLOSED", n)
	}
	for i, event := range f.Events {
		at := element(path+".events", i)
		if c.oneOf(at, "event of a pull request", event, "OPEN", "UPDATED", "CLOSED") && slices.Contains(f.Events[:i], event) {
			c.errorf(at, "the event %s is there twice: remove one", event)
		}
	}
	c.patterns(path+".branches", f.Branches)
	c.patterns(path+".filePaths", f.FilePaths)
}

// patterns checks the globs of a filter.
func (c *checker) patterns(path string, p *Patterns) {
	if p == nil {
		return
	}
	if len(p.Includes)+len(p.Excludes) == 0 {
		c.errorf(path, "there are no patterns: give includes or excludes")
	}
	for _, list := range []struct {
		name     string
		patterns []string
	}{{"includes", p.Includes}, {"excludes", p.Excludes}} {
		at := path + "." + list.name
		if n := len(list.patterns); list.patterns != nil && n > 8 {
			c.errorf(at, "there are %d patterns: give 1 to 8", n)
		}
		for i, pattern := range list.patterns {
			if n := utf8.RuneCountInString(pattern); n < 1 || n > 255 {
				c.errorf(element(at, i), "the pattern has %d characters: use 1 to 255", n)
			}
		}
	}
	for i, pattern := range p.Includes {
		if slices.Contains(p.Excludes, pattern) {
			c.warnf(element(path+".includes", i), "%s is excluded as well, which takes precedence: remove one of them", quote(pattern))
		}
	}
}
