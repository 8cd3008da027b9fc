package codecommit

import (
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

func TestCacheKeepsRecentContent(t *testing.T) {
	t.Parallel()
	blobs := &newTree(t.Context(), New(nil, "staging"), &Commit{}).blobs
	get := func(key string, wantFetch bool) {
		t.Helper()
		fetched := false
		content, err := blobs.get(key, func() ([]byte, error) {
			fetched = true
			return make([]byte, 4<<20), nil // four fit
		})
		if len(content) != 4<<20 || err != nil || fetched != wantFetch {
			t.Errorf("get(%s) = %d bytes, %v, fetched: %v, want %v", key, len(content), err, fetched, wantFetch)
		}
	}
	for _, key := range []string{"a", "b", "c", "d"} {
		get(key, true)
	}
	get("a", false)
	get("e", true) // takes the place of b
	get("a", false)
	get("c", false)
	get("d", false)
	get("b", true) // takes the place of e
	get("e", true)
	if blobs.total != 16<<20 || blobs.used.Len() != 4 || len(blobs.kept) != 4 || len(blobs.flights) != 0 {
		t.Errorf("%d bytes in %d items, %d keys, %d flights", blobs.total, blobs.used.Len(), len(blobs.kept), len(blobs.flights))
	}
}

func TestCacheKeepsAllListings(t *testing.T) {
	t.Parallel()
	folders := &newTree(t.Context(), New(nil, "staging"), &Commit{}).folders
	for range 2 {
		for i := range 10_000 {
			key := fmt.Sprint(i)
			if _, err := folders.get(key, func() ([]Entry, error) { return make([]Entry, 10), nil }); err != nil {
				t.Fatal(err)
			}
		}
	}
	if len(folders.kept) != 10_000 {
		t.Errorf("%d listings kept, want 10000", len(folders.kept))
	}
}

func TestCacheSharesFlights(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var c cache[int]
		broken := errors.New("broken")
		fetches := 0
		var wg sync.WaitGroup
		for i := range 20 {
			wg.Go(func() {
				time.Sleep(time.Duration(i) * time.Second)
				value, err := c.get("key", func() (int, error) {
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

func TestCacheAborted(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var c cache[int]
		go func() {
			defer func() { recover() }()
			c.get("key", func() (int, error) {
				time.Sleep(time.Second)
				panic("told to")
			})
		}()
		synctest.Wait()
		if _, err := c.get("key", nil); !errors.Is(err, errAborted) {
			t.Errorf("error %v, want %v", err, errAborted)
		}
		if value, err := c.get("key", func() (int, error) { return 1, nil }); value != 1 || err != nil {
			t.Errorf("get = %d, %v", value, err)
		}
	})
}
