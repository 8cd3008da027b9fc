package leaktest

import (
	"context"
	"runtime/pprof"
	"testing"
	"time"
)

func TestLabelled(t *testing.T) {
	t.Parallel()
	release := make(chan struct{})
	defer close(release)
	pprof.Do(t.Context(), pprof.Labels("leaktest", "of the test"), func(context.Context) {
		go func() { <-release }()
	})
	for range 5000 {
		if len(labelled(t, "of the test", []string{"internal/leaktest"})) > 0 {
			if other := labelled(t, "of the test", []string{"another/package"}); len(other) > 0 {
				t.Errorf("a goroutine is taken for one of another package:\n%s", other)
			}
			return
		}
		time.Sleep(time.Millisecond)
	}
	t.Error("a goroutine that waits is not found")
}

func TestDuring(t *testing.T) {
	t.Parallel()
	During(t, func() {
		done := make(chan struct{})
		go close(done)
		<-done
	}, "internal/leaktest")
}
