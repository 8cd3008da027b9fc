package githubstatus

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"
)

const (
	pullPageSize = 30      // a pull request of a large organization takes 30 KiB
	maxPullReply = 4 << 20 // bytes

	pullsPermission    = `"Pull requests: read"`
	contentsPermission = `"Contents: read"`
	membersPermission  = `"Members: read" of the organization`
)

// PullRequest is a pull request on GitHub.
type PullRequest struct {
	Number int
	Title  string
	URL    string // of its page
	Author string // login; empty if the account is gone
	// BaseRepository is the full name, and Base the branch, into which it is or was
	// to be merged.
	BaseRepository, Base string
	HeadSHA              string // of the newest commit that was proposed
	// MergeSHA is the commit that the merge has made on Base, and Merged the time
	// of it. Both are zero unless it was merged.
	MergeSHA string
	Merged   time.Time
}

// PullRequests returns the pull requests that the commit belongs to: those that
// were merged and brought it, or that would bring it. The commit that was merged is
// PullRequest.MergeSHA; GitHub lists the pull request for its other commits, too.
//
// It takes one call for each 30, and retries as [Client.Set] does. The token needs
// the permission "Pull requests: read". The error is an [*Error].
func (c *Client) PullRequests(ctx context.Context, commit Commit) ([]PullRequest, error) {
	const object = "pull requests"
	commit, err := c.readable(commit)
	if err != nil {
		return nil, failRead(object, commit, err)
	}
	var found []PullRequest
	failure := readPages(ctx, c, request{
		commit: commit, object: object, permission: pullsPermission, limit: maxPullReply,
		path: repoPath(commit) + "/commits/" + url.PathEscape(commit.SHA) + "/pulls",
	}, pullPageSize, func(page []pullReply) (int, *Error) {
		for _, p := range page {
			pull := PullRequest{
				Number: p.Number, Title: p.Title, URL: p.HTMLURL, Author: p.User.login(),
				BaseRepository: p.Base.Repo.FullName, Base: p.Base.Ref, HeadSHA: p.Head.SHA,
			}
			if p.MergedAt != nil { // before, MergeSHA is a trial
				pull.Merged, pull.MergeSHA = *p.MergedAt, p.MergeSHA
			}
			found = append(found, pull)
		}
		return len(page), nil
	})
	if failure != nil {
		return nil, failRead(object, commit, failure)
	}
	return found, nil
}

// pullReply is a pull request as GitHub lists it.
type pullReply struct {
	Number   int        `json:"number"`
	Title    string     `json:"title"`
	HTMLURL  string     `json:"html_url"`
	MergedAt *time.Time `json:"merged_at"`
	MergeSHA string     `json:"merge_commit_sha"`
	User     *account   `json:"user"`
	Head     struct {
		SHA string `json:"sha"`
	} `json:"head"`
	Base struct {
		Ref  string `json:"ref"`
		Repo struct {
			FullName string `json:"full_name"`
		} `json:"repo"`
	} `json:"base"`
}

// account is somebody on GitHub.
type account struct {
	Login string `json:"login"`
	Type  string `json:"type"`
}

func (a *account) login() string {
	if a == nil {
		return ""
	}
	return a.Login
}

// ReviewState is the state of a review in the spelling of GitHub. It is an open set.
type ReviewState string

// The states of reviews.
const (
	ReviewApproved         ReviewState = "APPROVED"
	ReviewChangesRequested ReviewState = "CHANGES_REQUESTED"
	ReviewCommented        ReviewState = "COMMENTED" // leaves an earlier review of its author as it was
	ReviewDismissed        ReviewState = "DISMISSED"
	ReviewPending          ReviewState = "PENDING" // not submitted
)

// Review is a review of a pull request. Everybody who can read a repository can
// review its pull requests: an approval says nothing about who has the right to
// approve.
type Review struct {
	Author    string // login; empty if the account is gone
	Bot       bool   // whether the author is a GitHub App
	State     ReviewState
	SHA       string // the commit that was reviewed; later ones were not
	Submitted time.Time
}

// Reviews returns the reviews of the pull request with the number in the
// repository of the commit, the oldest first.
//
// It takes one call for each 100, and retries as [Client.Set] does. The token needs
// the permission "Pull requests: read". The error is an [*Error].
func (c *Client) Reviews(ctx context.Context, commit Commit, number int) ([]Review, error) {
	object := fmt.Sprintf("reviews of pull request %d", number)
	commit, err := c.readable(commit)
	if err == nil && number < 1 {
		err = &Error{Err: fmt.Errorf("%w: %d is no number of a pull request", ErrInvalid, number)}
	}
	if err != nil {
		return nil, failRead(object, commit, err)
	}
	var found []Review
	failure := readPages(ctx, c, request{
		commit: commit, object: object, permission: pullsPermission, limit: maxPullReply,
		path: fmt.Sprintf("%s/pulls/%d/reviews", repoPath(commit), number),
	}, pageSize, func(page []reviewReply) (int, *Error) {
		for _, r := range page {
			found = append(found, Review{
				Author: r.User.login(), Bot: r.User != nil && r.User.Type == "Bot", State: r.State, SHA: r.SHA, Submitted: r.Submitted,
			})
		}
		return len(page), nil
	})
	if failure != nil {
		return nil, failRead(object, commit, failure)
	}
	return found, nil
}

// reviewReply is a review as GitHub lists it.
type reviewReply struct {
	User      *account    `json:"user"`
	State     ReviewState `json:"state"`
	SHA       string      `json:"commit_id"`
	Submitted time.Time   `json:"submitted_at"`
}

// Author returns the name of the commit's author as git has it: anybody can write any
// name there.
//
// It makes one call, and retries as [Client.Set] does. The token needs the permission
// "Contents: read". The error is an [*Error].
func (c *Client) Author(ctx context.Context, commit Commit) (string, error) {
	const object = "the author"
	commit, failure := c.readable(commit)
	var body []byte
	if failure == nil {
		body, failure = c.call(ctx, request{
			operation: "get", commit: commit, object: object, permission: contentsPermission,
			method: http.MethodGet, want: http.StatusOK,
			path: repoPath(commit) + "/git/commits/" + url.PathEscape(commit.SHA),
		})
	}
	var found struct {
		Author struct {
			Name string `json:"name"`
		} `json:"author"`
	}
	if failure == nil {
		if err := json.Unmarshal(body, &found); err != nil {
			failure = &Error{StatusCode: http.StatusOK, Err: fmt.Errorf("read the reply: %w", err)}
		}
	}
	if failure != nil {
		return "", failRead(object, commit, failure)
	}
	return found.Author.Name, nil
}

// TeamMember reports whether the account with the login is an active member of a
// team of the organization, given by the team's slug, or of a team below it. A team
// that is missing, or that the token must not see, is an [ErrNotFound]: GitHub does
// not say which.
//
// It makes one call with the token for the repository of the commit, a second one if
// the account is no member, and retries as [Client.Set] does. The token needs the permission "Members: read" of the
// organization. The error is an [*Error].
func (c *Client) TeamMember(ctx context.Context, commit Commit, organization, team, login string) (bool, error) {
	object := fmt.Sprintf("membership of %s in the team %s/%s, for a commit", login, organization, team)
	commit, failure := c.readable(commit)
	for _, name := range []string{organization, team, login} {
		if failure == nil && (!namePattern.MatchString(name) || name == "." || name == "..") {
			failure = &Error{Err: fmt.Errorf("%w: %q is not the name of an organization, a team or an account", ErrInvalid, shorten(name, 100))}
		}
	}
	if failure != nil {
		return false, failRead(object, commit, failure)
	}
	path := "/orgs/" + url.PathEscape(organization) + "/teams/" + url.PathEscape(team)
	get := func(path string) ([]byte, *Error) {
		return c.call(ctx, request{
			operation: "get", commit: commit, object: object, permission: membersPermission,
			method: http.MethodGet, path: path, want: http.StatusOK,
		})
	}
	body, failure := get(path + "/memberships/" + url.PathEscape(login))
	if failure != nil && errors.Is(failure, ErrNotFound) && failure.step == "" {
		if _, failure = get(path); failure == nil {
			return false, nil
		}
	}
	var membership struct {
		State string `json:"state"`
	}
	if failure == nil {
		if err := json.Unmarshal(body, &membership); err != nil {
			failure = &Error{StatusCode: http.StatusOK, Err: fmt.Errorf("read the reply: %w", err)}
		}
	}
	if failure != nil {
		return false, failRead(object, commit, failure)
	}
	return membership.State == "active", nil
}
