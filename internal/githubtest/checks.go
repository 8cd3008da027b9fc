package githubtest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// Limits of check runs.
const (
	maxCheckRuns   = 1000 // of one name and App on a commit; older ones are deleted
	maxOutputText  = 65535
	maxAnnotations = 50
)

// CheckRun is a check run that the server holds.
type CheckRun struct {
	ID                 int64
	AppID              int64
	SHA, Name          string
	Status, Conclusion string // Conclusion is "" until the run is completed
	DetailsURL         string
	ExternalID         string
	Title, Summary     string
	Text               string
	Started, Completed time.Time
	// Conclusions are all conclusions that the run has had, in order.
	Conclusions []string
}

// checkInput is the body of a request that creates or updates a check run.
type checkInput struct {
	Name        *string    `json:"name"`
	HeadSHA     *string    `json:"head_sha"`
	DetailsURL  *string    `json:"details_url"`
	ExternalID  *string    `json:"external_id"`
	Status      *string    `json:"status"`
	Conclusion  *string    `json:"conclusion"`
	StartedAt   *time.Time `json:"started_at"`
	CompletedAt *time.Time `json:"completed_at"`
	Output      *struct {
		Title       *string           `json:"title"`
		Summary     *string           `json:"summary"`
		Text        *string           `json:"text"`
		Annotations []json.RawMessage `json:"annotations"`
	} `json:"output"`
}

// CheckRuns returns the check runs of the commit, the oldest first.
func (s *Server) CheckRuns(fullName, sha string) []CheckRun {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, ok := s.repositories[strings.ToLower(fullName)]
	if !ok {
		return nil
	}
	var out []CheckRun
	for _, run := range r.checks[strings.ToLower(sha)] {
		copied := *run
		copied.Conclusions = slices.Clone(run.Conclusions)
		out = append(out, copied)
	}
	return out
}

// AddCheckRun adds a check run as an App would, without a call. There must be such
// a repository.
func (s *Server) AddCheckRun(fullName string, run CheckRun) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, ok := s.repositories[strings.ToLower(fullName)]
	if !ok {
		return fmt.Errorf("githubtest: there is no repository %q", fullName)
	}
	s.storeCheck(r, &run)
	return nil
}

// storeCheck adds the run; s.mu is held.
func (s *Server) storeCheck(r *repository, run *CheckRun) {
	s.lastID++
	run.ID, run.SHA = s.lastID, strings.ToLower(run.SHA)
	if run.Conclusion != "" {
		run.Conclusions = append(run.Conclusions, run.Conclusion)
	}
	list := append(r.checks[run.SHA], run)
	same := 0
	for i := len(list) - 1; i >= 0; i-- {
		if list[i].Name == run.Name && list[i].AppID == run.AppID {
			if same++; same > maxCheckRuns {
				list = slices.Delete(list, i, i+1)
			}
		}
	}
	r.checks[run.SHA] = list
}

// createCheckRun is POST /repos/{owner}/{repo}/check-runs.
func (s *Server) createCheckRun(w http.ResponseWriter, r *http.Request, repo *repository, app int64, f *Fault) {
	in, ok := readCheck(w, r)
	if !ok {
		return
	}
	run := &CheckRun{AppID: app, Status: "queued", Started: time.Now()}
	s.mu.Lock()
	problem := ""
	switch {
	case in.Name == nil || *in.Name == "":
		problem = "Invalid request.\n\n\"name\" wasn't supplied."
	case in.HeadSHA == nil:
		problem = "Invalid request.\n\n\"head_sha\" wasn't supplied."
	case !shaPattern.MatchString(*in.HeadSHA) || repo.commits != nil && !repo.commits[strings.ToLower(*in.HeadSHA)]:
		problem = "No commit found for SHA: " + *in.HeadSHA
	default:
		run.SHA = *in.HeadSHA
		problem = in.apply(run)
	}
	if problem == "" {
		s.storeCheck(repo, run)
	}
	wire := run.wire(s.base(r, repo))
	s.mu.Unlock()
	replyCheck(w, r, f, http.StatusCreated, problem, wire)
}

// updateCheckRun is PATCH /repos/{owner}/{repo}/check-runs/{id}.
func (s *Server) updateCheckRun(w http.ResponseWriter, r *http.Request, repo *repository, app int64, id string, f *Fault) {
	in, ok := readCheck(w, r)
	if !ok {
		return
	}
	s.mu.Lock()
	run := repo.check(id)
	switch {
	case run == nil:
		s.mu.Unlock()
		writeError(w, http.StatusNotFound, "Not Found")
		return
	case run.AppID != app:
		s.mu.Unlock()
		writeError(w, http.StatusForbidden, fmt.Sprintf("Invalid app_id `%d` - check run can only be modified by the GitHub App that created it.", app))
		return
	}
	changed := *run
	problem := in.apply(&changed)
	if problem == "" {
		if changed.Conclusion != "" {
			changed.Conclusions = append(slices.Clone(run.Conclusions), changed.Conclusion)
		}
		*run = changed
	}
	wire := run.wire(s.base(r, repo))
	s.mu.Unlock()
	replyCheck(w, r, f, http.StatusOK, problem, wire)
}

func readCheck(w http.ResponseWriter, r *http.Request) (in checkInput, ok bool) {
	if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
		writeError(w, http.StatusBadRequest, "Problems parsing JSON")
		return in, false
	}
	return in, true
}

func replyCheck(w http.ResponseWriter, r *http.Request, f *Fault, status int, problem string, wire map[string]any) {
	switch {
	case problem != "":
		writeError(w, http.StatusUnprocessableEntity, problem)
	case f != nil && f.reply != nil:
		f.reply(w, r)
	default:
		writeJSON(w, status, wire)
	}
}

// apply changes the run, or returns GitHub's message about input that is not valid.
func (in *checkInput) apply(run *CheckRun) (problem string) {
	for to, from := range map[*string]*string{&run.Name: in.Name, &run.DetailsURL: in.DetailsURL, &run.ExternalID: in.ExternalID, &run.Status: in.Status} {
		if from != nil {
			*to = *from
		}
	}
	if !slices.Contains([]string{"queued", "in_progress", "completed"}, run.Status) {
		return fmt.Sprintf("Invalid request.\n\n%s is not a member of [\"queued\", \"in_progress\", \"completed\"].", run.Status)
	}
	if u := strings.ToLower(run.DetailsURL); u != "" && !strings.HasPrefix(u, "http://") && !strings.HasPrefix(u, "https://") {
		return "Invalid request.\n\ndetails_url must use http(s) scheme"
	}
	if in.StartedAt != nil {
		run.Started = *in.StartedAt
	}
	switch {
	case in.Conclusion != nil:
		if !slices.Contains([]string{"success", "failure", "neutral", "cancelled", "skipped", "timed_out", "action_required"}, *in.Conclusion) {
			return fmt.Sprintf("Invalid request.\n\n%s is not a member of the conclusions.", *in.Conclusion)
		}
		run.Status, run.Conclusion, run.Completed = "completed", *in.Conclusion, time.Now()
		if in.CompletedAt != nil {
			run.Completed = *in.CompletedAt
		}
	case run.Status == "completed" && run.Conclusion == "":
		return "Invalid request.\n\n\"conclusion\" wasn't supplied."
	case run.Status != "completed":
		run.Conclusion, run.Completed = "", time.Time{}
	}
	if in.Output == nil {
		return ""
	}
	if in.Output.Title == nil || in.Output.Summary == nil {
		return "Invalid request.\n\n\"title\" and \"summary\" of the output weren't supplied."
	}
	run.Title, run.Summary = *in.Output.Title, *in.Output.Summary
	if in.Output.Text != nil {
		run.Text = *in.Output.Text
	}
	switch {
	case utf8.RuneCountInString(run.Summary) > maxOutputText:
		return fmt.Sprintf("Invalid request.\n\nOnly %d characters are allowed; %d were supplied.", maxOutputText, utf8.RuneCountInString(run.Summary))
	case utf8.RuneCountInString(run.Text) > maxOutputText:
		return fmt.Sprintf("Invalid request.\n\nOnly %d characters are allowed; %d were supplied.", maxOutputText, utf8.RuneCountInString(run.Text))
	case len(in.Output.Annotations) > maxAnnotations:
		return fmt.Sprintf("Invalid request.\n\nNo more than %d items are allowed; %d were supplied.", maxAnnotations, len(in.Output.Annotations))
	}
	return ""
}

// check returns the run with the ID, nil if there is none.
func (r *repository) check(id string) *CheckRun {
	for _, runs := range r.checks {
		for _, run := range runs {
			if strconv.FormatInt(run.ID, 10) == id {
				return run
			}
		}
	}
	return nil
}

// listCheckRuns is GET /repos/{owner}/{repo}/commits/{ref}/check-runs.
func (s *Server) listCheckRuns(w http.ResponseWriter, r *http.Request, repo *repository, ref string) {
	query := r.URL.Query()
	sha, ok := s.commit(w, repo, ref)
	if !ok {
		return
	}
	s.mu.Lock()
	var runs []map[string]any
	type key struct {
		name string
		app  int64
	}
	seen := map[key]bool{}
	for _, run := range slices.Backward(repo.checks[sha]) {
		if name := query.Get("check_name"); name != "" && name != run.Name {
			continue
		}
		if app := query.Get("app_id"); app != "" && app != strconv.FormatInt(run.AppID, 10) {
			continue
		}
		k := key{run.Name, run.AppID}
		if query.Get("filter") != "all" && seen[k] {
			continue
		}
		seen[k] = true
		runs = append(runs, run.wire(s.base(r, repo)))
	}
	s.mu.Unlock()
	out := page(s, w, r, runs)
	if out == nil {
		out = []map[string]any{}
	}
	writeJSON(w, http.StatusOK, map[string]any{"total_count": len(runs), "check_runs": out})
}

// wire is the check run as GitHub shows it.
func (c *CheckRun) wire(base string) map[string]any {
	orNull := func(text string) any {
		if text == "" {
			return nil
		}
		return text
	}
	at := func(t time.Time) any {
		if t.IsZero() {
			return nil
		}
		return t.UTC().Format(time.RFC3339)
	}
	return map[string]any{
		"id": c.ID, "node_id": fmt.Sprintf("CR_%d", c.ID), "head_sha": c.SHA, "name": c.Name, "external_id": c.ExternalID,
		"url": fmt.Sprintf("%s/check-runs/%d", base, c.ID), "html_url": fmt.Sprintf("%s/runs/%d", base, c.ID),
		"details_url": orNull(c.DetailsURL), "status": c.Status, "conclusion": orNull(c.Conclusion),
		"started_at": at(c.Started), "completed_at": at(c.Completed),
		"output": map[string]any{"title": orNull(c.Title), "summary": orNull(c.Summary), "text": orNull(c.Text), "annotations_count": 0},
		"app":    map[string]any{"id": c.AppID, "slug": fmt.Sprintf("app-%d", c.AppID)},
	}
}
