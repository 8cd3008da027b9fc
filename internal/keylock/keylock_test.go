package keylock_test

import (
	"context"
	"errors"
	"sync"
	"testing"

	"github.com/codesuite-go/codesuite/internal/keylock"
)

// Locks that nobody holds or wants are gone, also after somebody gave up.
func TestLocks(t *testing.T) {
	t.Parallel()
	var l keylock.Locks
	var wg sync.WaitGroup
	var mu sync.Mutex
	held := map[string]int{}
	for i := range 100 {
		name := string(rune('a' + i%3))
		wg.Go(func() {
			unlock, err := l.Lock(t.Context(), name)
			if err != nil {
				t.Error(err)
				return
			}
			defer unlock()
			mu.Lock()
			held[name]++
			if held[name] != 1 {
				t.Errorf("%d hold the lock %s", held[name], name)
			}
			mu.Unlock()
			ctx, cancel := context.WithCancel(t.Context())
			go cancel()
			if _, err := l.Lock(ctx, name); !errors.Is(err, context.Canceled) {
				t.Errorf("a second lock: %v", err)
			}
			mu.Lock()
			held[name]--
			mu.Unlock()
		})
	}
	wg.Wait()
	if n := l.Len(); n != 0 {
		t.Errorf("%d locks are left", n)
	}
}
