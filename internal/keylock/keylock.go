// Package keylock has locks by name.
package keylock

import (
	"context"
	"sync"
)

// Locks are locks by name. A lock exists as long as somebody holds or wants it,
// and is taken in the order in which it is asked for. The zero value is ready.
type Locks struct {
	mu     sync.Mutex
	byName map[string]*lock
}

type lock struct {
	token chan struct{} // holds one element while the lock is taken
	users int
}

// Lock takes the lock of that name, unless ctx ends before.
func (l *Locks) Lock(ctx context.Context, name string) (unlock func(), err error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	l.mu.Lock()
	k, ok := l.byName[name]
	if !ok {
		k = &lock{token: make(chan struct{}, 1)}
		if l.byName == nil {
			l.byName = map[string]*lock{}
		}
		l.byName[name] = k
	}
	k.users++
	l.mu.Unlock()
	leave := func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		if k.users--; k.users == 0 {
			delete(l.byName, name)
		}
	}
	select {
	case k.token <- struct{}{}:
		return func() { <-k.token; leave() }, nil
	case <-ctx.Done():
		leave()
		return nil, ctx.Err()
	}
}
