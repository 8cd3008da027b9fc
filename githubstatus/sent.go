package githubstatus

import (
	"container/list"
	"context"
	"strings"
	"sync"
	"time"
)

// maxSent is how many commits and contexts a client remembers; they take
// about a kilobyte each at most.
const maxSent = 4096

// sent remembers the status that was sent last for each commit and context,
// and lets one call at a time work on each, in the order in which they came.
type sent struct {
	mu      sync.Mutex
	entries map[sentKey]*sentEntry
	idle    list.List // of entries that nobody works on, the last used in front
}

// sentKey has everything in lower case, as GitHub compares.
type sentKey struct{ owner, repo, sha, context string }

func newSentKey(c Commit, statusContext string) sentKey {
	return sentKey{strings.ToLower(c.Owner), strings.ToLower(c.Repo), strings.ToLower(c.SHA), strings.ToLower(statusContext)}
}

type sentEntry struct {
	key     sentKey
	idle    *list.Element   // nil while somebody works on it
	waiting []chan struct{} // closed when it is their turn

	// Of who works on it.
	status *Status   // nil if what GitHub has is not known
	at     time.Time // when GitHub had it
}

// lock waits until nobody else works on the entry.
func (s *sent) lock(ctx context.Context, key sentKey) (*sentEntry, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	s.mu.Lock()
	e, ok := s.entries[key]
	switch {
	case !ok:
		e = &sentEntry{key: key}
		if s.entries == nil {
			s.entries = make(map[sentKey]*sentEntry)
		}
		s.entries[key] = e
		s.mu.Unlock()
		return e, nil
	case e.idle != nil:
		s.idle.Remove(e.idle)
		e.idle = nil
		s.mu.Unlock()
		return e, nil
	}
	turn := make(chan struct{})
	e.waiting = append(e.waiting, turn)
	s.mu.Unlock()
	select {
	case <-turn:
		return e, nil
	case <-ctx.Done():
	}
	s.mu.Lock()
	for i, w := range e.waiting {
		if w == turn {
			e.waiting = append(e.waiting[:i], e.waiting[i+1:]...)
			s.mu.Unlock()
			return nil, ctx.Err()
		}
	}
	s.mu.Unlock()
	s.unlock(e) // it became our turn meanwhile
	return nil, ctx.Err()
}

// unlock lets the next one work on the entry.
func (s *sent) unlock(e *sentEntry) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(e.waiting) > 0 {
		close(e.waiting[0])
		e.waiting = e.waiting[1:]
		return
	}
	if e.status == nil {
		delete(s.entries, e.key)
		return
	}
	e.idle = s.idle.PushFront(e)
	if s.idle.Len() > maxSent {
		oldest := s.idle.Remove(s.idle.Back()).(*sentEntry)
		delete(s.entries, oldest.key)
	}
}

// has reports whether the entry's status is the same. The contexts are equal
// to GitHub, as the keys are.
func (e *sentEntry) has(status Status) bool {
	return e.status != nil && sameStatus(*e.status, status)
}

func sameStatus(a, b Status) bool {
	a.Context, b.Context = "", ""
	return a == b
}

func (e *sentEntry) remember(status Status) { e.status, e.at = &status, wallTime() }

// isFresh reports whether GitHub had the status within the last d.
func (e *sentEntry) isFresh(d time.Duration) bool {
	age := wallTime().Sub(e.at)
	return age >= 0 && age < d
}

// wallTime is the time without the monotonic clock, which stands still while a
// Lambda function is frozen between two events.
func wallTime() time.Time { return time.Now().Round(0) }

// forget is for when it is not known which status GitHub has.
func (e *sentEntry) forget() { e.status = nil }
