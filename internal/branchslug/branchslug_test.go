package branchslug_test

import (
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/codesuite-go/codesuite/internal/branchslug"
)

func TestEncode(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ branch, want string }{
		{"main", "main-0d6e4079e3"},
		{"feature/login", "feature_-login-df7c7aeb35"},
		{"login", "login-428821350e"},
		{"a_b", "a__b-648fa9b31b"},
		{"release-1.x", "release-1.x-b38b6c7329"},
		{"größe", "gr_c3_b6_c3_9fe-d353a2671b"},
		{"", "-e3b0c44298"},
	} {
		got := branchslug.Encode(test.branch, 100)
		if got != test.want {
			t.Errorf("Encode(%q) = %q, want %q", test.branch, got, test.want)
		}
		if back, ok := branchslug.Decode(got); back != test.branch || !ok {
			t.Errorf("Decode(%q) = %q, %v, want %q", got, back, ok, test.branch)
		}
	}
}

// Names of branches that a plain replacement of characters would confuse.
func TestEncodeDistinct(t *testing.T) {
	t.Parallel()
	seen := make(map[string]string)
	long := strings.Repeat("x", 300)
	for _, branch := range []string{
		"a/b", "a-b", "a_b", "a_-b", "ab", "a__b", "a.b", "A/b", "a//b", "a_2fb", "b", "x/a/b",
		long, long + "x", long[:99], long[:89], long[:88],
	} {
		slug := branchslug.Encode(branch, 100)
		if was, twice := seen[slug]; twice {
			t.Errorf("%q and %q have the slug %q", was, branch, slug)
		}
		seen[slug] = branch
		back, ok := branchslug.Decode(slug)
		if fits := len(branch) <= 89; ok != fits || fits && back != branch {
			t.Errorf("Decode(%q) = %q, %v, want %q, %v", slug, back, ok, branch, fits)
		}
	}
}

func TestDecodeRefuses(t *testing.T) {
	t.Parallel()
	slug := branchslug.Encode("feature/login", 100)
	for _, text := range []string{
		"", "-", "main", "main-0000000000", strings.ToUpper(slug), slug[1:], slug + "0", "trigger-main-updates",
		strings.Replace(slug, "_-", "_2f", 1), "a_-e3b0c44298", "_-e3b0c44298", "_zz-e3b0c44298",
	} {
		if branch, ok := branchslug.Decode(text); ok {
			t.Errorf("Decode(%q) = %q, want no branch", text, branch)
		}
	}
}

func FuzzSlug(f *testing.F) {
	for _, branch := range []string{"main", "feature/login", "a_b", "größe", "", "\xff", strings.Repeat("ab/", 60), "x-e3b0c44298"} {
		f.Add(branch, 100)
		f.Add(branch, 12)
	}
	valid := regexp.MustCompile(`^[A-Za-z0-9._-]+$`)
	f.Fuzz(func(t *testing.T, branch string, limit int) {
		limit = min(max(limit, 0), 2000)
		slug := branchslug.Encode(branch, limit)
		if !valid.MatchString(slug) || len(slug) > max(limit, branchslug.MinLength) {
			t.Fatalf("Encode(%q, %d) = %q", branch, limit, slug)
		}
		back, ok := branchslug.Decode(slug)
		if ok && back != branch {
			t.Fatalf("Decode(%q) = %q, want %q", slug, back, branch)
		}
		if !ok && utf8.ValidString(branch) && 3*len(branch)+11 <= limit {
			t.Fatalf("Decode(%q) fails for %q, which fits", slug, branch)
		}
		// Any text is decoded to what encodes to it, or refused.
		if decoded, ok := branchslug.Decode(branch); ok && branchslug.Encode(decoded, len(branch)) != branch {
			t.Fatalf("Decode(%q) = %q, which encodes to %q", branch, decoded, branchslug.Encode(decoded, len(branch)))
		}
	})
}
