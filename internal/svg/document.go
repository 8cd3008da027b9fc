package svg

import "fmt"

// Theme is the colours of a file.
type Theme string

// The themes.
const (
	ThemeAuto  Theme = "auto" // light or dark, as the reader's system asks for
	ThemeLight Theme = "light"
	ThemeDark  Theme = "dark"
)

// radius is that of the corners of a canvas.
const radius = 8

// Document returns the file of a picture with a ground. Title and description are
// for screen readers.
func Document(theme Theme, title, description string, width, height float64, body *Pen) []byte {
	class, css := style(theme)
	var p Pen
	fmt.Fprintf(&p, `<svg xmlns="http://www.w3.org/2000/svg" width="%[1]s" height="%[2]s" viewBox="0 0 %[1]s %[2]s" class="%[3]s" role="img" aria-label="%[4]s">`,
		Number(width), Number(height), class, escape(title))
	fmt.Fprintf(&p, "\n<title>%s</title>\n<desc>%s</desc>\n<style>%s</style>\n", escape(title), escape(description), css)
	p.Rect("canvas", 0.5, 0.5, width-1, height-1, radius)
	p.WriteString(body.String())
	p.WriteString("\n</svg>\n")
	return []byte(p.String())
}
