package multibranch_test

import (
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/codesuite-go/codesuite/codecommit/codecommittest"
	"github.com/codesuite-go/codesuite/pipeline/multibranch"
	"github.com/codesuite-go/codesuite/pipeline/pipelinetest"
)

var sharedModels = []multibranch.Model{multibranch.ModelCommit, multibranch.ModelS3}

// pipelineOf returns the pipeline of a model that branches share.
func pipelineOf(model multibranch.Model) string { return "from-" + string(model) }

// summary returns executions as "branch n status", where n is the number of the
// commit in commits.
func summary(list []started, commits ...string) (lines []string) {
	for _, s := range list {
		n := 0
		for i, id := range commits {
			if s.Commit == id {
				n = i + 1
			}
		}
		lines = append(lines, fmt.Sprintf("%s %d %s", s.Branch, n, s.Status))
	}
	return lines
}

// A push that a newer one overtakes does not start, whenever that happens.
func TestOvertaken(t *testing.T) {
	t.Parallel()
	for _, model := range sharedModels {
		for _, test := range []struct {
			name string
			// when is the operation before which the newer push arrives and is
			// handled; "" is before the older event.
			when string
			want []string
		}{
			{"before the event", "", []string{"b 2 InProgress"}},
			{"before the start", "StartPipelineExecution", []string{"b 2 InProgress", "b 1 Stopped"}},
		} {
			t.Run(string(model)+" "+test.name, func(t *testing.T) {
				t.Parallel()
				w := newWorld(t, func(o *multibranch.Options) { o.Model = model })
				older := w.commit("b", 1)
				first := w.heads["b"]
				overtake := func() {
					if _, err := w.mux.Invoke(t.Context(), w.commit("b", 2)); err != nil {
						t.Error(err)
					}
				}
				if test.when == "" {
					overtake()
				}
				var once atomic.Bool
				w.pipelines.OnCall(func(operation string) {
					if operation == test.when && once.CompareAndSwap(false, true) {
						overtake()
					}
				})
				w.deliver(older)
				if diff := cmp.Diff(test.want, summary(w.executions(pipelineOf(model)), first, w.heads["b"])); diff != "" {
					t.Errorf("executions (-want +got):\n%s", diff)
				}
			})
		}
	}
}

// The object is written only over the one that was seen: of two deliveries at the
// same time the older one never replaces the newer one's object.
func TestConditionalWrite(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(o *multibranch.Options) { o.Model = multibranch.ModelS3 })
	w.deliver(w.commit("b", 1))
	older := w.commit("b", 2)
	second := w.heads["b"]
	var once sync.Once
	put := w.bucket.onPut
	w.bucket.onPut = func() {
		once.Do(func() {
			w.bucket.onPut = put
			if _, err := w.mux.Invoke(t.Context(), w.commit("b", 3)); err != nil {
				t.Error(err)
			}
		})
	}
	w.deliver(older)
	list := w.executions("from-s3")
	if diff := cmp.Diff([]string{"b 0 InProgress", "b 2 InProgress"}, summary(list, second, w.heads["b"])); diff != "" {
		t.Errorf("executions (-want +got):\n%s", diff)
	}
	for _, s := range list {
		if s.Revision != "" && !strings.HasPrefix(s.Revision, "none") {
			w.checkContent(s)
		}
	}
	if n := w.bucket.puts; n != 2 {
		t.Errorf("%d versions, want 2: of the first and the newest push", n)
	}
}

// A branch that goes back to an older commit runs that again, and an old event
// of the same commit does not.
func TestBackToOlderCommit(t *testing.T) {
	t.Parallel()
	for _, model := range sharedModels {
		t.Run(string(model), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, func(o *multibranch.Options) { o.Model = model })
			old := w.commit("b", 1)
			first := w.heads["b"]
			w.deliver(old)
			w.deliver(w.commit("b", 2))
			second := w.heads["b"]
			w.deliver(w.move("b", first))
			w.deliver(old)
			want := []string{"b 1 InProgress", "b 2 InProgress", "b 1 InProgress"}
			if diff := cmp.Diff(want, summary(w.executions(pipelineOf(model)), first, second)); diff != "" {
				t.Errorf("executions (-want +got):\n%s", diff)
			}
		})
	}
}

func TestEveryPush(t *testing.T) {
	t.Parallel()
	for _, model := range sharedModels {
		t.Run(string(model), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, func(o *multibranch.Options) { o.Model, o.EveryPush = model, true })
			var ids []string
			var payloads [][]byte
			for n := range 3 {
				payloads = append(payloads, w.commit("b", n))
				ids = append(ids, w.heads["b"])
			}
			for _, i := range []int{2, 0, 1, 0, 2, 1} {
				w.deliver(payloads[i])
			}
			list := w.executions(pipelineOf(model))
			want := []string{"b 3 InProgress", "b 1 InProgress", "b 2 InProgress"}
			if diff := cmp.Diff(want, summary(list, ids...)); diff != "" {
				t.Errorf("executions (-want +got):\n%s", diff)
			}
			w.deliver(w.move("b", ""))
			if diff := cmp.Diff([]string{"b 3 Stopped", "b 1 Stopped", "b 2 Stopped"}, summary(w.executions(pipelineOf(model)), ids...)); diff != "" {
				t.Errorf("executions after the deletion (-want +got):\n%s", diff)
			}
			if keys := w.bucket.keys(); len(keys) > 0 {
				t.Errorf("objects are left: %v", keys)
			}
		})
	}
}

// A branch that is deleted while its push is handled leaves nothing behind.
func TestDeletedMeanwhile(t *testing.T) {
	t.Parallel()
	for _, model := range []multibranch.Model{multibranch.ModelCommit, multibranch.ModelS3, multibranch.ModelPerBranch} {
		t.Run(string(model), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, func(o *multibranch.Options) {
				o.Model, o.Triggers, o.UpdatesFunction = model, multibranch.TriggersPerBranch, function
			})
			created := w.commit("b", 1)
			var once atomic.Bool
			w.pipelines.OnCall(func(operation string) {
				if operation == "StartPipelineExecution" && once.CompareAndSwap(false, true) {
					if _, err := w.mux.Invoke(t.Context(), w.move("b", "")); err != nil {
						t.Error(err)
					}
				}
			})
			payload := string(created)
			if _, err := w.mux.Invoke(t.Context(), []byte(payload)); err != nil && model != multibranch.ModelPerBranch {
				t.Error(err) // per-branch: the pipeline is gone, and the redelivery finds no branch
			}
			w.deliver(created)
			w.checkTriggers()
			if keys := w.bucket.keys(); len(keys) > 0 {
				t.Errorf("objects are left: %v", keys)
			}
			if model == multibranch.ModelPerBranch {
				if _, err := w.client.GetPipeline(t.Context(), getPipeline(multibranch.PipelineName("from-commit", "b"))); err == nil {
					t.Error("the pipeline is left")
				}
				return
			}
			for _, s := range w.executions(pipelineOf(model)) {
				if s.Status != "Stopped" {
					t.Errorf("execution %+v, want Stopped", s)
				}
			}
		})
	}
}

// A push between the creation of a branch and that of its trigger is reported by
// nobody, and runs all the same.
func TestPushedBeforeTrigger(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(o *multibranch.Options) {
		o.Triggers, o.UpdatesFunction = multibranch.TriggersPerBranch, function
	})
	created := w.commit("b", 1)
	var once atomic.Bool
	w.git.OnCall(func(operation string) {
		if operation == "PutRepositoryTriggers" && once.CompareAndSwap(false, true) {
			w.commit("b", 2)
		}
	})
	w.deliver(created)
	w.deliver(created)
	if diff := cmp.Diff([]string{"b 1 InProgress"}, summary(w.executions("from-commit"), w.heads["b"])); diff != "" {
		t.Errorf("executions (-want +got):\n%s", diff)
	}
}

// A pipeline that is full is an error, so that the event comes again, which then
// starts the execution.
func TestFullPipeline(t *testing.T) {
	t.Parallel()
	for _, model := range sharedModels {
		t.Run(string(model), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, func(o *multibranch.Options) { o.Model = model })
			for range 50 {
				if _, err := w.pipelines.StartExecution(pipelineOf(model), pipelinetest.Trigger{}); err != nil {
					t.Fatal(err)
				}
			}
			payload := w.commit("b", 1)
			_, err := w.mux.Invoke(t.Context(), payload)
			if err == nil || !strings.Contains(err.Error(), `branch "b" of shop`) || !strings.Contains(err.Error(), "ConcurrentPipelineExecutionsLimitExceeded") {
				t.Fatalf("error %v, want the branch and the limit", err)
			}
			first := w.executions(pipelineOf(model))
			if len(first) != 50 {
				t.Fatalf("%d executions, want 50", len(first))
			}
			w.pipelines.SetFaults(pipelinetest.Faults{})
			w.finishOne(pipelineOf(model))
			w.deliver(payload)
			list := w.executions(pipelineOf(model))
			if got := list[len(list)-1]; got.Branch != "b" || got.Commit != w.heads["b"] {
				t.Errorf("newest execution %+v, want that of b", got)
			}
			if model == multibranch.ModelS3 && w.bucket.puts != 1 {
				t.Errorf("%d uploads, want 1: the second delivery finds the first one's", w.bucket.puts)
			}
		})
	}
}

// A push that EventBridge and a trigger report, with different times, starts
// once where the model keeps a record.
func TestTwoChannels(t *testing.T) {
	t.Parallel()
	for _, model := range []multibranch.Model{multibranch.ModelS3, multibranch.ModelPerBranch} {
		t.Run(string(model), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, func(o *multibranch.Options) { o.Model = model })
			name := pipelineOf(model)
			if model == multibranch.ModelPerBranch {
				name = multibranch.PipelineName("from-commit", "b")
			}
			for n := range 2 {
				payload := w.commit("b", n)
				reference := map[string]any{"ref": "refs/heads/b", "commit": w.heads["b"]}
				w.deliver(record(w.clock.Add(2*time.Second), "", reference))
				w.deliver(payload)
				w.deliver(record(w.clock.Add(2*time.Second), "", reference))
				w.clock = w.clock.Add(time.Minute)
			}
			var started int
			for _, s := range w.executions(name) {
				if s.Commit != "none" {
					started++
				}
			}
			if started != 2 {
				t.Errorf("%d executions, want 2: %v", started, w.executions(name))
			}
		})
	}
}

// An event of a branch that is gone removes what a delivery that failed has left.
func TestFailedDelivery(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(o *multibranch.Options) {
		o.Triggers, o.UpdatesFunction = multibranch.TriggersPerBranch, function
	})
	created := w.commit("b", 1)
	var once atomic.Bool
	w.git.OnCall(func(operation string) {
		if operation == "PutRepositoryTriggers" && once.CompareAndSwap(false, true) {
			if _, err := w.mux.Invoke(t.Context(), w.move("b", "")); err != nil {
				t.Error(err)
			}
			w.git.SetFaults(codecommittest.Faults{Deny: []string{"GetBranch"}})
		}
	})
	if _, err := w.mux.Invoke(t.Context(), created); err == nil || !strings.Contains(err.Error(), "codecommit:GetBranch") {
		t.Fatalf("error %v, want the missing permission", err)
	}
	w.git.SetFaults(codecommittest.Faults{})
	w.checkTriggers("b")
	w.deliver(created)
	w.checkTriggers()
}
