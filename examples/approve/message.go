package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/codesuite-go/codesuite/internal/awstext"
	"github.com/codesuite-go/codesuite/internal/plaintext"
	"github.com/codesuite-go/codesuite/pipeline"
	"github.com/codesuite-go/codesuite/pipeline/approval"
)

// state is how an approval stands.
type state string

const (
	stateWaiting  state = "waiting"
	stateApproved state = "approved"
	stateRejected state = "rejected"
	stateExpired  state = "expired"
	stateStopped  state = "stopped"
)

// message is a report for people.
type message struct {
	state state
	title string // ASCII: the names of pipelines, stages and actions are
	text  string
}

// newMessage returns the message of a report: what the rules say or who has answered,
// and what is deployed. Texts of strangers are plain text on one line.
func (t topic) newMessage(ctx context.Context, r approval.Report) (message, error) {
	about, err := t.pipelines.ApprovalMessage(ctx, r.Approval, func(o *pipeline.MessageOptions) { o.Author = t.author })
	if err != nil {
		return message{}, err
	}
	for _, s := range about.Sources {
		if s.AuthorErr != nil {
			t.logger.InfoContext(ctx, "the message has no author", "source", s.Action, "reason", s.AuthorErr)
		}
	}
	m := message{state: stateWaiting}
	what := "waits for approval"
	var lines []string
	add := func(format string, args ...any) { lines = append(lines, fmt.Sprintf(format, args...)) }
	if r.Answer != nil {
		m.state, what = outcome(r.Answer)
		if r.Answer.By != "" {
			add("By %s", line(r.Answer.By, 300))
		}
		if r.Answer.Summary != "" {
			add("%s", line(r.Answer.Summary, 512))
		}
		add("")
		for _, s := range about.Sources {
			source(s, add)
		}
		if about.ConsoleURL != "" {
			add("Execution: %s", about.ConsoleURL)
		}
	} else {
		for _, o := range r.Opinions {
			add("- %s: %s", o.Rule, line(o.Reason, 500))
		}
		_, text, _ := strings.Cut(about.Text(), "\n") // without its title
		add("%s", text)
	}
	m.title = fmt.Sprintf("%s: %s/%s %s", r.Approval.Pipeline, r.Approval.Stage, r.Approval.Action, what)
	m.text = strings.TrimSpace(strings.Join(lines, "\n"))
	return m, nil
}

// outcome returns the state of an answered approval, and words for it.
func outcome(a *approval.Answer) (state, string) {
	switch {
	case a.Verdict == pipeline.VerdictApproved:
		return stateApproved, "was approved"
	case a.Verdict == pipeline.VerdictRejected:
		return stateRejected, "was rejected"
	case a.Expired:
		return stateExpired, "has expired without an answer"
	}
	return stateStopped, "was stopped before an answer"
}

// source adds the lines of a source.
func source(s pipeline.SourceChange, add func(string, ...any)) {
	by := ""
	if s.Author != "" {
		by = " (" + line(s.Author, 100) + ")"
	}
	add("%s: %s %s %s%s", line(s.Action, 100), line(s.Repository, 200), line(s.ID, 100), line(firstLine(s.Message), 200), by)
	if address := s.CompareURL(s.Previous); address != "" && s.Previous != "" {
		add("  changes: %s", address)
	} else if address := s.WebURL(); address != "" {
		add("  %s", address)
	}
}

func firstLine(text string) string {
	first, _, _ := strings.Cut(strings.TrimSpace(text), "\n")
	return first
}

// line returns the text on one line, cut to the limit.
func line(text string, limit int) string { return awstext.Cut(plaintext.Line(text), limit) }
