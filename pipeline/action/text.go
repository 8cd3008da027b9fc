package action

import (
	"regexp"
	"slices"

	"github.com/codesuite-go/codesuite/internal/redact"
)

// redact takes the job's credentials and secret configuration out of a text.
func (j *Job) redact(text string) string {
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
