package flight_test

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/codesuite-go/codesuite/internal/flight"
)

// fetches tells which keys a cache had to fetch.
type fetches struct {
	cache *flight.Cache[int]
	keys  []string
}

// get gets the key, whose value is the size that the test gives it.
func (f *fetches) get(t *testing.T, key string, size int) {
	t.Helper()
	got, err := f.cache.Get(t.Context(), key, func() (int, error) {
		f.keys = append(f.keys, key)
		return size, nil
	})
	if got != size || err != nil {
		t.Errorf("Get(%s) = %d, %v", key, got, err)
	}
}

// want compares the fetches since the last call of want.
func (f *fetches) want(t *testing.T, keys ...string) {
	t.Helper()
	if !slices.Equal(keys, f.keys) {
		t.Errorf("fetched %v, want %v", f.keys, keys)
	}
	f.keys = nil
}

func TestKeepsRecentValues(t *testing.T) {
	t.Parallel()
	f := &fetches{cache: &flight.Cache[int]{Limit: 16, Size: func(n int) int { return n }}}
	for _, key := range []string{"a", "b", "c", "d"} {
		f.get(t, key, 4)
	}
	f.want(t, "a", "b", "c", "d")
	for _, key := range []string{"a", "e", "a", "c", "d", "b", "e"} { // e takes the place of b, b that of e
		f.get(t, key, 4)
	}
	f.want(t, "e", "b", "e")
	f.get(t, "big", 50) // stays alone
	f.get(t, "big", 50)
	f.get(t, "a", 4)
	f.get(t, "big", 50)
	f.want(t, "big", "a", "big")
}

func TestKeepsEverything(t *testing.T) {
	t.Parallel()
	f := &fetches{cache: new(flight.Cache[int])}
	for range 2 {
		for i := range 10_000 {
			f.get(t, strconv.Itoa(i), i)
		}
	}
	if len(f.keys) != 10_000 {
		t.Errorf("%d fetches, want 10000", len(f.keys))
	}
}

func TestAdd(t *testing.T) {
	t.Parallel()
	f := &fetches{cache: &flight.Cache[int]{Limit: 8, Size: func(n int) int { return n }}}
	f.cache.Add("a", 4)
	f.cache.Add("a", 4) // counts once
	if value, ok := f.cache.Lookup("a"); value != 4 || !ok {
		t.Errorf("Lookup(a) = %d, %t", value, ok)
	}
	if _, ok := f.cache.Lookup("b"); ok {
		t.Error("b is there before it was fetched")
	}
	f.get(t, "b", 4)
	f.get(t, "a", 4)
	f.want(t, "b")
	f.cache.Add("c", 4) // takes the place of b
	f.get(t, "a", 4)
	f.get(t, "c", 4)
	f.get(t, "b", 4)
	f.want(t, "b")
}

func TestSharesFetches(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var c flight.Cache[int]
		broken := errors.New("broken")
		fetches := 0
		var wg sync.WaitGroup
		for i := range 20 {
			wg.Go(func() {
				time.Sleep(time.Duration(i) * time.Second)
				value, err := c.Get(t.Context(), "key", func() (int, error) {
					fetches++
					time.Sleep(9500 * time.Millisecond)
					if fetches == 1 {
						return 0, broken
					}
					return 42, nil
				})
				// The first ten share the failure, the others get a value.
				if i < 10 && !errors.Is(err, broken) || i >= 10 && (value != 42 || err != nil) {
					t.Errorf("caller %d: %d, %v", i, value, err)
				}
			})
		}
		wg.Wait()
		if fetches != 2 {
			t.Errorf("%d fetches, want 2", fetches)
		}
	})
}

func TestFetchesOnce(t *testing.T) {
	t.Parallel()
	var c flight.Cache[int]
	var fetched atomic.Int32
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			for n := range 5 {
				got, err := c.Get(t.Context(), strconv.Itoa(n), func() (int, error) { fetched.Add(1); return n, nil })
				if got != n || err != nil {
					t.Errorf("Get(%d) = %d, %v", n, got, err)
				}
			}
		})
	}
	wg.Wait()
	if got := fetched.Load(); got != 5 {
		t.Errorf("%d fetches, want 5", got)
	}
}

// The context that ends is its own caller's alone.
func TestContexts(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var c flight.Cache[int]
		first, cancel := context.WithCancel(t.Context())
		impatient, stop := context.WithTimeout(t.Context(), time.Second)
		defer stop()
		var wg sync.WaitGroup
		wg.Go(func() {
			_, err := c.Get(first, "key", func() (int, error) { <-first.Done(); return 0, first.Err() })
			if !errors.Is(err, context.Canceled) {
				t.Errorf("the first caller: %v", err)
			}
		})
		synctest.Wait()
		wg.Go(func() {
			start := time.Now()
			_, err := c.Get(impatient, "key", nil)
			if !errors.Is(err, context.DeadlineExceeded) || time.Since(start) != time.Second {
				t.Errorf("a caller with a deadline: %v after %v", err, time.Since(start))
			}
		})
		wg.Go(func() {
			value, err := c.Get(t.Context(), "key", func() (int, error) { return 42, nil })
			if value != 42 || err != nil {
				t.Errorf("a caller whose context goes on: %d, %v", value, err)
			}
		})
		time.Sleep(time.Minute)
		cancel()
		wg.Wait()
	})
}

func TestAborted(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var c flight.Cache[int]
		go func() {
			defer func() { recover() }()
			c.Get(t.Context(), "key", func() (int, error) {
				time.Sleep(time.Second)
				panic("told to")
			})
		}()
		synctest.Wait()
		if _, err := c.Get(t.Context(), "key", nil); !errors.Is(err, flight.ErrAborted) {
			t.Errorf("error %v, want %v", err, flight.ErrAborted)
		}
		if value, err := c.Get(t.Context(), "key", func() (int, error) { return 1, nil }); value != 1 || err != nil {
			t.Errorf("Get = %d, %v", value, err)
		}
	})
}
