package githubstatus

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
)

const (
	pageSize = 100 // the most that GitHub returns
	maxPages = 100 // more is a server that does not end
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

func (c *Client) newest(ctx context.Context, commit Commit, statusContext string, once bool) (Status, bool, *Error) {
	for page := 1; ; page++ {
		body, failure := c.call(ctx, request{
			operation: "get", commit: commit, context: statusContext,
			method: http.MethodGet,
			path: fmt.Sprintf("%s/commits/%s/status?per_page=%d&page=%d",
				repoPath(commit), url.PathEscape(commit.SHA), pageSize, page),
			want: http.StatusOK,
			once: once,
		})
		if failure != nil {
			return Status{}, false, failure
		}
		var combined struct {
			Statuses []struct {
				State       State  `json:"state"`
				TargetURL   string `json:"target_url"`
				Description string `json:"description"`
				Context     string `json:"context"`
			} `json:"statuses"`
		}
		if err := json.Unmarshal(body, &combined); err != nil {
			return Status{}, false, &Error{StatusCode: http.StatusOK, Err: fmt.Errorf("read the statuses: %w", err)}
		}
		for _, s := range combined.Statuses {
			if strings.EqualFold(s.Context, statusContext) {
				return Status{State: s.State, TargetURL: s.TargetURL, Description: s.Description, Context: s.Context}, true, nil
			}
		}
		if len(combined.Statuses) < pageSize {
			return Status{}, false, nil
		}
		if page == maxPages {
			return Status{}, false, &Error{StatusCode: http.StatusOK, Err: fmt.Errorf("the commit has more than %d contexts", maxPages*pageSize)}
		}
	}
}
