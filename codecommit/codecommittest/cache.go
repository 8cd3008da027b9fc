package codecommittest

import "sync"

// cache keeps what was made of immutable objects, by their IDs. Its zero value
// keeps nothing.
type cache[V any] struct {
	limit int // of the sum of sizes

	mu     sync.Mutex
	values map[string]*cached[V]
	size   int
}

type cached[V any] struct {
	once  sync.Mutex // held while the value is made
	done  bool
	value V
	size  int // 0 while the value is made
}

// get returns the value with the ID, which it makes if there is none. Callers
// that ask for the same one at once make it once. Errors are not kept.
func (c *cache[V]) get(id string, make func() (V, int, error)) (V, error) {
	c.mu.Lock()
	e := c.values[id]
	if e == nil {
		e = new(cached[V])
		if c.values == nil {
			c.values = map[string]*cached[V]{}
		}
		c.values[id] = e
	}
	c.mu.Unlock()

	e.once.Lock()
	defer e.once.Unlock()
	if e.done {
		return e.value, nil
	}
	value, size, err := make()
	if err != nil {
		c.mu.Lock()
		defer c.mu.Unlock()
		if c.values[id] == e {
			delete(c.values, id)
		}
		return value, err
	}
	e.value, e.done = value, true
	c.keep(id, e, size)
	return value, nil
}

// keep makes room for the new entry. What goes is any: objects are cheap to
// read again, and a repository that fills the cache is rare in a test.
func (c *cache[V]) keep(id string, e *cached[V], size int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.values[id] != e {
		return // made room for another already
	}
	e.size = size
	c.size += size
	for other, o := range c.values {
		if c.size <= c.limit {
			return
		}
		if o.size > 0 && o != e {
			c.size -= o.size
			delete(c.values, other)
		}
	}
}
