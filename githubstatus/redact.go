package githubstatus

import (
	"context"
	"errors"
	"strings"
	"unicode"

	"github.com/codesuite-go/codesuite/internal/redact"
)

// withoutSecrets returns the text without the secret and without whatever looks like
// one: a proxy or a server may repeat a request.
func withoutSecrets(text string, s secret) string {
	if s != nil {
		text = redact.New(s()).Text(text)
	}
	return redact.Likely(text)
}

// clean makes a line of at most limit characters of a server's text: no
// secret, and nothing that forges log lines.
func clean(text string, s secret, limit int) string {
	return shorten(oneLine(withoutSecrets(text, s)), limit)
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
	if clean := withoutSecrets(text, s); clean != text {
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
