package codecommittest

import (
	"errors"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
)

func TestCache(t *testing.T) {
	t.Parallel()
	c := cache[int]{limit: 10}
	made := 0
	get := func(n, size int) {
		t.Helper()
		got, err := c.get(strconv.Itoa(n), func() (int, int, error) { made++; return n, size, nil })
		if err != nil || got != n {
			t.Errorf("get %d = %d, %v", n, got, err)
		}
	}
	for range 3 {
		get(1, 4)
		get(2, 4)
	}
	if made != 2 {
		t.Errorf("made %d values, want 2", made)
	}
	for n := range 100 {
		get(n, 3)
		if c.size > 10 || len(c.values) > 3 {
			t.Fatalf("%d values of size %d", len(c.values), c.size)
		}
	}
	get(1000, 50) // alone
	if c.size != 50 || len(c.values) != 1 {
		t.Errorf("%d values of size %d", len(c.values), c.size)
	}
	get(1, 1)
	if c.size != 1 || len(c.values) != 1 {
		t.Errorf("%d values of size %d", len(c.values), c.size)
	}
	failure := errors.New("failure")
	if _, err := c.get("x", func() (int, int, error) { return 0, 0, failure }); !errors.Is(err, failure) {
		t.Errorf("error %v", err)
	}
	if got, err := c.get("x", func() (int, int, error) { return 7, 1, nil }); got != 7 || err != nil {
		t.Errorf("after an error: %d, %v", got, err)
	}
}

func TestCacheMakesOnce(t *testing.T) {
	t.Parallel()
	c := cache[int]{limit: 10}
	var made atomic.Int32
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			for n := range 5 {
				if got, err := c.get(strconv.Itoa(n), func() (int, int, error) { made.Add(1); return n, 1, nil }); got != n || err != nil {
					t.Errorf("get %d = %d, %v", n, got, err)
				}
			}
		})
	}
	wg.Wait()
	if got := made.Load(); got != 5 {
		t.Errorf("made %d values, want 5", got)
	}
}
