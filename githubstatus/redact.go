package githubstatus

import (
	"context"
	"errors"
	"net/url"
	"regexp"
	"strings"
	"unicode"
)

// What looks like a secret of GitHub or in a URL: tokens by their prefixes,
// JSON web tokens, Authorization headers, and user names and passwords of
// proxies. A proxy or server may tell what it was sent.
var (
	tokenPattern    = regexp.MustCompile(`\b(?:gh[a-z]_|github_pat_)\w{4,}|\beyJ[\w-]+\.[\w-]+\.[\w-]*`)
	bearerPattern   = regexp.MustCompile(`(?i)\b(bearer|authorization: *\w+) +[^\s"',]+`)
	userinfoPattern = regexp.MustCompile(`://[^/\s"@]*@`)
)

const (
	redacted  = "REDACTED"
	minSecret = 4 // what is shorter is no token, and may be in any word
)

// redact returns text without the secret and without what looks like one.
func redact(text string, s secret) string {
	if s != nil {
		if token := s(); len(token) >= minSecret {
			text = strings.ReplaceAll(text, token, redacted)
			text = strings.ReplaceAll(text, url.QueryEscape(token), redacted)
		}
	}
	text = userinfoPattern.ReplaceAllString(text, "://"+redacted+"@")
	text = tokenPattern.ReplaceAllString(text, redacted)
	return bearerPattern.ReplaceAllString(text, "$1 "+redacted)
}

// clean makes a line of at most limit characters of what a server said: no
// secret, and nothing that forges log lines.
func clean(text string, s secret, limit int) string {
	return shorten(oneLine(redact(text, s)), limit)
}

// oneLine replaces runs of white space and control characters by a space.
func oneLine(text string) string {
	return strings.Join(strings.FieldsFunc(strings.ToValidUTF8(text, "\uFFFD"), func(c rune) bool {
		return unicode.IsSpace(c) || unicode.IsControl(c)
	}), " ")
}

// redactError returns err, or an error without its secrets that still tells
// whether a context ended.
func redactError(err error, s secret) error {
	text := err.Error()
	if clean := redact(text, s); clean != text {
		return &redactedError{clean, contextError(err)}
	}
	return err
}

type redactedError struct {
	text string
	err  error
}

func (e *redactedError) Error() string { return e.text }
func (e *redactedError) Unwrap() error { return e.err }

func contextError(err error) error {
	for _, target := range []error{context.Canceled, context.DeadlineExceeded} {
		if errors.Is(err, target) {
			return target
		}
	}
	return nil
}
