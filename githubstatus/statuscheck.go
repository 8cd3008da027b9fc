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
	statusesPermission = `"Commit statuses: read"`
	checksPermission   = `"Checks: read"`
)

// StatusCheck is one mark beside a commit: the newest commit status of a context,
// or a check run.
type StatusCheck struct {
	// Context is the context of a status, or the name of a check run.
	Context string
	// State of a check run is [StatePending] until it has completed, and
	// [StateSuccess] for the conclusions success, neutral and skipped, as a
	// required check passes with them. Its conclusions failure, timed_out and
	// action_required are [StateFailure], all others [StateError].
	State       State
	TargetURL   string
	Description string // of a check run, the title of its output
	// CheckRun is whether it is a check run. AppID is then the ID of the GitHub
	// App that made it: nobody else can. Anybody who may push can set a status.
	CheckRun bool
	AppID    int64
}

// StatusChecks returns the newest status of each context of the commit, and its
// check runs as well: those of all GitHub Apps, the newest of each name in a check
// suite. A commit without any has none; GitHub does not know which ones are to come.
//
// It takes one call for each 100 statuses and for each 50 check runs, and retries
// as [Client.Set] does. The token needs the permissions "Commit statuses: read" and
// "Checks: read". The error is an [*Error]; there is no result in part.
func (c *Client) StatusChecks(ctx context.Context, commit Commit) ([]StatusCheck, error) {
	commit, err := c.readable(commit)
	if err != nil {
		return nil, failRead("statuses", commit, err)
	}
	var found []StatusCheck
	failure := c.readPages(ctx, request{
		commit: commit, object: "statuses", permission: statusesPermission,
		path: repoPath(commit) + "/commits/" + url.PathEscape(commit.SHA) + "/status",
	}, pageSize, func(body []byte) (int, error) {
		var combined struct {
			Statuses []struct {
				State       State  `json:"state"`
				TargetURL   string `json:"target_url"`
				Description string `json:"description"`
				Context     string `json:"context"`
			} `json:"statuses"`
		}
		err := json.Unmarshal(body, &combined)
		for _, s := range combined.Statuses {
			found = append(found, StatusCheck{Context: s.Context, State: knownState(s.State), TargetURL: s.TargetURL, Description: s.Description})
		}
		return len(combined.Statuses), err
	})
	if failure != nil {
		return nil, failRead("statuses", commit, failure)
	}
	failure = c.readPages(ctx, request{
		commit: commit, object: "check runs", permission: checksPermission, limit: maxCheckReply,
		path: repoPath(commit) + "/commits/" + url.PathEscape(commit.SHA) + "/check-runs?filter=latest",
	}, checkPageSize, func(body []byte) (int, error) {
		var reply struct {
			CheckRuns []checkRun `json:"check_runs"`
		}
		err := json.Unmarshal(body, &reply)
		for _, run := range reply.CheckRuns {
			found = append(found, StatusCheck{
				Context: run.Name, State: run.state(), TargetURL: run.DetailsURL, Description: run.Output.Title, CheckRun: true, AppID: run.App.ID,
			})
		}
		return len(reply.CheckRuns), err
	})
	if failure != nil {
		return nil, failRead("check runs", commit, failure)
	}
	return found, nil
}

// knownState returns a state that GitHub documents: any other is no success.
func knownState(s State) State {
	switch s {
	case StatePending, StateSuccess, StateFailure:
		return s
	}
	return StateError
}

// readable returns the commit as GitHub takes it, or the error of a client that
// cannot work.
func (c *Client) readable(commit Commit) (Commit, *Error) {
	err := c.usable()
	if err == nil {
		commit, err = checkCommit(commit)
	}
	if err != nil {
		return commit, &Error{Err: err}
	}
	return commit, nil
}

// readPages gets all pages of a list of up to size elements each, and gives each to
// take, which returns the number of its elements.
func (c *Client) readPages(ctx context.Context, r request, size int, take func(body []byte) (int, error)) *Error {
	r.operation, r.method, r.want = "get", http.MethodGet, http.StatusOK
	base, separator := r.path, "?"
	if strings.Contains(base, separator) {
		separator = "&"
	}
	for page := 1; ; page++ {
		r.path = fmt.Sprintf("%s%sper_page=%d&page=%d", base, separator, size, page)
		body, failure := c.call(ctx, r)
		if failure != nil {
			return failure
		}
		n, err := take(body)
		switch {
		case err != nil:
			return &Error{StatusCode: http.StatusOK, Err: fmt.Errorf("read the reply: %w", err)}
		case n < size:
			return nil
		case page == maxPages:
			return &Error{StatusCode: http.StatusOK, Err: fmt.Errorf("there are more than %d", maxPages*size)}
		}
	}
}

// failRead completes the error of a call that reads.
func failRead(object string, commit Commit, e *Error) error {
	e.Operation, e.Commit, e.object = "get", commit, object
	return e
}
