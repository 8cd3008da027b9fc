package redact

import (
	"encoding/base64"
	"encoding/hex"
	"slices"
	"strings"
)

// Mark stands where a secret was.
const Mark = "[redacted]"

// MinLength is the length in bytes, without line breaks, of the shortest secret
// that is looked for. A shorter one would be found in every text.
const MinLength = 4

// Secrets finds secrets in texts. The zero value finds none. It is safe for
// concurrent use.
type Secrets struct {
	folded table // forms to find whatever the case of the letters
	base64 table // forms in base64, whose case counts
}

// New returns a Secrets that finds each of the secrets
//
//   - as it is, in upper and in lower case,
//   - in hexadecimal digits,
//   - in base64, standard or for URLs, also inside of other encoded bytes,
//   - and each of these escaped for a URL, as in JSON or as by Go's %q, up to
//     three times over, and broken into lines.
//
// Secrets shorter than [MinLength] are left out.
func New(secrets ...string) *Secrets {
	s := new(Secrets)
	for _, secret := range secrets {
		if len(dropLineBreaks(secret)) < MinLength {
			continue
		}
		for _, letters := range []string{secret, strings.ToLower(secret), strings.ToUpper(secret)} {
			s.folded.add(form{text: fold(dropLineBreaks(letters))})
		}
		s.folded.add(form{text: hex.EncodeToString([]byte(secret))})
		for _, f := range base64Forms(secret) {
			s.base64.add(f)
		}
	}
	return s
}

// Text returns the text with [Mark] for each secret. It takes time proportional
// to the length of the text.
func (s *Secrets) Text(text string) string {
	if len(s.folded.forms) == 0 {
		return text
	}
	var found []span
	for _, v := range views(text) {
		found = s.folded.find(found, v, &folded)
		found = s.base64.find(found, v, &urlAlphabet)
	}
	return replace(text, found)
}

// span is a part of a text.
type span struct{ start, end int }

// replace puts Mark in place of the spans. Those that overlap get one.
func replace(text string, spans []span) string {
	if len(spans) == 0 {
		return text
	}
	slices.SortFunc(spans, func(a, b span) int { return a.start - b.start })
	var b strings.Builder
	end := 0
	for i, s := range spans {
		if i == 0 || s.start >= end {
			b.WriteString(text[end:s.start])
			b.WriteString(Mark)
		}
		end = max(end, s.end)
	}
	b.WriteString(text[end:])
	return b.String()
}

// alphabet is what each byte counts as.
type alphabet [256]byte

// folded makes letters of ASCII equal that differ in case, and a plus sign and
// the space for which it stands in URLs.
var folded = newAlphabet("ABCDEFGHIJKLMNOPQRSTUVWXYZ+", "abcdefghijklmnopqrstuvwxyz ")

// urlAlphabet makes the alphabet of base64 for URLs equal to the standard one.
var urlAlphabet = newAlphabet("-_", "+/")

func newAlphabet(from, to string) (a alphabet) {
	for i := range a {
		a[i] = byte(i)
	}
	for i := range len(from) {
		a[from[i]] = to[i]
	}
	return a
}

// hasPrefix reports whether the text, as the alphabet has it, begins with the
// prefix.
func (a *alphabet) hasPrefix(text, prefix string) bool {
	if len(text) < len(prefix) {
		return false
	}
	for i := range len(prefix) {
		if a[text[i]] != prefix[i] {
			return false
		}
	}
	return true
}

// base64Forms returns the characters that a secret gives in the standard
// alphabet, for each of the three places in a group of three bytes where it can
// begin. The first and the last character may hold bits of a neighbour, too:
// they are no part of a form, but go with it.
func base64Forms(secret string) []form {
	var forms []form
	for skipped := range 3 {
		bits := 8 * (skipped + len(secret))
		first, last := (8*skipped+5)/6, bits/6 // the characters that are the secret's alone
		encoded := base64.RawStdEncoding.EncodeToString(append(make([]byte, skipped), secret...))
		f := form{text: encoded[first:last]}
		if 8*skipped%6 != 0 {
			f.before = 1
		}
		if bits%6 != 0 {
			f.after = 1
		}
		forms = append(forms, f)
	}
	return forms
}

// fold returns the text in the alphabet folded.
func fold(text string) string {
	b := []byte(text)
	for i, c := range b {
		b[i] = folded[c]
	}
	return string(b)
}

func dropLineBreaks(text string) string {
	return strings.NewReplacer("\r", "", "\n", "").Replace(text)
}
