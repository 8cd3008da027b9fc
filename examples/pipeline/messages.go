package main

import (
	"errors"
	"strings"

	"github.com/codesuite-go/codesuite/examples/internal/command"
	"github.com/codesuite-go/codesuite/internal/plaintext"
	"github.com/codesuite-go/codesuite/internal/redact"
)

// shown returns a text of a stranger, such as a name or a commit message, as one line
// that does nothing to a terminal and has no token in it.
func shown(text string) string { return redact.Likely(plaintext.Line(text)) }

// messages returns what to tell about an error, one line for each that is joined.
func messages(err error) []string {
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		var lines []string
		for _, err := range joined.Unwrap() {
			lines = append(lines, messages(err)...)
		}
		return lines
	}
	text := err.Error()
	for _, prefix := range []string{"pipeline: ", "definition: ", "actiontype: ", "diagram: "} {
		text = strings.TrimPrefix(text, prefix)
	}
	if errors.As(err, new(*command.UsageError)) {
		return []string{shown(text)}
	}
	if advice := command.Advice(err, "CodePipeline", "pipeline"); advice != "" {
		text += ": " + advice
	}
	return []string{shown(text)}
}
