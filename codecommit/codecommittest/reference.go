package codecommittest

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

const (
	branchPrefix = "refs/heads/"
	tagPrefix    = "refs/tags/"
)

// refChange is a branch or tag that was created ("" before), moved or deleted (""
// after).
type refChange struct {
	name          string // full
	before, after string // commit IDs
}

// Sync looks for branches and tags of a repository that git has created, moved or
// deleted, as after a push: pull requests follow, and the events are sent. The
// server also looks before each call that reads or changes pull requests, comments
// or references, so that Sync is needed for the events alone. Changes by
// [Server.Commit], [Server.SetRef] and the API need no Sync.
func (s *Server) Sync(repository string) error {
	i, found := s.search(repository)
	if !found {
		return fmt.Errorf("codecommittest: there is no repository %q", repository)
	}
	defer s.deliver()
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.observe(context.Background(), s.repositories[i], DefaultCaller, nil); err != nil {
		return fmt.Errorf("codecommittest: repository %s: %w", repository, err)
	}
	return nil
}

// observe compares the references of the repository with those that it had, tells
// what changed, and lets pull requests follow. by describes the merge that changed
// them, nil if it was none. mu is held.
func (s *Server) observe(ctx context.Context, r *repository, caller string, by *mergeDetail) error {
	refs, err := r.refs(ctx)
	if err != nil {
		return err
	}
	changes := compareRefs(r.known, refs)
	if len(changes) == 0 {
		return nil
	}
	r.known = refs
	r.touch()
	for _, c := range changes {
		s.emitReference(r, c, by)
	}
	s.emitTriggers(r, changes, caller)
	var failures []error
	for _, p := range s.pullRequests {
		if p.repository == r && p.open() {
			failures = append(failures, s.follow(context.WithoutCancel(ctx), p, caller))
		}
	}
	return errors.Join(failures...)
}

// observeAll observes all repositories that change without the server. mu is held.
func (s *Server) observeAll(ctx context.Context) error {
	for _, r := range s.repositories {
		if _, ok := r.store.(*memory); ok {
			continue
		}
		if err := s.observe(ctx, r, DefaultCaller, nil); err != nil {
			return err
		}
	}
	return nil
}

// compareRefs returns the changes between two sets of references, sorted by name.
func compareRefs(before, after map[string]string) []refChange {
	names := maps.Clone(before)
	if names == nil {
		names = make(map[string]string)
	}
	maps.Copy(names, after)
	var changes []refChange
	for _, name := range slices.Sorted(maps.Keys(names)) {
		if before[name] != after[name] {
			changes = append(changes, refChange{name, before[name], after[name]})
		}
	}
	return changes
}

// fullBranch returns the full name of a branch that a call names in full or in
// short.
func fullBranch(name string) string {
	if strings.HasPrefix(name, branchPrefix) {
		return name
	}
	return branchPrefix + name
}
