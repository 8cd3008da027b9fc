package githubstatus_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/codesuite-go/codesuite/events"
	"github.com/codesuite-go/codesuite/githubstatus"
)

// fixturesDir finds the shared payloads: CODESUITE_FIXTURES, or a folder
// shared/fixtures beside this checkout. They are not part of the repository.
func fixturesDir(t testing.TB) string {
	t.Helper()
	if dir := os.Getenv("CODESUITE_FIXTURES"); dir != "" {
		return dir
	}
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		fixtures := filepath.Join(dir, "shared", "fixtures")
		if _, err := os.Stat(filepath.Join(fixtures, "manifest.json")); err == nil {
			return fixtures
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			t.Skip("no shared/fixtures above this folder; set CODESUITE_FIXTURES")
		}
		dir = parent
	}
}

// The rule gets the events that the Reporter uses, of all payloads that AWS is
// known to send, and no others.
func TestReporterPatternFixtures(t *testing.T) {
	t.Parallel()
	dir := fixturesDir(t)
	manifest, err := os.ReadFile(filepath.Join(dir, "manifest.json"))
	if err != nil {
		t.Fatal(err)
	}
	var fixtures []struct {
		File, Kind string
		Expect     struct{ Format, State, Category string }
	}
	if err := json.Unmarshal(manifest, &fixtures); err != nil {
		t.Fatal(err)
	}
	all := func(o *githubstatus.ReporterOptions) { o.Stages, o.Actions = true, true }
	for _, test := range []struct {
		name   string
		option func(*githubstatus.ReporterOptions)
		wants  func(kind, state, category string) bool
	}{
		{"default", func(*githubstatus.ReporterOptions) {}, func(kind, state, category string) bool {
			return kind == "pipeline" || kind == "action" && (category == "Approval" || category == "Source" && state == "SUCCEEDED")
		}},
		{"stages and actions", all, func(kind, _, _ string) bool { return kind == "pipeline" || kind == "stage" || kind == "action" }},
	} {
		pattern, err := newFake().reporter(test.option).Pattern(events.Matcher{})
		if err != nil {
			t.Fatal(err)
		}
		matched := 0
		for _, f := range fixtures {
			if !strings.HasSuffix(f.File, ".json") {
				continue
			}
			payload, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(f.File)))
			if err != nil {
				t.Fatal(err)
			}
			kind, _, _ := strings.Cut(strings.TrimPrefix(f.Kind, "codepipeline."), ".")
			// Rules see what EventBridge delivers, not notifications and messages.
			var bare map[string]json.RawMessage
			_ = json.Unmarshal(payload, &bare)
			_, eventBridge := bare["detail-type"]
			want := eventBridge && strings.HasPrefix(f.Kind, "codepipeline.") && test.wants(kind, f.Expect.State, f.Expect.Category)
			got, err := pattern.Match(payload)
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

func TestReporterPattern(t *testing.T) {
	t.Parallel()
	pattern, err := newFake().reporter().Pattern(events.AnyOf(events.Equals("website"), events.Prefix("prod-")))
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
		if got, err := pattern.Match([]byte(payload)); got != want || err != nil {
			t.Errorf("match of %s is %v (%v), want %v", payload, got, err, want)
		}
	}
	if _, err := newFake().reporter().Pattern(events.Prefix(strings.Repeat("x", 3000))); err == nil {
		t.Error("no error for a pattern that is too long")
	}
}
