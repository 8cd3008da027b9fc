package main_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"
)

// command runs the program outside of Lambda.
func (w *world) command(env []string, args ...string) (output string, err error) {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.t.Context(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, binary.Path(w.t), args...)
	cmd.Env = append(slices.Clone(w.env), env...)
	out, err := cmd.CombinedOutput()
	return string(out), err
}

func TestDoctorCommand(t *testing.T) {
	t.Parallel()
	rules := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		rw.Header().Set("Content-Type", "application/x-amz-json-1.1")
		if target := r.Header.Get("X-Amz-Target"); target != "AWSEvents.ListRuleNamesByTarget" {
			t.Errorf("call of %s", target)
		}
		fmt.Fprint(rw, `{"RuleNames": ["start-app"]}`)
	}))
	t.Cleanup(rules.Close)
	for _, model := range models {
		w := newWorld(t, model)
		out, err := w.command([]string{"AWS_ENDPOINT_URL_EVENTBRIDGE=" + rules.URL}, "doctor", repository)
		lines := strings.Split(strings.TrimSpace(out), "\n")
		if err == nil || len(lines) != 2 || !strings.Contains(lines[0], "the EventBridge rules start-app start the pipeline app as well") ||
			!strings.Contains(lines[1], "problems found: 1") {
			t.Errorf("doctor with the model %s: %v\n%s", model, err, out)
		}
	}
}

func TestSetupCommand(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "commit")
	w.commit("b", 1)
	env := []string{"TRIGGERS=all", "UPDATES_FUNCTION_ARN=" + function}
	for range 2 {
		if out, err := w.command(env, "setup", repository); err != nil {
			t.Fatalf("setup: %v\n%s", err, out)
		}
	}
	if got := w.triggers(); len(got) != 1 || got[0] != "multibranch-all" {
		t.Errorf("triggers %q, want one of all branches", got)
	}
	// With the trigger alone, without a rule, everything works.
	f := w.start(env...)
	e := w.commit("feature/x", 1)
	w.deliver(f, record("", e))
	w.pipelines.Settle()
	if got := w.runs("feature/x"); len(got) != 1 || got[0] != e.id {
		t.Errorf("executions %v, want one of %s", got, e.id)
	}
	if out, err := w.command(env, "help"); err == nil || !strings.Contains(out, "usage: multibranch doctor REPOSITORY") {
		t.Errorf("an unknown command: %v\n%s", err, out)
	}
}
