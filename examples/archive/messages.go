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
	if files := tooLarge(err); files != nil {
		lines := make([]string, len(files))
		for i, f := range files {
			lines[i] = fmt.Sprintf("%q (blob %s) is over the %d bytes that the CodeCommit API returns of a file: leave it out with PATH, or use git archive",
				f.Path, f.BlobID, f.Limit)
		}
		return lines
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
