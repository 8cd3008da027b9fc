package diagram

import (
	"encoding/xml"
	"fmt"
	"math"
	"strconv"
	"strings"
)

// pen writes elements of SVG.
type pen struct{ strings.Builder }

// number returns a coordinate with one decimal at most.
func number(v float64) string { return strconv.FormatFloat(math.Round(v*10)/10, 'f', -1, 64) }

// escape returns a text for content and attributes of XML.
func escape(s string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(s)) // a Builder returns no error
	return b.String()
}

func (p *pen) rect(class string, x, y, width, height, radius float64) {
	fmt.Fprintf(p, `<rect class="%s" x="%s" y="%s" width="%s" height="%s" rx="%s"/>`,
		class, number(x), number(y), number(width), number(height), number(radius))
}

func (p *pen) path(class, d string) { fmt.Fprintf(p, `<path class="%s" d="%s"/>`, class, d) }

// point returns a command of a path with a point.
func point(command string, x, y float64) string {
	return command + number(x) + " " + number(y)
}

// begin starts a group whose zero point is at x, y.
func (p *pen) begin(class string, x, y float64) {
	p.WriteString("<g")
	if class != "" {
		fmt.Fprintf(p, ` class="%s"`, class)
	}
	if x != 0 || y != 0 {
		fmt.Fprintf(p, ` transform="translate(%s %s)"`, number(x), number(y))
	}
	p.WriteString(">")
}

func (p *pen) end() { p.WriteString("</g>") }

// icon draws an icon of 16 by 16 in a size.
func (p *pen) icon(class, icon, title string, x, y, size float64) {
	fmt.Fprintf(p, `<g class="%s" transform="translate(%s %s)`, class, number(x), number(y))
	if size != 16 {
		fmt.Fprintf(p, " scale(%s)", strconv.FormatFloat(size/16, 'f', 4, 64))
	}
	p.WriteString(`">`)
	if title != "" {
		fmt.Fprintf(p, "<title>%s</title>", escape(title))
	}
	p.WriteString(icon + "</g>")
}

// text writes as much of a clean text as there is room for, and returns its width.
// A text that may be too long in another font has its width as an attribute, which
// browsers keep to.
func (p *pen) text(f font, class string, x, y, room float64, s string) float64 {
	return p.textAt(f, class, x, y, room, s, false)
}

// textEnd writes a text that ends at x.
func (p *pen) textEnd(f font, class string, x, y, room float64, s string) float64 {
	return p.textAt(f, class, x, y, room, s, true)
}

func (p *pen) textAt(f font, class string, x, y, room float64, s string, end bool) float64 {
	shown := f.fit(s, room)
	width := f.width(shown)
	if shown != s {
		fmt.Fprintf(p, "<g><title>%s</title>", escape(s))
	}
	fmt.Fprintf(p, `<text class="%s" x="%s" y="%s"`, strings.TrimSpace(f.class+" "+class), number(x), number(y))
	if end {
		p.WriteString(` text-anchor="end"`)
	}
	if width > 0.85*room || guessed(shown) {
		fmt.Fprintf(p, ` textLength="%s" lengthAdjust="spacingAndGlyphs"`, number(width))
	}
	fmt.Fprintf(p, ">%s</text>", escape(shown))
	if shown != s {
		p.end()
	}
	return width
}
