package ci

import (
	"strings"
	"unicode/utf8"

	"github.com/codesuite-go/codesuite/internal/awstext"
	"github.com/codesuite-go/codesuite/internal/plaintext"
)

// codeSpan returns the text in the font of code, on one line and at most limit
// characters of it. It is "" for a blank text.
func codeSpan(text string, limit int) string {
	text = oneLine(text, limit)
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

// literal returns the text so that Markdown shows it as it stands, on one line and at
// most limit characters of it.
func literal(text string, limit int) string {
	return markup.Replace(oneLine(text, limit))
}

var markup = strings.NewReplacer(
	`\`, `\\`, "`", "\\`", `*`, `\*`, `_`, `\_`, `[`, `\[`, `]`, `\]`, `<`, `\<`, `>`, `\>`, `#`, `\#`, `|`, `\|`, `~`, `\~`, `&`, `\&`, `!`, `\!`)

func oneLine(text string, limit int) string {
	return awstext.Cut(plaintext.Line(text), limit)
}

// link returns the text, which is Markdown, as a link unless the address is "".
func link(text, address string) string {
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

// The length of the fences of code blocks. A line that could end one of the longest
// gets spaces in front.
const (
	minFence = 3
	maxFence = 40
)

// fenced returns the lines as a block of code, which nothing in them ends.
func fenced(text string) string {
	length := max(minFence, longestRun(text)+1)
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

// tail returns at most so many of the last lines of the text, without those at its end
// that are blank, and at most limit characters. Of a line that is too long by itself
// the end stays.
func tail(text string, lines, limit int) string {
	text = strings.TrimRight(text, " \t\n")
	start, left := len(text), limit
	for n := 0; n < lines && start > 0; n++ {
		line := text[:start]
		if n > 0 {
			line = line[:start-1] // the end of the line before
		}
		begin := strings.LastIndexByte(line, '\n') + 1
		size := awstext.Len(line[begin:])
		if n > 0 {
			size++
		}
		if size > left {
			if n == 0 {
				return lastOf(text[begin:], limit)
			}
			break
		}
		left -= size
		start = begin
	}
	return text[start:]
}

// lastOf returns the end of the line, at most limit characters.
func lastOf(line string, limit int) string {
	const mark = "…"
	left, start := limit-awstext.Len(mark), len(line)
	for start > 0 {
		r, n := utf8.DecodeLastRuneInString(line[:start])
		if left -= awstext.Len(string(r)); left < 0 {
			break
		}
		start -= n
	}
	if start == len(line) {
		return ""
	}
	return mark + line[start:]
}
