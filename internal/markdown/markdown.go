// Package markdown puts texts of strangers into Markdown.
package markdown

import (
	"strings"

	"github.com/codesuite-go/codesuite/internal/awstext"
	"github.com/codesuite-go/codesuite/internal/plaintext"
)

// Code returns the text in the font of code, on one line and at most limit
// characters of it. It is "" for a blank text.
func Code(text string, limit int) string {
	text = Line(text, limit)
	if text == "" {
		return ""
	}
	if longestRun(text) > 8 { // would need as many around it
		text = strings.ReplaceAll(text, "`", "'")
	}
	ticks, pad := strings.Repeat("`", longestRun(text)+1), ""
	if text[0] == '`' || text[len(text)-1] == '`' {
		pad = " "
	}
	return ticks + pad + text + pad + ticks
}

// Literal returns the text so that Markdown shows it as it stands, on one line and at
// most limit characters of it.
func Literal(text string, limit int) string {
	return markup.Replace(Line(text, limit))
}

var markup = strings.NewReplacer(
	`\`, `\\`, "`", "\\`", `*`, `\*`, `_`, `\_`, `[`, `\[`, `]`, `\]`, `<`, `\<`, `>`, `\>`, `#`, `\#`, `|`, `\|`, `~`, `\~`, `&`, `\&`, `!`, `\!`)

// Line returns the text on one line, without control characters, and at most limit
// characters of it.
func Line(text string, limit int) string {
	return awstext.Cut(plaintext.Line(text), limit)
}

// Link returns the text, which is Markdown, as a link unless the address is "".
func Link(text, address string) string {
	if address == "" {
		return text
	}
	return "[" + text + "](" + address + ")"
}

// longestRun returns the length of the longest run of backticks.
func longestRun(text string) int {
	longest, run := 0, 0
	for i := range len(text) {
		if text[i] != '`' {
			run = 0
			continue
		}
		run++
		longest = max(longest, run)
	}
	return longest
}

// The length of the fences of blocks. A line that could end one of the longest gets
// spaces in front.
const (
	MinFence = 3
	maxFence = 40
)

// Fenced returns the lines as a block of code, which nothing in them ends.
func Fenced(text string) string {
	length := max(MinFence, longestRun(text)+1)
	if length > maxFence {
		length = maxFence
		lines := strings.Split(text, "\n")
		for i, line := range lines {
			if strings.HasPrefix(strings.TrimLeft(line, " \t"), strings.Repeat("`", maxFence)) {
				lines[i] = "    " + line
			}
		}
		text = strings.Join(lines, "\n")
	}
	fence := strings.Repeat("`", length)
	return fence + "text\n" + strings.TrimSuffix(text, "\n") + "\n" + fence
}
