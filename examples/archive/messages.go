package main

import (
	"errors"
	"fmt"
	"net"
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
			lines[i] = fmt.Sprintf("%q (blob %s) is over the %d bytes that the CodeCommit API returns of a file: fetch it with -large git, or leave it out with PATH",
				f.Path, f.BlobID, f.Limit)
		}
		return lines
	}
	text := err.Error()
	for _, prefix := range []string{"archive: ", "codecommit: ", "gitfetch: ", "save: "} {
		text = strings.TrimPrefix(text, prefix)
	}
	if advice := advise(err); advice != "" {
		text += ": " + advice
	}
	// What git and the SDK say may have several lines.
	return []string{strings.Join(strings.Fields(text), " ")}
}

// advise says what to check after an error of AWS, or nothing.
func advise(err error) string {
	var dns *net.DNSError
	if errors.As(err, &dns) {
		return "check the name of the Region, that CodeCommit is in it, and the network"
	}
	var apiErr smithy.APIError
	if !errors.As(err, &apiErr) {
		return ""
	}
	switch apiErr.ErrorCode() {
	case "RepositoryDoesNotExistException":
		return "check the name, the Region and the account"
	case "UnrecognizedClientException", "InvalidClientTokenId", "InvalidAccessKeyId":
		return "AWS does not know the access key: check the credentials, with their session token if they are temporary, and that the Region is enabled for the account"
	case "InvalidSignatureException", "SignatureDoesNotMatch", "IncompleteSignature":
		return "check the secret access key and the clock of this machine"
	case "ExpiredTokenException", "ExpiredToken", "RequestExpired":
		return "the credentials have expired: sign in anew, such as with aws sso login"
	case "RequestTimeTooSkewed":
		return "the clock of this machine is wrong"
	case "AccessDeniedException", "AccessDenied", "UnauthorizedOperation":
		return "see PERMISSIONS in archive -h for the IAM actions that the user or role needs"
	}
	return ""
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
