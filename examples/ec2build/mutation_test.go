package main_test

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/codesuite-go/codesuite/customaction/ec2build"
	"github.com/codesuite-go/codesuite/examples/internal/asltest"
)

// TestPathsFindFaults breaks the state machine and looks whether the paths show it.
func TestPathsFindFaults(t *testing.T) {
	t.Parallel()
	type states map[string]map[string]any
	mutations := map[string]func(states){
		"terminates nothing":            func(s states) { s["Find"]["Next"] = "Ended" },
		"gives up a termination":        func(s states) { choice(s["TerminateFailed"], 0)["Condition"] = "{% $sweeps < 0 %}" },
		"sends a lost command again":    func(s states) { assign(s["FindCommand"])["command"] = "" },
		"takes any end for success":     func(s states) { choice(s["Ended"], 1)["Condition"] = "{% true %}" },
		"puts two results":              func(s states) { s["ReportSuccess"]["Next"] = "ReportFailure" },
		"puts no result":                func(s states) { s["Ended"]["Default"] = "Failed" },
		"does not wait for the listing": func(s states) { s["Settle"]["Seconds"] = 0 },
		"looks only for its own":        func(s states) { s["Find"]["Arguments"] = `{% {"InstanceIds": [$instance]} %}` },
		"launches without tags": func(s states) {
			s["Launch"]["Arguments"] = strings.Replace(s["Launch"]["Arguments"].(string), ec2build.TagExecution, "owner", 1)
		},
		"ignores a dead instance": func(s states) {
			assign(s["BuildLook"])["dead"] = false
			choice(s["Check"], 3)["Condition"] = "{% false %}"
		},
	}
	definition, err := ec2build.Definition("aws")
	if err != nil {
		t.Fatal(err)
	}
	tasks := 0
	for name, s := range machine(t).States {
		if s.Type == "Task" {
			mutations["catches nothing in "+name] = func(s states) { delete(s[name], "Catch") }
			tasks++
		}
	}
	if tasks < 10 {
		t.Errorf("there are %d tasks", tasks)
	}
	for name, mutate := range mutations {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var whole map[string]any
			if err := json.Unmarshal(definition, &whole); err != nil {
				t.Fatal(err)
			}
			all := states{}
			for name, s := range whole["States"].(map[string]any) {
				all[name] = s.(map[string]any)
			}
			mutate(all)
			whole["States"] = all
			data, err := json.Marshal(whole)
			if err != nil {
				t.Fatal(err)
			}
			m, err := asltest.Parse(data)
			if err != nil {
				t.Logf("found by its check: %v", err)
				return
			}
			if fault := findFault(t, m); fault == "" {
				t.Error("no path shows the fault")
			} else {
				t.Log(fault)
			}
		})
	}
}

func choice(state map[string]any, i int) map[string]any {
	return state["Choices"].([]any)[i].(map[string]any)
}

func assign(state map[string]any) map[string]any { return state["Assign"].(map[string]any) }

// findFault returns the first thing that is wrong with a machine, or "".
func findFault(t *testing.T, m *asltest.Machine) string {
	all := scenarios()
	names := slices.Sorted(maps.Keys(all))
	calls := map[string][]asltest.Call{}
	for _, name := range names {
		x, c := run(t, m, all[name].plan, all[name].in)
		if _, err := judge(x, c, ""); err != nil {
			return name + ": " + err.Error()
		}
		calls[name] = c.calls
	}
	tried := map[string]bool{}
	for _, name := range names {
		for n, call := range calls[name] {
			if tried[call.State] {
				continue
			}
			tried[call.State] = true
			for _, kind := range []string{"denied", "connection lost"} {
				x, c := run(t, m, all[name].plan, all[name].in, failing(n, call.Resource, faultsOf(call.Resource)[kind], true))
				if _, err := judge(x, c, call.Resource); err != nil {
					return name + ", " + call.State + ", " + kind + ": " + err.Error()
				}
			}
		}
	}
	return ""
}
