package githubstatus

import "context"

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
	failure := readPages(ctx, c, request{
		commit: commit, object: "statuses", permission: statusesPermission, path: statusesPath(commit),
	}, pageSize, func(page combinedStatuses) (int, *Error) {
		for _, s := range page.Statuses {
			found = append(found, StatusCheck{Context: s.Context, State: knownState(s.State), TargetURL: s.TargetURL, Description: s.Description})
		}
		return len(page.Statuses), nil
	})
	if failure != nil {
		return nil, failRead("statuses", commit, failure)
	}
	failure = readPages(ctx, c, request{
		commit: commit, object: "check runs", permission: checksPermission, limit: maxCheckReply,
		path: checksPath(commit) + "?filter=latest",
	}, checkPageSize, func(page checkRuns) (int, *Error) {
		for _, run := range page.CheckRuns {
			found = append(found, StatusCheck{
				Context: run.Name, State: run.state(), TargetURL: run.DetailsURL, Description: run.Output.Title, CheckRun: true, AppID: run.App.ID,
			})
		}
		return len(page.CheckRuns), nil
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

// failRead completes the error of a call that reads.
func failRead(object string, commit Commit, e *Error) error {
	e.Operation, e.Commit, e.object = "get", commit, object
	return e
}
