package main_test

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"github.com/aws/aws-sdk-go-v2/aws"
	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/codesuite-go/codesuite/codecommit/trigger"
	"github.com/codesuite-go/codesuite/examples/internal/lambdatest"
	"github.com/codesuite-go/codesuite/pipeline/multibranch"
)

var models = []string{"commit", "s3", "per-branch"}

// Twenty branches are created at once, and twice pushed to at once. The events
// of each round arrive in any order, some twice, from EventBridge and from
// triggers, at four instances of the function at the same time, among them old
// ones of earlier rounds.
func TestTwentyBranches(t *testing.T) {
	t.Parallel()
	const instances = 4
	var branches []string
	for i := range 20 {
		branches = append(branches, fmt.Sprintf([]string{"feature/b%d", "b%d", "feature-b%d", "größe/b_%d"}[i%4], i/4))
	}
	for _, model := range models {
		t.Run(model, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, model)
			var functions []*lambdatest.Function
			for range instances {
				functions = append(functions, w.start())
			}
			random := rand.New(rand.NewPCG(20, 1))
			want := make(map[string][]string)
			var old []string
			for round := range 3 {
				var payloads []string
				for _, branch := range branches {
					var e event
					if round == 2 {
						// Of two pushes, only the second one starts.
						payloads = append(payloads, w.commit(branch, 20).eventBridge())
						e = w.commit(branch, 21)
					} else {
						e = w.commit(branch, round)
					}
					want[branch] = append(want[branch], e.id)
					payloads = append(payloads, e.eventBridge())
					if random.IntN(2) == 0 {
						payloads = append(payloads, record("", e))
					}
					if random.IntN(3) == 0 {
						payloads = append(payloads, e.eventBridge())
					}
				}
				next := append([]string(nil), payloads...)
				payloads = append(payloads, old...)
				old = next
				random.Shuffle(len(payloads), func(i, j int) { payloads[i], payloads[j] = payloads[j], payloads[i] })
				queue := make(chan string, len(payloads))
				for _, payload := range payloads {
					queue <- payload
				}
				close(queue)
				var group sync.WaitGroup
				for _, f := range functions {
					group.Go(func() {
						for payload := range queue {
							w.deliver(f, payload)
						}
					})
				}
				group.Wait()
				w.pipelines.Settle()
			}
			for _, branch := range branches {
				if diff := cmp.Diff(want[branch], w.runs(branch)); diff != "" {
					t.Errorf("executions of %s (-want +got):\n%s", branch, diff)
				}
			}
		})
	}
}

// A branch is created, pushed to and deleted; nothing of another one with a
// similar name changes.
func TestStory(t *testing.T) {
	t.Parallel()
	for _, model := range models {
		t.Run(model, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, model)
			f := w.start("TRIGGERS=per-branch", "UPDATES_FUNCTION_ARN="+function)
			mail := trigger.Trigger{Name: "mail", Destination: "arn:aws:sns:us-east-1:111122223333:pushes", Events: []trigger.Event{trigger.EventAll}}
			if _, err := trigger.Open(w.git.Config(), repository).Ensure(t.Context(), mail); err != nil {
				t.Fatal(err)
			}
			check := func(step string, triggers []string, want map[string][]string) {
				t.Helper()
				w.pipelines.Settle()
				if diff := cmp.Diff(triggers, w.triggers()); diff != "" {
					t.Errorf("%s: triggers (-want +got):\n%s", step, diff)
				}
				for branch, commits := range want {
					if diff := cmp.Diff(commits, w.runs(branch), cmpopts.EquateEmpty()); diff != "" {
						t.Errorf("%s: executions of %s (-want +got):\n%s", step, branch, diff)
					}
				}
			}
			other := w.commit("team/login", 1)
			w.deliver(f, other.eventBridge())
			created := w.commit("login", 1)
			w.deliver(f, created.eventBridge())
			check("created", []string{"mail", "of team/login", "of login"}, map[string][]string{"login": {created.id}, "team/login": {other.id}})
			pushed := w.commit("login", 2)
			w.deliver(f, record("", pushed))
			check("pushed", []string{"mail", "of team/login", "of login"}, map[string][]string{"login": {created.id, pushed.id}, "team/login": {other.id}})
			deleted := w.remove("login")
			w.deliver(f, deleted.eventBridge())
			w.deliver(f, deleted.eventBridge())
			w.deliver(f, pushed.eventBridge())
			check("deleted", []string{"mail", "of team/login"}, map[string][]string{"team/login": {other.id}})
			for _, key := range w.versions() {
				if !strings.HasPrefix(key, repository+"/team_-login-") {
					t.Errorf("the object %s is left", key)
				}
			}
			_, err := w.client.GetPipeline(t.Context(), getPipeline(multibranch.PipelineName("app", "login")))
			if err == nil || !strings.Contains(err.Error(), "PipelineNotFoundException") {
				t.Errorf("the pipeline of the deleted branch: %v, want none", err)
			}
			again := w.commit("login", 1)
			w.deliver(f, again.eventBridge())
			w.pipelines.Settle()
			if got := w.newestRun("login"); got != again.id {
				t.Errorf("newest execution of the branch that is there again: %q, want %s", got, again.id)
			}
		})
	}
}

// Two instances of the function and another manager change the triggers of a
// repository at the same time.
func TestOtherManager(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "commit")
	other := trigger.Open(w.git.Config(), repository)
	var group sync.WaitGroup
	for i := range 2 {
		f := w.start("TRIGGERS=per-branch", "UPDATES_FUNCTION_ARN="+function)
		group.Go(func() {
			for n := range 4 {
				branch := fmt.Sprintf("b%d", i)
				w.deliver(f, w.commit(branch, n).eventBridge())
				if n < 3 {
					w.deliver(f, w.remove(branch).eventBridge())
				}
			}
		})
	}
	group.Go(func() {
		for n := range 8 {
			name := fmt.Sprint("mail-", n)
			if _, err := other.Ensure(t.Context(), trigger.Trigger{Name: name, Destination: "arn:aws:sns:us-east-1:111122223333:p", Events: []trigger.Event{trigger.EventAll}}); err != nil {
				t.Error(err)
			}
			if n < 7 {
				if _, err := other.Remove(t.Context(), name); err != nil {
					t.Error(err)
				}
			}
		}
	})
	group.Wait()
	got := make(map[string]bool)
	for _, name := range w.triggers() {
		got[name] = true
	}
	if diff := cmp.Diff(map[string]bool{"of b0": true, "of b1": true, "mail-7": true}, got); diff != "" {
		t.Errorf("triggers (-want +got):\n%s", diff)
	}
}

// The trigger that widely copied functions made brings its configuration along.
func TestCustomData(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "s3")
	f := w.start("PIPELINE=", "BUCKET=", "TRIGGERS=per-branch")
	data := fmt.Sprintf(`{"pipeline_exec_function": %q, "pipeline_name": "app", "bucket": %q}`, function, bucket)
	created := w.commit("login", 1)
	w.deliver(f, record(data, created))
	w.pipelines.Settle()
	if diff := cmp.Diff([]string{`of login {"pipeline_name":"app","bucket":"` + bucket + `"}`}, w.triggers()); diff != "" {
		t.Errorf("triggers (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{created.id}, w.runs("login")); diff != "" {
		t.Errorf("executions (-want +got):\n%s", diff)
	}
	if result := f.Invoke(t, w.commit("login", 2).eventBridge()); !result.Failed || !strings.Contains(result.Body, "the name of the pipeline is missing") {
		t.Errorf("an event without configuration: %+v", result)
	}
}

// The pipeline of a branch follows the template pipeline.
func TestChangedTemplate(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "per-branch")
	f := w.start()
	first := w.commit("login", 1)
	w.deliver(f, first.eventBridge())
	w.pipelines.Settle()
	if err := w.pipelines.Update(w.template("Release")); err != nil {
		t.Fatal(err)
	}
	second := w.commit("login", 2)
	w.deliver(w.start(), second.eventBridge()) // an instance that has not kept the old structure
	w.pipelines.Settle()
	if diff := cmp.Diff([]string{first.id, second.id}, w.runs("login")); diff != "" {
		t.Errorf("executions (-want +got):\n%s", diff)
	}
	out, err := w.client.GetPipeline(t.Context(), getPipeline(multibranch.PipelineName("app", "login")))
	if err != nil {
		t.Fatal(err)
	}
	if got := *out.Pipeline.Stages[1].Name; got != "Release" {
		t.Errorf("the second stage of the branch's pipeline is %s, want that of the template, Release", got)
	}
}

// An upload that breaks leaves nothing in the bucket.
func TestBrokenUpload(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "s3")
	f := w.start()
	random := rand.NewChaCha8([32]byte{1})
	files := content("big", 1)
	for i := range 5 {
		data := make([]byte, 5<<20)
		random.Read(data)
		files[fmt.Sprintf("image-%d", i)] = &fstest.MapFile{Data: data}
	}
	id, err := w.git.Commit(repository, "big", files)
	if err != nil {
		t.Fatal(err)
	}
	pushed := w.moved("big", id)
	w.recorders["s3"].Refuse(func(r *http.Request) bool { return r.URL.Query().Get("partNumber") == "2" })
	if result := f.Invoke(t, pushed.eventBridge()); !result.Failed || !strings.Contains(result.Body, "s3:PutObject") {
		t.Errorf("an upload that is denied: %+v", result)
	}
	uploads, err := w.s3.ListMultipartUploads(t.Context(), &awss3.ListMultipartUploadsInput{Bucket: aws.String(bucket)})
	if err != nil {
		t.Fatal(err)
	}
	if len(uploads.Uploads) > 0 || len(w.versions()) > 0 {
		t.Errorf("%d uploads and the objects %v are left", len(uploads.Uploads), w.versions())
	}
	w.recorders["s3"].Refuse(nil)
	w.deliver(f, pushed.eventBridge())
	w.pipelines.Settle()
	if diff := cmp.Diff([]string{id}, w.runs("big")); diff != "" {
		t.Errorf("executions (-want +got):\n%s", diff)
	}
}

func TestSettings(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		env  string
		want string // in the log
	}{
		{"MODEL=git", `unknown model \"git\"`},
		{"TRIGGERS=some", `unknown triggers \"some\"`},
		{"TRIGGERS=all", "need the ARN of a function"},
		{"PIPELINE=a/b", "not the name of a pipeline"},
		{"BRANCHES=refs/heads/main", "give the branch's short name"},
		{"EVERY_PUSH=perhaps", "EVERY_PUSH is"},
	} {
		w := newWorld(t, "commit")
		if log := w.refused(test.env); !strings.Contains(log, test.want) {
			t.Errorf("%s: log %s, want %q", test.env, log, test.want)
		}
	}
}

func TestBranches(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "commit")
	f := w.start("BRANCHES=main, feature/*,release/**", "PROTECTED=release/**")
	for branch, runs := range map[string]int{"feature/a": 1, "feature/a/b": 0, "release/1/x": 1, "other": 0} {
		w.deliver(f, w.commit(branch, 1).eventBridge())
		w.pipelines.Settle()
		if got := len(w.runs(branch)); got != runs {
			t.Errorf("%s: %d executions, want %d", branch, got, runs)
		}
	}
}
