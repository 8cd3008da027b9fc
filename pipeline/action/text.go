package action

import (
	"cmp"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"
)

// length returns the number of characters of s. Those outside the basic plane
// count twice, as they do for services that keep text in UTF-16.
func length(s string) int {
	n := 0
	for _, r := range s {
		n += max(1, utf16.RuneLen(r))
	}
	return n
}

// cut returns s with at most that many characters, valid as UTF-8.
func cut(s string, limit int) string {
	s = strings.ToValidUTF8(s, "\uFFFD")
	if length(s) <= limit {
		return s
	}
	n := 1 // the ellipsis
	for i, r := range s {
		if n += utf16.RuneLen(r); n > limit {
			return s[:i] + "…"
		}
	}
	return s
}

// minSecret is how many bytes what is taken out of texts has at least: less
// would be found in every text, and is no secret.
const minSecret = 4

const redacted = "[redacted]"

// redact takes the job's credentials and secret configuration out of a text.
func (j *Job) redact(text string) string {
	secrets := j.credentials.seen()
	for key, value := range j.details.Configuration {
		if secretName.MatchString(key) || slices.Contains(j.details.SecretKeys, key) {
			secrets = append(secrets, value)
		}
	}
	// The longest first: one may be part of another.
	slices.SortFunc(secrets, func(a, b string) int { return cmp.Compare(len(b), len(a)) })
	for _, secret := range secrets {
		if len(secret) < minSecret {
			continue
		}
		quoted := strconv.Quote(secret)
		for _, form := range []string{secret, quoted[1 : len(quoted)-1], url.QueryEscape(secret), url.PathEscape(secret)} {
			text = strings.ReplaceAll(text, form, redacted)
		}
	}
	return text
}

// secretName matches the names of properties whose value is a secret.
var secretName = regexp.MustCompile(`(?i)secret|token|passw|passphrase|credential|private|api_?-?key|access_?-?key`)
