package action

import (
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/codesuite-go/codesuite/internal/redact"
)

// Redact returns the text with the job's secrets replaced: its credentials, the
// values of secret configuration properties, and secrets within other
// properties, such as the value of "token" in user parameters that are JSON, or
// behind "PASSWORD=". They are found in base64, in hexadecimal digits, escaped
// and in any case as well.
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
var secretName = regexp.MustCompile(`(?i)secret|token|passw|passphrase|credential|private|api_?-?key|access_?-?key`)

func isSecret(name string) bool { return secretName.MatchString(name) }

// assignment matches a name and its value in text such as a command line.
var assignment = regexp.MustCompile(`([\w.-]+)["']?\s*[=:]\s*("[^"]*"|'[^']*'|[^\s,;&"']+)`)

// secretsWithin returns the values of secret names in JSON or other text.
func secretsWithin(text string) []string {
	if v := any(nil); json.Unmarshal([]byte(text), &v) == nil {
		return secretsInJSON(nil, v, false)
	}
	var secrets []string
	for _, match := range assignment.FindAllStringSubmatch(text, -1) {
		if isSecret(match[1]) {
			secrets = append(secrets, strings.Trim(match[2], `"'`))
		}
	}
	return secrets
}

// secretsInJSON appends the strings of a value that is secret itself, or those
// of secret members. JSON in a string counts as well.
func secretsInJSON(secrets []string, v any, secret bool) []string {
	switch v := v.(type) {
	case map[string]any:
		for name, member := range v {
			secrets = secretsInJSON(secrets, member, secret || isSecret(name))
		}
	case []any:
		for _, element := range v {
			secrets = secretsInJSON(secrets, element, secret)
		}
	case string:
		if secret {
			secrets = append(secrets, v)
		} else if inner := any(nil); strings.HasPrefix(v, "{") && json.Unmarshal([]byte(v), &inner) == nil {
			secrets = secretsInJSON(secrets, inner, false)
		}
	}
	return secrets
}
