package multibranch_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/codesuite-go/codesuite/pipeline/multibranch"
)

// A branch is created, pushed to and deleted beside another one, in each model.
func TestStory(t *testing.T) {
	t.Parallel()
	for _, model := range []multibranch.Model{multibranch.ModelCommit, multibranch.ModelS3, multibranch.ModelPerBranch} {
		t.Run(string(model), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, func(o *multibranch.Options) {
				o.Model, o.Triggers, o.UpdatesFunction = model, multibranch.TriggersPerBranch, function
			})
			of := func(branch string) string {
				switch model {
				case multibranch.ModelS3:
					return "from-s3"
				case multibranch.ModelPerBranch:
					return multibranch.PipelineName("from-commit", branch)
				}
				return "from-commit"
			}
			runs := func(branch string) (list []started) {
				for _, s := range w.executions(of(branch)) {
					if s.Branch == branch && s.Commit != "none" {
						if model == multibranch.ModelS3 {
							w.checkContent(s)
						} else if s.Revision != s.Commit {
							t.Errorf("execution of %s: revision %s, want %s", s.Branch, s.Revision, s.Commit)
						}
						list = append(list, s)
					}
				}
				return list
			}
			check := func(step, branch string, want ...started) {
				t.Helper()
				if d := cmp.Diff(want, runs(branch), cmpopts.IgnoreFields(started{}, "Revision"), cmpopts.EquateEmpty()); d != "" {
					t.Errorf("%s: executions of %s (-want +got):\n%s", step, branch, d)
				}
			}
			running := func(branch, commit string) started {
				return started{Branch: branch, Commit: commit, Status: "InProgress"}
			}
			w.deliver(w.commit("other/login", 1))
			other := running("other/login", w.heads["other/login"])
			created := w.commit("login", 1)
			w.deliver(created)
			first := running("login", w.heads["login"])
			check("created", "login", first)
			w.deliver(created)
			check("created, again", "login", first)
			updated := w.commit("login", 2)
			w.deliver(updated)
			second := running("login", w.heads["login"])
			check("updated", "login", first, second)
			w.deliver(created)
			w.deliver(updated)
			check("both again", "login", first, second)
			w.checkTriggers("login", "other/login")
			deleted := w.move("login", "")
			w.deliver(deleted)
			if model != multibranch.ModelPerBranch {
				first.Status, second.Status = "Stopped", "Stopped"
				if model == multibranch.ModelS3 { // the content is gone
					for i, s := range w.executions("from-s3")[1:] {
						if s.Status != "Stopped" || s.Branch != "login" {
							t.Errorf("execution %d after the deletion: %+v, want Stopped", i, s)
						}
					}
				} else {
					check("deleted", "login", first, second)
				}
			}
			w.deliver(deleted)
			w.deliver(updated)
			w.deliver(created)
			check("deleted", "other/login", other)
			w.checkTriggers("other/login")
			for _, key := range w.bucket.keys() {
				if !strings.HasPrefix(key, repository+"/other_-login-") {
					t.Errorf("the object %s is left", key)
				}
			}
			if model == multibranch.ModelPerBranch {
				if _, err := w.client.GetPipeline(t.Context(), getPipeline(of("login"))); err == nil {
					t.Error("the pipeline of the deleted branch is left")
				}
			}
		})
	}
}
