package pipelineapproval

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/codesuite-go/codesuite/events"
	"github.com/codesuite-go/codesuite/githubstatus"
	"github.com/codesuite-go/codesuite/internal/githubhost"
	"github.com/codesuite-go/codesuite/pipeline"
	"github.com/codesuite-go/codesuite/pipeline/approval"
)

// Reader reads the sources on GitHub hosts. It is safe for concurrent use.
type Reader struct {
	clients map[string]*githubstatus.Client // by host, as githubhost.Normal returns it
}

var (
	_ approval.StatusReader      = (*Reader)(nil)
	_ approval.PullRequestReader = (*Reader)(nil)
)

// New returns a Reader with a client for each host, such as "github.com" or
// "git.example.com:8443". A source on another host is an error.
func New(clients map[string]*githubstatus.Client) *Reader {
	r := &Reader{clients: make(map[string]*githubstatus.Client)}
	for host, client := range clients {
		r.clients[githubhost.Normal(host)] = client
	}
	return r
}

// Reads reports whether the source is on GitHub, on whatever host.
func (r *Reader) Reads(s approval.Subject) bool {
	return s.Provider == events.ProviderGitHub || s.Provider == events.ProviderGitHubEnterpriseServer
}

// Commit returns the commit of a revision, and the client of its host.
func (r *Reader) Commit(v pipeline.Revision) (*githubstatus.Client, githubstatus.Commit, error) {
	host := v.Host
	if host == "" && v.Provider == events.ProviderGitHub && v.HostErr == nil {
		host = githubhost.Public
	}
	owner, name, ok := strings.Cut(v.Repository, "/")
	commit := githubstatus.Commit{Owner: owner, Repo: name, SHA: strings.ToLower(v.ID)}
	client := r.clients[githubhost.Normal(host)]
	switch {
	case host == "" && v.HostErr != nil:
		return nil, commit, fmt.Errorf("pipelineapproval: the host of %.100q is not known: %w", v.Repository, v.HostErr)
	case host == "":
		return nil, commit, fmt.Errorf("pipelineapproval: the host of %.100q is not known: allow codeconnections:GetConnection and codeconnections:GetHost", v.Repository)
	case client == nil:
		return nil, commit, fmt.Errorf("pipelineapproval: there is no client for the GitHub host %.100q: give New one", host)
	case !ok || strings.Contains(name, "/"):
		return nil, commit, fmt.Errorf("pipelineapproval: %.100q is no owner/repository of GitHub", v.Repository)
	}
	return client, commit, nil
}

// Author returns the name of the author of a revision, for
// [pipeline.MessageOptions]; "" if it is not on GitHub.
func (r *Reader) Author(ctx context.Context, v pipeline.Revision) (string, error) {
	if !r.Reads(approval.Subject{Revision: v}) {
		return "", nil
	}
	client, commit, err := r.Commit(v)
	if err != nil {
		return "", err
	}
	return client.Author(ctx, commit)
}

// StatusChecks returns the statuses and check runs of the commit.
func (r *Reader) StatusChecks(ctx context.Context, s approval.Subject) ([]approval.StatusCheck, error) {
	client, commit, err := r.Commit(s.Revision)
	if err != nil {
		return nil, err
	}
	found, err := client.StatusChecks(ctx, commit)
	if err != nil {
		return nil, err
	}
	checks := make([]approval.StatusCheck, 0, len(found))
	for _, c := range found {
		state := approval.CheckFailed
		switch c.State {
		case githubstatus.StateSuccess:
			state = approval.CheckPassed
		case githubstatus.StatePending:
			state = approval.CheckPending
		}
		checks = append(checks, approval.StatusCheck{Context: c.Context, State: state, AppID: c.AppID})
	}
	return checks, nil
}

// PullRequest returns the pull request whose merge into the branch of the source made
// the commit: its merge commit, the squashed commit, or the last of the rebased ones.
//
// The newest review of each account counts, comments left out. An approval counts if
// it is of the last commit of the pull request, as later ones were not approved. The
// author is who opened the pull request: others who pushed to it are not known.
//
// GitHub gives several pull requests the same merge commit if the merge of one brought
// the commits of the others. It does not tell which one was merged, so that an
// approval counts if it was given to all of them.
func (r *Reader) PullRequest(ctx context.Context, s approval.Subject) (*approval.PullRequest, error) {
	client, commit, err := r.Commit(s.Revision)
	if err != nil {
		return nil, err
	}
	pulls, err := client.PullRequests(ctx, commit)
	if err != nil {
		return nil, err
	}
	pulls = slices.DeleteFunc(pulls, func(p githubstatus.PullRequest) bool {
		return p.Merged.IsZero() || !strings.EqualFold(p.MergeSHA, commit.SHA) || !strings.EqualFold(p.BaseRepository, s.Repository) ||
			s.Branch != "" && p.Base != strings.TrimPrefix(s.Branch, "refs/heads/")
	})
	if len(pulls) == 0 {
		return nil, nil
	}
	slices.SortFunc(pulls, func(a, b githubstatus.PullRequest) int { return b.Merged.Compare(a.Merged) })
	var pull *approval.PullRequest
	for _, p := range pulls {
		read, err := r.reviewed(ctx, client, commit, p)
		if err != nil {
			return nil, err
		}
		if pull == nil {
			pull = read
		} else {
			both(pull, read)
		}
	}
	return pull, nil
}

// reviewed returns the pull request with the accounts that approve it and those that
// want changes.
func (r *Reader) reviewed(ctx context.Context, client *githubstatus.Client, commit githubstatus.Commit, p githubstatus.PullRequest) (*approval.PullRequest, error) {
	reviews, err := client.Reviews(ctx, commit, p.Number)
	if err != nil {
		return nil, err
	}
	pull := &approval.PullRequest{Name: fmt.Sprintf("pull request %d", p.Number), URL: p.URL, Author: p.Author}
	newest := make(map[string]githubstatus.Review)
	var logins []string // in the order of their first review
	for _, review := range reviews {
		switch review.State {
		case githubstatus.ReviewCommented, githubstatus.ReviewPending:
			continue
		}
		login := strings.ToLower(review.Author)
		if _, known := newest[login]; !known && login != "" {
			logins = append(logins, login)
		}
		newest[login] = review
	}
	for _, login := range logins {
		switch review := newest[login]; {
		case review.State == githubstatus.ReviewApproved && strings.EqualFold(review.SHA, p.HeadSHA):
			pull.Approvers = append(pull.Approvers, review.Author)
		case review.State == githubstatus.ReviewChangesRequested:
			pull.Objectors = append(pull.Objectors, review.Author)
		}
	}
	return pull, nil
}

// both adds a second pull request to one: an approver has approved both and is the
// author of neither, and who wants changes of one of them wants changes.
func both(pull, second *approval.PullRequest) {
	is := func(name string) func(string) bool {
		return func(other string) bool { return strings.EqualFold(name, other) }
	}
	pull.Name += " and " + strings.TrimPrefix(second.Name, "pull request ")
	pull.Approvers = slices.DeleteFunc(pull.Approvers, func(login string) bool {
		return strings.EqualFold(login, second.Author) || !slices.ContainsFunc(second.Approvers, is(login))
	})
	for _, login := range second.Objectors {
		if !slices.ContainsFunc(pull.Objectors, is(login)) {
			pull.Objectors = append(pull.Objectors, login)
		}
	}
	if second.Author == "" {
		pull.Author = "" // nobody knows whose approval does not count
	}
}

// Member reports whether the account is an active member of the team,
// "organization/team". No App is.
func (r *Reader) Member(ctx context.Context, s approval.Subject, team, login string) (bool, error) {
	client, commit, err := r.Commit(s.Revision)
	if err != nil {
		return false, err
	}
	organization, slug, ok := strings.Cut(team, "/")
	if !ok {
		return false, fmt.Errorf("pipelineapproval: %.100q is no team such as octo/owners", team)
	}
	if strings.HasSuffix(login, "[bot]") {
		return false, nil
	}
	return client.TeamMember(ctx, commit, organization, slug, login)
}
