package githubstatus_test

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/codesuite-go/codesuite/githubstatus"
)

// sent returns the description that the client sends.
func sent(t testing.TB, description string) string {
	t.Helper()
	s := &script{replies: replies(reply(201, `{}`))}
	err := scripted(s).Set(t.Context(), commit, githubstatus.Status{State: githubstatus.StateSuccess, Description: description})
	if err != nil {
		t.Fatal(err)
	}
	var body struct {
		Description string `json:"description"`
	}
	if err := json.Unmarshal([]byte(s.bodies[0]), &body); err != nil {
		t.Fatal(err)
	}
	return body.Description
}

func TestDescription(t *testing.T) {
	t.Parallel()
	const e = "e\u0301" // é of two characters
	family := "\U0001F469\u200d\U0001F469\u200d\U0001F467"
	for in, want := range map[string]string{
		"":                             "",
		"  a \r\n\t b\x00c ":           "a b c",
		"a\xffb":                       "a\ufffdb",
		strings.Repeat("é", 140):       strings.Repeat("é", 140),
		strings.Repeat("é", 141):       strings.Repeat("é", 139) + "…",
		strings.Repeat("a ", 100):      strings.Repeat("a ", 69) + "a…",
		strings.Repeat("x", 138) + e:   strings.Repeat("x", 138) + e,
		strings.Repeat(e, 71):          strings.Repeat(e, 69) + "…", // 138 characters and "…", not half an é
		"x" + strings.Repeat(e, 70):    "x" + strings.Repeat(e, 69) + "…",
		"a" + strings.Repeat("́", 200): "a" + strings.Repeat("́", 138) + "…",
		"🚀 deploy":                     "\ufffd deploy", // GitHub takes no 4-byte characters
		"a🚀🚀b":                         "a\ufffdb",
		family + "!":                   "\ufffd!",
		"☂️ rain":                      "☂️ rain",
		strings.Repeat("😀x", 141):      strings.Repeat("\ufffdx", 69) + "\ufffd…",
	} {
		if got := sent(t, in); got != want {
			t.Errorf("%q\nis sent as %q,\nwant       %q", in, got, want)
		}
	}
}

func FuzzDescription(f *testing.F) {
	for _, seed := range []string{"", "Deploy failed", strings.Repeat("é", 141), "🚀\u200d🚀\ufe0f", "a\xff\n", strings.Repeat("e\u0301", 99)} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, in string) {
		got := sent(t, in)
		switch {
		case !utf8.ValidString(got):
			t.Errorf("%q is not UTF-8", got)
		case utf8.RuneCountInString(got) > 140:
			t.Errorf("%q has %d characters", got, utf8.RuneCountInString(got))
		case strings.ContainsFunc(got, func(c rune) bool { return c > 0xffff || unicode.IsControl(c) }):
			t.Errorf("%q has characters that GitHub does not take", got)
		case strings.TrimSpace(got) != got:
			t.Errorf("%q has white space around it", got)
		case sent(t, got) != got:
			t.Errorf("%q is sent as %q", got, sent(t, got))
		}
	})
}
