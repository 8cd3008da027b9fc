package githubtest

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// maxStatuses is GitHub's limit for a commit and context.
const maxStatuses = 1000

type repository struct {
	id       int64
	fullName string              // owner/name
	commits  map[string]bool     // nil: every well-formed ID is one
	statuses map[string][]Status // by commit ID, oldest first
	checks   map[string][]*CheckRun
	pulls    []*PullRequest    // in the order of their numbers
	authors  map[string]string // names by commit ID
}

// Status is a status that the server holds.
type Status struct {
	ID                              int64
	SHA                             string
	State                           string
	TargetURL, Description, Context string
	Created                         time.Time
}

// AddRepository adds a repository, "owner/name", with the commits. Without any
// it has every commit. Adding it again adds the commits.
func (s *Server) AddRepository(fullName string, commits ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	key := strings.ToLower(fullName)
	r, ok := s.repositories[key]
	if !ok {
		s.lastID++
		r = &repository{id: s.lastID, fullName: fullName, statuses: make(map[string][]Status), checks: make(map[string][]*CheckRun)}
		s.repositories[key] = r
	}
	if len(commits) > 0 && r.commits == nil {
		r.commits = make(map[string]bool)
	}
	for _, sha := range commits {
		r.commits[strings.ToLower(sha)] = true
	}
}

// RenameRepository gives a repository another full name. Its old one leads to
// the new one by a redirect. There must be such a repository.
func (s *Server) RenameRepository(fullName, newName string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, ok := s.repositories[strings.ToLower(fullName)]
	if !ok {
		return fmt.Errorf("githubtest: there is no repository %q", fullName)
	}
	delete(s.repositories, strings.ToLower(fullName))
	s.moved[strings.ToLower(fullName)] = r.id
	r.fullName = newName
	s.repositories[strings.ToLower(newName)] = r
	return nil
}

// Statuses returns the statuses of the commit in the order in which they were
// set.
func (s *Server) Statuses(fullName, sha string) []Status {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, ok := s.repositories[strings.ToLower(fullName)]
	if !ok {
		return nil
	}
	return slices.Clone(r.statuses[strings.ToLower(sha)])
}

// Newest returns the newest status of each context of the commit, by the
// context in lower case.
func (s *Server) Newest(fullName, sha string) map[string]Status {
	out := make(map[string]Status)
	for _, status := range s.Statuses(fullName, sha) {
		out[strings.ToLower(status.Context)] = status
	}
	return out
}

// AddStatus sets a status as somebody else would, without a call. There must be
// such a repository.
func (s *Server) AddStatus(fullName string, status Status) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, ok := s.repositories[strings.ToLower(fullName)]
	if !ok {
		return fmt.Errorf("githubtest: there is no repository %q", fullName)
	}
	s.store(r, status)
	return nil
}

// store adds the status; s.mu is held.
func (s *Server) store(r *repository, status Status) Status {
	s.lastID++
	status.ID, status.Created = s.lastID, time.Now()
	status.SHA = strings.ToLower(status.SHA)
	r.statuses[status.SHA] = append(r.statuses[status.SHA], status)
	return status
}

// count returns how many statuses the commit has in the context.
func (r *repository) count(sha, context string) int {
	n := 0
	for _, status := range r.statuses[sha] {
		if strings.EqualFold(status.Context, context) {
			n++
		}
	}
	return n
}
