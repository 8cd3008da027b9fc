package main

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestWords(t *testing.T) {
	t.Parallel()
	for line, want := range map[string][]string{
		"":                              nil,
		"  start\t-watch ":              {"start", "-watch"},
		`approve -summary 'it''s fine'`: {"approve", "-summary", "its fine"},
		`stop -reason "a 'b' c" ''`:     {"stop", "-reason", "a 'b' c", ""},
		"# nothing":                     nil,
		"start -var a=#b # c":           {"start", "-var", "a=#b"},
	} {
		got, err := words(line)
		if err != nil {
			t.Errorf("%q: %v", line, err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%q (-want +got):\n%s", line, diff)
		}
	}
	for _, line := range []string{"'", `a "b`, `"'`} {
		if got, err := words(line); err == nil {
			t.Errorf("%q: %q, want an error", line, got)
		}
	}
}

// Any words survive quotes.
func FuzzWords(f *testing.F) {
	f.Add("start", "-var", "a=it's")
	f.Add("", "#", "\"'\t\n")
	f.Fuzz(func(t *testing.T, a, b, c string) {
		if _, err := words(a); err == nil {
			t.Log(a)
		}
		var quoted []string
		want := []string{}
		for _, word := range []string{a, b, c} {
			word = strings.ToValidUTF8(word, "\uFFFD")
			want = append(want, word)
			quoted = append(quoted, "'"+strings.ReplaceAll(word, "'", `'"'"'`)+"'")
		}
		got, err := words(strings.Join(quoted, " "))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	})
}
