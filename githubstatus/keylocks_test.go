package githubstatus

import (
	"context"
	"errors"
	"sync"
	"testing"
)

// Locks that nobody holds or wants are gone, also after somebody gave up.
func TestKeyLocks(t *testing.T) {
	t.Parallel()
	var l keyLocks
	var wg sync.WaitGroup
	held := map[string]int{}
	for i := range 100 {
		name := string(rune('a' + i%3))
		wg.Go(func() {
			unlock, err := l.lock(t.Context(), name)
			if err != nil {
				t.Error(err)
				return
			}
			defer unlock()
			l.mu.Lock()
			held[name]++
			if held[name] != 1 {
				t.Errorf("%d hold the lock %s", held[name], name)
			}
			l.mu.Unlock()
			ctx, cancel := context.WithCancel(t.Context())
			go cancel()
			if _, err := l.lock(ctx, name); !errors.Is(err, context.Canceled) {
				t.Errorf("a second lock: %v", err)
			}
			l.mu.Lock()
			held[name]--
			l.mu.Unlock()
		})
	}
	wg.Wait()
	if len(l.held) != 0 {
		t.Errorf("%d locks are left", len(l.held))
	}
}
