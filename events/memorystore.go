package events

import (
	"context"
	"errors"
	"sync"
	"time"
)

// MemoryStore is a [Store] in the memory of one process: for tests, for a
// program that runs alone, and to catch the redeliveries that reach the same
// Lambda instance. Its zero value is ready to use, by several goroutines at
// once. It must not be copied. Keys that have expired are removed now and
// then, so that it holds at most about twice the keys that are alive.
type MemoryStore struct {
	mu      sync.Mutex
	entries map[string]memoryEntry
	sweepAt int
}

var _ Store = (*MemoryStore)(nil)

type memoryEntry struct {
	owner   string // "" once committed
	expires time.Time
}

// Claim implements [Store].
func (s *MemoryStore) Claim(_ context.Context, key, owner string, lease time.Duration) (ClaimStatus, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	if e, ok := s.entries[key]; ok && now.Before(e.expires) {
		if e.owner == "" {
			return ClaimStatusDone, nil
		}
		return ClaimStatusBusy, nil
	}
	s.sweep(now)
	s.entries[key] = memoryEntry{owner: owner, expires: now.Add(lease)}
	return ClaimStatusClaimed, nil
}

// Commit implements [Store].
func (s *MemoryStore) Commit(_ context.Context, key, owner string, keep time.Duration) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	if e, ok := s.entries[key]; ok && e.owner != owner {
		return errors.New("the claim was lost to another; was the lease too short?")
	}
	s.sweep(now)
	s.entries[key] = memoryEntry{expires: now.Add(keep)}
	return nil
}

// Release implements [Store].
func (s *MemoryStore) Release(_ context.Context, key, owner string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if e, ok := s.entries[key]; ok && e.owner == owner {
		delete(s.entries, key)
	}
	return nil
}

// sweep removes what has expired once the map has doubled since the last
// time, which costs little per key.
func (s *MemoryStore) sweep(now time.Time) {
	if s.entries == nil {
		s.entries = map[string]memoryEntry{}
	}
	if len(s.entries) < max(s.sweepAt, 128) {
		return
	}
	for k, e := range s.entries {
		if !now.Before(e.expires) {
			delete(s.entries, k)
		}
	}
	s.sweepAt = 2 * len(s.entries)
}
