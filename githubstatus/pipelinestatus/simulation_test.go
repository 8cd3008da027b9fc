package pipelinestatus_test

import (
	"context"
	"fmt"
	"iter"
	"maps"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/codesuite-go/codesuite/events"
	"github.com/codesuite-go/codesuite/githubstatus"
	"github.com/codesuite-go/codesuite/githubstatus/pipelinestatus"
)

// TestReporterSimulation delivers the events of executions in random orders,
// twice, again after errors, and to several instances at once, some of which
// have just started. In the end every status must be right.
func TestSimulation(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name      string
		instances int // that live on; others handle one event and end
		cold      float64
		trigger   bool
		lag       bool
		checkRuns bool
	}{
		{name: "one instance", instances: 1},
		{name: "one instance and an API that lags", instances: 1, lag: true},
		{name: "cold starts", cold: 1},
		{name: "cold starts with triggers", cold: 1, trigger: true},
		{name: "several instances", instances: 3, cold: 0.3},
		{name: "check runs of one instance", instances: 1, checkRuns: true},
		{name: "check runs of one instance and an API that lags", instances: 1, lag: true, checkRuns: true},
		{name: "check runs of cold starts", cold: 1, checkRuns: true},
		{name: "check runs of cold starts with triggers", cold: 1, trigger: true, checkRuns: true},
		{name: "check runs of several instances", instances: 3, cold: 0.3, checkRuns: true},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			n := uint64(10)
			if text := os.Getenv("CODESUITE_SIMULATION_SEEDS"); text != "" {
				var err error
				if n, err = strconv.ParseUint(text, 10, 32); err != nil {
					t.Fatal(err)
				}
			} else if testing.Short() {
				n = 4
			}
			for seed := range n {
				if !t.Run(fmt.Sprint(seed), func(t *testing.T) {
					synctest.Test(t, func(t *testing.T) {
						w := &world{random: rand.New(rand.NewPCG(seed, 1)), failures: 0.05, lag: test.lag, checkRuns: test.checkRuns}
						w.simulate(t, test.instances, test.cold, test.trigger)
						w.check(t)
					})
				}) {
					return
				}
			}
		})
	}
}

func (w *world) simulate(t *testing.T, instances int, cold float64, trigger bool) {
	fresh := func() *pipelinestatus.Reporter {
		return pipelinestatus.New(w, w.setter(), func(o *pipelinestatus.Options) { o.Stages, o.Actions = true, true })
	}
	var warm []*pipelinestatus.Reporter
	for range instances {
		warm = append(warm, fresh())
	}
	delivered := 0                  // of w.events
	var pending []events.Event      // to be delivered
	var failed []events.Event       // to be delivered again; mu
	toStart := 1 + w.random.IntN(3) // executions
	busy := 0                       // deliveries that run; mu
	for {
		synctest.Wait()
		w.mu.Lock()
		pending = append(pending, w.events[delivered:]...)
		delivered = len(w.events)
		pending = append(pending, failed...)
		failed = nil
		var running []*worldExecution
		for _, e := range w.executions {
			if e.next != nil {
				running = append(running, e)
			}
		}
		var moves []func()
		if toStart > 0 {
			moves = append(moves, func() {
				toStart--
				w.begin(trigger)
			})
		}
		for _, e := range running {
			moves = append(moves, func() {
				e.seen = e.truth()
				time.Sleep(time.Duration(w.random.IntN(1500)) * time.Millisecond)
				if _, ok := e.next(); !ok {
					e.stop()
					e.next = nil
				}
			})
		}
		if len(pending) > 0 && busy < 6 {
			moves = append(moves, func() {
				i := w.random.IntN(len(pending))
				event := pending[i]
				if w.random.Float64() > 0.2 { // else it is delivered again
					pending = slices.Delete(pending, i, i+1)
				}
				r := fresh()
				if len(warm) > 0 && w.random.Float64() >= cold {
					r = warm[w.random.IntN(len(warm))]
				}
				busy++
				go func() {
					err := deliver(r, event)
					w.mu.Lock()
					defer w.mu.Unlock()
					busy--
					if err != nil {
						failed = append(failed, event)
					}
				}()
			})
		}
		for range min(2, len(w.waiting)) {
			moves = append(moves, func() {
				i := w.random.IntN(len(w.waiting))
				close(w.waiting[i])
				w.waiting = slices.Delete(w.waiting, i, i+1)
			})
		}
		for _, e := range w.executions {
			if e.next == nil && e.seen != nil {
				moves = append(moves, func() { e.seen = nil }) // the API catches up at last
			}
		}
		if n := len(w.held); len(moves) == 0 && n > 0 {
			i := w.random.IntN(n)
			moves = append(moves, func() {
				close(w.held[i])
				w.held = slices.Delete(w.held, i, i+1)
			})
		}
		if len(moves) == 0 {
			w.mu.Unlock()
			if busy > 0 {
				t.Fatalf("%d deliveries are stuck", busy)
			}
			return
		}
		moves[w.random.IntN(len(moves))]()
		w.mu.Unlock()
	}
}

func (w *world) begin(trigger bool) {
	time.Sleep(time.Second)
	e := &worldExecution{
		w: w, id: fmt.Sprintf("execution-%d", len(w.executions)+1), started: time.Now(), trigger: trigger,
		commits: map[string]string{
			"One": strings.Repeat(fmt.Sprint(w.random.IntN(2)), 40),
			"Two": strings.Repeat(fmt.Sprint(w.random.IntN(2)), 40),
		},
		stages: map[string]events.StageState{},
	}
	if trigger { // a push is of a new commit
		e.commits["One"] = strings.Repeat(fmt.Sprint(len(w.executions)), 40)
	}
	e.next, e.stop = iter.Pull(iter.Seq[struct{}](e.script))
	e.next()
	w.executions = append(w.executions, e)
}

func deliver(r *pipelinestatus.Reporter, event events.Event) error {
	ctx := context.Background()
	switch e := event.(type) {
	case *events.PipelineExecutionStateChange:
		return r.Report(ctx, e)
	case *events.StageExecutionStateChange:
		return r.ReportStage(ctx, e)
	case *events.ActionExecutionStateChange:
		return r.ReportAction(ctx, e)
	}
	return nil
}

// check compares the statuses with the newest execution on each commit.
func (w *world) check(t *testing.T) {
	t.Helper()
	states := pipelinestatus.DefaultStates()
	want := map[string]map[string]githubstatus.State{}
	for _, e := range w.executions {
		for _, r := range e.truth().Revisions {
			commit := r.Repository + "@" + r.ID
			if want[commit] == nil {
				want[commit] = map[string]githubstatus.State{}
			}
			want[commit]["codepipeline/app"] = states[string(e.state)]
			for stage, state := range e.stages {
				want[commit]["codepipeline/app/"+stage] = states[string(state)]
			}
			for _, a := range e.actions {
				state, ok := events.ActionStateOf(string(a.Status))
				if !ok {
					t.Fatalf("status %s", a.Status)
				}
				want[commit]["codepipeline/app/"+a.Stage+"/"+a.Action] = states[string(state)]
			}
		}
	}
	for _, e := range w.executions {
		if commit := "octo/one@" + e.commits["One"]; e.trigger && want[commit] == nil { // no other execution has it
			want[commit] = map[string]githubstatus.State{"codepipeline/app": states[string(e.state)]}
		}
	}
	shown := w.shown()
	for commit, contexts := range shown {
		for name, state := range contexts {
			if state == githubstatus.StatePending {
				t.Errorf("%s stays pending on %s", name, commit)
			}
		}
	}
	for _, run := range w.github.runs {
		if run.Status != "completed" {
			t.Errorf("the check run %d, %s of %s, stays %s", run.ID, run.Name, run.commit, run.Status)
		}
	}
	for _, commit := range slices.Sorted(maps.Keys(want)) {
		for _, name := range slices.Sorted(maps.Keys(want[commit])) {
			if got := shown[commit][name]; got != want[commit][name] {
				t.Errorf("%s of %s is %q, want %q", name, commit, got, want[commit][name])
			}
		}
	}
	for _, commit := range w.github.wrong {
		t.Errorf("%s passed although no execution on it had succeeded", commit)
	}
	if t.Failed() {
		for _, e := range w.executions {
			t.Logf("%s: %s %v %v", e.id, e.state, e.stages, e.truth().Revisions)
		}
	}
}
