package diagram

import (
	"fmt"
	"strings"
)

// palette is the colours of a theme. A test computes their contrasts.
type palette struct {
	canvas, frame    string // the ground and its border
	card, cardLine   string // of stages
	box, boxLine     string // of actions
	text, muted, net string // net is the lines between stages and actions
	tones            map[tone]string
}

var light = palette{
	canvas: "#ffffff", frame: "#d1d9e0", card: "#f6f8fa", cardLine: "#d1d9e0", box: "#ffffff", boxLine: "#c4ccd4",
	text: "#1f2328", muted: "#59636e", net: "#6e7781",
	tones: map[tone]string{
		toneGood: "#1a7f37", toneBad: "#cf222e", toneBusy: "#0969da",
		toneWarn: "#9a6700", toneSpecial: "#8250df", toneQuiet: "#59636e",
	},
}

var dark = palette{
	canvas: "#0d1117", frame: "#3d444d", card: "#151b23", cardLine: "#3d444d", box: "#0d1117", boxLine: "#3d444d",
	text: "#f0f6fc", muted: "#9198a1", net: "#9198a1",
	tones: map[tone]string{
		toneGood: "#3fb950", toneBad: "#ff7b72", toneBusy: "#58a6ff",
		toneWarn: "#d29922", toneSpecial: "#bc8cff", toneQuiet: "#9198a1",
	},
}

// rules returns the style sheet of the colours for elements inside of the class.
func (p *palette) rules(class string) string {
	var b strings.Builder
	for _, r := range [][2]string{
		{".canvas", "fill:" + p.canvas + ";stroke:" + p.frame},
		{".card", "fill:" + p.card + ";stroke:" + p.cardLine},
		{".box", "fill:" + p.box + ";stroke:" + p.boxLine},
		{".group,." + class + " .gate", "fill:none;stroke:" + p.net},
		{"text", "fill:" + p.text},
		{".m", "fill:" + p.muted},
		{".net", "fill:none;stroke:" + p.net},
		{".head", "fill:" + p.net},
		{".k", "fill:none;stroke:" + p.box},
		{".glyph", "fill:none;stroke:" + p.muted},
	} {
		fmt.Fprintf(&b, ".%s %s{%s}", class, r[0], r[1])
	}
	for _, t := range tones {
		fmt.Fprintf(&b, ".%[1]s .%[2]s .f,.%[1]s text.%[2]s{fill:%[3]s}.%[1]s .%[2]s .s,.%[1]s .net.%[2]s{fill:none;stroke:%[3]s}", class, t, p.tones[t])
	}
	return b.String()
}

// style returns the style sheet of a theme, and the class that it is for.
func (t Theme) style() (class, css string) {
	class = "codesuite-" + string(t)
	var b strings.Builder
	fmt.Fprintf(&b, ".%s text{font-family:-apple-system,BlinkMacSystemFont,'Segoe UI','Noto Sans',Helvetica,Arial,'Liberation Sans',sans-serif;white-space:pre}", class)
	for _, f := range fonts {
		weight := 400
		if f.bold {
			weight = 600
		}
		fmt.Fprintf(&b, ".%s .%s{font-size:%gpx;font-weight:%d}", class, f.class, f.size, weight)
	}
	fmt.Fprintf(&b, ".%[1]s .k,.%[1]s .s,.%[1]s .glyph{stroke-linecap:round;stroke-linejoin:round}.%[1]s .s,.%[1]s .glyph,.%[1]s .net{stroke-width:1.5}.%[1]s .k{stroke-width:2}", class)
	fmt.Fprintf(&b, ".%[1]s .group{stroke-dasharray:1 3;stroke-linecap:round}.%[1]s .gate{stroke-dasharray:4 3}.%[1]s .off{stroke-dasharray:4 3}", class)
	switch t {
	case ThemeDark:
		b.WriteString(dark.rules(class))
	case ThemeLight:
		b.WriteString(light.rules(class))
	default:
		b.WriteString(light.rules(class) + "@media (prefers-color-scheme:dark){" + dark.rules(class) + "}")
	}
	return class, b.String()
}
