package backoff_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/codesuite-go/codesuite/internal/backoff"
)

func TestRanges(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name      string
		wait      func(time.Duration) time.Duration
		of        time.Duration
		low, high time.Duration
	}{
		{name: "full", wait: backoff.Full, of: time.Second, low: 1, high: time.Second},
		{name: "full of the least", wait: backoff.Full, of: 1, low: 1, high: 1},
		{name: "jitter", wait: backoff.Jitter, of: time.Second, low: 800 * time.Millisecond, high: time.Second},
		{name: "jitter of almost nothing", wait: backoff.Jitter, of: 4, low: 4, high: 4},
		{name: "jitter of nothing", wait: backoff.Jitter},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			seen := make(map[time.Duration]bool)
			for range 1000 {
				got := test.wait(test.of)
				if got < test.low || got > test.high {
					t.Fatalf("a wait of %v is %v, want from %v to %v", test.of, got, test.low, test.high)
				}
				seen[got] = true
			}
			if test.low != test.high && len(seen) < 100 {
				t.Errorf("1,000 waits have %d values", len(seen))
			}
		})
	}
}

func TestSleep(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		sleep  time.Duration
		within time.Duration // of the context
		want   error
		took   time.Duration
	}{
		{name: "to the end", sleep: time.Minute, within: time.Hour, took: time.Minute},
		{name: "context ends before", sleep: time.Hour, within: time.Minute, want: context.DeadlineExceeded, took: time.Minute},
		{name: "nothing", within: time.Minute},
		{name: "less than nothing", sleep: -1, within: time.Minute},
		{name: "nothing in a context that has ended", want: context.DeadlineExceeded},
		{name: "context has ended", sleep: time.Hour, want: context.DeadlineExceeded},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithTimeout(t.Context(), test.within)
				defer cancel()
				start := time.Now()
				if err := backoff.Sleep(ctx, test.sleep); !errors.Is(err, test.want) {
					t.Errorf("Sleep(%v) = %v, want %v", test.sleep, err, test.want)
				}
				if took := time.Since(start); took != test.took {
					t.Errorf("Sleep(%v) took %v, want %v", test.sleep, took, test.took)
				}
			})
		})
	}
}
