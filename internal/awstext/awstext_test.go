package awstext_test

import (
	"strings"
	"testing"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/codesuite-go/codesuite/internal/awstext"
)

func TestCut(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		text  string
		limit int
		want  string
	}{
		{name: "empty", limit: 5},
		{name: "short", text: "abc", limit: 5, want: "abc"},
		{name: "just fits", text: "abcde", limit: 5, want: "abcde"},
		{name: "one too many", text: "abcdef", limit: 5, want: "abcd…"},
		{name: "more bytes than characters", text: "äöüßé", limit: 5, want: "äöüßé"},
		{name: "cut between letters", text: "äöüßéà", limit: 5, want: "äöüß…"},
		{name: "outside the basic plane just fits", text: "ab🚀c", limit: 5, want: "ab🚀c"},
		{name: "outside the basic plane", text: "abc🚀d", limit: 5, want: "abc…"},
		{name: "only outside the basic plane", text: "🚀🚀🚀", limit: 5, want: "🚀🚀…"},
		{name: "room for the ellipsis alone", text: "🚀", limit: 1, want: "…"},
		{name: "no room", text: "abc", limit: 0},
		{name: "not UTF-8", text: "a\xff\xfeb", limit: 3, want: "a\uFFFDb"},
		{name: "not UTF-8 and too long", text: "\xffabc", limit: 3, want: "\uFFFDa…"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if got := awstext.Cut(test.text, test.limit); got != test.want {
				t.Errorf("Cut(%q, %d) = %q, want %q", test.text, test.limit, got, test.want)
			}
		})
	}
}

func FuzzCut(f *testing.F) {
	f.Add("", 0)
	f.Add("there is no licence", 8)
	f.Add("🚀\xff…", 2)
	f.Fuzz(func(t *testing.T, text string, limit int) {
		got := awstext.Cut(text, limit)
		if !utf8.ValidString(got) {
			t.Errorf("Cut(%q, %d) = %q, which is not UTF-8", text, limit, got)
		}
		if n := len(utf16.Encode([]rune(got))); n > max(0, limit) {
			t.Errorf("Cut(%q, %d) = %q, of %d characters in UTF-16", text, limit, got, n)
		}
		valid := strings.ToValidUTF8(text, "\uFFFD")
		if len(utf16.Encode([]rune(valid))) <= limit && got != valid {
			t.Errorf("Cut(%q, %d) = %q, and it was short enough", text, limit, got)
		}
		if start, cut := strings.CutSuffix(got, "…"); cut && !strings.HasPrefix(valid, start) || !cut && got != valid && got != "" {
			t.Errorf("Cut(%q, %d) = %q, which is not how the text begins", text, limit, got)
		}
	})
}

func TestOptional(t *testing.T) {
	t.Parallel()
	if got := awstext.Optional(""); got != nil {
		t.Errorf("Optional of the empty string points to %q", *got)
	}
	if got := awstext.Optional("a"); got == nil || *got != "a" {
		t.Errorf("Optional of a is %v", got)
	}
}
