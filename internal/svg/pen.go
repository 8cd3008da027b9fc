package svg

import (
	"encoding/xml"
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Pen writes elements of SVG. Its texts must be valid UTF-8 on one line.
type Pen struct{ strings.Builder }

// Number returns a coordinate with one decimal at most.
func Number(v float64) string { return strconv.FormatFloat(math.Round(v*10)/10, 'f', -1, 64) }

// escape returns a text for content and attributes of XML.
func escape(s string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(s)) // a Builder returns no error
	return b.String()
}

func (p *Pen) Rect(class string, x, y, width, height, radius float64) {
	fmt.Fprintf(p, `<rect class="%s" x="%s" y="%s" width="%s" height="%s" rx="%s"/>`,
		class, Number(x), Number(y), Number(width), Number(height), Number(radius))
}

func (p *Pen) Path(class, d string) { fmt.Fprintf(p, `<path class="%s" d="%s"/>`, class, d) }

// Point returns a command of a path with a point.
func Point(command string, x, y float64) string {
	return command + Number(x) + " " + Number(y)
}

// Begin starts a group whose zero point is at x, y.
func (p *Pen) Begin(class string, x, y float64) {
	p.WriteString("<g")
	if class != "" {
		fmt.Fprintf(p, ` class="%s"`, class)
	}
	if x != 0 || y != 0 {
		fmt.Fprintf(p, ` transform="translate(%s %s)"`, Number(x), Number(y))
	}
	p.WriteString(">")
}

func (p *Pen) End() { p.WriteString("</g>") }

// Icon draws an icon of 16 by 16 in a size.
func (p *Pen) Icon(class, icon, title string, x, y, size float64) {
	fmt.Fprintf(p, `<g class="%s" transform="translate(%s %s)`, class, Number(x), Number(y))
	if size != 16 {
		fmt.Fprintf(p, " scale(%s)", strconv.FormatFloat(size/16, 'f', 4, 64))
	}
	p.WriteString(`">`)
	if title != "" {
		fmt.Fprintf(p, "<title>%s</title>", escape(title))
	}
	p.WriteString(icon + "</g>")
}

// Text writes as much of a clean text as there is room for, and returns its width.
// A text that may be too long in another font has its width as an attribute, which
// browsers keep to.
func (p *Pen) Text(f Font, class string, x, y, room float64, s string) float64 {
	return p.textAt(f, class, x, y, room, s, false)
}

// TextEnd writes a text that ends at x.
func (p *Pen) TextEnd(f Font, class string, x, y, room float64, s string) float64 {
	return p.textAt(f, class, x, y, room, s, true)
}

func (p *Pen) textAt(f Font, class string, x, y, room float64, s string, end bool) float64 {
	shown := f.Fit(s, room)
	width := f.Width(shown)
	if shown != s {
		fmt.Fprintf(p, "<g><title>%s</title>", escape(s))
	}
	fmt.Fprintf(p, `<text class="%s" x="%s" y="%s"`, strings.TrimSpace(f.Class+" "+class), Number(x), Number(y))
	if end {
		p.WriteString(` text-anchor="end"`)
	}
	if width > 0.85*room || guessed(shown) {
		fmt.Fprintf(p, ` textLength="%s" lengthAdjust="spacingAndGlyphs"`, Number(width))
	}
	fmt.Fprintf(p, ">%s</text>", escape(shown))
	if shown != s {
		p.End()
	}
	return width
}
