package githubtest

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// PullRequest is a pull request that the server holds.
type PullRequest struct {
	Number  int // made up if it is 0
	Title   string
	Author  string // login; "" is an account that is gone
	Base    string // branch
	HeadSHA string
	// MergeSHA is the commit of the merge, and of the trial of one before it.
	MergeSHA string
	Merged   time.Time // zero if it was not merged
	Closed   bool
	Commits  []string // those that are listed with it, besides HeadSHA and MergeSHA
	Reviews  []Review // the oldest first
}

// Review is a review of a pull request.
type Review struct {
	Author    string // login; "" is an account that is gone
	Bot       bool
	State     string // APPROVED, CHANGES_REQUESTED, COMMENTED, DISMISSED or PENDING
	SHA       string
	Submitted time.Time
}

// SetPullRequest adds a pull request to the repository, in the place of one with
// its number, and returns the number. There must be such a repository.
func (s *Server) SetPullRequest(fullName string, pull PullRequest) (number int, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, ok := s.repositories[strings.ToLower(fullName)]
	if !ok {
		return 0, fmt.Errorf("githubtest: there is no repository %q", fullName)
	}
	if pull.Number == 0 {
		s.lastID++
		pull.Number = int(s.lastID)
	}
	pull.Commits, pull.Reviews = slices.Clone(pull.Commits), slices.Clone(pull.Reviews)
	r.pulls = slices.DeleteFunc(r.pulls, func(p *PullRequest) bool { return p.Number == pull.Number })
	r.pulls = append(r.pulls, &pull)
	slices.SortFunc(r.pulls, func(a, b *PullRequest) int { return a.Number - b.Number })
	return pull.Number, nil
}

// SetMember makes the account a member of the team, "org/slug", with the state
// "active" or "pending", or with "" no member. The team is then there.
func (s *Server) SetMember(team, login, state string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	key := membershipKey(team, login)
	s.members[key] = state
}

func membershipKey(team, login string) string { return strings.ToLower(team + " " + login) }

// reviewRepository is repository for calls that read pull requests.
func (s *Server) reviewRepository(w http.ResponseWriter, r *http.Request, fullName string, serve func(*repository)) {
	s.repository(w, r, fullName, false, func(repo *repository, _ *Fault) {
		w.Header().Set("X-Accepted-Github-Permissions", "pull_requests=read")
		if s.statusesOnly(w, r) {
			return
		}
		serve(repo)
	})
}

// statusesOnly refuses a token that may read statuses only, and reports whether it
// has.
func (s *Server) statusesOnly(w http.ResponseWriter, r *http.Request) bool {
	token, _ := bearer(r)
	s.mu.Lock()
	a := s.tokens[token]
	s.mu.Unlock()
	if a == nil || !a.readOnly {
		return false
	}
	writeError(w, http.StatusForbidden, "Resource not accessible by personal access token")
	return true
}

// listPullsOfCommit is GET /repos/{owner}/{repo}/commits/{ref}/pulls.
func (s *Server) listPullsOfCommit(w http.ResponseWriter, r *http.Request, repo *repository, ref string) {
	sha, ok := s.commit(w, repo, ref)
	if !ok {
		return
	}
	base := s.base(r, repo)
	s.mu.Lock()
	var pulls []map[string]any
	for _, p := range repo.pulls {
		if p.HeadSHA == sha || p.MergeSHA == sha && !p.Merged.IsZero() || slices.Contains(p.Commits, sha) {
			pulls = append(pulls, p.wire(base, repo))
		}
	}
	s.mu.Unlock()
	out := page(s, w, r, pulls)
	if out == nil {
		out = []map[string]any{}
	}
	writeJSON(w, http.StatusOK, out)
}

// listReviews is GET /repos/{owner}/{repo}/pulls/{number}/reviews.
func (s *Server) listReviews(w http.ResponseWriter, r *http.Request, repo *repository, number string) {
	s.mu.Lock()
	i := slices.IndexFunc(repo.pulls, func(p *PullRequest) bool { return strconv.Itoa(p.Number) == number })
	var reviews []Review
	if i >= 0 {
		reviews = slices.Clone(repo.pulls[i].Reviews)
	}
	s.mu.Unlock()
	if i < 0 {
		writeError(w, http.StatusNotFound, "Not Found")
		return
	}
	out := []map[string]any{}
	for n, review := range page(s, w, r, reviews) {
		wire := map[string]any{
			"id": n + 1, "node_id": fmt.Sprintf("PRR_%d", n+1), "user": accountJSON(review.Author, review.Bot), "body": "",
			"state": review.State, "commit_id": review.SHA, "author_association": "CONTRIBUTOR",
		}
		if review.State != "PENDING" {
			wire["submitted_at"] = review.Submitted.UTC().Format(time.RFC3339)
		}
		out = append(out, wire)
	}
	writeJSON(w, http.StatusOK, out)
}

// getMembership is GET /orgs/{org}/teams/{slug}/memberships/{login}.
func (s *Server) getMembership(w http.ResponseWriter, r *http.Request, organization, team, login string) {
	s.teams(w, r, func() map[string]any {
		state := s.members[membershipKey(organization+"/"+team, login)]
		if state == "" {
			return nil
		}
		return map[string]any{"url": s.url + r.URL.EscapedPath(), "role": "member", "state": state}
	})
}

// getTeam is GET /orgs/{org}/teams/{slug}. A team that has had a member is there.
func (s *Server) getTeam(w http.ResponseWriter, r *http.Request, organization, team string) {
	s.teams(w, r, func() map[string]any {
		for key := range s.members {
			if strings.HasPrefix(key, membershipKey(organization+"/"+team, "")) {
				return map[string]any{"id": 1, "slug": strings.ToLower(team), "name": team}
			}
		}
		return nil
	})
}

// teams answers a call about teams, if the token may make it. find is called with
// s.mu held, and returns nil for what is not there.
func (s *Server) teams(w http.ResponseWriter, r *http.Request, find func() map[string]any) {
	if _, done := s.fault(w, r); done {
		return
	}
	token, ok := bearer(r)
	s.mu.Lock()
	_, known := s.tokens[token]
	found := find()
	s.mu.Unlock()
	w.Header().Set("X-Accepted-Github-Permissions", "members=read")
	switch {
	case !ok:
		writeError(w, http.StatusUnauthorized, "Requires authentication")
	case !known:
		writeError(w, http.StatusUnauthorized, "Bad credentials")
	case s.statusesOnly(w, r):
	case found == nil:
		writeError(w, http.StatusNotFound, "Not Found")
	default:
		writeJSON(w, http.StatusOK, found)
	}
}

// wire is the pull request as GitHub lists it.
func (p *PullRequest) wire(base string, repo *repository) map[string]any {
	state, merged := "open", any(nil)
	if p.Closed || !p.Merged.IsZero() {
		state = "closed"
	}
	if !p.Merged.IsZero() {
		merged = p.Merged.UTC().Format(time.RFC3339)
	}
	repository := map[string]any{"id": repo.id, "full_name": repo.fullName}
	return map[string]any{
		"id": p.Number, "number": p.Number, "title": p.Title, "state": state, "merged_at": merged, "merge_commit_sha": p.MergeSHA,
		"url": fmt.Sprintf("%s/pulls/%d", base, p.Number), "html_url": fmt.Sprintf("https://github.com/%s/pull/%d", repo.fullName, p.Number),
		"user": accountJSON(p.Author, false),
		"head": map[string]any{"ref": "topic", "sha": p.HeadSHA, "repo": repository},
		"base": map[string]any{"ref": p.Base, "sha": strings.Repeat("0", 40), "repo": repository},
	}
}

// SetAuthor sets the name of the author of the commit. Others are by "Mona Lisa".
// There must be such a repository.
func (s *Server) SetAuthor(fullName, sha, name string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, ok := s.repositories[strings.ToLower(fullName)]
	if !ok {
		return fmt.Errorf("githubtest: there is no repository %q", fullName)
	}
	if r.authors == nil {
		r.authors = make(map[string]string)
	}
	r.authors[strings.ToLower(sha)] = name
	return nil
}

// getCommit is GET /repos/{owner}/{repo}/git/commits/{sha}.
func (s *Server) getCommit(w http.ResponseWriter, r *http.Request, repo *repository, ref string) {
	w.Header().Set("X-Accepted-Github-Permissions", "contents=read")
	if s.statusesOnly(w, r) {
		return
	}
	sha := strings.ToLower(ref)
	s.mu.Lock()
	ok := shaPattern.MatchString(sha) && (repo.commits == nil || repo.commits[sha])
	author := cmp.Or(repo.authors[sha], "Mona Lisa")
	s.mu.Unlock()
	if !ok {
		writeError(w, http.StatusNotFound, "Not Found")
		return
	}
	by := map[string]any{"name": author, "email": "mona@example.com", "date": "2026-03-02T09:00:00Z"}
	writeJSON(w, http.StatusOK, map[string]any{"sha": sha, "author": by, "committer": by, "message": "Add a page"})
}

// accountJSON is an account as GitHub shows it, null if it is gone.
func accountJSON(login string, bot bool) any {
	if login == "" {
		return nil
	}
	kind := "User"
	if bot {
		kind = "Bot"
	}
	return map[string]any{"login": login, "id": 1, "type": kind}
}
