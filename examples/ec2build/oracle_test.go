package main_test

import (
	"bytes"
	"encoding/json"
	"maps"
	"os"
	"os/exec"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/codesuite-go/codesuite/customaction/ec2build"
	"github.com/codesuite-go/codesuite/examples/internal/asltest"
)

// TestOracle compares every evaluation of all scenarios, with some faults, with
// the reference implementation of JSONata, and lets asl-validator read the
// definition.
func TestOracle(t *testing.T) {
	t.Parallel()
	modules := os.Getenv("CODESUITE_NODE_MODULES")
	if modules == "" {
		t.Skip("CODESUITE_NODE_MODULES is not set")
	}
	definition, err := ec2build.Definition("aws")
	if err != nil {
		t.Fatal(err)
	}
	type evaluation struct {
		Expression string         `json:"expression"`
		Variables  map[string]any `json:"variables"`
	}
	type result struct {
		Value any
		Error string
	}
	var asked struct {
		Definition  json.RawMessage `json:"definition"`
		Evaluations []evaluation    `json:"evaluations"`
	}
	asked.Definition = definition
	var ours []result
	expressions := map[string]bool{}
	observe := func(_ *cloud, o *asltest.Options) {
		o.OnEvaluate = func(e asltest.Evaluation) {
			if len(ours) >= 6000 && expressions[e.Expression] {
				return
			}
			expressions[e.Expression] = true
			data, err := json.Marshal(e.Variables) // they change later
			if err != nil {
				t.Fatal(err)
			}
			var variables map[string]any
			if err := json.Unmarshal(data, &variables); err != nil {
				t.Fatal(err)
			}
			asked.Evaluations = append(asked.Evaluations, evaluation{e.Expression, variables})
			r := result{Value: e.Result}
			if e.Err != nil {
				r = result{Error: e.Err.Error()}
			}
			ours = append(ours, r)
		}
	}
	m := machine(t)
	all := scenarios()
	for _, name := range slices.Sorted(maps.Keys(all)) {
		s := all[name]
		_, c := run(t, m, s.plan, s.in, observe)
		tried := map[string]bool{}
		for n, call := range c.calls {
			if !tried[call.State] {
				tried[call.State] = true
				for _, kind := range []string{"no cause", "odd reply, done", "denied"} {
					run(t, m, s.plan, s.in, observe, failing(n, call.Resource, faultsOf(call.Resource)[kind], true))
				}
			}
		}
	}
	data, err := json.Marshal(asked)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), "node", "testdata/oracle.js", modules)
	cmd.Stdin = bytes.NewReader(data)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("node: %v", err)
	}
	var answer struct {
		Valid   bool
		Report  string
		Results []result
	}
	if err := json.Unmarshal(out, &answer); err != nil {
		t.Fatalf("the reply of node: %v", err)
	}
	if !answer.Valid {
		t.Errorf("asl-validator: %s", answer.Report)
	}
	if len(answer.Results) != len(ours) {
		t.Fatalf("node evaluated %d expressions, want %d", len(answer.Results), len(ours))
	}
	differ := map[string]bool{}
	failed := 0
	for i, theirs := range answer.Results {
		e := asked.Evaluations[i]
		if (theirs.Error != "") != (ours[i].Error != "") || !cmp.Equal(theirs.Value, ours[i].Value) {
			if !differ[e.Expression] {
				t.Errorf("%s\nwith %v\nis %+v in Go and %+v in the reference", e.Expression, e.Variables, ours[i], theirs)
			}
			differ[e.Expression] = true
		}
		if theirs.Error != "" {
			failed++
		}
	}
	t.Logf("%d evaluations of %d expressions, %d with an error", len(ours), len(expressions), failed)
}
