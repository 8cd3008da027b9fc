package pipelinestatus_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/codesuite-go/codesuite/events"
	"github.com/codesuite-go/codesuite/events/pattern"
	"github.com/codesuite-go/codesuite/githubstatus/pipelinestatus"
	"github.com/codesuite-go/codesuite/internal/fixturetest"
)

// The rule gets the events that the Reporter uses, of all payloads that AWS is
// known to send, and no others.
func TestPatternFixtures(t *testing.T) {
	t.Parallel()
	var fixtures []struct {
		File, Kind string
		Expect     struct{ Format, State, Category string }
	}
	dir := fixturetest.Load(t, &fixtures)
	all := func(o *pipelinestatus.Options) { o.Stages, o.Actions = true, true }
	for _, test := range []struct {
		name   string
		option func(*pipelinestatus.Options)
		wants  func(kind, state, category string) bool
	}{
		{"default", func(*pipelinestatus.Options) {}, func(kind, state, category string) bool {
			return kind == "pipeline" || kind == "action" && (category == "Approval" || category == "Source" && state == "SUCCEEDED")
		}},
		{"stages and actions", all, func(kind, _, _ string) bool { return kind == "pipeline" || kind == "stage" || kind == "action" }},
	} {
		rule, err := newFake().reporter(test.option).Pattern(pattern.Matcher{})
		if err != nil {
			t.Fatal(err)
		}
		matched := 0
		for _, f := range fixtures {
			if !strings.HasSuffix(f.File, ".json") {
				continue
			}
			payload := fixturetest.Read(t, dir, f.File)
			kind, _, _ := strings.Cut(strings.TrimPrefix(f.Kind, "codepipeline."), ".")
			// Rules see what EventBridge delivers, not notifications and messages.
			var bare map[string]json.RawMessage
			_ = json.Unmarshal(payload, &bare)
			_, eventBridge := bare["detail-type"]
			want := eventBridge && strings.HasPrefix(f.Kind, "codepipeline.") && test.wants(kind, f.Expect.State, f.Expect.Category)
			got, err := rule.Match(payload)
			if err != nil && want {
				t.Errorf("%s: %v", f.File, err)
			}
			if got != want {
				t.Errorf("%s: %s: match %v, want %v", test.name, f.File, got, want)
			}
			if got {
				matched++
			}
			// And what is delivered is no accident.
			r := newFake().reporter(test.option)
			var mux events.Mux
			if err := r.Register(&mux); err != nil {
				t.Fatal(err)
			}
			if got {
				if _, err := mux.Invoke(t.Context(), payload); err != nil {
					t.Errorf("%s: %v", f.File, err)
				}
			}
		}
		t.Logf("%s: %d of %d payloads match", test.name, matched, len(fixtures))
		if matched < 20 {
			t.Errorf("%s: only %d payloads match", test.name, matched)
		}
	}
}

func TestPattern(t *testing.T) {
	t.Parallel()
	rule, err := newFake().reporter().Pattern(pattern.AnyOf(pattern.Equals("website"), pattern.Prefix("prod-")))
	if err != nil {
		t.Fatal(err)
	}
	for payload, want := range map[string]bool{
		`{"source":"aws.codepipeline","detail-type":"CodePipeline Pipeline Execution State Change","detail":{"pipeline":"website","state":"STARTED"}}`: true,
		`{"source":"aws.codepipeline","detail-type":"CodePipeline Pipeline Execution State Change","detail":{"pipeline":"prod-eu","state":"NEW"}}`:     true,
		`{"source":"aws.codepipeline","detail-type":"CodePipeline Pipeline Execution State Change","detail":{"pipeline":"other","state":"STARTED"}}`:   false,
		`{"source":"my.codepipeline","detail-type":"CodePipeline Pipeline Execution State Change","detail":{"pipeline":"website"}}`:                    false,
		`{"source":"aws.codepipeline","detail-type":"CodePipeline Stage Execution State Change","detail":{"pipeline":"website","state":"STARTED"}}`:    false,
	} {
		if got, err := rule.Match([]byte(payload)); got != want || err != nil {
			t.Errorf("match of %s is %v (%v), want %v", payload, got, err, want)
		}
	}
	if _, err := newFake().reporter().Pattern(pattern.Prefix(strings.Repeat("x", 3000))); err == nil {
		t.Error("no error for a pattern that is too long")
	}
}
