package action

import (
	"cmp"
	"encoding/json"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// minSecret is how many bytes what is taken out of texts has at least: less
// would be found in every text, and is no secret.
const minSecret = 4

const redacted = "[redacted]"

// Redact returns the text with the job's credentials and the values of secret
// configuration properties replaced. [Run] redacts messages and summaries
// itself; call Redact for the text that a handler logs or sends elsewhere.
func (j *Job) Redact(text string) string {
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
		inJSON, _ := json.Marshal(secret) // cannot fail for a string
		for _, form := range []string{secret, quoted[1 : len(quoted)-1], string(inJSON[1 : len(inJSON)-1]), url.QueryEscape(secret), url.PathEscape(secret)} {
			text = strings.ReplaceAll(text, form, redacted)
		}
	}
	return text
}

// secretName matches the names of properties whose value is a secret.
var secretName = regexp.MustCompile(`(?i)secret|token|passw|passphrase|credential|private|api_?-?key|access_?-?key`)
