package redact

import "regexp"

// A text of a proxy or a server may repeat a request with a secret that its
// reader does not know.
var (
	tokenPattern    = regexp.MustCompile(`\b(?:gh[a-z]_|github_pat_)\w{4,}|\beyJ[\w-]+\.[\w-]+\.[\w-]*`)
	headerPattern   = regexp.MustCompile(`(?i)\b(bearer|authorization: *\w+) +[^\s"',]+`)
	userinfoPattern = regexp.MustCompile(`://[^/\s"@]*@`)
)

// Likely returns the text without whatever looks like a secret: tokens of GitHub
// by their prefixes, JSON web tokens, the credentials of Authorization headers,
// and user names and passwords in URLs.
func Likely(text string) string {
	text = userinfoPattern.ReplaceAllString(text, "://"+Mark+"@")
	text = tokenPattern.ReplaceAllString(text, Mark)
	return headerPattern.ReplaceAllString(text, "$1 "+Mark)
}
