package main

// The colors of a terminal, as it has set them up.
const (
	red    = "\x1b[31m"
	green  = "\x1b[32m"
	yellow = "\x1b[33m"
	blue   = "\x1b[34m"
	faint  = "\x1b[2m"
	bold   = "\x1b[1m"
	plain  = "\x1b[0m"
)

// paint returns a text in a color, "" for none.
func paint(color, text string) string {
	if color == "" || text == "" {
		return text
	}
	return color + text + plain
}
