package pipelinestatus

import (
	"context"
	"fmt"
	"strings"

	"github.com/codesuite-go/codesuite/events"
	"github.com/codesuite-go/codesuite/githubstatus"
	"github.com/codesuite-go/codesuite/internal/githubhost"
	"github.com/codesuite-go/codesuite/pipeline"
)

// commitKey is a commit on a host, in one spelling.
type commitKey struct {
	host string // as githubhost.Normal returns it
	githubstatus.Commit
}

func commitKeyOf(host string, c githubstatus.Commit) commitKey {
	return commitKey{githubhost.Normal(host), githubstatus.Commit{
		Owner: strings.ToLower(c.Owner), Repo: strings.ToLower(c.Repo), SHA: strings.ToLower(c.SHA),
	}}
}

func keepCommit(c githubstatus.Commit) githubstatus.Commit {
	return githubstatus.Commit{Owner: keep(c.Owner), Repo: keep(c.Repo), SHA: keep(c.SHA)}
}

// source is the place that a commit comes from.
type source struct {
	host          string
	commit        githubstatus.Commit
	branch        string
	stage, action string
}

// target is a commit that is to get statuses.
type target struct {
	key      commitKey
	source   source
	statuses githubstatus.Setter
	// fetched is whether a source action has fetched the commit.
	fetched bool
	// confirmed is whether the API has the commit among the execution's
	// revisions. The commit of an event alone may be any.
	confirmed bool
	// reported is whether this Reporter has given it a status.
	reported bool
}

// onGitHub reports whether the repositories of the provider are on a GitHub host.
func onGitHub(p events.Provider) bool {
	return p == events.ProviderGitHub || p == events.ProviderGitHubEnterpriseServer
}

// targets returns the commits of the execution on GitHub, each once, and the
// errors of revisions that should be reported and cannot be.
func (r *Reporter) targets(ctx context.Context, s *snapshot, task *task) (targets []target, errs []error) {
	seen := map[commitKey]bool{}
	add := func(from source, fetched, confirmed bool) error {
		key := commitKeyOf(from.host, from.commit)
		if seen[key] {
			return nil
		}
		statuses, err := r.setter(from.host)
		if err != nil {
			return fmt.Errorf("commit %v: %w", from.commit, err)
		}
		seen[key] = true
		_, reported := s.events.reported[key]
		targets = append(targets, target{key, from, statuses, fetched, confirmed, reported})
		return nil
	}
	var revisions []pipeline.Revision
	if s.execution != nil {
		revisions = s.execution.Revisions
	}
	for _, revision := range revisions {
		from, err := r.source(ctx, s.key, &revision, revisions)
		if err == nil && from != nil {
			err = add(*from, true, true)
		}
		if err != nil {
			errs = append(errs, err)
		}
	}
	// The revisions of an event are hints. The API has all that they lack.
	hint := func(revision pipeline.Revision, fetched bool) {
		from, err := r.source(ctx, s.key, &revision, revisions)
		if err == nil && from != nil && fullID(from.commit.SHA) {
			err = add(*from, fetched, false)
		}
		if err != nil {
			r.options.Logger.InfoContext(ctx, "commit of the event is left out", append(s.key.attrs(), "reason", err)...)
		}
	}
	for _, revision := range task.revisions {
		hint(revision, true)
	}
	for _, revision := range task.triggered {
		hint(revision, false)
	}
	// A commit that was set to pending must not stay so, even if neither the API
	// nor the event has it.
	for _, from := range s.events.reported {
		if err := add(from, false, false); err != nil {
			errs = append(errs, err)
		}
	}
	return targets, errs
}

// source returns the source of a revision. It is nil for a revision that is not on
// GitHub or is not to be reported.
func (r *Reporter) source(ctx context.Context, key executionKey, revision *pipeline.Revision, others []pipeline.Revision) (*source, error) {
	attrs := append(key.attrs(), "source", revision.Action, "artifact", revision.Artifact)
	if r.options.Include != nil && !r.options.Include(*revision) {
		return nil, nil
	}
	host, configured := r.options.Connections[revision.ConnectionARN]
	if host == "" {
		host = revision.Host
	}
	for _, other := range others {
		if host == "" && revision.ConnectionARN != "" && other.ConnectionARN == revision.ConnectionARN {
			host = other.Host
		}
	}
	switch {
	case configured && revision.ConnectionARN != "":
		// On GitHub, as the option says.
	case revision.Provider == "" && revision.HostErr != nil:
		return nil, unknownHost(revision)
	case revision.Provider == "":
		r.options.Logger.WarnContext(ctx, "provider of the revision is not known, nothing is reported on it", append(attrs, "url", revision.URL)...)
		return nil, nil
	case !onGitHub(revision.Provider):
		r.options.Logger.InfoContext(ctx, "revision is not on GitHub", append(attrs, "provider", revision.Provider)...)
		return nil, nil
	case host == "" && revision.Provider == events.ProviderGitHub:
		host = githubhost.Public
	}
	owner, name, ok := strings.Cut(revision.Repository, "/")
	if !ok || owner == "" || name == "" || strings.Contains(name, "/") {
		return nil, fmt.Errorf("revision %q of %s: %q is no owner/repository of GitHub: %w", revision.ID, sourceName(revision), revision.Repository, githubstatus.ErrInvalid)
	}
	if host == "" {
		return nil, unknownHost(revision)
	}
	return &source{
		host: host, commit: githubstatus.Commit{Owner: owner, Repo: name, SHA: revision.ID},
		branch: revision.Branch, stage: revision.Stage, action: revision.Action,
	}, nil
}

// unknownHost is the error of a revision whose connection leads to an unknown
// host.
func unknownHost(revision *pipeline.Revision) error {
	err := fmt.Errorf("revision %q of %s: %w: the host of the connection %q is not known: allow codeconnections:GetConnection and codeconnections:GetHost, or set Options.Connections",
		revision.ID, sourceName(revision), githubstatus.ErrHost, revision.ConnectionARN)
	if revision.HostErr == nil {
		return err
	}
	return fmt.Errorf("%w: %w", err, revision.HostErr)
}

func sourceName(r *pipeline.Revision) string {
	switch {
	case r.Action != "":
		return "source action " + r.Action
	case r.Artifact != "":
		return "artifact " + r.Artifact
	}
	return "the execution"
}

// setter returns the setter of statuses on the host.
func (r *Reporter) setter(host string) (githubstatus.Setter, error) {
	if s, ok := r.options.Hosts.Setter(host); ok {
		return s, nil
	}
	if r.statuses != nil && githubhost.Normal(host) == githubhost.Normal(r.options.Host) {
		return r.statuses, nil
	}
	return nil, fmt.Errorf("%w: %s: add one to Options.Hosts", githubstatus.ErrHost, host)
}

// fullID reports whether s is a full commit ID.
func fullID(s string) bool {
	if len(s) != 40 && len(s) != 64 {
		return false
	}
	return strings.Trim(strings.ToLower(s), "0123456789abcdef") == ""
}
