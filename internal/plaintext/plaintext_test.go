package plaintext_test

import (
	"strings"
	"testing"

	"github.com/codesuite-go/codesuite/internal/plaintext"
)

func TestText(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, text, want string }{
		{"colours", "\x1b[1;31merror\x1b[0m: x", "error: x"},
		{"a window title", "\x1b]0;title\aok\x1b]8;;https://example.com\x1b\\link\x1b]8;;\x1b\\", "oklink"},
		{"a cursor", "\x1b(B\x1b[2K\x1b[1Gdone\x1b7\x1b8", "done"},
		{"a sequence without end", "a\x1b[31", "a31"},
		{"a text without end", "\x1b]0;title\nnext", "0;title\nnext"},
		{"an escape alone", "a\x1b\nb\x1b", "a\nb"},
		{"a progress bar", "10%\r50%\r100%\ndone\r\n", "100%\ndone\n"},
		{"a cleared line", "100%\r\x1b[K\r\nx", "100%\nx"},
		{"other controls", "a\x00b\x07c\x7f\td\u0085e", "abc\tde"},
		{"directions", "a\u202eb\u2066c\u200fd", "abcd"},
		{"many texts without end", strings.Repeat("\x1b]", 1<<20), ""}, // in time
		{"texts without end and one with", "\x1b]a\x1b]b\ac\x1b]d\x1bPe", "cde"},
		{"no UTF-8", "a\xffb", "a\uFFFDb"},
		{"letters and signs", "Größe — ✓ 😀", "Größe — ✓ 😀"},
	} {
		if got := plaintext.Text(test.text); got != test.want {
			t.Errorf("%s: %q, want %q", test.name, got, test.want)
		}
	}
}

func TestLine(t *testing.T) {
	t.Parallel()
	const text = " \x1b[1mFix\tthe  build\x1b[0m\r\n\n\u2066Signed-off-by: a\x00\n"
	if got, want := plaintext.Line(text), "Fix the build Signed-off-by: a"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}
