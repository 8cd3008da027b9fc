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

// place is a commit on a host, in the spelling that makes equal ones equal.
type place struct {
	host string // as normalHost returns it
	githubstatus.Commit
}

func placeOf(host string, c githubstatus.Commit) place {
	return place{githubhost.Normal(host), githubstatus.Commit{Owner: strings.ToLower(c.Owner), Repo: strings.ToLower(c.Repo), SHA: strings.ToLower(c.SHA)}}
}

// target is a commit that is to get statuses.
type target struct {
	place    place
	commit   githubstatus.Commit
	statuses githubstatus.Setter
	// fetched is whether a source action has told the commit, not only the
	// trigger.
	fetched bool
}

// onGitHub reports whether a GitHub host has what the provider provides.
func onGitHub(p events.Provider) bool {
	return p == events.ProviderGitHub || p == events.ProviderGitHubEnterpriseServer
}

// targets returns the commits of the execution on GitHub, each once, and the
// errors of revisions that should be reported and cannot.
func (r *Reporter) targets(ctx context.Context, v *view, rep *report) (targets []target, errs []error) {
	seen := map[place]bool{}
	add := func(host string, commit githubstatus.Commit, fetched bool) error {
		at := placeOf(host, commit)
		if seen[at] {
			return nil
		}
		statuses, err := r.on(host)
		if err != nil {
			return fmt.Errorf("commit %v: %w", commit, err)
		}
		seen[at] = true
		targets = append(targets, target{at, commit, statuses, fetched})
		return nil
	}
	var revisions []pipeline.Revision
	if v.execution != nil {
		revisions = v.execution.Revisions
	}
	for _, revision := range append(revisions[:len(revisions):len(revisions)], rep.revisions...) {
		commit, host, err := r.commit(ctx, v.key, &revision, revisions)
		if err == nil && host != "" {
			err = add(host, commit, true)
		}
		if err != nil {
			errs = append(errs, err)
		}
	}
	for _, revision := range rep.triggered {
		// The trigger is but a hint: what it does not tell, the source action
		// will.
		commit, host, err := r.commit(ctx, v.key, &revision, revisions)
		if err == nil && host != "" && fullID(commit.SHA) {
			err = add(host, commit, false)
		}
		if err != nil {
			r.options.Logger.InfoContext(ctx, "commit of the trigger is left out", "pipeline", v.key.pipeline, "execution", v.key.id, "reason", err)
		}
	}
	// What has been pending must not stay so, even if nobody tells it any more.
	for at := range v.told.reported {
		if err := add(at.host, at.Commit, false); err != nil {
			errs = append(errs, err)
		}
	}
	return targets, errs
}

// commit returns the commit of a revision and the host it is on, which is ""
// for a revision that is not on GitHub.
func (r *Reporter) commit(ctx context.Context, key executionKey, revision *pipeline.Revision, others []pipeline.Revision) (githubstatus.Commit, string, error) {
	attrs := []any{"pipeline", key.pipeline, "execution", key.id, "source", revision.Action, "artifact", revision.Artifact}
	host := revision.Host
	if host == "" {
		host = r.options.Connections[revision.ConnectionARN]
	}
	for _, other := range others {
		if host == "" && revision.ConnectionARN != "" && other.ConnectionARN == revision.ConnectionARN {
			host = other.Host
		}
	}
	switch {
	case revision.Provider == "" && r.options.Connections[revision.ConnectionARN] != "":
		// Of GitHub, as its option says.
	case revision.Provider == "" && revision.HostErr != nil:
		return githubstatus.Commit{}, "", unknownHost(revision)
	case revision.Provider == "":
		r.options.Logger.WarnContext(ctx, "provider of the revision is not known, nothing is reported on it", append(attrs, "url", revision.URL)...)
		return githubstatus.Commit{}, "", nil
	case !onGitHub(revision.Provider):
		r.options.Logger.InfoContext(ctx, "revision is not on GitHub", append(attrs, "provider", revision.Provider)...)
		return githubstatus.Commit{}, "", nil
	case host == "" && revision.Provider == events.ProviderGitHub:
		host = githubhost.Public
	}
	owner, name, ok := strings.Cut(revision.Repository, "/")
	if !ok || owner == "" || name == "" || strings.Contains(name, "/") {
		return githubstatus.Commit{}, "", fmt.Errorf("revision %q of %s: %q is no owner/repository of GitHub: %w", revision.ID, sourceName(revision), revision.Repository, githubstatus.ErrInvalid)
	}
	if host == "" {
		return githubstatus.Commit{}, "", unknownHost(revision)
	}
	return githubstatus.Commit{Owner: owner, Repo: name, SHA: revision.ID}, host, nil
}

// unknownHost is the error of a revision of a connection of which it is not
// known where it leads.
func unknownHost(revision *pipeline.Revision) error {
	err := fmt.Errorf("revision %q of %s: %w: that of the connection %q is not known: allow codeconnections:GetConnection and codeconnections:GetHost, or set Options.Connections",
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

// on returns what sets statuses on the host.
func (r *Reporter) on(host string) (githubstatus.Setter, error) {
	if client, ok := r.options.Hosts.Client(host); ok {
		return client, nil
	}
	if r.statuses != nil && githubhost.Normal(host) == githubhost.Normal(r.options.Host) {
		return r.statuses, nil
	}
	return nil, fmt.Errorf("%w: %s: add one to Options.Hosts", githubstatus.ErrHost, host)
}

// fullID reports whether s is a commit ID in full.
func fullID(s string) bool {
	if len(s) != 40 && len(s) != 64 {
		return false
	}
	return strings.Trim(strings.ToLower(s), "0123456789abcdef") == ""
}
