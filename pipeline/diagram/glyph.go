package diagram

// glyphs are the icons of the categories of actions.
var glyphs = map[string]string{
	"Source":   `<circle cx="4.5" cy="3.25" r="1.75"/><circle cx="4.5" cy="12.75" r="1.75"/><circle cx="11.5" cy="5.25" r="1.75"/><path d="M4.5 5v6M11.5 7c0 2.5-3.5 2-6.5 4"/>`,
	"Build":    `<path d="M8 1.5l5.75 3.25v6.5L8 14.5l-5.75-3.25v-6.5zM2.5 4.9L8 8l5.5-3.1M8 8v6.25"/>`,
	"Test":     `<path d="M6 1.75h4M6.75 1.75v4.5L2.9 13a1 1 0 0 0 .9 1.5h8.4a1 1 0 0 0 .9-1.5L9.25 6.25v-4.5M5 10h6"/>`,
	"Deploy":   `<path d="M8 10.5V2M4.75 5L8 1.75 11.25 5M2 9.5v3.75c0 .6.4 1 1 1h10c.6 0 1-.4 1-1V9.5"/>`,
	"Approval": `<circle cx="8" cy="4.75" r="2.75"/><path d="M2.5 14.25c.3-3.4 2.3-5 5.5-5s5.2 1.6 5.5 5z"/>`,
	"Invoke":   `<path d="M9.25 1.5L3 9.25h4.5L6.75 14.5 13 6.75H8.5z"/>`,
	"Compute":  `<rect x="1.5" y="2.5" width="13" height="11" rx="1.5"/><path d="M4.5 6l2.25 2-2.25 2M8.5 10.5h3"/>`,
}

const (
	glyphOther = `<rect x="2" y="2" width="12" height="12" rx="2"/><path d="M5 8h6"/>`
	glyphStart = `<path d="M4 2.5v11l9-5.5z"/>`
	glyphGate  = `<path d="M8 1.5L14.5 8 8 14.5 1.5 8z"/>`
	glyphRetry = `<path d="M13.5 8A5.5 5.5 0 1 1 11.5 3.75M12 1v3H9"/>`
	glyphWorld = `<circle cx="8" cy="8" r="6.25"/><path d="M1.75 8h12.5M8 1.75c4 3.5 4 9 0 12.5M8 1.75c-4 3.5-4 9 0 12.5"/>`
	glyphOff   = `<circle class="s" cx="8" cy="8" r="6.25" stroke-width="2"/><path class="s" d="M3.7 3.7l8.6 8.6" stroke-width="2"/>`
)

func glyph(category string) string {
	if g, ok := glyphs[category]; ok {
		return g
	}
	return glyphOther
}
