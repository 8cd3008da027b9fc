package diagram

// TextWidth returns the width of a text in pixels by the class of its font.
func TextWidth(class, text string) float64 {
	for _, f := range fonts {
		if f.class == class {
			return f.width(text)
		}
	}
	panic("no font has the class " + class)
}
