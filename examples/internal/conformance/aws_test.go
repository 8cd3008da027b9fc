package conformance_test

import (
	"os"
	"testing"
	"time"
)

// maxIssue is how many characters the text of an issue has at most.
const maxIssue = 65536

// TestAWS runs the checks against the test servers, or against AWS if
// CODESUITE_AWS_TEST is set, and logs the report.
func TestAWS(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	var w *world
	if os.Getenv("CODESUITE_AWS_TEST") == "" {
		w = newLocal(t)
	} else {
		ctx = untilEnd(t)
		w = newLive(ctx, t)
	}
	var outcomes []outcome
	for _, c := range checks() {
		o := c.perform(ctx, w)
		outcomes = append(outcomes, o)
		if text := mask(o.observed); o.verdict == differs || o.verdict == failed {
			t.Errorf("%s: %s: %s, want %s", o.name, o.verdict, text, o.want)
		} else {
			t.Logf("%s: %s (%s): %s", o.name, o.verdict, o.took.Round(time.Millisecond), text)
		}
	}
	w.close(ctx)
	for _, p := range w.problems {
		t.Errorf("not removed: %s", mask(p))
	}
	text := report(w, outcomes, time.Now())
	t.Logf("the report:\n\n%s", text)
	if n := len(text); n > maxIssue {
		t.Errorf("the report has %d bytes, more than an issue", n)
	}
	if file := os.Getenv("CODESUITE_AWS_REPORT"); file != "" {
		if err := os.WriteFile(file, []byte(text), 0o666); err != nil {
			t.Error(err)
		}
	}
}
