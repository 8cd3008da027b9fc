package diagram_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/codesuite-go/codesuite/pipeline"
	"github.com/codesuite-go/codesuite/pipeline/definition"
	"github.com/codesuite-go/codesuite/pipeline/diagram"
)

// TestFacts compares the lines above the stages.
func TestFacts(t *testing.T) {
	t.Parallel()
	const id, other = "3f1c9f2e-6f0c-4f0e-9c55-1d7a3b2f8a10", "0a1b2c3d-6f0c-4f0e-9c55-1d7a3b2f8a10"
	globs := func(includes ...string) *definition.Patterns { return &definition.Patterns{Includes: includes} }
	many := make([]definition.Trigger, 12)
	for i := range many {
		many[i] = definition.OnPush("Fetch")
	}
	for _, test := range []struct {
		name      string
		structure *definition.Pipeline
		execution *pipeline.Execution
		want      []string
	}{
		{"the defaults", &definition.Pipeline{Name: "p"}, nil, []string{"Type V1 · SUPERSEDED"}},
		{"a version", &definition.Pipeline{Name: "p", Type: "V2", ExecutionMode: pipeline.ModeParallel, Version: 3, Variables: []definition.Variable{{Name: "A"}, {Name: "B"}}}, nil,
			[]string{"Type V2 · PARALLEL · version 3", "Variables A, B"}},
		{"a rollback", &definition.Pipeline{Name: "p"}, &pipeline.Execution{
			ID: id, Type: pipeline.ExecutionRollback, RollbackTarget: other, Trigger: pipeline.Trigger{Type: "AutomatedRollback"}, Started: at(0), Attempts: 2,
		}, []string{"Type V1 · SUPERSEDED", "Execution 3f1c9f2e · rollback to 0a1b2c3d · AutomatedRollback · 2026-11-28 09:30 UTC · attempt 2"}},
		{"an execution alone", nil, &pipeline.Execution{Pipeline: "p", ID: id, Mode: pipeline.ModeQueued}, []string{"QUEUED", "Execution 3f1c9f2e"}},
		{"an execution of another version", &definition.Pipeline{Name: "p"}, &pipeline.Execution{
			ID: id, Actions: []pipeline.ActionExecution{run("Old", "A", "Build", "CodeBuild", "Failed", 0, 1), run("Old", "B", "Build", "CodeBuild", "Failed", 0, 1)},
		}, []string{"Type V1 · SUPERSEDED", "Execution 3f1c9f2e", "Not in this structure: 2 actions that ran"}},
		{"triggers", &definition.Pipeline{Name: "p", Triggers: []definition.Trigger{
			definition.OnPush("Fetch"),
			definition.OnPush("Fetch", definition.PushTrigger{Tags: globs("v1", "v2")}, definition.PushTrigger{FilePaths: &definition.Patterns{Includes: []string{"src/**"}, Excludes: []string{"**/x"}}}),
			definition.OnPullRequest("Fetch", definition.PullRequestTrigger{Events: []string{"OPEN", "CLOSED"}, Branches: globs("main"), FilePaths: globs("go.mod")}),
			{ProviderType: "New"},
		}}, nil, []string{
			"Type V1 · SUPERSEDED", "Fetch: each push to its branch", "Fetch: push of tags v1, v2", "Fetch: push · files src/** except **/x",
			"Fetch: pull request open, closed to main · files go.mod", "Trigger of New",
		}},
		{"many triggers", &definition.Pipeline{Name: "p", Triggers: many}, nil, append(append([]string{"Type V1 · SUPERSEDED"},
			strings.Split(strings.Repeat("Fetch: each push to its branch,", 6)+"Fetch: each push to its branch", ",")...), "and 5 more")},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			svg, err := diagram.SVG(test.structure, func(o *diagram.Options) { o.Execution = test.execution })
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, line := range strings.Split(strings.TrimSuffix(parse(t, svg).desc, "."), ". ") {
				if !strings.HasPrefix(line, "Stage ") {
					got = append(got, line)
				}
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("the facts (-want +got):\n%s", diff)
			}
		})
	}
}
