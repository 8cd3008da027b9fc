package githubstatus

import (
	"context"
	"net/url"
	"strings"
)

// Newest returns the newest status of the commit in the context, and whether
// there is one. Anybody may have set it. An empty context is "default". It takes one
// call for each 100 contexts of the commit, and retries as [Client.Set] does.
// The error is an [*Error].
func (c *Client) Newest(ctx context.Context, commit Commit, statusContext string) (status Status, ok bool, err error) {
	err = c.usable()
	if err == nil {
		commit, err = checkCommit(commit)
	}
	if err == nil {
		statusContext, err = checkContext(statusContext)
	}
	if err != nil {
		return Status{}, false, fail("get", commit, statusContext, &Error{Err: err})
	}
	status, ok, failure := c.newest(ctx, commit, statusContext, false)
	if failure != nil {
		return Status{}, false, fail("get", commit, statusContext, failure)
	}
	return status, ok, nil
}

func (c *Client) newest(ctx context.Context, commit Commit, statusContext string, once bool) (status Status, ok bool, _ *Error) {
	failure := readPages(ctx, c, request{
		commit: commit, context: statusContext, path: statusesPath(commit), once: once,
	}, pageSize, func(page combinedStatuses) (int, *Error) {
		for _, s := range page.Statuses {
			if strings.EqualFold(s.Context, statusContext) {
				status = Status{State: s.State, TargetURL: s.TargetURL, Description: s.Description, Context: s.Context}
				ok = true
				return 0, nil
			}
		}
		return len(page.Statuses), nil
	})
	return status, ok, failure
}

// combinedStatuses is a page of the newest status of each context of a commit.
type combinedStatuses struct {
	Statuses []struct {
		State       State  `json:"state"`
		TargetURL   string `json:"target_url"`
		Description string `json:"description"`
		Context     string `json:"context"`
	} `json:"statuses"`
}

func statusesPath(commit Commit) string {
	return repoPath(commit) + "/commits/" + url.PathEscape(commit.SHA) + "/status"
}
