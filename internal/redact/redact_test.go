package redact_test

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/codesuite-go/codesuite/internal/redact"
)

func inJSON(text string) string {
	data, err := json.Marshal(text)
	if err != nil {
		panic(err)
	}
	return string(data)
}

// broken returns the text with a line break after each n bytes.
func broken(text, lineBreak string, n int) string {
	var b strings.Builder
	for len(text) > n {
		b.WriteString(text[:n] + lineBreak)
		text = text[n:]
	}
	return b.String() + text
}

func TestText(t *testing.T) {
	t.Parallel()
	const (
		secret = "Kq7/zE+9 \"wörld\""
		mark   = redact.Mark
	)
	std, forURLs := base64.StdEncoding, base64.RawURLEncoding
	tests := []struct {
		name string
		text string
		want string
	}{
		{name: "nothing", text: "no secret here", want: "no secret here"},
		{name: "empty"},
		{name: "as it is", text: "a " + secret + " b", want: "a " + mark + " b"},
		{name: "alone", text: secret, want: mark},
		{name: "twice", text: secret + secret, want: mark + mark},
		{name: "almost", text: "a " + secret[:len(secret)-1] + " b", want: "a " + secret[:len(secret)-1] + " b"},
		{name: "upper case", text: "a " + strings.ToUpper(secret) + " b", want: "a " + mark + " b"},
		{name: "lower case", text: "a " + strings.ToLower(secret) + " b", want: "a " + mark + " b"},
		{name: "any case", text: "a kQ7/ZE+9 \"wöRLd\" b", want: "a " + mark + " b"},
		{name: "hexadecimal", text: fmt.Sprintf("a %x b", secret), want: "a " + mark + " b"},
		{name: "hexadecimal in upper case", text: fmt.Sprintf("a %X b", secret), want: "a " + mark + " b"},
		{name: "in a query", text: "a=" + url.QueryEscape(secret) + "&b=c", want: "a=" + mark + "&b=c"},
		{name: "in a query with small digits", text: "a=" + strings.ReplaceAll(url.QueryEscape(secret), "%2F", "%2f"), want: "a=" + mark},
		{name: "in a path", text: "/a/" + url.PathEscape(secret) + "/b", want: "/a/" + mark + "/b"},
		{name: "in a path in a query", text: "/a/" + url.QueryEscape("/b/"+url.PathEscape(secret)+"/c"), want: "/a/%2Fb%2F" + mark + "%2Fc"},
		{name: "in JSON", text: inJSON("a " + secret), want: `"a ` + mark + `"`},
		{name: "in JSON with a character of several bytes at the end", text: strings.ReplaceAll(inJSON("a "+secret+"ö"), "ö", `\u00f6`), want: `"a ` + mark + `\u00f6"`},
		{name: "in JSON in JSON", text: inJSON(inJSON("a " + secret)), want: `"\"a ` + mark + `\""`},
		{name: "in JSON in JSON in JSON", text: inJSON(inJSON(inJSON("a " + secret))), want: `"\"\\\"a ` + mark + `\\\"\""`},
		{name: "in a URL in JSON", text: inJSON("?a=" + url.QueryEscape(secret) + `"`), want: `"?a=` + mark + `\""`},
		{name: "quoted by Go", text: fmt.Sprintf("%q", "a "+secret), want: `"a ` + mark + `"`},
		{name: "quoted by Go in ASCII", text: fmt.Sprintf("%+q", "a "+secret), want: `"a ` + mark + `"`},
		{name: "in several lines", text: "a " + broken(secret, "\n", 5) + " b", want: "a " + mark + " b"},
		{name: "in several lines in JSON", text: inJSON("a " + broken(secret, "\r\n", 5) + " b"), want: `"a ` + mark + ` b"`},
		{name: "in base64", text: "a " + std.EncodeToString([]byte(secret)) + " b", want: "a " + mark + "= b"},
		{name: "in base64 for URLs", text: "a " + forURLs.EncodeToString([]byte(secret)) + " b", want: "a " + mark + " b"},
		{name: "in base64 in lines", text: "a " + broken(std.EncodeToString([]byte(secret)), "\n", 4) + " b", want: "a " + mark + "= b"},
		{name: "in base64 in lines in JSON", text: inJSON("a " + broken(std.EncodeToString([]byte(secret)), "\n", 4)), want: `"a ` + mark + `="`},
		{name: "in base64 in a query", text: url.QueryEscape(std.EncodeToString([]byte(secret))), want: mark + "%3D"},
		{name: "in base64 after one byte", text: std.EncodeToString([]byte(":" + secret + ":")), want: "O" + mark + "Og=="},
		{name: "in base64 after two bytes", text: std.EncodeToString([]byte("ab" + secret + "cd")), want: "YW" + mark + "Nk"},
		{name: "in base64 of another case", text: strings.ToLower(std.EncodeToString([]byte(secret))), want: strings.ToLower(std.EncodeToString([]byte(secret)))},
		{name: "not UTF-8", text: "\xff" + secret + "\xfe", want: "\xff" + mark + "\xfe"},
		{name: "escapes that are none", text: `100% \ %zz \u12 \xg %` + secret + `\`, want: `100% \ %zz \u12 \xg %` + mark + `\`},
		{name: "another secret", text: "a hunter2-HUNTER2 b", want: "a " + mark + " b"},
		{name: "one secret in another", text: "a " + secret + "tail b", want: "a " + mark + " b"},
		{name: "too short to be found", text: "a xyz b", want: "a xyz b"},
	}
	secrets := redact.New(secret, "", "xyz", "hunter2-hunter2", "d\"tail")
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if got := secrets.Text(test.text); got != test.want {
				t.Errorf("Text(%q)\n got %q\nwant %q", test.text, got, test.want)
			}
		})
	}
}

func TestTextWithoutSecrets(t *testing.T) {
	t.Parallel()
	const text = "a%20b \\n c"
	var zero redact.Secrets
	if got := zero.Text(text); got != text {
		t.Errorf("the zero value makes %q of %q", got, text)
	}
	if got := redact.New("abc", "").Text(text); got != text {
		t.Errorf("short secrets make %q of %q", got, text)
	}
}

func TestLikely(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, text, want string }{
		{name: "nothing", text: "bad credentials: see https://example.com/a@b", want: "bad credentials: see https://example.com/a@b"},
		{name: "token", text: "no ghp_0123456789abcdefABCDEF here", want: "no [redacted] here"},
		{name: "fine-grained token", text: "github_pat_11AA_bb,", want: "[redacted],"},
		{name: "JSON web token", text: "(eyJhbGciOi.eyJpc3MiOj.c2ln)", want: "([redacted])"},
		{name: "header", text: `"Authorization: Basic dTpw", "Bearer abc"`, want: `"Authorization: Basic [redacted]", "Bearer [redacted]"`},
		{name: "user and password", text: `proxy "http://user:pass@proxy:80"`, want: `proxy "http://[redacted]@proxy:80"`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if got := redact.Likely(test.text); got != test.want {
				t.Errorf("Likely(%q) = %q, want %q", test.text, got, test.want)
			}
		})
	}
}

// encodings are all that one secret is looked for in. The standard library
// makes them, which the package has no part in.
var encodings = []func(before, secret, after string) string{
	func(b, s, a string) string { return b + s + a },
	func(b, s, a string) string { return b + strings.ToUpper(s) + a },
	func(b, s, a string) string { return b + strings.ToLower(s) + a },
	func(b, s, a string) string { return b + hex.EncodeToString([]byte(s)) + a },
	func(b, s, a string) string { return fmt.Sprintf("%X", b+s+a) },
	func(b, s, a string) string { return base64.StdEncoding.EncodeToString([]byte(b + s + a)) },
	func(b, s, a string) string { return base64.RawURLEncoding.EncodeToString([]byte(b + s + a)) },
	func(b, s, a string) string {
		return b + broken(base64.StdEncoding.EncodeToString([]byte(s)), "\r\n", 3) + a
	},
}

var escapes = []func(string) string{
	func(s string) string { return s },
	url.QueryEscape,
	url.PathEscape,
	inJSON,
	func(s string) string { return fmt.Sprintf("%+q", s) },
	func(s string) string { return inJSON(inJSON(s)) },
	func(s string) string { return inJSON(url.QueryEscape(inJSON(s))) },
}

func FuzzText(f *testing.F) {
	f.Add("token=", "s3cr3t/of+nobody=", "&x", byte(5), byte(1))
	f.Add(`{"a":"`, "correct horse \"battery\"", `"}`, byte(0), byte(5))
	f.Add("", "line one\nline two\n", "", byte(7), byte(3))
	f.Add("\\", "\\u00e9%41", "%", byte(0), byte(6))
	f.Fuzz(func(t *testing.T, before, secret, after string, encoding, escape byte) {
		if len(secret)-strings.Count(secret, "\r")-strings.Count(secret, "\n") < redact.MinLength || !utf8.ValidString(before+secret+after) {
			return
		}
		encode := encodings[int(encoding)%len(encodings)]
		escaped := escapes[int(escape)%len(escapes)]
		text := escaped(encode(before, secret, after))
		got := redact.New(secret).Text(text)
		if got == text {
			t.Fatalf("%q is found nowhere in %q", secret, text)
		}
		// Nothing but secrets goes: the rest is that of the text.
		rest := text
		for i, part := range strings.Split(got, redact.Mark) {
			at := strings.Index(rest, part)
			if at < 0 || i == 0 && at > 0 {
				t.Fatalf("%q has become %q", text, got)
			}
			rest = rest[at+len(part):]
		}
		if again := redact.New(secret).Text(got); !strings.Contains(redact.Mark, strings.ToLower(secret)) && strings.Count(again, redact.Mark) > strings.Count(got, redact.Mark)+1 {
			t.Errorf("of %q, %q has become %q", text, got, again)
		}
	})
}

func BenchmarkText(b *testing.B) {
	var secrets []string
	for i := range 30 {
		secrets = append(secrets, fmt.Sprintf("ASIA%016d", i), strings.Repeat(fmt.Sprint(i), 20), strings.Repeat(fmt.Sprint("token", i), 100))
	}
	s := redact.New(secrets...)
	text := strings.Repeat("2026/01/02 03:04:05 ASIA: the command has failed: {\"code\":\"a%20b\"}\n", 1000)
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		s.Text(text)
	}
}
