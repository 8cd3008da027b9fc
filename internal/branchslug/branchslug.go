// Package branchslug turns the names of branches into names that AWS accepts
// for triggers, pipelines and objects, and back.
package branchslug

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"unicode/utf8"
)

// hashLength is the number of hexadecimal digits of the hash in a slug.
const hashLength = 10

// MinLength is the shortest limit that [Encode] takes: one character, a hyphen
// and the hash.
const MinLength = 1 + 1 + hashLength

// Encode returns a slug of at most limit characters: the branch as far as it
// fits, a hyphen, and a short hash of the whole branch, such as
// "feature_-login-df7c7aeb35". It holds ASCII letters, digits, '.', '-' and '_'
// alone. The letters and digits of the branch, its dots and hyphens stand for
// themselves, "_-" for a slash, "__" for an underscore, and an underscore with
// two hexadecimal digits for any other byte.
//
// Two branches have two slugs, unless both are too long for the limit and their
// hashes of 40 bits agree. A limit below [MinLength] counts as MinLength.
func Encode(branch string, limit int) string {
	limit = max(limit, MinLength) - hashLength - 1
	var b strings.Builder
	for i := range len(branch) {
		part := escape(branch[i])
		if b.Len()+len(part) > limit {
			break
		}
		b.WriteString(part)
	}
	return b.String() + "-" + hash(branch)
}

// Decode returns the branch of a slug. It reports false for text that is no slug
// and for the slug of a branch that was too long for it.
func Decode(slug string) (branch string, ok bool) {
	end := len(slug) - hashLength - 1
	if end < 0 || slug[end] != '-' {
		return "", false
	}
	var b strings.Builder
	for text := slug[:end]; text != ""; {
		c, size := unescape(text)
		if size == 0 {
			return "", false
		}
		b.WriteByte(c)
		text = text[size:]
	}
	branch = b.String()
	return branch, utf8.ValidString(branch) && Encode(branch, len(slug)) == slug
}

func hash(branch string) string {
	sum := sha256.Sum256([]byte(branch))
	return hex.EncodeToString(sum[:])[:hashLength]
}

func escape(c byte) string {
	switch {
	case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', c == '.', c == '-':
		return string(rune(c))
	case c == '/':
		return "_-"
	case c == '_':
		return "__"
	}
	return "_" + hex.EncodeToString([]byte{c})
}

// unescape returns the byte that text begins with and the length of its
// spelling, 0 if there is none.
func unescape(text string) (c byte, size int) {
	if text[0] != '_' {
		return text[0], 1
	}
	if len(text) >= 2 {
		switch text[1] {
		case '-':
			return '/', 2
		case '_':
			return '_', 2
		}
	}
	if len(text) < 3 {
		return 0, 0
	}
	b, err := hex.DecodeString(text[1:3])
	if err != nil {
		return 0, 0
	}
	return b[0], 3
}
