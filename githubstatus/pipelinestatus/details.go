package pipelinestatus

import (
	"fmt"
	"strings"
	"time"

	"github.com/codesuite-go/codesuite/pipeline"
)

// maxRows is how many actions the details of a check run list.
const maxRows = 200

// details lists the subject's actions in Markdown, for the page of a check run. It
// has no messages of actions: those are in the description, which the user may
// replace.
func (s *snapshot) details(key subjectKey) string {
	runs := s.runsOf(key)
	if len(runs) == 0 {
		return ""
	}
	var b strings.Builder
	b.WriteString("| Stage | Action | Status | Time |\n|---|---|---|---|\n")
	for _, run := range runs[:min(len(runs), maxRows)] {
		status := string(run.Status)
		if run.Waiting() {
			status = "Waiting for approval"
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", cell(run.Stage), cell(run.Action), cell(status), cell(took(run)))
	}
	if more := len(runs) - maxRows; more > 0 {
		fmt.Fprintf(&b, "\n%d more actions\n", more)
	}
	return b.String()
}

// took is the time of a run that has ended.
func took(run pipeline.ActionExecution) string {
	if d := duration([]pipeline.ActionExecution{run}); run.Status.Terminal() && d > 0 {
		return spell(d)
	}
	return ""
}

// cell returns Markdown that shows the text as it is in a table.
func cell(text string) string {
	var b strings.Builder
	for _, c := range strings.Join(strings.Fields(text), " ") {
		if strings.ContainsRune("\\`*_{}[]()<>#!|@~&:", c) {
			b.WriteByte('\\')
		}
		b.WriteRune(c)
	}
	return b.String()
}

// started is the start of the subject's first action; zero if none has started.
func (s *snapshot) started(key subjectKey) time.Time {
	var first time.Time
	for _, run := range s.runsOf(key) {
		if !run.Started.IsZero() && (first.IsZero() || run.Started.Before(first)) {
			first = run.Started
		}
	}
	return first
}
