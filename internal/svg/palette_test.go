package svg_test

import (
	"math"
	"strconv"
	"testing"

	"github.com/codesuite-go/codesuite/internal/svg"
)

// luminance is the relative luminance of a colour such as #1f2328, as WCAG 2.2
// defines it.
func luminance(t *testing.T, colour string) float64 {
	t.Helper()
	n, err := strconv.ParseUint(colour[1:], 16, 32)
	if err != nil || len(colour) != 7 {
		t.Fatalf("%q is no colour", colour)
	}
	linear := func(shift int) float64 {
		c := float64(n>>shift&0xff) / 255
		if c <= 0.04045 {
			return c / 12.92
		}
		return math.Pow((c+0.055)/1.055, 2.4)
	}
	return 0.2126*linear(16) + 0.7152*linear(8) + 0.0722*linear(0)
}

func contrast(t *testing.T, a, b string) float64 {
	t.Helper()
	l, m := luminance(t, a), luminance(t, b)
	return (max(l, m) + 0.05) / (min(l, m) + 0.05)
}

// TestContrast computes the contrasts that WCAG 2.2 asks for: 4.5 for text, and 3
// for shapes.
func TestContrast(t *testing.T) {
	t.Parallel()
	if got := contrast(t, "#ffffff", "#000000"); math.Abs(got-21) > 1e-9 {
		t.Fatalf("the contrast of black and white is %v, want 21", got)
	}
	for name, p := range map[string]svg.Palette{"light": svg.Light, "dark": svg.Dark} {
		texts := map[string]string{"text": p.Text, "muted": p.Muted}
		for _, tone := range svg.Tones {
			if p.Tones[tone] == "" {
				t.Errorf("%s: the palette has no tone %s", name, tone)
				continue
			}
			texts[string(tone)] = p.Tones[tone]
		}
		grounds := map[string]string{"canvas": p.Canvas, "card": p.Card, "box": p.Box}
		for ground, behind := range grounds {
			for what, colour := range texts {
				if got := contrast(t, colour, behind); got < 4.5 {
					t.Errorf("%s: %s on %s has the contrast %.2f, want at least 4.5", name, what, ground, got)
				}
			}
			if got := contrast(t, p.Net, behind); got < 3 {
				t.Errorf("%s: lines on %s have the contrast %.2f, want at least 3", name, ground, got)
			}
		}
	}
	// The nodes of Mermaid's flowcharts have a ground of their own.
	for _, tone := range svg.Tones {
		if got := contrast(t, svg.Light.Tones[tone], svg.Light.Box); got < 3 {
			t.Errorf("Mermaid: the border %s has the contrast %.2f, want at least 3", tone, got)
		}
	}
}
