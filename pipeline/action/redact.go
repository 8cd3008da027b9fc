package action

import (
	"encoding/json"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/codesuite-go/codesuite/internal/redact"
)

// Redact returns the text with the job's secrets replaced: its credentials, the
// values of secret configuration properties, and secrets within other
// properties, such as the value of "token" in user parameters that are JSON,
// behind "PASSWORD=" or "--token", or in a URL. They are found in base64, in hexadecimal
// digits, escaped and in any case as well.
//
// [Run] redacts messages and summaries itself. Call Redact for text that a
// handler logs or sends elsewhere.
func (j *Job) Redact(text string) string {
	return redact.New(append(j.secrets(), j.credentials.seen()...)...).Text(text)
}

// secrets returns the secrets of the configuration.
func (j *Job) secrets() []string {
	var secrets []string
	for _, key := range slices.Sorted(maps.Keys(j.details().Configuration)) {
		value := j.details().Configuration[key]
		if isSecret(key) || slices.Contains(j.details().SecretKeys, key) {
			secrets = append(secrets, value)
		}
		secrets = append(secrets, secretsWithin(value)...)
	}
	return secrets
}

// secretName matches the names of properties whose value is a secret.
var secretName = regexp.MustCompile(`(?i)secret|token|passw|passphrase|pwd|credential|private|bearer|authorization|api_?-?key|access_?-?key|` +
	`(?:^|[^a-z])(?:pass|auth)(?:$|[^a-z])|(?-i:[a-z](?:Pass|Auth)$)`)

func isSecret(name string) bool { return secretName.MatchString(name) }

// Secrets in text such as a command line: behind a name, an option or the
// scheme of an Authorization header, and user and password of a URL.
var (
	assignment = regexp.MustCompile(`([\w.-]+)\\*["']?\s*[=:]\s*\\*("[^"]*"|'[^']*'|[^\s,;&"']+)`)
	option     = regexp.MustCompile(`(?:^|\s)--?([\w.-]+)\s+("[^"]*"|'[^']*'|[^\s-]\S*)`)
	scheme     = regexp.MustCompile(`(?i)\b(?:bearer|basic)\s+([^\s,;"']+)`)
	userinfo   = regexp.MustCompile(`://([^/\s"'@:]*)(?::([^/\s"'@]*))?@`)
)

// secretsWithin returns the values of secret names in JSON or other text.
func secretsWithin(text string) []string { return appendWithin(nil, text, 0) }

// maxNested is how deep JSON in the strings of JSON is looked through. Each
// level escapes the one within it, so that deeper ones are very long.
const maxNested = 8

func appendWithin(secrets []string, text string, nested int) []string {
	if nested < maxNested {
		decoder := json.NewDecoder(strings.NewReader(text))
		decoder.UseNumber() // a secret of digits stays as it is written
		if v := any(nil); decoder.Decode(&v) == nil && !decoder.More() {
			return appendJSON(secrets, v, false, nested+1)
		}
	}
	for _, pattern := range []*regexp.Regexp{assignment, option} {
		for _, match := range pattern.FindAllStringSubmatch(text, -1) {
			if value := strings.Trim(match[2], `"'\`); isSecret(match[1]) && !isScheme(value) {
				secrets = append(secrets, value, strings.TrimRight(value, `}])`))
			}
		}
	}
	for _, match := range scheme.FindAllStringSubmatch(text, -1) {
		secrets = append(secrets, match[1])
	}
	for _, match := range userinfo.FindAllStringSubmatch(text, -1) {
		value := match[2]
		if value == "" {
			value = match[1] // a token without a user
		}
		secrets = append(secrets, value)
		if plain, err := url.PathUnescape(value); err == nil {
			secrets = append(secrets, plain)
		}
	}
	return secrets
}

// isScheme reports whether a value only introduces a secret.
func isScheme(value string) bool {
	return strings.EqualFold(value, "bearer") || strings.EqualFold(value, "basic")
}

// appendJSON appends the strings and numbers of a value that is secret itself,
// and those of secret members: behind a secret name, or of a pair such as
// {"name":"password","value":"x"}. Other strings are looked through.
func appendJSON(secrets []string, v any, secret bool, nested int) []string {
	switch v := v.(type) {
	case map[string]any:
		pair := false
		for key, member := range v {
			name, ok := member.(string)
			pair = pair || ok && isNameKey(key) && isSecret(name)
		}
		for key, member := range v {
			within := secret || isSecret(key) || pair && strings.HasPrefix(strings.ToLower(key), "value")
			secrets = appendJSON(secrets, member, within, nested)
		}
	case []any:
		behind := false // an option, such as --token
		for _, element := range v {
			secrets = appendJSON(secrets, element, secret || behind, nested)
			text, ok := element.(string)
			behind = ok && strings.HasPrefix(text, "-") && !strings.ContainsAny(text, "= ") && isSecret(text)
		}
	case json.Number:
		if secret {
			secrets = append(secrets, v.String())
		}
	case string:
		if secret {
			secrets = append(secrets, v)
		}
		secrets = appendWithin(secrets, v, nested)
	}
	return secrets
}

// isNameKey reports whether the member of an object names the value of another.
func isNameKey(key string) bool {
	return strings.EqualFold(key, "name") || strings.EqualFold(key, "key")
}
