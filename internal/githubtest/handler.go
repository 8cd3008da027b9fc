package githubtest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

const (
	enterprisePrefix = "/api/v3"
	primaryLimit     = 5000 // requests an hour
	maxBody          = 1 << 20
)

// ServeHTTP implements [http.Handler].
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	path := r.URL.EscapedPath()
	prefix := ""
	if strings.HasPrefix(path, enterprisePrefix+"/") {
		prefix, path = enterprisePrefix, strings.TrimPrefix(path, enterprisePrefix)
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, maxBody))
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	r.Body = io.NopCloser(bytes.NewReader(body))

	s.mu.Lock()
	call := &Call{Method: r.Method, Path: path, Prefix: prefix, Header: r.Header.Clone(), Body: body, Time: time.Now()}
	s.calls = append(s.calls, call)
	s.lastID++
	requestID := fmt.Sprintf("%04X:2D4F1:%X:%X:%X", s.lastID, 0x10A3C8, 0x2190BE, s.lastID)
	s.remaining = max(0, s.remaining-1)
	remaining := s.remaining
	s.mu.Unlock()
	recorder := &recorder{ResponseWriter: w}
	defer func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		call.Status = recorder.status
	}()

	h := w.Header()
	h.Set("X-Github-Request-Id", requestID)
	h.Set("X-Github-Media-Type", "github.v3; format=json")
	h.Set("X-Github-Api-Version-Selected", "2022-11-28")
	h.Set("X-Ratelimit-Limit", strconv.Itoa(primaryLimit))
	h.Set("X-Ratelimit-Remaining", strconv.Itoa(remaining))
	h.Set("X-Ratelimit-Used", strconv.Itoa(primaryLimit-remaining))
	h.Set("X-Ratelimit-Reset", strconv.FormatInt(time.Now().Add(time.Hour).Unix(), 10))
	h.Set("X-Ratelimit-Resource", "core")
	s.serve(recorder, r, path)
}

// recorder remembers the status of a reply.
type recorder struct {
	http.ResponseWriter
	status int
}

func (w *recorder) WriteHeader(status int) {
	w.status = status
	w.ResponseWriter.WriteHeader(status)
}

func (w *recorder) Write(p []byte) (int, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	return w.ResponseWriter.Write(p)
}

func (s *Server) serve(w http.ResponseWriter, r *http.Request, path string) {
	if r.UserAgent() == "" {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.WriteHeader(http.StatusForbidden)
		io.WriteString(w, "\nRequest forbidden by administrative rules. Please make sure your request has a User-Agent header.\n")
		return
	}
	switch version := r.Header.Get("X-Github-Api-Version"); version {
	case "", "2022-11-28", "2026-03-10":
	default:
		writeError(w, http.StatusBadRequest, fmt.Sprintf("The given version %q of the REST API is not supported.", version))
		return
	}
	var elements []string
	for _, element := range strings.Split(strings.TrimPrefix(path, "/"), "/") {
		element, err := url.PathUnescape(element)
		if err != nil || element == "" { // also after a slash at the end
			writeError(w, http.StatusNotFound, "Not Found")
			return
		}
		elements = append(elements, element)
	}
	// The address of a repository by its ID, to which redirects lead.
	if len(elements) > 1 && elements[0] == "repositories" {
		if name := s.nameOf(elements[1]); name != "" {
			owner, repo, _ := strings.Cut(name, "/")
			elements = append([]string{"repos", owner, repo}, elements[2:]...)
		}
	}
	n := len(elements)
	is := func(method, first string, length int) bool {
		return r.Method == method && elements[0] == first && n == length
	}
	switch {
	case is(http.MethodGet, "rate_limit", 1):
		writeJSON(w, http.StatusOK, map[string]any{"rate": map[string]any{"limit": primaryLimit}})
	case is(http.MethodPost, "repos", 5) && elements[3] == "statuses":
		s.repository(w, r, elements[1]+"/"+elements[2], true, func(repo *repository, f *Fault) {
			s.createStatus(w, r, repo, elements[4], f)
		})
	case is(http.MethodGet, "repos", 5) && elements[3] == "statuses":
		s.repository(w, r, elements[1]+"/"+elements[2], false, func(repo *repository, _ *Fault) {
			s.listStatuses(w, r, repo, elements[4])
		})
	case is(http.MethodGet, "repos", 6) && elements[3] == "commits" && elements[5] == "statuses":
		s.repository(w, r, elements[1]+"/"+elements[2], false, func(repo *repository, _ *Fault) {
			s.listStatuses(w, r, repo, elements[4])
		})
	case is(http.MethodGet, "repos", 6) && elements[3] == "commits" && elements[5] == "status":
		s.repository(w, r, elements[1]+"/"+elements[2], false, func(repo *repository, _ *Fault) {
			s.combinedStatus(w, r, repo, elements[4])
		})
	case is(http.MethodPost, "repos", 4) && elements[3] == "check-runs":
		s.checkRepository(w, r, elements[1]+"/"+elements[2], func(repo *repository, app int64, f *Fault) {
			s.createCheckRun(w, r, repo, app, f)
		})
	case is(http.MethodPatch, "repos", 5) && elements[3] == "check-runs":
		s.checkRepository(w, r, elements[1]+"/"+elements[2], func(repo *repository, app int64, f *Fault) {
			s.updateCheckRun(w, r, repo, app, elements[4], f)
		})
	case is(http.MethodGet, "repos", 6) && elements[3] == "commits" && elements[5] == "check-runs":
		s.repository(w, r, elements[1]+"/"+elements[2], false, func(repo *repository, _ *Fault) {
			s.listCheckRuns(w, r, repo, elements[4])
		})
	case is(http.MethodGet, "repos", 6) && elements[3] == "commits" && elements[5] == "pulls":
		s.reviewRepository(w, r, elements[1]+"/"+elements[2], func(repo *repository) { s.listPullsOfCommit(w, r, repo, elements[4]) })
	case is(http.MethodGet, "repos", 6) && elements[3] == "git" && elements[4] == "commits":
		s.repository(w, r, elements[1]+"/"+elements[2], false, func(repo *repository, _ *Fault) { s.getCommit(w, r, repo, elements[5]) })
	case is(http.MethodGet, "repos", 6) && elements[3] == "pulls" && elements[5] == "reviews":
		s.reviewRepository(w, r, elements[1]+"/"+elements[2], func(repo *repository) { s.listReviews(w, r, repo, elements[4]) })
	case is(http.MethodGet, "orgs", 4) && elements[2] == "teams":
		s.getTeam(w, r, elements[1], elements[3])
	case is(http.MethodGet, "orgs", 6) && elements[2] == "teams" && elements[4] == "memberships":
		s.getMembership(w, r, elements[1], elements[3], elements[5])
	case is(http.MethodGet, "repos", 4) && elements[3] == "installation",
		is(http.MethodGet, "app", 3) && elements[1] == "installations":
		s.getInstallation(w, r, elements)
	case is(http.MethodPost, "app", 4) && elements[1] == "installations" && elements[3] == "access_tokens":
		s.createInstallationToken(w, r, elements[2])
	default:
		writeError(w, http.StatusNotFound, "Not Found")
	}
}

// fault makes the next fault happen and reports whether the request is done
// with. If not, the fault, which may be nil, is for after it.
func (s *Server) fault(w http.ResponseWriter, r *http.Request) (f *Fault, done bool) {
	f = s.nextFault()
	if f == nil {
		return nil, false
	}
	if f.slow > 0 {
		timer := time.NewTimer(f.slow)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-r.Context().Done():
			panic(http.ErrAbortHandler)
		case <-s.done.Done():
			panic(http.ErrAbortHandler)
		}
	}
	if f.reply != nil && !f.stores {
		f.reply(w, r)
		return f, true
	}
	return f, false
}

// repository lets serve answer a call for a repository if the token may do so.
func (s *Server) repository(w http.ResponseWriter, r *http.Request, fullName string, write bool, serve func(*repository, *Fault)) {
	f, done := s.fault(w, r)
	if done {
		return
	}
	token, ok := bearer(r)
	if !ok {
		writeError(w, http.StatusUnauthorized, "Requires authentication")
		return
	}
	s.mu.Lock()
	access, known := s.tokens[token]
	key := strings.ToLower(fullName)
	repo := s.repositories[key]
	movedID := s.moved[key]
	s.mu.Unlock()
	switch {
	case !known || !access.expires.IsZero() && !time.Now().Before(access.expires):
		writeError(w, http.StatusUnauthorized, "Bad credentials")
		return
	case repo == nil && movedID != 0:
		s.redirectMoved(w, r, movedID)
		return
	case repo == nil || !access.sees(key):
		writeError(w, http.StatusNotFound, "Not Found")
		return
	}
	w.Header().Set("X-Accepted-Github-Permissions", map[bool]string{true: "statuses=write", false: "statuses=read"}[write])
	if write && access.readOnly {
		message := "Resource not accessible by personal access token"
		if strings.HasPrefix(token, "ghs_") {
			message = "Resource not accessible by integration"
		}
		writeError(w, http.StatusForbidden, message)
		return
	}
	serve(repo, f)
}

// checkRepository is repository for calls that write check runs, which only GitHub
// Apps may do.
func (s *Server) checkRepository(w http.ResponseWriter, r *http.Request, fullName string, serve func(repo *repository, app int64, f *Fault)) {
	s.repository(w, r, fullName, false, func(repo *repository, f *Fault) {
		token, _ := bearer(r)
		s.mu.Lock()
		a := s.tokens[token]
		s.mu.Unlock()
		w.Header().Set("X-Accepted-Github-Permissions", "checks=write")
		switch {
		case a == nil:
			writeError(w, http.StatusUnauthorized, "Bad credentials")
		case a.app == 0:
			writeError(w, http.StatusForbidden, "You must authenticate via a GitHub App.")
		case a.noChecks:
			writeError(w, http.StatusForbidden, "Resource not accessible by integration")
		default:
			serve(repo, a.app, f)
		}
	})
}

// nameOf returns the full name of the repository with the ID, "" if there is none.
func (s *Server) nameOf(id string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, repo := range s.repositories {
		if strconv.FormatInt(repo.id, 10) == id {
			return repo.fullName
		}
	}
	return ""
}

func (a *access) sees(fullName string) bool {
	if a.owner != "" && !strings.HasPrefix(fullName, a.owner+"/") {
		return false
	}
	if a.repositories == nil {
		return true
	}
	for _, name := range a.repositories {
		if name == fullName {
			return true
		}
	}
	return false
}

// redirectMoved replies as GitHub does for a repository that was renamed: with
// its ID, not its name.
func (s *Server) redirectMoved(w http.ResponseWriter, r *http.Request, id int64) {
	elements := strings.SplitN(r.URL.EscapedPath(), "/repos/", 2)
	rest := strings.SplitN(elements[1], "/", 3)[2]
	status := http.StatusTemporaryRedirect
	if r.Method == http.MethodGet {
		status = http.StatusMovedPermanently
	}
	location := fmt.Sprintf("%s%s/repositories/%d/%s", s.url, elements[0], id, rest)
	if r.URL.RawQuery != "" {
		location += "?" + r.URL.RawQuery
	}
	Redirect(status, location).reply(w, r)
}

// bearer returns the token of a request.
func bearer(r *http.Request) (string, bool) {
	scheme, token, ok := strings.Cut(r.Header.Get("Authorization"), " ")
	if !ok || !strings.EqualFold(scheme, "bearer") && !strings.EqualFold(scheme, "token") {
		return "", false
	}
	return strings.TrimSpace(token), true
}

func writeJSON(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(v) // fails only if the client has gone
}

// writeError writes an error of GitHub.
func writeError(w http.ResponseWriter, status int, message string, errors ...fieldError) {
	reply := map[string]any{
		"message":           message,
		"documentation_url": "https://docs.github.com/rest/commits/statuses#create-a-commit-status",
		"status":            strconv.Itoa(status),
	}
	if len(errors) > 0 {
		reply["errors"] = errors
	}
	writeJSON(w, status, reply)
}

type fieldError struct {
	Resource string `json:"resource"`
	Code     string `json:"code"`
	Field    string `json:"field,omitempty"`
	Message  string `json:"message"`
}
