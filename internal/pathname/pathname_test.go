package pathname_test

import (
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"

	"github.com/codesuite-go/codesuite/internal/pathname"
)

// Each row holds names of one file.
func TestFoldSame(t *testing.T) {
	t.Parallel()
	marks := strings.Repeat("\u0323", 40) // below, of another class than those above
	for name, names := range map[string][]string{
		"case":               {"Makefile", "makefile", "MAKEFILE", "ma\u212aefile"},
		"Cherokee":           {"\uab70", "\u13a0"},
		"long s":             {"s", "S", "ſ"},
		"full folding":       {"straße", "STRASSE", "strasse", "STRAẞE"},
		"ligatures":          {"ﬁle", "file", "FILE"},
		"final sigma":        {"ΣΑΣ", "σας", "σασ"},
		"iota below":         {"ᾳ", "αι", "ΑΙ", "α\u0345"},
		"composed":           {"caf\u00e9", "cafe\u0301", "CAF\u00c9"},
		"Hangul":             {"\uac01", "\u1100\u1161\u11a8"},
		"order of marks":     {"a\u0301\u0323", "a\u0323\u0301", "\u1ea1\u0301"},
		"order of many":      {"a\u0301" + marks, "a" + marks + "\u0301", "a" + marks[:20] + "\u0301" + marks[20:]},
		"joiners":            {"ab", "a\u200cb", "a\u200db", "\u202eab\ufeff"},
		"soft hyphen":        {"ab", "a\u00adb"},
		"variation selector": {"☂", "☂\ufe0f"},
		"dots and spaces":    {"a", "a.", "a ", "a. . "},
		"main stream":        {"a", "a::$DATA", "A::$data", "a.::$INDEX_ALLOCATION", "a:$I30:$INDEX_ALLOCATION"},
		"not UTF-8":          {"caf\xe9", "CAF\xe9", "caf\xe9."},
		"all at once":        {"É:$I30", "e\u0301:\u200d$i30. "},
	} {
		for _, other := range names[1:] {
			if a, b := pathname.Fold(names[0]), pathname.Fold(other); a != b {
				t.Errorf("%s: %+q folds to %+q, %+q to %+q", name, names[0], a, other, b)
			}
		}
	}
}

func TestFoldDifferent(t *testing.T) {
	t.Parallel()
	names := []string{"a", "b", "ab", "a b", ".a", "a.b", "e", "é", "ё", "е", "ı", "i", "caf\xe9", "caf\xe8", "cafe", "a:b", "a:c", "α\u0301ι", "αι\u0301", "ss", "s", "☂", "☃"}
	seen := make(map[string]string)
	for _, name := range names {
		folded := pathname.Fold(name)
		if other, ok := seen[folded]; ok {
			t.Errorf("%+q and %+q both fold to %+q", other, name, folded)
		}
		seen[folded] = name
	}
}

// The folding of every assigned rune says the same as Unicode's own definition
// of a caseless match (D145), by another implementation.
func TestFoldUnicode(t *testing.T) {
	t.Parallel()
	if unicode.Version != cases.UnicodeVersion {
		t.Skipf("the tables are of Unicode %s and %s", unicode.Version, cases.UnicodeVersion)
	}
	fold := cases.Fold()
	byReference := make(map[string]string)
	byFold := make(map[string]string)
	for r := rune(0x80); r <= unicode.MaxRune; r++ {
		if !unicode.In(r, unicode.L, unicode.M, unicode.N, unicode.P, unicode.S) || unicode.Is(unicode.Cherokee, r) {
			continue // Unicode folds AB70 to 13A0, package cases does not
		}
		s := string(r)
		folded := pathname.Fold(s)
		if folded == "" {
			continue // ignored
		}
		reference := norm.NFD.String(fold.String(norm.NFD.String(s)))
		if got := pathname.Fold(reference); got != folded {
			t.Errorf("%U folds to %+q, its folding %+q to %+q", r, folded, reference, got)
		}
		if other, ok := byReference[reference]; ok && other != folded {
			t.Errorf("%U folds to %+q, a rune that is the same to %+q", r, folded, other)
		}
		if other, ok := byFold[folded]; ok && other != reference {
			t.Errorf("%U folds to %+q like a rune that is another, %+q", r, folded, other)
		}
		byReference[reference], byFold[folded] = folded, reference
	}
	if len(byFold) < 100_000 {
		t.Errorf("only %d runes were compared", len(byFold))
	}
}

func TestIsDotGit(t *testing.T) {
	t.Parallel()
	for _, name := range []string{".git", ".GIT", ".Git", ".git.", ".git ", ".git. . ", "git~1", "GIT~1", "git~1.", ".git:x", ".git::$INDEX_ALLOCATION",
		".git ::$DATA", ".g\u200cit", "\u200d.git", ".git\ufeff", ".gi\u2069t", "git~1:x"} {
		if !pathname.IsDotGit(name) {
			t.Errorf("%+q is not taken for .git", name)
		}
	}
	for _, name := range []string{"", ".", "..", "git", ".gitignore", ".gitmodules", ".git2", "x.git", " .git", "git~2", "git~10", ".gít", "a:.git", ".gi"} {
		if pathname.IsDotGit(name) {
			t.Errorf("%+q is taken for .git", name)
		}
	}
}

func TestElements(t *testing.T) {
	t.Parallel()
	for name, want := range map[string][]string{
		"":                        nil,
		"a":                       {"a"},
		"a/b":                     {"a", "b"},
		`a\b/c`:                   {"a", "b", "c"},
		`/a//b\`:                  {"a", "b"},
		`dev-disk\x2duuid.device`: {"dev-disk", "x2duuid.device"},
		`..\x`:                    {"..", "x"},
	} {
		if diff := cmp.Diff(want, slices.Collect(pathname.Elements(name))); diff != "" {
			t.Errorf("elements of %q (-want +got):\n%s", name, diff)
		}
	}
}

func TestIsRooted(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]bool{
		"/": true, "/a": true, `\`: true, `\a`: true, `\\host\share`: true, "c:": true, "c:x": true, "Z:/x": true,
		"": false, "a": false, "a/b": false, `a\b`: false, "1:x": false, "ab:c": false, "d/c:x": false, "[:x": false, "é:": false,
	} {
		if got := pathname.IsRooted(name); got != want {
			t.Errorf("IsRooted(%q) is %t", name, got)
		}
	}
}

// A form folds to itself, and normalisation changes no form.
func FuzzFold(f *testing.F) {
	for _, s := range []string{"", "a", ".git", "Straße", "ΐᾳ", "e\u0301\u0323", "a\u200d. ", "x::$DATA::$DATA", "\xff\u0345", "각"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, name string) {
		folded := pathname.Fold(name)
		if again := pathname.Fold(folded); again != folded {
			t.Errorf("%+q folds to %+q, and that to %+q", name, folded, again)
		}
		if !utf8.ValidString(name) || strings.ContainsRune(name, '\u034f') {
			return // norm puts U+034F into long runs of marks
		}
		for form, normal := range map[string]string{"NFC": norm.NFC.String(name), "NFD": norm.NFD.String(name)} {
			if other := pathname.Fold(normal); other != folded {
				t.Errorf("%+q folds to %+q, its %s %+q to %+q", name, folded, form, normal, other)
			}
		}
	})
}

func BenchmarkFold(b *testing.B) {
	for name, element := range map[string]string{"ascii": "Service_Test.go", "unicode": "Übersicht–größer.md"} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				pathname.Fold(element)
			}
		})
	}
}
