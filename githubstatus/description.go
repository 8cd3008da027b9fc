package githubstatus

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// MaxContext is how many characters the context of a status may have.
const MaxContext = 255

// maxDescription is GitHub's limit, in characters.
const maxDescription = 140

// describe makes a description that GitHub takes: one line, no character above
// U+FFFF ("description doesn't accept 4-byte Unicode"), at most 140 characters.
func describe(text string) string {
	return shorten(basic(oneLine(text)), maxDescription)
}

// basic replaces each run of characters above U+FFFF by U+FFFD, together with
// the joiners and variation selectors that make one emoji of them.
func basic(text string) string {
	if !strings.ContainsFunc(text, isSupplementary) {
		return text
	}
	var b strings.Builder
	inRun := false
	for _, c := range text {
		switch {
		case isSupplementary(c):
			if !inRun {
				b.WriteRune(utf8.RuneError)
			}
			inRun = true
		case inRun && (c == zeroWidthJoiner || unicode.Is(unicode.Variation_Selector, c)):
		default:
			b.WriteRune(c)
			inRun = false
		}
	}
	return b.String()
}

func isSupplementary(c rune) bool { return c > 0xffff }

const zeroWidthJoiner = '\u200d'

// shorten cuts text to limit characters, the last of which is then "…". It
// does not cut between a letter and its combining marks.
func shorten(text string, limit int) string {
	if len(text) <= limit || utf8.RuneCountInString(text) <= limit {
		return text
	}
	end, hard, n := 0, 0, 0 // of the text that stays; hard may be before a mark
	for i, c := range text {
		if n == limit {
			break
		}
		if !joins(c, text[:i]) {
			end = i
		}
		hard = i
		n++
	}
	if end == 0 { // one letter with that many marks
		end = hard
	}
	return strings.TrimRightFunc(text[:end], unicode.IsSpace) + "…"
}

// joins reports whether c belongs to the character before it.
func joins(c rune, before string) bool {
	if c == zeroWidthJoiner || unicode.Is(unicode.M, c) {
		return true
	}
	last, _ := utf8.DecodeLastRuneInString(before)
	return last == zeroWidthJoiner
}
