package multibranch_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/codesuite-go/codesuite/codecommit/codecommittest"
	"github.com/codesuite-go/codesuite/codecommit/trigger"
	"github.com/codesuite-go/codesuite/pipeline/multibranch"
	"github.com/codesuite-go/codesuite/pipeline/pipelinetest"
)

func TestDoctor(t *testing.T) {
	t.Parallel()
	polling := func(a pipelinetest.Action) pipelinetest.Action {
		delete(a.Configuration, "PollForSourceChanges") // the default is true
		return a
	}
	update := func(p pipelinetest.Pipeline) func(*world) {
		return func(w *world) {
			if err := w.pipelines.Update(p); err != nil {
				w.t.Fatal(err)
			}
		}
	}
	checkout := func() pipelinetest.Action { return pipelinetest.CodeCommitSource("Checkout", repository, "main") }
	existing := func(triggers ...trigger.Trigger) func(*world) {
		return func(w *world) {
			s := trigger.Open(w.git.Config(), repository, func(o *trigger.Options) { o.Settle = -1 })
			if _, err := s.Ensure(w.t.Context(), triggers...); err != nil {
				w.t.Fatal(err)
			}
		}
	}
	update1 := []trigger.Event{trigger.EventUpdate}
	withTriggers := func(kind multibranch.Triggers) func(*multibranch.Options) {
		return func(o *multibranch.Options) { o.Triggers, o.UpdatesFunction = kind, function }
	}
	own := trigger.Trigger{Name: trigger.NameFor("multibranch", "main"), Destination: function, Branches: []string{"main"}, Events: update1}
	old := approved("from-commit", "", checkout())
	old.Type, old.Variables = "V1", nil
	for _, test := range []struct {
		name    string
		options func(*multibranch.Options)
		prepare func(*world)
		want    []string // parts of the findings
	}{
		{"all is well", func(*multibranch.Options) {}, nil, nil},
		{"all is well with S3", func(o *multibranch.Options) { o.Model = multibranch.ModelS3 }, nil, nil},
		{"all is well with a pipeline per branch", func(o *multibranch.Options) { o.Model = multibranch.ModelPerBranch }, nil, nil},
		{"type V1", func(*multibranch.Options) {}, update(old), []string{
			"is of type V1",
			"does not declare BRANCH, so its actions do not know the branch",
			"does not declare COMMIT, so its actions do not know the commit",
			"runs in the mode SUPERSEDED, in which the push of one branch replaces",
		}},
		{"polling", func(*multibranch.Options) {}, update(approved("from-commit", "QUEUED", polling(checkout()))), []string{
			`Checkout of from-commit polls, so that each push starts a second execution: set PollForSourceChanges to "false"`,
		}},
		{"another repository", func(o *multibranch.Options) { o.Pipeline = "other" }, nil, []string{"no CodeCommit source action with RepositoryName shop"}},
		{"S3", func(o *multibranch.Options) { o.Model = multibranch.ModelS3 }, func(w *world) {
			w.bucket.unversed = true
			update(approved("from-s3", "QUEUED", polling(pipelinetest.S3Source("Upload", bucketName, "x"))))(w)
		}, []string{"Upload of from-s3 polls", `set AllowOverrideForS3ObjectKey to "true"`, "shop-branches keeps no versions"}},
		{"rules", func(o *multibranch.Options) {
			o.Rules = func(_ context.Context, arn string) ([]string, error) {
				return []string{"start-" + arn[strings.LastIndex(arn, ":")+1:]}, nil
			}
		}, nil, []string{"rules start-from-commit start the pipeline"}},
		{"triggers of this handler", withTriggers(multibranch.TriggersPerBranch), existing(own), nil},
		{"triggers that should not be there", func(*multibranch.Options) {}, existing(own), []string{`but its option Triggers is "none"`}},
		{"triggers of others", func(*multibranch.Options) {}, existing(
			trigger.Trigger{Name: "mail", Destination: function, Events: update1},
			trigger.Trigger{Name: "trigger-main-updates", Destination: function, Branches: []string{"main"}, Events: update1},
			trigger.Trigger{Name: trigger.NameFor("multibranch", "gone"), Destination: function, Branches: []string{"gone"}, Events: update1},
		), []string{"trigger-main-updates was left by another lifecycle function: set Adopt", "of the branch gone, which does not exist"}},
		{"no permission", withTriggers(multibranch.TriggersPerBranch), func(w *world) {
			existing(own)(w)
			w.git.SetFaults(codecommittest.Faults{FailTriggers: func(string) string { return "not allowed" }})
		}, []string{"cannot run the trigger " + own.Name + ": not allowed: run aws lambda add-permission"}},
		{"many branches", withTriggers(multibranch.TriggersPerBranch), func(w *world) {
			for i := range 11 {
				w.commit(fmt.Sprint("b", i), 1)
			}
		}, []string{"12 branches need a trigger each, and a repository has at most 10: use one trigger for all branches"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, test.options)
			if test.prepare != nil {
				test.prepare(w)
			}
			findings, err := w.handler.Doctor(t.Context(), repository)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, f := range findings {
				got = append(got, f.String())
			}
			if len(got) != len(test.want) {
				t.Fatalf("findings:\n%s\nwant %d", strings.Join(got, "\n"), len(test.want))
			}
			for i, want := range test.want {
				if !strings.Contains(got[i], want) {
					t.Errorf("finding %q, want %q", got[i], want)
				}
			}
		})
	}
}

func TestEnsureTriggers(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(o *multibranch.Options) {
		o.Triggers, o.UpdatesFunction, o.Branches = multibranch.TriggersPerBranch, function, []string{"*"}
	})
	for _, branch := range []string{"b", "feature/c"} {
		w.commit(branch, 1)
	}
	for range 2 {
		if err := w.handler.EnsureTriggers(t.Context(), repository); err != nil {
			t.Fatal(err)
		}
		w.checkTriggers("b", "main")
	}
	all := newWorld(t, func(o *multibranch.Options) { o.Triggers, o.UpdatesFunction = multibranch.TriggersAll, function })
	if err := all.handler.EnsureTriggers(t.Context(), repository); err != nil {
		t.Fatal(err)
	}
	list, err := trigger.Open(all.git.Config(), repository).List(t.Context())
	if err != nil || len(list) != 1 || list[0].Name != "multibranch-all" || len(list[0].Branches) != 0 {
		t.Errorf("triggers %+v, %v, want one of all branches", list, err)
	}
	all.deliver(all.commit("b", 1))
	if got := all.executions("from-commit"); len(got) != 1 {
		t.Errorf("executions %v, want one", got)
	}
}
