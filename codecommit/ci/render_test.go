package ci_test

import (
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/codesuite-go/codesuite/codecommit/ci"
	"github.com/codesuite-go/codesuite/internal/plaintext"
)

func TestTail(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		text         string
		lines, limit int
		want         string
	}{
		{"a\nb\nc\n\n \n", 2, 100, "b\nc"},
		{"a\nb\nc", 5, 100, "a\nb\nc"},
		{"aaaa\nbb\ncc", 5, 6, "bb\ncc"},
		{"aaaa\nbb\ncc", 5, 5, "bb\ncc"},
		{"aaaa\nbb\ncc", 5, 4, "cc"},
		{"aaaa\nbbcc", 5, 3, "…cc"},
		{"a\n😀😀😀", 5, 5, "…😀😀"},
		{"a\n😀😀😀", 5, 4, "…😀"},
		{"a\n\nb", 3, 100, "a\n\nb"},
		{"a", 1, 0, ""},
		{"", 3, 10, ""},
		{"a\nb", 0, 10, ""},
	} {
		if got := ci.Tail(test.text, test.lines, test.limit); got != test.want {
			t.Errorf("%d lines and %d characters of %q: %q, want %q", test.lines, test.limit, test.text, got, test.want)
		}
	}
}

// finished returns the report of a build that took two minutes.
func finished(state ci.State) *ci.Report {
	start := time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)
	return &ci.Report{
		Flow: "review", Kind: ci.KindReview, Region: "eu-west-1", Repository: "app", State: state,
		PullRequest: &ci.PullRequest{ID: "7", RevisionID: "0123456789abcdef0123", SourceCommit: "a1b2c3d4e5", DestinationCommit: "f0", SourceBranch: "feature/x"},
		Build:       ci.Build{ID: "app:1", Number: 12, Project: "app", URL: "https://example.com/12", Start: start, End: start.Add(2*time.Minute + 13*time.Second)},
	}
}

const line = "[Build 12](https://example.com/12) of `app`, commit `a1b2c3d4` of `feature/x`"

// What a comment says about each state, with everything that a build may have.
func TestRender(t *testing.T) {
	t.Parallel()
	foot := func(state string) string {
		return "codesuite · review · review · revision 0123456789ab · build 12 · started 2026-03-04T12:00:00.000Z · " + state
	}
	for _, test := range []struct {
		name   string
		state  ci.State
		change func(*ci.Report)
		want   []string // paragraphs
	}{
		{"running", ci.StateInProgress, func(r *ci.Report) { r.Build.End = time.Time{} }, []string{"`review`: **running**", line, foot("IN_PROGRESS")}},
		{"succeeded", ci.StateSucceeded, nil, []string{"`review`: **succeeded** after 2m13s", line, foot("SUCCEEDED")}},
		{"failed", ci.StateFailed, func(r *ci.Report) {
			r.Build.FailedPhase, r.Build.FailedMessage = "BUILD", "COMMAND_EXECUTION_ERROR: `make` failed"
			r.Build.LogURL, r.Log = "https://example.com/log", "one\ntwo"
		}, []string{"`review`: **failed** after 2m13s", line + ", [log](https://example.com/log)",
			"Phase `BUILD`: ``COMMAND_EXECUTION_ERROR: `make` failed``", "The log ends with:", "```text\none\ntwo\n```", foot("FAILED")}},
		{"failed without a log", ci.StateFailed, func(r *ci.Report) {
			r.Build.FailedPhase, r.Build.FailedMessage = "PROVISIONING", "VPC_CLIENT_ERROR"
		}, []string{"`review`: **failed** after 2m13s", line, "Phase `PROVISIONING`: `VPC_CLIENT_ERROR`", foot("FAILED")}},
		{"failed with a log that cannot be read", ci.StateFailed, func(r *ci.Report) { r.LogProblem = "Allow logs:GetLogEvents on /aws/codebuild/a_b." },
			[]string{"`review`: **failed** after 2m13s", line, `Allow logs:GetLogEvents on /aws/codebuild/a\_b.`, foot("FAILED")}},
		{"a fault", ci.StateFault, nil, []string{"`review`: **ended by a fault of CodeBuild** after 2m13s. Run the build again.", line, foot("FAULT")}},
		{"timed out", ci.StateTimedOut, nil, []string{"`review`: **timed out** after 2m13s", line, foot("TIMED_OUT")}},
		{"stopped", ci.StateStopped, nil, []string{"`review`: **stopped** after 2m13s", line, foot("STOPPED")}},
		{"closed", ci.StateStopped, func(r *ci.Report) { r.PullRequest.Closed = true }, []string{"`review`: **stopped** after 2m13s, as the pull request is closed", line, foot("STOPPED")}},
		{"merged", ci.StateStopped, func(r *ci.Report) { r.PullRequest.Closed, r.PullRequest.Merged = true, true },
			[]string{"`review`: **stopped** after 2m13s, as the pull request is merged", line, foot("STOPPED")}},
		{"retrying", ci.StateRetrying, func(r *ci.Report) { r.Build.RetryLimit = 2 },
			[]string{"`review`: **failed** after 2m13s, CodeBuild runs it again (retry 1 of 2)", line, foot("RETRYING")}},
		{"failed for good", ci.StateFailed, func(r *ci.Report) { r.Build.Retry, r.Build.RetryLimit = 2, 2 },
			[]string{"`review`: **failed** after 2m13s, retry 2 of 2", line, foot("FAILED")}},
		{"superseded", ci.StateSuperseded, func(r *ci.Report) { r.SupersededBy = "9f8e7d6c5b"; r.Log = "x" }, []string{foot("SUPERSEDED") + " · superseded by 9f8e7d6c"}},
		{"failed before it was superseded", ci.StateFailed, func(r *ci.Report) { r.SupersededBy = "9f8e7d6c5b" }, []string{foot("FAILED") + " · superseded by 9f8e7d6c"}},
		{"not started", ci.StateNotStarted, func(r *ci.Report) {
			r.Build, r.Problem = ci.Build{}, "CodeBuild has no project app_1: create it."
		}, []string{"`review`: **no build was started**", "commit `a1b2c3d4` of `feature/x`", `CodeBuild has no project app\_1: create it.`,
			"codesuite · review · review · revision 0123456789ab · NOT_STARTED"}},
		{"a state that is new", "DREAMING", nil, []string{"`review`: **DREAMING** after 2m13s", line, foot("DREAMING")}},
		{"a partition without a console", ci.StateSucceeded, func(r *ci.Report) { r.Build.URL = "" },
			[]string{"`review`: **succeeded** after 2m13s", strings.Replace(line, "[Build 12](https://example.com/12)", "Build 12", 1), foot("SUCCEEDED")}},
		{"tests and coverage", ci.StateFailed, func(r *ci.Report) {
			r.Tests = &ci.Tests{Total: 10, Succeeded: 5, Failed: 3, Errors: 1, Skipped: 1, Duration: 1500 * time.Millisecond, Truncated: true, Incomplete: true,
				Cases: []ci.TestCase{{Suite: "math", Name: "Add", Message: "got 3\nwant 4"}, {Name: "Sub"}}}
			r.Coverage = &ci.Coverage{LinesCovered: 3, LinesMissed: 1, BranchesCovered: 1, BranchesMissed: 2}
		}, []string{"`review`: **failed** after 2m13s", line,
			"10 tests, 5 succeeded, 3 failed, 1 with errors, 1 skipped, in 2s; the report does not hold all of them; a report was not finished\n\n- `math: Add` `got 3 want 4`\n- `Sub`\n- and 2 more",
			"Coverage: 75.0% of 4 lines, 33.3% of 3 branches", foot("FAILED")}},
		{"a batch", ci.StateFailed, func(r *ci.Report) {
			r.Build.Batch = true
			r.Build.Groups = []ci.Group{
				{Identifier: "lint", State: ci.StateFailed, IgnoreFailure: true, BuildID: "app:2", URL: "https://example.com/2"},
				{Identifier: "test", State: ci.StateTimedOut, BuildID: "app:3", Runs: 2},
				{Identifier: "deploy", DependsOn: []string{"test"}},
			}
		}, []string{"`review`: **failed** after 2m13s", strings.Replace(line, "Build 12", "Batch build 12", 1),
			"| group | state | build |\n| --- | --- | --- |\n| `lint` | failed, which is ignored | [build](https://example.com/2) |\n| `test` | timed out (run 2) | build |\n| `deploy` | not started |  |",
			strings.Replace(foot("FAILED"), "build 12", "batch build 12", 1)}},
	} {
		r := finished(test.state)
		if test.change != nil {
			test.change(r)
		}
		if d := cmp.Diff(strings.Join(test.want, "\n\n"), ci.RenderComment(r)); d != "" {
			t.Errorf("%s (-want +got):\n%s", test.name, d)
		}
		if strings.Contains(ci.RenderComment(r), "![") {
			t.Errorf("%s: the comment has an image", test.name)
		}
	}
}

// checkComment checks the comment by the rules of Markdown and of the service, which
// counts UTF-16.
func checkComment(t *testing.T, comment string) (log string) {
	t.Helper()
	if n := len(utf16.Encode([]rune(comment))); n > ci.MaxComment-ci.NotesRoom {
		t.Errorf("the comment has %d characters", n)
	}
	if !utf8.ValidString(comment) {
		t.Error("the comment is not UTF-8")
	}
	if i := strings.IndexFunc(comment, func(r rune) bool { return r < ' ' && r != '\n' && r != '\t' || r >= 0x7f && r < 0xa0 }); i >= 0 {
		t.Errorf("the comment has a control character at %d: %q", i, comment)
	}
	fence := ""
	var inside []string
	lines := strings.Split(comment, "\n")
	for _, line := range lines {
		text := strings.TrimLeft(line, " ")
		ticks := text[:len(text)-len(strings.TrimLeft(text, "`"))]
		switch indent := len(line) - len(text); {
		case fence == "" && indent < 4 && len(ticks) >= 3 && !strings.Contains(text[len(ticks):], "`"):
			fence = ticks
		case fence != "" && indent < 4 && len(ticks) >= len(fence) && strings.TrimSpace(text[len(ticks):]) == "":
			fence = ""
		case fence != "":
			inside = append(inside, line)
		}
	}
	if fence != "" {
		t.Errorf("the block is not closed:\n%s", comment)
	}
	if last := lines[len(lines)-1]; !strings.HasPrefix(last, "codesuite · review · ") {
		t.Errorf("the last line is %q", last)
	}
	return strings.Join(inside, "\n")
}

// A log of 20,000 characters is cut from its begin.
func TestLongLog(t *testing.T) {
	t.Parallel()
	var lines []string
	for i := range 800 {
		lines = append(lines, fmt.Sprintf("line %04d, 20 characters", i))
	}
	r := finished(ci.StateFailed)
	r.Log = strings.Join(lines, "\n")
	comment := ci.RenderComment(r)
	log := strings.Split(checkComment(t, comment), "\n")
	if log[len(log)-1] != lines[799] {
		t.Errorf("the log ends with %q", log[len(log)-1])
	}
	for i, line := range log {
		if want := lines[800-len(log)+i]; line != want {
			t.Fatalf("line %d is %q, want %q", i, line, want)
		}
	}
	if n := len(utf16.Encode([]rune(comment))); n < ci.MaxComment-ci.NotesRoom-100 {
		t.Errorf("the comment has %d characters only", n)
	}
}

// Everything at once, as much of it as there may be.
func TestFullComment(t *testing.T) {
	t.Parallel()
	r := finished(ci.StateFailed)
	long := strings.Repeat("`😀|*", 3000)
	r.Problem, r.LogProblem, r.Log = long, long, long+"\n"+long
	r.Build.FailedPhase, r.Build.FailedMessage, r.Build.Project, r.PullRequest.SourceBranch = long, long, long, long
	r.Tests = &ci.Tests{Total: 5000, Failed: 5000}
	for i := range 500 {
		r.Build.Groups = append(r.Build.Groups, ci.Group{Identifier: fmt.Sprint("group", i), State: ci.StateFailed, BuildID: "x", URL: "https://example.com/" + fmt.Sprint(i)})
		r.Tests.Cases = append(r.Tests.Cases, ci.TestCase{Suite: long, Name: long, Message: long})
	}
	comment := ci.RenderComment(r)
	checkComment(t, comment)
	for _, want := range []string{"**failed**", "and 4", " more groups", "5000 tests, 5000 failed"} {
		if !strings.Contains(comment, want) {
			t.Errorf("the comment lacks %q:\n%s", want, comment)
		}
	}
}

// Any log ends in a comment that fits and whose block is closed; of a log in plain
// text nothing is lost but its begin.
func FuzzComment(f *testing.F) {
	for _, log := range []string{"a\nb", "```\n````\n~~~", "   ```", strings.Repeat("`", 50), "\x1b[31mred\x1b[0m\r\n", strings.Repeat("😀", 6000), "a\x1b]0;", "x\n\n\n", strings.Repeat(strings.Repeat("`", 45)+"\n", 200)} {
		f.Add(log, "exit status 1", "Test", uint8(2))
	}
	f.Fuzz(func(t *testing.T, log, message, test string, groups uint8) {
		r := finished(ci.StateFailed)
		r.Log = ci.Tail(plaintext.Text(log), 1000, 32<<10)
		r.Build.FailedPhase, r.Build.FailedMessage = "BUILD", message
		r.Tests = &ci.Tests{Total: 1, Failed: 1, Cases: []ci.TestCase{{Suite: test, Name: message, Message: log}}}
		for range groups {
			r.Build.Groups = append(r.Build.Groups, ci.Group{Identifier: test, State: ci.StateFailed, BuildID: "b", URL: "https://example.com"})
		}
		comment := ci.RenderComment(r)
		shown := checkComment(t, comment)
		lines := strings.Split(r.Log, "\n")
		if last := lines[len(lines)-1]; len(last) < 1000 && groups < 10 && len(message) < 100 && len(test) < 100 && !strings.HasSuffix(strings.TrimSpace(shown), strings.TrimSpace(last)) {
			t.Errorf("the log ends with %q, and the comment has\n%s", last, shown)
		}
	})
}
