package main

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf16"

	"github.com/codesuite-go/codesuite/pipeline/action"
)

// handle checks the artifact of a job.
func handle(ctx context.Context, job *action.Job) (*action.Result, error) {
	rules, err := parseRules(job.UserParameters())
	if err != nil {
		return nil, &action.Failure{Type: action.FailureTypeConfigurationError, Err: err}
	}
	name, err := rules.artifact(job.Inputs())
	if err != nil {
		return nil, &action.Failure{Type: action.FailureTypeConfigurationError, Err: err}
	}
	content, err := job.Input(ctx, name)
	if err != nil {
		return nil, err
	}
	report, err := check(ctx, content, rules)
	if err != nil {
		return nil, fmt.Errorf("check artifact %q: %w", name, err)
	}
	if report.total > 0 {
		return nil, &action.Failure{Type: action.FailureTypeJobFailed, Message: message(name, report, action.MaxFailureMessage)}
	}
	return &action.Result{
		Summary: fmt.Sprintf("%s: no findings (files: %d, links: %d, bytes: %d)", name, report.files, report.links, report.bytes),
		OutputVariables: map[string]string{
			"Files":       strconv.Itoa(report.files),
			"Links":       strconv.Itoa(report.links),
			"Bytes":       strconv.FormatInt(report.bytes, 10),
			"LargestFile": strconv.FormatInt(report.largest, 10),
		},
	}, nil
}

// message lists the findings, one in a line, in at most that many characters.
func message(artifact string, report *report, limit int) string {
	var b strings.Builder
	if report.total == 1 {
		fmt.Fprintf(&b, "1 finding in artifact %s:", artifact)
	} else {
		fmt.Fprintf(&b, "%d findings in artifact %s:", report.total, artifact)
	}
	used := length(b.String())
	for i, f := range report.findings {
		line := "\n" + f.String()
		left := report.total - i
		rest := fmt.Sprintf("\nand %d more", left)
		if more := length(line); used+more+length(rest) <= limit || left == 1 && used+more <= limit {
			b.WriteString(line)
			used += more
			continue
		}
		b.WriteString(rest)
		return b.String()
	}
	if left := report.total - len(report.findings); left > 0 {
		fmt.Fprintf(&b, "\nand %d more", left)
	}
	return b.String()
}

// length counts characters as package action does.
func length(s string) int {
	n := 0
	for _, c := range s {
		n += max(1, utf16.RuneLen(c))
	}
	return n
}
