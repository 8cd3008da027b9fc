package svg

import (
	"fmt"
	"strings"
)

// Tone is a colour with a meaning, and the class of elements in it.
type Tone string

// The tones.
const (
	ToneGood    Tone = "good"
	ToneBad     Tone = "bad"
	ToneBusy    Tone = "busy"
	ToneWarn    Tone = "warn"
	ToneSpecial Tone = "special"
	ToneQuiet   Tone = "quiet"
)

// Tones are all tones in the order of the style sheet.
var Tones = []Tone{ToneGood, ToneBad, ToneBusy, ToneWarn, ToneSpecial, ToneQuiet}

// Palette is the colours of a theme. A test computes their contrasts.
type Palette struct {
	Canvas, Frame    string // the ground and its border
	Card, CardLine   string // on the canvas
	Box, BoxLine     string // on a card
	Text, Muted, Net string // Net is the lines between cards and boxes
	Tones            map[Tone]string
}

// Light has the ground of GitHub's light theme.
var Light = Palette{
	Canvas: "#ffffff", Frame: "#d1d9e0", Card: "#f6f8fa", CardLine: "#d1d9e0", Box: "#ffffff", BoxLine: "#c4ccd4",
	Text: "#1f2328", Muted: "#59636e", Net: "#6e7781",
	Tones: map[Tone]string{
		ToneGood: "#1a7f37", ToneBad: "#cf222e", ToneBusy: "#0969da",
		ToneWarn: "#9a6700", ToneSpecial: "#8250df", ToneQuiet: "#59636e",
	},
}

// Dark has the ground of GitHub's dark theme.
var Dark = Palette{
	Canvas: "#0d1117", Frame: "#3d444d", Card: "#151b23", CardLine: "#3d444d", Box: "#0d1117", BoxLine: "#3d444d",
	Text: "#f0f6fc", Muted: "#9198a1", Net: "#9198a1",
	Tones: map[Tone]string{
		ToneGood: "#3fb950", ToneBad: "#ff7b72", ToneBusy: "#58a6ff",
		ToneWarn: "#d29922", ToneSpecial: "#bc8cff", ToneQuiet: "#9198a1",
	},
}

// rules returns the style sheet of the colours for elements inside of the class.
func (p *Palette) rules(class string) string {
	var b strings.Builder
	for _, r := range [][2]string{
		{".canvas", "fill:" + p.Canvas + ";stroke:" + p.Frame},
		{".card", "fill:" + p.Card + ";stroke:" + p.CardLine},
		{".box", "fill:" + p.Box + ";stroke:" + p.BoxLine},
		{".group,." + class + " .gate", "fill:none;stroke:" + p.Net},
		{"text", "fill:" + p.Text},
		{".m", "fill:" + p.Muted},
		{".net", "fill:none;stroke:" + p.Net},
		{".head", "fill:" + p.Net},
		{".k", "fill:none;stroke:" + p.Box},
		{".glyph", "fill:none;stroke:" + p.Muted},
	} {
		fmt.Fprintf(&b, ".%s %s{%s}", class, r[0], r[1])
	}
	for _, t := range Tones {
		fmt.Fprintf(&b, ".%[1]s .%[2]s .f,.%[1]s text.%[2]s{fill:%[3]s}.%[1]s .%[2]s .s,.%[1]s .net.%[2]s{fill:none;stroke:%[3]s}", class, t, p.Tones[t])
	}
	return b.String()
}

// style returns the style sheet of a theme, and the class that it is for.
func style(t Theme) (class, css string) {
	class = "codesuite-" + string(t)
	var b strings.Builder
	fmt.Fprintf(&b, ".%s text{font-family:-apple-system,BlinkMacSystemFont,'Segoe UI','Noto Sans',Helvetica,Arial,'Liberation Sans',sans-serif;white-space:pre}", class)
	for _, f := range Fonts {
		weight := 400
		if f.Bold {
			weight = 600
		}
		fmt.Fprintf(&b, ".%s .%s{font-size:%gpx;font-weight:%d}", class, f.Class, f.Size, weight)
	}
	fmt.Fprintf(&b, ".%[1]s .k,.%[1]s .s,.%[1]s .glyph{stroke-linecap:round;stroke-linejoin:round}.%[1]s .s,.%[1]s .glyph,.%[1]s .net{stroke-width:1.5}.%[1]s .k{stroke-width:2}", class)
	fmt.Fprintf(&b, ".%[1]s .group{stroke-dasharray:1 3;stroke-linecap:round}.%[1]s .gate{stroke-dasharray:4 3}.%[1]s .off{stroke-dasharray:4 3}", class)
	switch t {
	case ThemeDark:
		b.WriteString(Dark.rules(class))
	case ThemeLight:
		b.WriteString(Light.rules(class))
	default:
		b.WriteString(Light.rules(class) + "@media (prefers-color-scheme:dark){" + Dark.rules(class) + "}")
	}
	return class, b.String()
}
