package markdown_test

import (
	"strings"
	"testing"

	"github.com/codesuite-go/codesuite/internal/markdown"
)

func TestTexts(t *testing.T) {
	t.Parallel()
	ticks := strings.Repeat("`", 41)
	for _, test := range []struct{ name, got, want string }{
		{"a name", markdown.Code("app", 10), "`app`"},
		{"two lines", markdown.Code("a\n  b\t\x1b[1mc", 10), "`a b c`"},
		{"a backtick", markdown.Code("a`b", 10), "``a`b``"},
		{"backticks at the ends", markdown.Code("`a``", 10), "``` `a`` ```"},
		{"many backticks", markdown.Code(ticks, 10), "`" + strings.Repeat("'", 9) + "…`"},
		{"too long", markdown.Code("abcdef", 4), "`abc…`"},
		{"nothing", markdown.Code(" \n", 4), ""},
		{"markup", markdown.Literal("a_b *c* [d](e) <img> `f` #1 \\", 100), "a\\_b \\*c\\* \\[d\\](e) \\<img\\> \\`f\\` \\#1 \\\\"},
		{"a line", markdown.Line("a\x1b[31m red\r\n\tb", 50), "a red b"},
		{"a link", markdown.Link("text", "https://example.com"), "[text](https://example.com)"},
		{"a link to nothing", markdown.Link("text", ""), "text"},
		{"a block", markdown.Fenced("a\n"), "```text\na\n```"},
		{"a block with a fence", markdown.Fenced("```\na\n````"), "`````text\n```\na\n````\n`````"},
		{"a block with a fence that is too long", markdown.Fenced("x\n" + ticks), strings.Repeat("`", 40) + "text\nx\n    " + ticks + "\n" + strings.Repeat("`", 40)},
	} {
		if test.got != test.want {
			t.Errorf("%s: %q, want %q", test.name, test.got, test.want)
		}
	}
}
