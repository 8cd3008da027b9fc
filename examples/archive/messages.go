package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/aws/smithy-go"

	"github.com/codesuite-go/codesuite/codecommit/archive"
)

// messages returns what to tell about an error: one line, or one for each file
// that is too large.
func messages(err error) []string {
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		var lines []string
		for _, err := range joined.Unwrap() {
			lines = append(lines, messages(err)...)
		}
		return lines
	}
	var tooLarge *archive.TooLargeError
	if errors.As(err, &tooLarge) {
		return []string{fmt.Sprintf("%q (blob %s) is over the %d bytes that the CodeCommit API returns of a file: leave it out with PATH, or use git archive",
			tooLarge.Path, tooLarge.BlobID, tooLarge.Limit)}
	}
	text := err.Error()
	for _, prefix := range []string{"archive: ", "codecommit: ", "save: "} {
		text = strings.TrimPrefix(text, prefix)
	}
	var apiErr smithy.APIError
	if errors.As(err, &apiErr) && apiErr.ErrorCode() == "RepositoryDoesNotExistException" {
		text += ": check the name, the Region and the account"
	}
	// What git and the SDK say may have several lines.
	return []string{strings.Join(strings.Fields(text), " ")}
}
