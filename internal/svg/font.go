package svg

import (
	"strings"
	"unicode"
)

// The widths of the characters from space to ~ in thousandths of the font's size, in
// Arial, Helvetica and Liberation Sans. The other fonts of the style sheet are about
// as wide.
var (
	regular = [95]int{
		278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278,
		556, 556, 556, 556, 556, 556, 556, 556, 556, 556, 278, 278, 584, 584, 584, 556,
		1015, 667, 667, 722, 722, 667, 611, 778, 722, 278, 500, 667, 556, 833, 722, 778,
		667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 278, 278, 278, 469, 556,
		333, 556, 556, 500, 556, 556, 278, 556, 556, 222, 222, 500, 222, 833, 556, 556,
		556, 556, 333, 500, 278, 556, 500, 722, 500, 500, 500, 334, 260, 334, 584,
	}
	bold = [95]int{
		278, 333, 474, 556, 556, 889, 722, 238, 333, 333, 389, 584, 278, 333, 278, 278,
		556, 556, 556, 556, 556, 556, 556, 556, 556, 556, 333, 333, 584, 584, 584, 611,
		975, 722, 722, 722, 722, 667, 611, 778, 722, 278, 556, 722, 611, 833, 722, 778,
		667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 333, 278, 333, 584, 556,
		333, 556, 611, 556, 611, 556, 333, 611, 611, 278, 278, 556, 278, 889, 611, 611,
		611, 611, 389, 556, 333, 611, 556, 778, 556, 556, 500, 389, 280, 389, 584,
	}
)

// Font is a size in pixels and a weight of text, with its class in the style sheet.
type Font struct {
	Class string
	Size  float64
	Bold  bool
}

// The fonts.
var (
	FontTitle   = Font{"t1", 18, true}
	FontHeading = Font{"t2", 14, true}
	FontName    = Font{"t3", 13, true}
	FontStrong  = Font{"t4", 12, true}
	FontText    = Font{"t5", 12, false}
	FontSmall   = Font{"t6", 11, false}
	FontMinor   = Font{"t7", 11, true}
)

// Fonts are all fonts in the order of the style sheet.
var Fonts = []Font{FontTitle, FontHeading, FontName, FontStrong, FontText, FontSmall, FontMinor}

// runeWidth returns the width of a character in thousandths of the font's size. It
// is a guess for all but ASCII.
func (f Font) runeWidth(r rune) int {
	switch {
	case r >= ' ' && r <= '~' && f.Bold:
		return bold[r-' ']
	case r >= ' ' && r <= '~':
		return regular[r-' ']
	case joins(r):
		return 0
	case r == '·':
		return 333
	case r < 0x1100 && unicode.IsUpper(r):
		return 780
	case r < 0x1100:
		return 620
	case r < 0x1f000:
		return 1000
	case r >= 0x1f1e6 && r <= 0x1f1ff:
		return 685 // half a flag
	}
	return 1370 // emoji
}

// joiner makes one emoji of two.
const joiner = 0x200d

// joins reports whether a character belongs to the one before it.
func joins(r rune) bool {
	return unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf) || r >= 0x1f3fb && r <= 0x1f3ff
}

// guessed reports whether the width of a text is little more than a guess: letters
// of rare scripts can be far wider than others.
func guessed(s string) bool {
	for _, r := range s {
		if r >= 0x370 && unicode.IsLetter(r) && !unicode.In(r, unicode.Greek, unicode.Cyrillic, unicode.Hebrew, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul) {
			return true
		}
	}
	return false
}

// Width returns the width of a text in pixels.
func (f Font) Width(s string) float64 {
	sum, previous := 0, rune(0)
	for _, r := range s {
		if previous != joiner {
			sum += f.runeWidth(r)
		}
		previous = r
	}
	return float64(sum) * f.Size / 1000
}

// Fit returns as much of a text as there is room for, in pixels, with an ellipsis
// if it is cut.
func (f Font) Fit(s string, room float64) string {
	if f.Width(s) <= room {
		return s
	}
	room -= f.Width("…")
	end, sum, previous := 0, 0.0, rune(0)
	for i, r := range s {
		if previous != joiner {
			if !joins(r) {
				end = i
			}
			sum += float64(f.runeWidth(r)) * f.Size / 1000
		}
		if sum > room {
			break
		}
		previous = r
	}
	return strings.TrimRight(s[:end], " ") + "…"
}
