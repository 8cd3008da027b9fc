package pipelinetest

import (
	"strings"
	"testing"
)

// A token that was not made for the call is refused, and none panics.
func FuzzToken(f *testing.F) {
	f.Add("", "app")
	f.Add(makeToken(3, []string{"app"}), "app")
	f.Add(makeToken(3, []string{"app"}), "other")
	f.Add(makeToken(0, []string{"app"}), "app")
	f.Add("AAAAAAAAAAA=", "app")
	f.Fuzz(func(t *testing.T, token, word string) {
		left, ok := parseToken(token, []string{word})
		if ok && makeToken(left, []string{word}) != token {
			t.Errorf("token %q was made for no call", token)
		}
		list := []int{1, 2, 3, 4}
		part, next, err := page(list, &token, nil, 100, word)
		if (err == nil) != (ok && left <= len(list)) || err == nil && (next != nil || len(part) != left) {
			t.Errorf("token %q: %v, %v", token, part, err)
		}
	})
}

// Text without #{ is left alone, and values are not expanded again.
func FuzzExpand(f *testing.F) {
	for _, s := range []string{"", "plain", "#{a.b}", "x#{a.b}y#{c}z", "#{", "#{a", "#{}", "#{a#{b}}", "##{a}}", "é#{é}"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		names := 0
		got, _, ok := expand(text, func(name string) (string, bool) {
			names++
			return "#{" + name + "}", true
		})
		if !ok || got != text {
			t.Errorf("%q became %q", text, got)
		}
		if names > strings.Count(text, "#{") {
			t.Errorf("%q has %d names", text, names)
		}
		if _, _, ok := expand(text, func(string) (string, bool) { return "", false }); ok != (names == 0) {
			t.Errorf("%q is resolved without values", text)
		}
	})
}
