package codecommit

import (
	"container/list"
	"errors"
	"sync"
)

// cache keeps what was fetched last. Callers that want the same value at the
// same time share one fetch; one that fails leaves nothing. Its zero value
// keeps everything.
type cache[V any] struct {
	limit int         // of the sizes together
	size  func(V) int // nil for values that do not count

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

// errAborted is what others see of a fetch that panicked.
var errAborted = errors.New("codecommit: a call that was shared did not return")

func (c *cache[V]) get(key string, fetch func() (V, error)) (V, error) {
	c.mu.Lock()
	if e, ok := c.kept[key]; ok {
		defer c.mu.Unlock()
		c.used.MoveToFront(e)
		return e.Value.(*item[V]).value, nil
	}
	if f, ok := c.flights[key]; ok {
		c.mu.Unlock()
		<-f.done
		return f.value, f.err
	}
	f := &flight[V]{done: make(chan struct{}), err: errAborted}
	if c.flights == nil {
		c.flights = make(map[string]*flight[V])
		c.kept = make(map[string]*list.Element)
	}
	c.flights[key] = f
	c.mu.Unlock()

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

func (c *cache[V]) keep(key string, value V) {
	c.kept[key] = c.used.PushFront(&item[V]{key, value})
	if c.size == nil {
		return
	}
	c.total += c.size(value)
	for c.total > c.limit {
		oldest := c.used.Remove(c.used.Back()).(*item[V])
		delete(c.kept, oldest.key)
		c.total -= c.size(oldest.value)
	}
}
