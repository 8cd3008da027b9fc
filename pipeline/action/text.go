package action

import (
	"regexp"
	"slices"

	"github.com/codesuite-go/codesuite/internal/redact"
)

// Redact returns the text with the job's credentials and the values of secret
// configuration properties replaced, in base64, in hexadecimal digits, escaped
// and in any case as well. [Run] redacts messages and summaries
// itself; call Redact for the text that a handler logs or sends elsewhere.
func (j *Job) Redact(text string) string {
	secrets := j.credentials.seen()
	for key, value := range j.details.Configuration {
		if secretName.MatchString(key) || slices.Contains(j.details.SecretKeys, key) {
			secrets = append(secrets, value)
		}
	}
	return redact.New(secrets...).Text(text)
}

// secretName matches the names of properties whose value is a secret.
var secretName = regexp.MustCompile(`(?i)secret|token|passw|passphrase|credential|private|api_?-?key|access_?-?key`)
