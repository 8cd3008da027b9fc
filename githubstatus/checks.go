package githubstatus

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

const (
	checkPageSize = 50
	maxCheckRuns  = 2000     // GitHub keeps 1,000 of a name
	maxCheckReply = 16 << 20 // each check run may have texts of 64 KiB
	maxSummary    = 65535    // characters
)

// CheckOptions configure [Checks]. The zero value holds the defaults.
type CheckOptions struct {
	// AppID is the ID of the GitHub App that the client's Auth belongs to. The
	// Auth of [App] knows it; set it for a [Transport] or the token of an
	// installation.
	AppID int64
}

// Checks sets check runs in place of commit statuses, as a GitHub App with the
// permission "Checks: write". The name of a check run is the status' Context. A
// required check is chosen by name: use either statuses or check runs for a
// context, as GitHub would require both.
//
// A pending status is a check run in progress. [StateSuccess] has the conclusion
// success, [StateFailure] has failure, and [StateError], for a build that did not
// run to its end, has cancelled. Checks never sets neutral or skipped, as both
// satisfy a required check.
//
// Checks is safe for concurrent use, also by several processes.
type Checks struct {
	client  *Client
	options CheckOptions
}

// Checks returns a setter of check runs that makes its calls through the client.
func (c *Client) Checks(optFns ...func(*CheckOptions)) *Checks {
	k := &Checks{client: c}
	for _, fn := range optFns {
		fn(&k.options)
	}
	return k
}

var _ NewestStatus = (*Checks)(nil)

// checkRun is a check run as GitHub shows it.
type checkRun struct {
	ID         int64  `json:"id"`
	Name       string `json:"name"`
	ExternalID string `json:"external_id"`
	DetailsURL string `json:"details_url"`
	Status     string `json:"status"`
	Conclusion string `json:"conclusion"`
	Output     struct {
		Title   string `json:"title"`
		Summary string `json:"summary"`
	} `json:"output"`
	App struct {
		ID int64 `json:"id"`
	} `json:"app"`
}

func (r *checkRun) completed() bool { return r.Status == "completed" }

// state is the state of a status that stands for the check run.
func (r *checkRun) state() State {
	switch {
	case !r.completed():
		return StatePending
	case r.Conclusion == "success" || r.Conclusion == "neutral" || r.Conclusion == "skipped":
		return StateSuccess
	case r.Conclusion == "failure" || r.Conclusion == "timed_out" || r.Conclusion == "action_required":
		return StateFailure
	}
	return StateError
}

// checkInput is a check run as GitHub takes it.
type checkInput struct {
	Name       string      `json:"name"`
	HeadSHA    string      `json:"head_sha,omitempty"`
	DetailsURL string      `json:"details_url,omitempty"`
	ExternalID string      `json:"external_id"`
	Status     string      `json:"status"`
	Conclusion string      `json:"conclusion,omitempty"`
	StartedAt  string      `json:"started_at,omitempty"`
	Output     checkOutput `json:"output"`
}

type checkOutput struct {
	Title   string `json:"title"`
	Summary string `json:"summary"`
}

func checkInputOf(status Status) checkInput {
	in := checkInput{
		Name: status.Context, DetailsURL: status.TargetURL, ExternalID: status.ExternalID,
		Status: "completed", Output: checkOutput{Title: shorten(oneLine(status.Description), maxDescription), Summary: shorten(status.Details, maxSummary)},
	}
	if !status.Started.IsZero() {
		in.StartedAt = status.Started.UTC().Format(time.RFC3339)
	}
	switch status.State {
	case StatePending:
		in.Status = "in_progress"
	case StateSuccess, StateFailure:
		in.Conclusion = string(status.State)
	default:
		in.Conclusion = "cancelled"
	}
	if in.Output.Title == "" {
		in.Output.Title = string(status.State)
	}
	if in.Output.Summary == "" {
		in.Output.Summary = plainMarkdown(oneLine(status.Description))
	}
	return in
}

// plainMarkdown returns Markdown that shows the text as it is.
func plainMarkdown(text string) string {
	var b strings.Builder
	for _, c := range text {
		if c <= '~' && strings.ContainsRune("\\`*_{}[]()<>#+-.!|@~&:", c) {
			b.WriteByte('\\')
		}
		b.WriteRune(c)
	}
	return b.String()
}

// same reports whether the check run is as the input says.
func (r *checkRun) same(in checkInput) bool {
	return r.Status == in.Status && r.Conclusion == in.Conclusion && r.ExternalID == in.ExternalID &&
		r.DetailsURL == in.DetailsURL && r.Output.Title == in.Output.Title && r.Output.Summary == in.Output.Summary
}

// Set gives the commit a check run. It updates the newest check run of the name
// while that is in progress, or belongs to the same ExternalID, and creates one
// otherwise; a completed check run is never reopened. The error is an [*Error].
//
// Set makes two calls, one to read and one to write, or one if nothing has to be
// written. It retries as [Client.Set] does. Check runs in progress that were
// created at the same time, or in a call whose reply was lost, end together with
// the newest.
func (k *Checks) Set(ctx context.Context, commit Commit, status Status) error {
	commit, status, err := k.check(commit, status)
	if err != nil {
		return failCheck("set", commit, status.Context, &Error{Err: err})
	}
	c := k.client
	key := "check " + sentKey(commit, status.Context)
	unlock, err := c.locks.Lock(ctx, key)
	if err != nil {
		return failCheck("set", commit, status.Context, &Error{Err: err})
	}
	defer unlock()
	sent := brief(status)
	if last := c.sent.get(key); sameStatus(last.status, sent) && last.isFresh(fresh) {
		c.debug(ctx, "githubstatus: unchanged, not sent", commit, status)
		return nil
	}
	c.sent.forget(key) // until GitHub has answered
	if err := k.set(ctx, commit, checkInputOf(status)); err != nil {
		return failCheck("set", commit, status.Context, err)
	}
	c.sent.remember(key, sent)
	c.debug(ctx, "githubstatus: check run sent", commit, status)
	return nil
}

func (k *Checks) set(ctx context.Context, commit Commit, in checkInput) *Error {
	runs, err := k.list(ctx, "set", commit, in.Name)
	if err != nil {
		return err
	}
	done := in.Conclusion != ""
	if done {
		// The older ones first: the newest is then the last to change.
		for _, run := range runs[min(1, len(runs)):] {
			if !run.completed() {
				if err := k.write(ctx, http.MethodPatch, commit, run.ID, in); err != nil {
					return err
				}
			}
		}
	}
	switch {
	case len(runs) == 0:
	case runs[0].same(in):
		return nil
	case !runs[0].completed(), done && runs[0].ExternalID == in.ExternalID:
		return k.write(ctx, http.MethodPatch, commit, runs[0].ID, in)
	}
	in.HeadSHA = commit.SHA
	return k.write(ctx, http.MethodPost, commit, 0, in)
}

// write creates a check run, or updates that with the ID.
func (k *Checks) write(ctx context.Context, method string, commit Commit, id int64, in checkInput) *Error {
	body, err := json.Marshal(in)
	if err != nil {
		return &Error{Err: err}
	}
	r := request{
		operation: "set", commit: commit, context: in.Name, check: true,
		method: method, path: repoPath(commit) + "/check-runs", body: body, want: http.StatusCreated,
	}
	if method == http.MethodPatch {
		r.path, r.want = r.path+"/"+strconv.FormatInt(id, 10), http.StatusOK
	}
	_, failure := k.client.call(ctx, r)
	return failure
}

// Newest returns the newest check run of the commit with the name, as a status, and
// whether the App has created one. An empty name is "default". The error is an
// [*Error].
func (k *Checks) Newest(ctx context.Context, commit Commit, name string) (status Status, ok bool, err error) {
	commit, status, err = k.check(commit, Status{State: StatePending, Context: name})
	if err != nil {
		return Status{}, false, failCheck("get", commit, name, &Error{Err: err})
	}
	runs, failure := k.list(ctx, "get", commit, status.Context)
	if failure != nil {
		return Status{}, false, failCheck("get", commit, name, failure)
	}
	if len(runs) == 0 {
		return Status{}, false, nil
	}
	run := runs[0]
	return Status{
		State: run.state(), TargetURL: run.DetailsURL, Description: run.Output.Title, Context: run.Name,
		Details: run.Output.Summary, ExternalID: run.ExternalID,
	}, true, nil
}

// list returns the check runs of the name that the App has created, the newest
// first.
func (k *Checks) list(ctx context.Context, operation string, commit Commit, name string) ([]checkRun, *Error) {
	query := url.Values{"check_name": {name}, "filter": {"all"}}
	if k.options.AppID != 0 {
		query.Set("app_id", strconv.FormatInt(k.options.AppID, 10))
	}
	var runs []checkRun
	seen := 0
	failure := readPages(ctx, k.client, request{
		operation: operation, commit: commit, context: name, check: true, limit: maxCheckReply,
		path: checksPath(commit) + "?" + query.Encode(),
	}, checkPageSize, func(page checkRuns) (int, *Error) {
		app, err := k.appID(ctx, commit)
		if err != nil {
			return 0, &Error{Err: err}
		}
		for _, run := range page.CheckRuns {
			if run.App.ID == app && run.Name == name {
				runs = append(runs, run)
			}
		}
		if seen += len(page.CheckRuns); seen >= maxCheckRuns {
			return 0, nil
		}
		return len(page.CheckRuns), nil
	})
	slices.SortFunc(runs, func(a, b checkRun) int { return int(min(max(b.ID-a.ID, -1), 1)) })
	return runs, failure
}

// checkRuns is a page of check runs.
type checkRuns struct {
	CheckRuns []checkRun `json:"check_runs"`
}

func checksPath(commit Commit) string {
	return repoPath(commit) + "/commits/" + url.PathEscape(commit.SHA) + "/check-runs"
}

// appID returns the ID of the App whose token the client uses for the commit.
func (k *Checks) appID(ctx context.Context, commit Commit) (int64, error) {
	if k.options.AppID != 0 {
		return k.options.AppID, nil
	}
	cred, err := k.client.auth.credential(ctx, commit)
	if err == nil && cred.app == 0 {
		err = errors.New("the App is not known: use the Auth of App, or set CheckOptions.AppID")
	}
	return cred.app, err
}

// check returns the commit and the status as GitHub takes them.
func (k *Checks) check(commit Commit, status Status) (Commit, Status, error) {
	if k == nil || k.client == nil {
		return commit, status, errors.New("the Checks do not come from Client.Checks")
	}
	if err := k.client.usable(); err != nil {
		return commit, status, err
	}
	if k.options.AppID < 0 {
		return commit, status, fmt.Errorf("CheckOptions.AppID is %d, which is no ID", k.options.AppID)
	}
	commit, err := checkCommit(commit)
	if err != nil {
		return commit, status, err
	}
	status, err = checkStatus(status)
	status.Description = oneLine(status.Description)
	return commit, status, err
}

// failCheck completes the error of an operation.
func failCheck(operation string, commit Commit, name string, e *Error) error {
	e.check = true
	return fail(operation, commit, name, e)
}
