package main

import (
	"fmt"
	"strings"

	"github.com/codesuite-go/codesuite/codecommit/archive"
	"github.com/codesuite-go/codesuite/examples/internal/command"
)

// messages returns what to tell about an error: one line, or one for each file
// that is too large.
func messages(err error) []string {
	if files := tooLarge(err); files != nil {
		lines := make([]string, len(files))
		for i, f := range files {
			lines[i] = fmt.Sprintf("%q (blob %s) is over the %d bytes that the CodeCommit API returns of a file: fetch it with -large git, or leave it out with PATH",
				f.Path, f.BlobID, f.Limit)
		}
		return lines
	}
	text := err.Error()
	for _, prefix := range []string{"archive: ", "codecommit: ", "gitfetch: ", "save: "} {
		text = strings.TrimPrefix(text, prefix)
	}
	if advice := command.Advice(err, "CodeCommit", "archive"); advice != "" {
		text += ": " + advice
	}
	// What git and the SDK say may have several lines.
	return []string{strings.Join(strings.Fields(text), " ")}
}

// tooLarge returns the files that are too large, if err is about them alone.
func tooLarge(err error) []*archive.TooLargeError {
	errs := []error{err}
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		errs = joined.Unwrap()
	}
	files := make([]*archive.TooLargeError, 0, len(errs))
	for _, err := range errs {
		file, ok := err.(*archive.TooLargeError)
		if !ok {
			return nil
		}
		files = append(files, file)
	}
	return files
}
