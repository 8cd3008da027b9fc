// Package flight has a cache in which callers that want the same value at the
// same time share one fetch.
package flight

import (
	"container/list"
	"context"
	"errors"
	"sync"
)

// Cache keeps fetched values by their keys. It is safe for concurrent use. The
// zero value keeps every value.
type Cache[V any] struct {
	// Limit bounds the sizes of all values together. The values that were used
	// last stay; one that is over the limit by itself is kept alone.
	Limit int
	// Size returns the size of a value, nil if values do not count.
	Size func(V) int

	mu      sync.Mutex
	flights map[string]*flight[V]
	kept    map[string]*list.Element // of *item[V]
	used    list.List                // the last used first
	total   int
}

type item[V any] struct {
	key   string
	value V
}

// flight is a fetch that goes on.
type flight[V any] struct {
	done  chan struct{}
	value V
	err   error
}

// ErrAborted is the error of callers that shared a fetch which panicked.
var ErrAborted = errors.New("a fetch that was shared did not return")

// Get returns the value of the key, which it fetches if it is not kept. A fetch
// that fails leaves nothing; its error goes to all callers that shared it. Only
// if it ended with its own caller's context do the others fetch for themselves.
// A caller whose context ends stops waiting.
func (c *Cache[V]) Get(ctx context.Context, key string, fetch func() (V, error)) (V, error) {
	for {
		f, mine, value, ok := c.join(key)
		switch {
		case ok:
			return value, nil
		case mine:
			return c.fly(key, f, fetch)
		}
		select {
		case <-f.done:
		case <-ctx.Done():
			return value, ctx.Err()
		}
		ended := errors.Is(f.err, context.Canceled) || errors.Is(f.err, context.DeadlineExceeded)
		if !ended || ctx.Err() != nil {
			return f.value, f.err
		}
	}
}

// join returns the value of the key if it is kept, and else the flight to it,
// which is the caller's own if nobody else fetches it.
func (c *Cache[V]) join(key string) (f *flight[V], mine bool, value V, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if e, ok := c.kept[key]; ok {
		c.used.MoveToFront(e)
		return nil, false, e.Value.(*item[V]).value, true
	}
	if f, ok := c.flights[key]; ok {
		return f, false, value, false
	}
	f = &flight[V]{done: make(chan struct{}), err: ErrAborted}
	if c.flights == nil {
		c.flights = make(map[string]*flight[V])
		c.kept = make(map[string]*list.Element)
	}
	c.flights[key] = f
	return f, true, value, false
}

// fly fetches the value and lands also if fetch panics.
func (c *Cache[V]) fly(key string, f *flight[V], fetch func() (V, error)) (V, error) {
	defer func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		delete(c.flights, key)
		if f.err == nil {
			c.keep(key, f.value)
		}
		close(f.done)
	}()
	f.value, f.err = fetch()
	return f.value, f.err
}

// Lookup returns the value of the key if it is kept.
func (c *Cache[V]) Lookup(key string) (value V, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	e, ok := c.kept[key]
	if !ok {
		return value, false
	}
	c.used.MoveToFront(e)
	return e.Value.(*item[V]).value, true
}

// Add keeps a value that was fetched by other means. One that is kept already
// stays.
func (c *Cache[V]) Add(key string, value V) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.kept == nil {
		c.flights = make(map[string]*flight[V])
		c.kept = make(map[string]*list.Element)
	}
	c.keep(key, value)
}

func (c *Cache[V]) keep(key string, value V) {
	if _, ok := c.kept[key]; ok {
		return // added while it was fetched
	}
	c.kept[key] = c.used.PushFront(&item[V]{key, value})
	if c.Size == nil {
		return
	}
	c.total += c.Size(value)
	for c.total > c.Limit && c.used.Len() > 1 {
		oldest := c.used.Remove(c.used.Back()).(*item[V])
		delete(c.kept, oldest.key)
		c.total -= c.Size(oldest.value)
	}
}
