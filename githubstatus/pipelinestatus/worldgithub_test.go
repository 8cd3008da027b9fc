package pipelinestatus_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/codesuite-go/codesuite/events"
	"github.com/codesuite-go/codesuite/githubstatus"
)

// worldGitHub holds the statuses and check runs of the world's GitHub.
type worldGitHub struct {
	statuses map[string]map[string]worldStatus // by commit and context
	runs     []*worldCheckRun                  // oldest first
	wrong    []string                          // passes that no execution had earned
}

// worldStatus is a status on the wire.
type worldStatus struct {
	State       githubstatus.State `json:"state"`
	TargetURL   string             `json:"target_url"`
	Description string             `json:"description"`
	Context     string             `json:"context"`
}

// worldCheckRun is a check run on the wire.
type worldCheckRun struct {
	ID         int64          `json:"id"`
	Name       string         `json:"name"`
	ExternalID string         `json:"external_id"`
	DetailsURL string         `json:"details_url"`
	Status     string         `json:"status"`
	Conclusion string         `json:"conclusion"`
	Output     map[string]any `json:"output"`
	App        map[string]any `json:"app"`
	commit     string
}

// setter returns a new instance's way to this GitHub.
func (w *world) setter() githubstatus.Setter {
	client := githubstatus.New(githubstatus.Token("ghp_0123456789"), func(o *githubstatus.Options) {
		o.HTTPClient = &http.Client{Transport: w}
		o.MaxAttempts = 1            // events come again
		o.Timeout = 1000 * time.Hour // calls wait for as long as the generator likes
	})
	if w.checkRuns {
		return client.Checks(func(o *githubstatus.CheckOptions) { o.AppID = 7 })
	}
	return client
}

// RoundTrip is the GitHub. A call that fails may have been stored.
func (w *world) RoundTrip(r *http.Request) (*http.Response, error) {
	if err := w.call(r.Context()); err != nil {
		return nil, err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	fail := w.random.Float64() < w.failures
	if fail && w.random.IntN(2) == 0 {
		return reply(http.StatusBadGateway, "")(r)
	}
	status, body, err := w.serve(r)
	if err != nil {
		return nil, err
	}
	if fail && r.Method != http.MethodGet {
		return nil, errors.New("connection reset after the status was stored")
	}
	text, err := json.Marshal(body)
	if err != nil {
		return nil, err
	}
	return reply(status, string(text))(r)
}

// serve answers repos/OWNER/REPO/statuses/SHA, repos/OWNER/REPO/commits/SHA/status,
// repos/OWNER/REPO/commits/SHA/check-runs, repos/OWNER/REPO/check-runs and
// repos/OWNER/REPO/check-runs/ID.
func (w *world) serve(r *http.Request) (status int, body any, err error) {
	path := strings.Split(strings.TrimPrefix(r.URL.Path, "/"), "/")
	repository := path[1] + "/" + path[2]
	g := &w.github
	switch {
	case path[len(path)-1] == "status":
		statuses := []worldStatus{}
		for _, s := range g.statuses[repository+"@"+path[4]] {
			statuses = append(statuses, s)
		}
		return http.StatusOK, map[string]any{"statuses": statuses}, nil
	case path[3] == "statuses":
		var s worldStatus
		if err := json.NewDecoder(r.Body).Decode(&s); err != nil {
			return 0, nil, err
		}
		commit := repository + "@" + path[4]
		if g.statuses == nil {
			g.statuses = map[string]map[string]worldStatus{}
		}
		if g.statuses[commit] == nil {
			g.statuses[commit] = map[string]worldStatus{}
		}
		g.statuses[commit][s.Context] = s
		w.judge(commit, s.Context, s.State == githubstatus.StateSuccess)
		return http.StatusCreated, map[string]any{}, nil
	case path[3] == "commits":
		runs := []*worldCheckRun{}
		for _, run := range slices.Backward(g.runs) {
			if run.commit == repository+"@"+path[4] && run.Name == r.URL.Query().Get("check_name") {
				runs = append(runs, run)
			}
		}
		return http.StatusOK, map[string]any{"total_count": len(runs), "check_runs": runs}, nil
	}
	var in struct {
		worldCheckRun
		HeadSHA string `json:"head_sha"`
	}
	if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
		return 0, nil, err
	}
	run := &in.worldCheckRun
	if len(path) == 5 {
		id, err := strconv.ParseInt(path[4], 10, 64)
		if err != nil || id < 1 || id > int64(len(g.runs)) {
			return 0, nil, fmt.Errorf("no check run %s", path[4])
		}
		known := g.runs[id-1]
		known.Status, known.Conclusion, known.ExternalID, known.DetailsURL, known.Output = run.Status, run.Conclusion, run.ExternalID, run.DetailsURL, run.Output
		run, status = known, http.StatusOK
	} else {
		run.commit, run.ID, run.App = repository+"@"+in.HeadSHA, int64(len(g.runs)+1), map[string]any{"id": 7}
		g.runs = append(g.runs, run)
		status = http.StatusCreated
	}
	w.judge(run.commit, run.Name, slices.Contains([]string{"success", "neutral", "skipped"}, run.Conclusion))
	return status, run, nil
}

// judge notes a pass of the pipeline that no execution on the commit has earned: a
// required check would let the commit be merged.
func (w *world) judge(commit, name string, pass bool) {
	if !pass || name != "codepipeline/app" {
		return
	}
	for _, e := range w.executions {
		if e.state != events.PipelineSucceeded {
			continue
		}
		for _, r := range e.truth().Revisions {
			if r.Repository+"@"+r.ID == commit {
				return
			}
		}
	}
	w.github.wrong = append(w.github.wrong, commit)
}

// shown returns the states that GitHub shows, by commit and context.
func (w *world) shown() map[string]map[string]githubstatus.State {
	shown := map[string]map[string]githubstatus.State{}
	set := func(commit, context string, state githubstatus.State) {
		if shown[commit] == nil {
			shown[commit] = map[string]githubstatus.State{}
		}
		shown[commit][context] = state
	}
	for commit, contexts := range w.github.statuses {
		for context, s := range contexts {
			set(commit, context, s.State)
		}
	}
	for _, run := range w.github.runs { // the newest last
		state, ok := map[string]githubstatus.State{
			"success": githubstatus.StateSuccess, "failure": githubstatus.StateFailure, "cancelled": githubstatus.StateError,
		}[run.Conclusion]
		if !ok {
			state = githubstatus.StatePending
		}
		set(run.commit, run.Name, state)
	}
	return shown
}
