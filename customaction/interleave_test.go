package customaction_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/codesuite-go/codesuite/customaction"
	"github.com/codesuite-go/codesuite/pipeline/action"
	"github.com/codesuite-go/codesuite/pipeline/actiontype"
)

// TestInterleavings lets two workers that are stopped and started again run
// jobs while calls are slow, fail before and after they took effect, and
// offers come twice. It does so as often as CODESUITE_INTERLEAVINGS says, by
// default 200 times. Time is simulated, so that all timeouts take part.
func TestInterleavings(t *testing.T) {
	t.Parallel()
	rounds := uint64(200)
	if s := os.Getenv("CODESUITE_INTERLEAVINGS"); s != "" {
		var err error
		if rounds, err = strconv.ParseUint(s, 10, 32); err != nil {
			t.Fatal(err)
		}
	}
	for seed := range rounds {
		synctest.Test(t, func(t *testing.T) { interleave(t, seed) })
	}
}

func interleave(t *testing.T, seed uint64) {
	var mu sync.Mutex
	random := rand.New(rand.NewPCG(seed, 0))
	chance := func(p float64) bool {
		mu.Lock()
		defer mu.Unlock()
		return random.Float64() < p
	}
	upTo := func(d time.Duration) time.Duration {
		mu.Lock()
		defer mu.Unlock()
		return time.Duration(random.Int64N(int64(d)))
	}
	s := &service{repeats: chance(0.5), reoffer: 500*time.Millisecond + upTo(20*time.Second)}
	s.again = func() bool { return chance(0.1) }
	calm := true
	s.fault = func(operation, _ string) (instead, after error) {
		mu.Lock()
		quiet := calm
		mu.Unlock()
		if quiet {
			return nil, nil
		}
		time.Sleep(upTo(300 * time.Millisecond))
		if chance(0.05) {
			time.Sleep(upTo(12 * time.Second)) // longer than some calls wait
		}
		switch {
		case chance(0.1):
			return errThrottled, nil
		case chance(0.1):
			return errLost, nil
		case chance(0.05):
			return errRefused, nil
		case chance(0.1):
			return nil, errLost
		case chance(0.1):
			return nil, errServer
		}
		return nil, nil
	}

	ran := make(map[string][]string)   // by job: the runs
	trace := make(map[string][]string) // by job: what the workers did
	begin := time.Now()
	runs := 0
	handler := func(ctx context.Context, j *action.Job) (*action.Result, error) {
		mu.Lock()
		runs++
		run := fmt.Sprint("run ", runs)
		ran[j.ID()] = append(ran[j.ID()], run)
		mu.Unlock()
		long := upTo(20 * time.Second)
		if chance(0.1) {
			time.Sleep(long) // without regard
		}
		select {
		case <-time.After(long):
		case <-ctx.Done():
			if chance(0.5) {
				return nil, fmt.Errorf("%s: %w", run, context.Cause(ctx))
			}
		}
		return &action.Result{Summary: run}, nil
	}
	unreported := make(map[string]bool)
	runFor := func(w *customaction.Worker, d time.Duration) {
		ctx, cancel := context.WithTimeout(t.Context(), d)
		defer cancel()
		err := w.Run(ctx)
		var late *customaction.UnreportedError
		switch {
		case errors.As(err, &late):
			mu.Lock()
			defer mu.Unlock()
			for _, id := range late.JobIDs {
				unreported[id] = true
			}
		case err != nil:
			t.Error(err)
		}
	}
	setCalm := func(yes bool) {
		mu.Lock()
		defer mu.Unlock()
		calm = yes
	}
	var workers []*customaction.Worker
	for name := range 2 {
		w := customaction.New(s, actiontype.Type{Category: "Build", Provider: "Make", Version: "1"}, action.HandlerFunc(handler), func(o *customaction.Options) {
			o.Concurrency = 1 + int(upTo(3))
			o.GracePeriod = upTo(10 * time.Second)
			o.ReportTimeout = 5*time.Second + upTo(20*time.Second)
			o.MaxWait = 5 * time.Second
			o.OnEvent = func(e customaction.Event) {
				mu.Lock()
				defer mu.Unlock()
				trace[e.JobID] = append(trace[e.JobID], fmt.Sprintf("%s worker %d: %s %s %v", time.Since(begin), name, e.Type, e.Outcome, e.Err))
			}
		})
		workers = append(workers, w)
	}
	setCalm(false)
	s.add(6)
	var wg sync.WaitGroup
	for _, w := range workers {
		wg.Go(func() {
			for range 3 {
				runFor(w, upTo(30*time.Second))
				time.Sleep(upTo(2 * time.Second))
			}
		})
	}
	wg.Wait()
	setCalm(true)
	runFor(workers[0], 10*time.Minute)
	time.Sleep(time.Minute) // for handlers that were given up

	mu.Lock()
	defer mu.Unlock()
	for _, j := range s.all() {
		if j.result != "" || unreported[j.id] {
			continue // after a lost reply both workers may take a job for theirs
		}
		t.Errorf("%s is %s, ran as %q, was reported as %q; repeats %t:\n%s", j.id, j.status, ran[j.id], j.results, s.repeats, strings.Join(trace[j.id], "\n"))
	}
}
