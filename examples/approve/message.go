package main

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"github.com/codesuite-go/codesuite/events"
	"github.com/codesuite-go/codesuite/internal/awstext"
	"github.com/codesuite-go/codesuite/internal/console"
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
	stateStopped  state = "stopped"
)

// message is a report for people.
type message struct {
	state state
	title string // ASCII: the names of pipelines, stages and actions are
	text  string
}

// newMessage returns the message of a report. What comes from commits and from people
// is plain text on one line.
func newMessage(r approval.Report, region string) message {
	a := r.Approval
	m := message{state: stateWaiting}
	what := "waits for approval"
	if answer := r.Answer; answer != nil {
		switch answer.Verdict {
		case pipeline.VerdictApproved:
			m.state, what = stateApproved, "was approved"
		case pipeline.VerdictRejected:
			m.state, what = stateRejected, "was rejected"
		default:
			m.state, what = stateStopped, "was stopped before an answer"
		}
	}
	m.title = fmt.Sprintf("%s: %s/%s %s", a.Pipeline, a.Stage, a.Action, what)
	var lines []string
	add := func(format string, args ...any) { lines = append(lines, fmt.Sprintf(format, args...)) }
	if answer := r.Answer; answer != nil {
		if answer.By != "" {
			add("By %s", line(answer.By, 300))
		}
		if answer.Summary != "" {
			add("%s", line(answer.Summary, 512))
		}
	}
	for _, o := range r.Opinions {
		add("- %s: %s", o.Rule, line(o.Reason, 500))
	}
	if a.CustomData != "" {
		add("Comment: %s", line(a.CustomData, 1000))
	}
	for _, v := range a.Execution.Revisions {
		add("%s: %s %s %s", cmp.Or(v.Action, "Source"), line(v.Repository, 200), shortID(v.ID), line(v.Message, 200))
		if link := commitURL(v); link != "" {
			add("  %s", link)
		}
	}
	if link := a.ExternalEntityLink; strings.HasPrefix(link, "https://") {
		add("To review: %s", line(link, 1000))
	}
	if link := pipeline.ConsoleURL(region, a.Pipeline, a.ExecutionID); link != "" {
		add("Execution: %s", link)
	}
	if r.Answer == nil && !a.Expires.IsZero() {
		add("It expires at %s.", a.Expires.UTC().Format(time.RFC1123))
	}
	m.text = strings.Join(lines, "\n")
	return m
}

// line returns the text on one line, cut to the limit.
func line(text string, limit int) string { return awstext.Cut(plaintext.Line(text), limit) }

// shortID returns the start of a commit ID, and other IDs as they are.
func shortID(id string) string {
	if len(id) == 40 && strings.Trim(id, "0123456789abcdef") == "" {
		return id[:7]
	}
	return line(id, 80)
}

// commitURL returns the page of a commit, "" if it is not known.
func commitURL(v pipeline.Revision) string {
	switch v.Provider {
	case events.ProviderCodeCommit:
		return console.Commit(v.Region, v.Repository, v.ID)
	case events.ProviderGitHub, events.ProviderGitHubEnterpriseServer:
		if v.Host != "" {
			return "https://" + v.Host + "/" + line(v.Repository, 200) + "/commit/" + line(v.ID, 64)
		}
	}
	return ""
}
