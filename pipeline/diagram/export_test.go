package diagram

import "github.com/codesuite-go/codesuite/internal/svg"

// TextWidth returns the width of a text in pixels by the class of its font.
func TextWidth(class, text string) float64 {
	for _, f := range svg.Fonts {
		if f.Class == class {
			return f.Width(text)
		}
	}
	panic("no font has the class " + class)
}
