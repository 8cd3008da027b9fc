package githubtest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

var shaPattern = regexp.MustCompile(`^(?:[0-9a-fA-F]{40}|[0-9a-fA-F]{64})$`)

// createStatus is POST /repos/{owner}/{repo}/statuses/{sha}.
func (s *Server) createStatus(w http.ResponseWriter, r *http.Request, repo *repository, sha string, f *Fault) {
	var in struct {
		State       *string `json:"state"`
		TargetURL   *string `json:"target_url"`
		Description *string `json:"description"`
		Context     *string `json:"context"`
	}
	var raw json.RawMessage
	if err := json.NewDecoder(r.Body).Decode(&raw); err != nil {
		writeError(w, http.StatusBadRequest, "Problems parsing JSON")
		return
	}
	if err := json.Unmarshal(raw, &in); err != nil || raw[0] != '{' {
		writeError(w, http.StatusBadRequest, "Body should be a JSON object")
		return
	}
	status := Status{SHA: strings.ToLower(sha), Context: "default"}
	for to, from := range map[*string]*string{&status.State: in.State, &status.TargetURL: in.TargetURL,
		&status.Description: in.Description, &status.Context: in.Context} {
		if from != nil {
			*to = *from
		}
	}
	s.mu.Lock()
	invalid, noCommit := s.validate(repo, sha, status)
	if len(invalid) == 0 && !noCommit {
		status = s.store(repo, status)
	}
	s.mu.Unlock()
	switch {
	case len(invalid) > 0:
		writeError(w, http.StatusUnprocessableEntity, "Validation Failed", invalid...)
		return
	case noCommit:
		writeError(w, http.StatusUnprocessableEntity, "No commit found for SHA: "+sha)
		return
	case f != nil && f.reply != nil:
		f.reply(w, r)
		return
	}
	base := s.base(r, repo)
	w.Header().Set("Location", base+"/statuses/"+status.SHA)
	writeJSON(w, http.StatusCreated, status.wire(base))
}

// validate returns the faults that GitHub finds; s.mu is held.
func (s *Server) validate(repo *repository, sha string, status Status) (invalid []fieldError, noCommit bool) {
	custom := func(field, message string) {
		invalid = append(invalid, fieldError{Resource: "Status", Code: "custom", Field: field, Message: message})
	}
	if !shaPattern.MatchString(sha) {
		custom("sha", "sha must be a 40 character SHA1")
		return invalid, false
	}
	if !slices.Contains([]string{"error", "failure", "pending", "success"}, status.State) {
		custom("state", "state is not included in the list")
	}
	if utf8.RuneCountInString(status.Description) > 140 {
		custom("description", "description is too long (maximum is 140 characters)")
	}
	if strings.ContainsFunc(status.Description, func(c rune) bool { return c > 0xffff }) {
		custom("description", "description doesn't accept 4-byte Unicode")
	}
	if utf8.RuneCountInString(status.Context) > 255 {
		custom("context", "context is too long (maximum is 255 characters)")
	}
	if u := strings.ToLower(status.TargetURL); u != "" && !strings.HasPrefix(u, "http://") && !strings.HasPrefix(u, "https://") {
		custom("target_url", "target_url must use http(s) scheme")
	}
	if len(invalid) > 0 {
		return invalid, false
	}
	if repo.commits != nil && !repo.commits[strings.ToLower(sha)] {
		return nil, true
	}
	if repo.count(status.SHA, status.Context) >= maxStatuses {
		invalid = append(invalid, fieldError{Resource: "Status", Code: "custom",
			Message: "This SHA and context has reached the maximum number of statuses."})
	}
	return invalid, false
}

// base returns the URL of the repository as the request sees it.
func (s *Server) base(r *http.Request, repo *repository) string {
	prefix := ""
	if strings.HasPrefix(r.URL.Path, enterprisePrefix+"/") {
		prefix = enterprisePrefix
	}
	return s.url + prefix + "/repos/" + repo.fullName
}

// wire is the status as GitHub shows it.
func (st Status) wire(base string) map[string]any {
	created := st.Created.UTC().Format(time.RFC3339)
	orNull := func(text string) any {
		if text == "" {
			return nil
		}
		return text
	}
	return map[string]any{
		"url": base + "/statuses/" + st.SHA, "id": st.ID, "node_id": fmt.Sprintf("SC_%d", st.ID),
		"avatar_url": "https://avatars.example.com/u/1?v=4", "state": st.State, "context": st.Context,
		"description": orNull(st.Description), "target_url": orNull(st.TargetURL),
		"created_at": created, "updated_at": created,
		"creator": map[string]any{"login": "octocat", "id": 1, "type": "User"},
	}
}

// commit returns the ID of the commit that the reference names, or replies with an
// error.
func (s *Server) commit(w http.ResponseWriter, repo *repository, ref string) (sha string, ok bool) {
	sha = strings.ToLower(ref)
	s.mu.Lock()
	ok = shaPattern.MatchString(sha) && (repo.commits == nil || repo.commits[sha])
	s.mu.Unlock()
	if !ok {
		writeError(w, http.StatusUnprocessableEntity, "No commit found for SHA: "+ref)
	}
	return sha, ok
}

// reference finds the statuses of a commit, or replies with an error.
func (s *Server) reference(w http.ResponseWriter, repo *repository, ref string) ([]Status, bool) {
	sha, ok := s.commit(w, repo, ref)
	s.mu.Lock()
	defer s.mu.Unlock()
	newestFirst := slices.Clone(repo.statuses[sha])
	slices.Reverse(newestFirst)
	return newestFirst, ok
}

// listStatuses is GET /repos/{owner}/{repo}/commits/{ref}/statuses.
func (s *Server) listStatuses(w http.ResponseWriter, r *http.Request, repo *repository, ref string) {
	statuses, ok := s.reference(w, repo, ref)
	if !ok {
		return
	}
	base := s.base(r, repo)
	out := []map[string]any{}
	for _, status := range page(s, w, r, statuses) {
		out = append(out, status.wire(base))
	}
	writeJSON(w, http.StatusOK, out)
}

// combinedStatus is GET /repos/{owner}/{repo}/commits/{ref}/status.
func (s *Server) combinedStatus(w http.ResponseWriter, r *http.Request, repo *repository, ref string) {
	statuses, ok := s.reference(w, repo, ref)
	if !ok {
		return
	}
	var newest []Status // of each context
	seen := make(map[string]bool)
	for _, status := range statuses {
		if context := strings.ToLower(status.Context); !seen[context] {
			seen[context] = true
			newest = append(newest, status)
		}
	}
	state := "success"
	if len(newest) == 0 {
		state = "pending"
	}
	for _, status := range newest {
		switch status.State {
		case "error", "failure":
			state = "failure"
		case "pending":
			if state == "success" {
				state = "pending"
			}
		}
	}
	base := s.base(r, repo)
	out := []map[string]any{}
	for _, status := range page(s, w, r, newest) {
		wire := status.wire(base)
		delete(wire, "creator")
		out = append(out, wire)
	}
	writeJSON(w, http.StatusOK, map[string]any{
		"state": state, "statuses": out, "sha": strings.ToLower(ref), "total_count": len(newest),
		"repository": map[string]any{"id": repo.id, "full_name": repo.fullName},
		"commit_url": base + "/commits/" + ref, "url": base + "/commits/" + ref + "/status",
	})
}

// page returns the page that the request asks for, and sets the Link header.
func page[T any](s *Server, w http.ResponseWriter, r *http.Request, all []T) []T {
	number := func(name string, otherwise, limit int) int {
		n, err := strconv.Atoi(r.URL.Query().Get(name))
		if err != nil || n < 1 {
			return otherwise
		}
		return min(n, limit)
	}
	size, page := number("per_page", 30, 100), number("page", 1, 1<<20)
	start := min((page-1)*size, len(all))
	end := min(start+size, len(all))
	if end < len(all) {
		w.Header().Set("Link", fmt.Sprintf(`<%s%s?per_page=%d&page=%d>; rel="next"`, s.url, r.URL.EscapedPath(), size, page+1))
	}
	return all[start:end]
}
