package events_test

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/codesuite-go/codesuite/events"
)

func dedupMux(t *testing.T, store events.Store, handle events.Handler, optFns ...func(*events.DedupOptions)) *events.Mux {
	t.Helper()
	mux := &events.Mux{}
	if err := mux.Use(events.Dedup(store, optFns...)); err != nil {
		t.Fatal(err)
	}
	on[*events.StageExecutionStateChange](t, mux, handle)
	return mux
}

// The same event comes by three ways and is handled once.
func TestDedup(t *testing.T) {
	t.Parallel()
	n := 0
	mux := dedupMux(t, &events.MemoryStore{}, func(context.Context, events.Event) error { n++; return nil })
	for _, payload := range []string{
		stageEvent("1"), records(snsRecord("n", stageEvent("1"))), records(sqsRecord("q", "q", "", snsMessage("m", stageEvent("1")))),
		strings.Replace(stageEvent("1"), `"detail-type"`, `"notificationRuleArn":"r","detailType"`, 1),
	} {
		if _, err := mux.Invoke(t.Context(), []byte(payload)); err != nil {
			t.Error(err)
		}
	}
	if n != 1 {
		t.Errorf("handled %d times", n)
	}
	if _, err := mux.Invoke(t.Context(), []byte(stageEvent("2"))); err != nil || n != 2 {
		t.Errorf("another event: %v, handled %d times", err, n)
	}
}

func TestDedupRetry(t *testing.T) {
	t.Parallel()
	n := 0
	fail := errors.New("no")
	mux := dedupMux(t, &events.MemoryStore{}, func(context.Context, events.Event) error {
		switch n++; n {
		case 1:
			return fail
		case 2:
			panic("no")
		}
		return nil
	})
	e := &events.StageExecutionStateChange{Stage: "1"}
	if err := mux.Handle(t.Context(), e); !errors.Is(err, fail) {
		t.Errorf("got %v", err)
	}
	func() {
		defer func() {
			if recover() == nil {
				t.Error("the panic was swallowed")
			}
		}()
		_ = mux.Handle(t.Context(), e)
	}()
	for range 2 {
		if err := mux.Handle(t.Context(), e); err != nil {
			t.Error(err)
		}
	}
	if n != 3 {
		t.Errorf("handled %d times, want 3", n)
	}
}

func TestDedupBusy(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		store := &events.MemoryStore{}
		n := 0
		mux := dedupMux(t, store, func(context.Context, events.Event) error {
			n++
			time.Sleep(time.Minute)
			return nil
		}, func(o *events.DedupOptions) { o.Lease, o.Keep = 2*time.Minute, time.Hour })
		e := &events.StageExecutionStateChange{Stage: "1"}
		go func() {
			if err := mux.Handle(t.Context(), e); err != nil {
				t.Error(err)
			}
		}()
		synctest.Wait()
		if err := mux.Handle(t.Context(), e); !errors.Is(err, events.ErrBusy) {
			t.Errorf("got %v, want ErrBusy", err)
		}
		time.Sleep(time.Minute)
		synctest.Wait()
		if err := mux.Handle(t.Context(), e); err != nil || n != 1 {
			t.Errorf("after the commit: %v, handled %d times", err, n)
		}
		time.Sleep(time.Hour)
		if err := mux.Handle(t.Context(), e); err != nil || n != 2 {
			t.Errorf("after it is forgotten: %v, handled %d times", err, n)
		}
	})
}

// A worker that outlives its lease must not commit or release the claim of
// the next one.
func TestDedupLostLease(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		mux := dedupMux(t, &events.MemoryStore{}, func(context.Context, events.Event) error {
			time.Sleep(3 * time.Minute)
			return nil
		}, func(o *events.DedupOptions) { o.Lease = 2 * time.Minute })
		e := &events.StageExecutionStateChange{Stage: "1"}
		first := make(chan error)
		go func() { first <- mux.Handle(t.Context(), e) }()
		time.Sleep(2 * time.Minute)
		second := make(chan error)
		go func() { second <- mux.Handle(t.Context(), e) }()
		if err := <-first; err == nil || !strings.Contains(err.Error(), "claim was lost") {
			t.Errorf("first: %v", err)
		}
		if err := mux.Handle(t.Context(), e); !errors.Is(err, events.ErrBusy) {
			t.Errorf("meanwhile: %v", err)
		}
		if err := <-second; err != nil { // nobody else has claimed the key meanwhile
			t.Errorf("second: %v", err)
		}
	})
}

// The end of the context neither keeps a claim nor loses a commit.
func TestDedupCanceled(t *testing.T) {
	t.Parallel()
	store := &contextStore{}
	ctx, cancel := context.WithCancel(t.Context())
	n := 0
	mux := dedupMux(t, store, func(ctx context.Context, _ events.Event) error { n++; cancel(); return ctx.Err() })
	e := &events.StageExecutionStateChange{Stage: "1"}
	if err := mux.Handle(ctx, e); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if err := mux.Handle(ctx, e); !errors.Is(err, context.Canceled) || n != 1 {
		t.Errorf("claim with a canceled context: %v", err)
	}
	if status, err := store.MemoryStore.Claim(t.Context(), e.IdempotencyKey(), "o", time.Hour); err != nil || status != events.ClaimStatusClaimed {
		t.Errorf("the claim was kept: %v, %v", status, err)
	}
}

// contextStore fails as a store over the network does when ctx is done.
type contextStore struct{ events.MemoryStore }

func (s *contextStore) Claim(ctx context.Context, key, owner string, lease time.Duration) (events.ClaimStatus, error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	return s.MemoryStore.Claim(ctx, key, owner, lease)
}

func (s *contextStore) Release(ctx context.Context, key, owner string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	return s.MemoryStore.Release(ctx, key, owner)
}

func TestDedupStoreErrors(t *testing.T) {
	t.Parallel()
	e := &events.StageExecutionStateChange{Stage: "1"}
	if err := dedupMux(t, nil, func(context.Context, events.Event) error { return nil }).Handle(t.Context(), e); err == nil {
		t.Error("no store: no error")
	}
	down := errors.New("down")
	for _, at := range []string{"claim", "commit", "release"} {
		n := 0
		mux := dedupMux(t, &failingStore{at: at, err: down}, func(context.Context, events.Event) error {
			n++
			if at == "release" {
				return errors.New("no")
			}
			return nil
		})
		err := mux.Handle(t.Context(), e)
		if !errors.Is(err, down) || !strings.Contains(err.Error(), "dedup: "+at) {
			t.Errorf("%s: got %v", at, err)
		}
		if want := map[string]int{"claim": 0, "commit": 1, "release": 1}[at]; n != want {
			t.Errorf("%s: handled %d times, want %d", at, n, want)
		}
	}
}

type failingStore struct {
	events.MemoryStore
	at  string
	err error
}

func (s *failingStore) Claim(ctx context.Context, key, owner string, lease time.Duration) (events.ClaimStatus, error) {
	if s.at == "claim" {
		return 0, s.err
	}
	return s.MemoryStore.Claim(ctx, key, owner, lease)
}

func (s *failingStore) Commit(ctx context.Context, key, owner string, keep time.Duration) error {
	if s.at == "commit" {
		return s.err
	}
	return s.MemoryStore.Commit(ctx, key, owner, keep)
}

func (s *failingStore) Release(ctx context.Context, key, owner string) error {
	if s.at == "release" {
		return s.err
	}
	return s.MemoryStore.Release(ctx, key, owner)
}

// Keys that have expired can be claimed again, however many there were.
func TestMemoryStoreExpiry(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var store events.MemoryStore
		for round := range 3 {
			for i := range 1000 {
				key := strconv.Itoa(i)
				if status, err := store.Claim(t.Context(), key, "o", time.Minute); err != nil || status != events.ClaimStatusClaimed {
					t.Fatalf("round %d, key %s: %v, %v", round, key, status, err)
				}
				if err := store.Commit(t.Context(), key, "o", time.Hour); err != nil {
					t.Fatal(err)
				}
				if status, _ := store.Claim(t.Context(), key, "p", time.Minute); status != events.ClaimStatusDone {
					t.Fatalf("committed key: %v", status)
				}
			}
			time.Sleep(time.Hour)
		}
	})
}

// leaseStore keeps the lease of the last claim.
type leaseStore struct {
	events.MemoryStore
	lease time.Duration
}

func (s *leaseStore) Claim(ctx context.Context, key, owner string, lease time.Duration) (events.ClaimStatus, error) {
	s.lease = lease
	return s.MemoryStore.Claim(ctx, key, owner, lease)
}

// A claim must not outlive a killed function for long: while it holds, every
// redelivery fails.
func TestDedupLease(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		for _, test := range []struct {
			name    string
			timeout time.Duration // of the context
			lease   time.Duration // in the options
			want    time.Duration
		}{
			{"no deadline", 0, 0, 15 * time.Minute},
			{"deadline", 30 * time.Second, 0, 35 * time.Second},
			{"option", 30 * time.Second, time.Hour, time.Hour},
		} {
			store := &leaseStore{}
			mux := dedupMux(t, store, func(context.Context, events.Event) error { return nil }, func(o *events.DedupOptions) { o.Lease = test.lease })
			ctx, cancel := t.Context(), context.CancelFunc(func() {})
			if test.timeout > 0 {
				ctx, cancel = context.WithTimeout(ctx, test.timeout)
			}
			if err := mux.Handle(ctx, &events.StageExecutionStateChange{Stage: "1"}); err != nil {
				t.Errorf("%s: %v", test.name, err)
			}
			cancel()
			if store.lease != test.want {
				t.Errorf("%s: lease %v, want %v", test.name, store.lease, test.want)
			}
		}
	})
}
