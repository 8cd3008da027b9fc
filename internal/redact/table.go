package redact

import (
	"cmp"
	"slices"
)

// keyLength is the number of bytes by which the forms are looked up.
const keyLength = 4

// form is one way in which a secret can stand in a text, with the number of
// characters before and after it that show a part of the secret.
type form struct {
	text          string
	before, after int
}

// table finds forms in a text. Its zero value has none.
type table struct {
	forms map[uint32][]form // by their first bytes, the longest first
	maybe [1 << 10]uint64   // a bit for the hash of each key in forms
}

func (t *table) add(f form) {
	if len(f.text) < keyLength {
		return
	}
	if t.forms == nil {
		t.forms = make(map[uint32][]form)
	}
	k := key(f.text)
	if slices.Contains(t.forms[k], f) {
		return
	}
	t.forms[k] = append(t.forms[k], f)
	slices.SortStableFunc(t.forms[k], func(a, b form) int { return cmp.Compare(len(b.text), len(a.text)) })
	h := hash(k)
	t.maybe[h/64] |= 1 << (h % 64)
}

// find appends where in the original text the forms are. The forms are of the
// alphabet.
func (t *table) find(found []span, v view, a *alphabet) []span {
	text, maybe := v.text, &t.maybe
	var k uint32 // of the last bytes
	for i := 0; i < len(text); i++ {
		k = k>>8 | uint32(a[text[i]])<<24
		if h := hash(k); maybe[h/64]&(1<<(h%64)) == 0 || i < keyLength-1 {
			continue
		}
		start := i - (keyLength - 1)
		for _, f := range t.forms[k] {
			if a.hasPrefix(text[start:], f.text) {
				end := start + len(f.text)
				if start > 0 && isBase64(a[text[start-1]]) {
					start -= f.before
				}
				if end < len(text) && isBase64(a[text[end]]) {
					end += f.after
				}
				found = append(found, v.span(start, end))
				break
			}
		}
	}
	return found
}

func key(s string) uint32 {
	_ = s[keyLength-1]
	return uint32(s[0]) | uint32(s[1])<<8 | uint32(s[2])<<16 | uint32(s[3])<<24
}

// hash returns 16 bits that depend on all of the key.
func hash(key uint32) uint16 { return uint16(key * 0x9e3779b1 >> 16) }

func isBase64(c byte) bool {
	return 'A' <= c && c <= 'Z' || 'a' <= c && c <= 'z' || '0' <= c && c <= '9' || c == '+' || c == '/'
}
