package ci

import (
	"fmt"
	"strings"
	"time"

	"github.com/codesuite-go/codesuite/internal/awstext"
	"github.com/codesuite-go/codesuite/internal/markdown"
)

// maxComment is how many characters a comment of CodeCommit has at most.
const maxComment = 10_240

// The most characters that parts of a comment have.
const (
	maxNotes   = 2_000
	maxMessage = 1_000 // of a phase, or of why nothing was started
	maxName    = 200
	maxGroups  = 3_000
	maxCases   = 2_500
	minLog     = 200 // of less than that nothing is left that helps
)

// text is a comment: what it says, notes about the approval, and the mark.
type text struct {
	body  string
	notes string
	mark  mark
}

func (t text) String() string {
	all := t.mark.String()
	if t.notes != "" {
		all = t.notes + "\n\n" + all
	}
	if t.body != "" {
		all = t.body + "\n\n" + all
	}
	return all
}

// shownBy reports whether a comment says so already, perhaps with notes.
func (t text) shownBy(comment string) bool {
	if comment == t.String() {
		return true
	}
	rest, ok := strings.CutPrefix(comment, t.body+"\n\n"+notesTitle)
	return ok && t.body != "" && t.notes == "" && strings.HasSuffix(rest, "\n\n"+t.mark.String())
}

// notesTitle begins the notes.
const notesTitle = "Approval:"

// section builds a part of a comment of limited length.
type section struct {
	b    strings.Builder
	left int
}

// add adds the text if there is room for it.
func (s *section) add(format string, args ...any) bool {
	text := fmt.Sprintf(format, args...)
	n := awstext.Len(text)
	if n > s.left {
		return false
	}
	s.left -= n
	s.b.WriteString(text)
	return true
}

// render returns the comment for the report. It has room for notes.
func render(r *Report) text {
	t := text{mark: markOf(r)}
	if r.SupersededBy != "" {
		return t // one line
	}
	s := &section{left: maxComment - maxNotes - awstext.Len(t.mark.String()) - 4}
	s.add("%s: %s", markdown.Code(r.Flow, maxName), headline(r))
	if line := buildLine(r); line != "" {
		s.add("\n\n%s", line)
	}
	if r.Problem != "" {
		s.add("\n\n%s", markdown.Literal(r.Problem, maxMessage))
	}
	if b := &r.Build; b.FailedPhase != "" {
		s.add("\n\nPhase %s: %s", markdown.Code(b.FailedPhase, maxName), markdown.Code(b.FailedMessage, maxMessage))
	}
	s.groups(r.Build.Groups)
	s.tests(r.Tests)
	s.coverage(r.Coverage)
	s.log(r)
	t.body = s.b.String()
	return t
}

// headline says how the build is.
func headline(r *Report) string {
	b := &r.Build
	after := ""
	if !b.Start.IsZero() && !b.End.IsZero() {
		after = " after " + duration(b.End.Sub(b.Start))
	}
	if b.Retry > 0 && r.State != StateRetrying {
		after += fmt.Sprintf(", retry %d of %d", b.Retry, b.RetryLimit)
	}
	switch r.State {
	case StateInProgress:
		return "**running**" + after
	case StateSucceeded:
		return "**succeeded**" + after
	case StateFailed:
		return "**failed**" + after
	case StateFault:
		return "**ended by a fault of CodeBuild**" + after + ". Run the build again."
	case StateTimedOut:
		return "**timed out**" + after
	case StateStopped:
		switch {
		case r.PullRequest.Merged:
			return "**stopped**" + after + ", as the pull request is merged"
		case r.PullRequest.Closed:
			return "**stopped**" + after + ", as the pull request is closed"
		}
		return "**stopped**" + after
	case StateRetrying:
		return fmt.Sprintf("**failed**%s, CodeBuild runs it again (retry %d of %d)", after, b.Retry+1, b.RetryLimit)
	case StateSuperseded:
		return "**superseded**" + after
	case StateNotStarted:
		return "**no build was started**"
	}
	return "**" + markdown.Literal(string(r.State), maxName) + "**" + after
}

// buildLine says which build of which commit.
func buildLine(r *Report) string {
	b, pr := &r.Build, r.PullRequest
	var parts []string
	if b.ID != "" {
		parts = append(parts, markdown.Link(capital(markOf(r).build), b.URL)+" of "+markdown.Code(b.Project, maxName))
	}
	commit := "commit " + markdown.Code(shortCommit(pr.SourceCommit), maxName)
	if pr.SourceBranch != "" {
		commit += " of " + markdown.Code(pr.SourceBranch, maxName)
	}
	parts = append(parts, commit)
	if b.LogURL != "" {
		parts = append(parts, markdown.Link("log", b.LogURL))
	}
	return strings.Join(parts, ", ")
}

func capital(s string) string { return strings.ToUpper(s[:1]) + s[1:] }

func duration(d time.Duration) string {
	if d < 0 {
		return "0s"
	}
	if d >= time.Second {
		return d.Round(time.Second).String()
	}
	return d.Round(time.Millisecond).String()
}

// groups adds the table of the groups of a batch build.
func (s *section) groups(groups []Group) {
	if len(groups) == 0 {
		return
	}
	t := &section{left: min(s.left, maxGroups)}
	t.add("\n\n| group | state | build |\n| --- | --- | --- |")
	for i, g := range groups {
		state := "not started"
		if g.State != "" {
			state = strings.ToLower(strings.ReplaceAll(markdown.Literal(string(g.State), maxName), `\_`, " "))
		}
		if g.IgnoreFailure && g.State.Failed() {
			state += ", which is ignored"
		}
		if g.Runs > 1 {
			state += fmt.Sprintf(" (run %d)", g.Runs)
		}
		build := markdown.Link("build", g.URL)
		if g.BuildID == "" {
			build = ""
		}
		row := fmt.Sprintf("\n| %s | %s | %s |", strings.ReplaceAll(markdown.Code(g.Identifier, maxName), "|", `\|`), state, build)
		rest := fmt.Sprintf("\n\nand %d more groups", len(groups)-i)
		if awstext.Len(row)+awstext.Len(rest) > t.left {
			t.add("%s", rest)
			break
		}
		t.add("%s", row)
	}
	s.add("%s", t.b.String())
}

// tests adds the sum of the tests, and those that have failed.
func (s *section) tests(tests *Tests) {
	if tests == nil {
		return
	}
	t := &section{left: min(s.left, maxCases)}
	t.add("\n\n%d tests", tests.Total)
	for _, count := range []struct {
		n    int
		word string
	}{{tests.Succeeded, "succeeded"}, {tests.Failed, "failed"}, {tests.Errors, "with errors"}, {tests.Skipped, "skipped"}, {tests.Unknown, "unknown"}} {
		if count.n > 0 {
			t.add(", %d %s", count.n, count.word)
		}
	}
	if tests.Duration > 0 {
		t.add(", in %s", duration(tests.Duration))
	}
	if tests.Truncated {
		t.add("; the report does not hold all of them")
	}
	if tests.Incomplete {
		t.add("; a report was not finished")
	}
	shown := 0
	for _, c := range tests.Cases {
		name := markdown.Code(c.Name, maxName)
		if c.Suite != "" {
			name = markdown.Code(c.Suite+": "+c.Name, maxName)
		}
		line := "\n- " + name
		if message := markdown.Code(c.Message, maxName); message != "" {
			line += " " + message
		}
		if awstext.Len(line)+40 > t.left {
			break
		}
		if shown == 0 {
			t.add("\n")
		}
		t.add("%s", line)
		shown++
	}
	if more := tests.Failed + tests.Errors - shown; shown > 0 && more > 0 {
		t.add("\n- and %d more", more)
	}
	s.add("%s", t.b.String())
}

func (s *section) coverage(c *Coverage) {
	if c == nil {
		return
	}
	var parts []string
	for _, part := range []struct {
		what            string
		covered, missed int
	}{{"lines", c.LinesCovered, c.LinesMissed}, {"branches", c.BranchesCovered, c.BranchesMissed}} {
		if all := part.covered + part.missed; all > 0 {
			parts = append(parts, fmt.Sprintf("%.1f%% of %d %s", 100*float64(part.covered)/float64(all), all, part.what))
		}
	}
	if len(parts) > 0 {
		s.add("\n\nCoverage: %s", strings.Join(parts, ", "))
	}
}

// log adds as much of the end of the log as there is room for.
func (s *section) log(r *Report) {
	if r.LogProblem != "" {
		s.add("\n\n%s", markdown.Literal(r.LogProblem, maxMessage))
	}
	if r.Log == "" || s.left < minLog {
		return
	}
	const title = "\n\nThe log ends with:\n\n"
	// Fences and indents take room as well, how much follows from what is left.
	for limit := s.left - awstext.Len(title) - 2*markdown.MinFence - len("text\n\n"); limit > 0; {
		block := title + markdown.Fenced(tail(r.Log, strings.Count(r.Log, "\n")+1, limit))
		if s.add("%s", block) {
			return
		}
		limit -= awstext.Len(block) - s.left
	}
}
