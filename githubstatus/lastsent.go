package githubstatus

import (
	"container/list"
	"crypto/sha256"
	"strings"
	"sync"
	"time"
)

// maxSent is how many commits and contexts a client remembers; they take
// about a kilobyte each at most.
const maxSent = 4096

// lastSent remembers the last status that was sent for each commit and context.
type lastSent struct {
	mu    sync.Mutex
	byKey map[string]*list.Element
	order list.List // of *sentStatus, the last used in front
}

type sentStatus struct {
	key    string
	status Status
	at     time.Time // when GitHub had it
}

// sentKey is in lower case, as GitHub compares.
func sentKey(c Commit, statusContext string) string {
	return strings.ToLower(c.String() + " " + statusContext)
}

// get returns the status that was sent last; it is zero if that is not known.
func (s *lastSent) get(key string) sentStatus {
	s.mu.Lock()
	defer s.mu.Unlock()
	e, ok := s.byKey[key]
	if !ok {
		return sentStatus{}
	}
	s.order.MoveToFront(e)
	return *e.Value.(*sentStatus)
}

func (s *lastSent) remember(key string, status Status) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.remove(key)
	if s.byKey == nil {
		s.byKey = map[string]*list.Element{}
	}
	s.byKey[key] = s.order.PushFront(&sentStatus{key, status, wallTime()})
	if s.order.Len() > maxSent {
		s.remove(s.order.Back().Value.(*sentStatus).key)
	}
}

// forget drops the status, as it is not known which one GitHub has.
func (s *lastSent) forget(key string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.remove(key)
}

func (s *lastSent) remove(key string) {
	if e, ok := s.byKey[key]; ok {
		s.order.Remove(e)
		delete(s.byKey, key)
	}
}

// brief is the status without its details, which may be long: they are a hash.
func brief(s Status) Status {
	if s.Details != "" {
		sum := sha256.Sum256([]byte(s.Details))
		s.Details = string(sum[:])
	}
	s.Started = time.Time{}
	return s
}

// sameStatus compares two statuses of one context, which GitHub may spell in
// another case.
func sameStatus(a, b Status) bool {
	a.Context, b.Context = "", ""
	return a == b
}

// isFresh reports whether GitHub had the status within the last d.
func (s sentStatus) isFresh(d time.Duration) bool {
	age := wallTime().Sub(s.at)
	return age >= 0 && age < d
}

// wallTime is the time without the monotonic clock, which stands still while a
// Lambda function is frozen between two events.
func wallTime() time.Time { return time.Now().Round(0) }
