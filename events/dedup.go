package events

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"sync"
	"time"
)

// A Store remembers which events were handled, for [Dedup]. [MemoryStore] is
// one for a single process; package events/dynamostore has one on DynamoDB for
// several. A Store may be used by several goroutines at once.
type Store interface {
	// Claim takes the key for owner, for as long as lease, and returns
	// ClaimStatusClaimed. It returns ClaimStatusDone if the key was committed and
	// that has not expired, and ClaimStatusBusy if another owner holds a lease on
	// it.
	Claim(ctx context.Context, key, owner string, lease time.Duration) (ClaimStatus, error)
	// Commit marks the key as done for as long as keep. It is an error if
	// owner has lost the claim to another.
	Commit(ctx context.Context, key, owner string, keep time.Duration) error
	// Release gives the claim of owner up, so that the next Claim succeeds.
	// It does nothing if owner has no claim.
	Release(ctx context.Context, key, owner string) error
}

// ClaimStatus is the outcome of Store.Claim.
type ClaimStatus int

// The outcomes of claims.
const (
	ClaimStatusClaimed ClaimStatus = iota + 1 // the event is the caller's to handle
	ClaimStatusDone                           // it was handled before
	ClaimStatusBusy                           // another one is handling it
)

// ErrBusy is the error of Dedup for an event that another invocation is
// handling at this moment. It must not count as handled, as the other one may
// fail yet; with the error it is delivered again.
var ErrBusy = errors.New("event is being handled by another invocation")

// DedupOptions are the options of [Dedup].
type DedupOptions struct {
	// Lease is how long a claim holds when it is neither committed nor
	// released, because the process died. Set it above the handler's longest run
	// and below the time for which the sender keeps redelivering. Until it ends,
	// redeliveries get ErrBusy. The default is until shortly after the deadline of
	// the context, at which Lambda ends the process, and 15 minutes, the
	// longest that Lambda runs, for a context without one. It must not be negative.
	Lease time.Duration
	// Keep is how long an event is remembered. The default is 24 hours, for
	// which EventBridge retries. It must not be negative.
	Keep time.Duration
	// Key returns the key of an event; "" lets the event through. The default
	// is Event.IdempotencyKey. If several functions that get the same events
	// share a store, each has to put its name into the key: else the first
	// one's success makes the others skip the event.
	Key func(Event) string
}

// Dedup returns middleware that handles each event once, although AWS
// delivers it at least once. If an option is wrong, each event fails with its
// error. It claims the event's key, lets the event be
// handled and commits the key. If the handling fails or panics it releases
// the key, so that a redelivery is handled again; the handlers of the event
// that did succeed then run a second time. An event that was committed before
// is skipped without error, one that is claimed by another is an [ErrBusy].
func Dedup(store Store, optFns ...func(*DedupOptions)) Middleware {
	o := DedupOptions{}
	for _, fn := range optFns {
		fn(&o)
	}
	if o.Keep == 0 {
		o.Keep = 24 * time.Hour
	}
	if o.Key == nil {
		o.Key = Event.IdempotencyKey
	}
	err := o.check(store)
	return func(next Handler) Handler {
		return func(ctx context.Context, e Event) error {
			if err != nil {
				return err
			}
			key := o.Key(e)
			if key == "" {
				return next(ctx, e)
			}
			return o.once(ctx, store, key, func() error { return next(ctx, e) })
		}
	}
}

func (o *DedupOptions) check(store Store) error {
	switch {
	case store == nil:
		return errors.New("dedup: store is nil")
	case o.Lease < 0:
		return fmt.Errorf("dedup: DedupOptions.Lease is %v: it must not be negative", o.Lease)
	case o.Keep < 0:
		return fmt.Errorf("dedup: DedupOptions.Keep is %v: it must not be negative", o.Keep)
	}
	return nil
}

func (o *DedupOptions) once(ctx context.Context, store Store, key string, handle func() error) (err error) {
	owner := rand.Text()
	switch status, err := store.Claim(ctx, key, owner, o.lease(ctx)); {
	case err != nil:
		return fmt.Errorf("dedup: claim: %w", err)
	case status == ClaimStatusDone:
		return nil
	case status == ClaimStatusBusy:
		return ErrBusy
	case status != ClaimStatusClaimed:
		return fmt.Errorf("dedup: claim: store returned the unknown status %d", status)
	}
	handled := false
	defer func() { // also when handle panics
		// The end of ctx must not leave a claim behind.
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), dedupGrace)
		defer cancel()
		if handled {
			if commitErr := store.Commit(ctx, key, owner, o.Keep); commitErr != nil {
				err = fmt.Errorf("dedup: commit: %w", commitErr)
			}
		} else if releaseErr := store.Release(ctx, key, owner); releaseErr != nil {
			err = errors.Join(err, fmt.Errorf("dedup: release: %w", releaseErr))
		}
	}()
	if err = handle(); err == nil {
		handled = true
	}
	return err
}

// dedupGrace is how long the commit or release of a claim may take.
const dedupGrace = 5 * time.Second

// lease returns how long a claim of a handler with ctx has to hold.
func (o *DedupOptions) lease(ctx context.Context) time.Duration {
	if o.Lease != 0 {
		return o.Lease
	}
	if deadline, ok := ctx.Deadline(); ok {
		return max(0, time.Until(deadline)) + dedupGrace
	}
	return 15 * time.Minute
}

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
