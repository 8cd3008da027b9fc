package pathname

import (
	"cmp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Fold returns the form that all names of one file in a folder share: two names
// with the same form are one file on some system. The form has
//
//   - no difference of case, by Unicode's full case folding, as with ext4, APFS
//     and NTFS;
//   - no difference of Unicode normalisation, as with HFS+ and APFS;
//   - none of the runes that show nothing and that HFS+ and ext4 ignore;
//   - no dots and spaces at the end, and no name of a file's main stream, such as
//     "::$DATA", as on Windows.
//
// The element is one part of a name, without separators. In a name that is not
// UTF-8 only ASCII letters are folded. The names "." and ".." fold to "".
func Fold(element string) string {
	if !utf8.ValidString(element) || isASCII(element) {
		return trim(lowerASCII(element))
	}
	runes := make([]rune, 0, len(element))
	for _, r := range element {
		if r < utf8.RuneSelf {
			runes = append(runes, r)
		} else if !ignored(r) {
			runes = append(runes, []rune(norm.NFD.String(string(r)))...)
		}
	}
	// Not all at once by norm, which leaves runs of over 30 marks in their order.
	orderMarks(runes)
	var folded strings.Builder
	for _, r := range runes {
		s, ok := fullFolding[r]
		if !ok {
			s = string(r)
		}
		for _, r := range s {
			folded.WriteRune(foldRune(r))
		}
	}
	return trim(folded.String())
}

// orderMarks puts the marks that follow a letter in the canonical order.
func orderMarks(runes []rune) {
	for start := 0; start < len(runes); start++ {
		end := start
		for end < len(runes) && class(runes[end]) != 0 {
			end++
		}
		slices.SortStableFunc(runes[start:end], func(a, b rune) int { return cmp.Compare(class(a), class(b)) })
		start = end
	}
}

// class returns the canonical combining class: 0 for all but marks.
func class(r rune) uint8 {
	if r < 0x300 {
		return 0
	}
	return norm.NFD.PropertiesString(string(r)).CCC()
}

// foldRune returns one of the runes that differ from r in case alone, the same
// for all of them.
func foldRune(r rune) rune {
	switch {
	case 'A' <= r && r <= 'Z':
		return r + 'a' - 'A'
	case r < utf8.RuneSelf:
		return r
	}
	least := r
	for next := unicode.SimpleFold(r); next != r; next = unicode.SimpleFold(next) {
		least = min(least, next)
	}
	switch {
	case 'A' <= least && least <= 'Z':
		return least + 'a' - 'A'
	case least == '\u0345': // the mark under a letter, whose capital is a letter
		return 'ι'
	}
	return least
}

// fullFolding is the case folding of the runes that become several ones and do
// not decompose canonically into them.
var fullFolding = map[rune]string{
	'ß': "ss", 'ẞ': "ss",
	'ŉ': "ʼn",
	'ẚ': "aʾ",
	'և': "եւ",
	'ﬀ': "ff", 'ﬁ': "fi", 'ﬂ': "fl", 'ﬃ': "ffi", 'ﬄ': "ffl", 'ﬅ': "st", 'ﬆ': "st",
	'ﬓ': "մն", 'ﬔ': "մե", 'ﬕ': "մի", 'ﬖ': "վն", 'ﬗ': "մխ",
}

// ignored reports whether some file system compares names without the rune:
// HFS+ the marks of writing direction and joining, ext4 all that Unicode calls
// default ignorable.
func ignored(r rune) bool {
	return unicode.In(r, ignoredByHFS, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector, invisible)
}

var ignoredByHFS = &unicode.RangeTable{R16: []unicode.Range16{
	{Lo: 0x200c, Hi: 0x200f, Stride: 1},
	{Lo: 0x202a, Hi: 0x202e, Stride: 1},
	{Lo: 0x206a, Hi: 0x206f, Stride: 1},
	{Lo: 0xfeff, Hi: 0xfeff, Stride: 1},
}}

// invisible has the format characters that are default ignorable.
var invisible = &unicode.RangeTable{
	R16: []unicode.Range16{
		{Lo: 0x00ad, Hi: 0x00ad, Stride: 1},
		{Lo: 0x061c, Hi: 0x061c, Stride: 1},
		{Lo: 0x180e, Hi: 0x180e, Stride: 1},
		{Lo: 0x200b, Hi: 0x200b, Stride: 1},
		{Lo: 0x2060, Hi: 0x2064, Stride: 1},
		{Lo: 0x2066, Hi: 0x2069, Stride: 1},
	},
	R32: []unicode.Range32{
		{Lo: 0x1bca0, Hi: 0x1bca3, Stride: 1},
		{Lo: 0x1d173, Hi: 0x1d17a, Stride: 1},
		{Lo: 0xe0001, Hi: 0xe0001, Stride: 1},
		{Lo: 0xe0020, Hi: 0xe007f, Stride: 1},
	},
	LatinOffset: 1,
}

// mainStreams are the names that Windows has for the content of a file and of a
// folder.
var mainStreams = []string{"::$data", "::$index_allocation", ":$i30:$index_allocation"}

// trim cuts off the parts at the end of a folded name that Windows ignores.
func trim(folded string) string {
	for {
		shorter := strings.TrimRight(folded, ". ")
		for _, stream := range mainStreams {
			shorter = strings.TrimSuffix(shorter, stream)
		}
		if len(shorter) == len(folded) {
			return folded
		}
		folded = shorter
	}
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// lowerASCII lowers ASCII letters and leaves other bytes alone.
func lowerASCII(s string) string {
	b := []byte(s)
	for i, c := range b {
		if 'A' <= c && c <= 'Z' {
			b[i] = c + 'a' - 'A'
		}
	}
	return string(b)
}
