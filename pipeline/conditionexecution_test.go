package pipeline_test

import (
	"errors"
	"io/fs"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/codesuite-go/codesuite/pipeline"
	"github.com/codesuite-go/codesuite/pipeline/pipelinetest"
)

func TestOverride(t *testing.T) {
	t.Parallel()
	for _, mode := range []string{"SUPERSEDED", "PARALLEL"} {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			server, client := newServer(t, guarded(mode))
			id := start(t, client, web)
			server.Settle()
			if e := get(t, client, web, id); e.Status != pipeline.StatusFailed {
				t.Fatalf("status %s before the override", e.Status)
			}
			// The first reply is lost outside the mode PARALLEL, which does not show
			// overrides.
			if mode != "PARALLEL" {
				server.SetFaults(pipelinetest.Faults{LateDropRate: 1})
				server.OnCall(func(string) {
					if server.Count("OverrideStageCondition") > 1 {
						server.SetFaults(pipelinetest.Faults{})
					}
				})
			}
			if err := client.Override(t.Context(), web, id, "Deploy", pipeline.ConditionOnSuccess); err != nil {
				t.Fatal(err)
			}
			server.Settle()
			if e := get(t, client, web, id); e.Status != pipeline.StatusSucceeded {
				t.Errorf("status %s after the override", e.Status)
			}
			again := client.Override(t.Context(), web, id, "Deploy", pipeline.ConditionOnSuccess)
			if mode == "PARALLEL" {
				if !errors.Is(again, pipeline.ErrNotOverridable) {
					t.Errorf("again: error %v", again)
				}
			} else if again != nil {
				t.Errorf("again: error %v", again)
			}
			for _, test := range []struct {
				stage string
				kind  pipeline.ConditionType
				is    error
				want  string
			}{
				{"Deploy", pipeline.ConditionBeforeEntry, pipeline.ErrNotOverridable, "the status of the condition is Succeeded"},
				{"Build", pipeline.ConditionOnSuccess, pipeline.ErrNotOverridable, "the stage has no condition of the type ON_SUCCESS"},
				{"Other", pipeline.ConditionOnSuccess, fs.ErrNotExist, "StageNotFoundException"},
				{"Deploy", pipeline.ConditionOnFailure, nil, `conditions of the type "ON_FAILURE" cannot be overridden: use BEFORE_ENTRY or ON_SUCCESS`},
				{"Deploy", "", nil, "the type of the condition must not be empty"},
			} {
				err := client.Override(t.Context(), web, id, test.stage, test.kind)
				if err == nil || test.is != nil && !errors.Is(err, test.is) || !strings.Contains(err.Error(), test.want) {
					t.Errorf("%s %s: error %v, want %q", test.stage, test.kind, err, test.want)
				}
			}
			other := start(t, client, web)
			err := client.Override(t.Context(), web, other, "Deploy", pipeline.ConditionOnSuccess)
			want := "the execution has not looked at the condition"
			if mode != "PARALLEL" {
				want = "NotLatestPipelineExecutionException"
			}
			if !errors.Is(err, pipeline.ErrNotOverridable) || errors.Is(err, pipeline.ErrNotRetryable) || !strings.Contains(err.Error(), want) {
				t.Errorf("before the stage: error %v, want %q", err, want)
			}
		})
	}
}

func TestTransitions(t *testing.T) {
	t.Parallel()
	server, client := newServer(t, webPipeline())
	ctx := t.Context()
	reason := strings.Repeat("Release freeze (until 3.2) - ask @ops! ", 7) + "Is it over? Not yet.*     "
	for range 2 { // the second changes nothing
		if err := client.DisableTransition(ctx, web, "Deploy", "", reason); err != nil {
			t.Fatal(err)
		}
		if err := client.DisableTransition(ctx, web, "Source", pipeline.TransitionOutbound, "Freeze"); err != nil {
			t.Fatal(err)
		}
	}
	id := start(t, client, web)
	server.Settle()
	if e := get(t, client, web, id); len(e.Actions) != 1 {
		t.Errorf("%d actions behind a disabled transition", len(e.Actions))
	}
	got, err := client.Transitions(ctx, web)
	if err != nil {
		t.Fatal(err)
	}
	const user = "arn:aws:iam::111122223333:user/test"
	for i := range got {
		if got[i].ChangedAt.IsZero() {
			t.Errorf("no time: %+v", got[i])
		}
		got[i].ChangedAt = got[0].ChangedAt
	}
	want := []pipeline.Transition{
		{Stage: "Build", Reason: "Freeze", ChangedBy: user, ChangedAt: got[0].ChangedAt},
		{Stage: "Deploy", Reason: reason, ChangedBy: user, ChangedAt: got[0].ChangedAt},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("transitions mismatch (-want +got):\n%s", diff)
	}
	for range 2 {
		if err := client.EnableTransition(ctx, web, "Build", pipeline.TransitionInbound); err != nil {
			t.Fatal(err)
		}
		if err := client.EnableTransition(ctx, web, "Build", pipeline.TransitionOutbound); err != nil {
			t.Fatal(err)
		}
	}
	server.Settle()
	if e := get(t, client, web, id); e.Status != pipeline.StatusSucceeded {
		t.Errorf("status %s", e.Status)
	}
	for name, test := range map[string]struct {
		err  error
		is   error
		want string
	}{
		"no such stage":    {client.EnableTransition(ctx, web, "Other", ""), fs.ErrNotExist, `pipeline: enable stage transition "Other" of web: `},
		"no such pipeline": {client.DisableTransition(ctx, "other", "Deploy", "", "x"), fs.ErrNotExist, `pipeline: disable stage transition "Deploy" of other: `},
		"no such type":     {client.EnableTransition(ctx, web, "Deploy", "Sideways"), nil, `there is no transition of the type "Sideways": use Inbound or Outbound`},
		"no stage":         {client.EnableTransition(ctx, web, "", ""), nil, "the name of the stage must not be empty"},
		"no reason":        {client.DisableTransition(ctx, web, "Deploy", "", ""), nil, "the reason must not be empty"},
		"a long reason":    {client.DisableTransition(ctx, web, "Deploy", "", strings.Repeat("x", 301)), nil, "the reason has 301 characters: shorten it to 300"},
		"a colon":          {client.DisableTransition(ctx, web, "Deploy", "", "Freeze: wait"), nil, "the reason has the character ':': use letters"},
		"an umlaut":        {client.DisableTransition(ctx, web, "Deploy", "", "Für immer"), nil, "the reason has the character 'ü'"},
		"no pipeline": {func() error {
			_, err := client.Transitions(ctx, "")
			return err
		}(), nil, "the name of the pipeline must not be empty"},
	} {
		var e *pipeline.Error
		if !errors.As(test.err, &e) || test.is != nil && !errors.Is(test.err, test.is) || !strings.Contains(test.err.Error(), test.want) {
			t.Errorf("%s: error %v, want %q", name, test.err, test.want)
		}
	}
}
