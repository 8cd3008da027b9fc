//go:build unix

package main

import (
	"bytes"
	"encoding/base64"
	"strings"
	"testing"
	"unicode"
)

// long is a secret that base64 wraps.
const long = "a secret of over fifty-seven bytes, as tokens and private keys are: so long."

var wrapped = base64.StdEncoding.EncodeToString([]byte(long))

// TestCleanLines has lines as commands write them to a terminal.
func TestCleanLines(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, text, want string }{
		{"plain", "a\tb\n", "a\tb"},
		{"empty", "\n", ""},
		{"Windows", "line\r\n", "line"},
		{"progress bar", "10%\r50%\r100%\n", "100%"},
		{"progress bar that ends with a return", "10%\r100%\r\n", "100%"},
		{"progress bar with an escape behind the return", "10%\r\x1b[K100%\n", "100%"},
		{"return and an escape at the end", "100%\r\x1b[K\n", "100%"},
		{"colors", "\x1b[1;31merror\x1b[0m: no\n", "error: no"},
		{"title", "\x1b]0;title\abuild\n", "build"},
		{"link", "\x1b]8;;https://example.com\x1b\\text\x1b]8;;\x1b\\\n", "text"},
		{"title without an end", "build\x1b]0;title\n", "build"},
		{"saved cursor", "\x1bMup\n", "up"},
		{"escape alone", "a\x1b\n", "a"},
		{"broken escape", "a\x1b[1\x01b\n", "a[1b"},
		{"bell and backspace", "a\a\bb\x7fc\n", "abc"},
		{"no break space", "a\u00a0b\u00e4\n", "a\u00a0b\u00e4"},
		{"control character of two bytes", "a\u0085b\u009fc\n", "abc"},
		{"no UTF-8", "a\xffb\xc2\n", "a\uFFFDb\uFFFD"},
		{"secret", "key=hunter2-hunter2;\n", "key=[redacted];"},
		{"secret in colors", "key=hunter\x1b[1m2-hunter2\n", "key=[redacted]"},
		{"secret that starts as another", "hunter2-hunter2-and-more\n", "[redacted]"},
		{"second line of a secret", "x private-line x\n", "x [redacted] x"},
		{"upper case", "key=HUNTER2-HUNTER2;\n", "key=[redacted];"},
		{"base64", "aHVudGVyMi1odW50ZXIy\n", "[redacted]"},
		{"base64 behind a name", "eDpodW50ZXIyLWh1bnRlcjI=\n", "eD[redacted]="},
		{"hexadecimal digits", "68756e746572322d68756e74657232\n", "[redacted]"},
		{"escaped for a URL", "?key=hunter2%2Dhunter2&x\n", "?key=[redacted]&x"},
		{"escaped for JSON", `{"key":"hunter2\u002dhunter2"}` + "\n", `{"key":"[redacted]"}`},
		{"first line of wrapped base64", wrapped[:76] + "\n", "[redacted]"},
		{"last line of wrapped base64", wrapped[76:] + "\n", "[redacted]=="},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			for _, size := range []int{1, 3, len(test.text)} { // what a read returns at once
				var b bytes.Buffer
				log := newOutputLog(&lineWriter{w: &b}, "id", []string{long, "hunter2-hunter2", "hunter2-hunter2-and-more", "first-line\nprivate-line\n", "abc"})
				for data := []byte(test.text); len(data) > 0; data = data[min(size, len(data)):] {
					log.Write(data[:min(size, len(data))])
				}
				log.flush()
				if got, want := b.String(), "[id] "+test.want+"\n"; got != want {
					t.Errorf("%d bytes at once: %q, want %q", size, got, want)
				}
				if got, want := log.tail(), strings.TrimSpace(test.want); got != want {
					t.Errorf("%d bytes at once: the tail is %q, want %q", size, got, want)
				}
			}
		})
	}
}

func FuzzClean(f *testing.F) {
	f.Add([]byte("a\r\x1b[0mb\u0085\xff"))
	f.Add([]byte("\x1b]0;t\x1b\\\x1b["))
	f.Fuzz(func(t *testing.T, line []byte) {
		got := string(appendClean(nil, line))
		for _, c := range got {
			if c != '\t' && unicode.IsControl(c) {
				t.Fatalf("%q has the control character %U", got, c)
			}
		}
		if again := string(appendClean(nil, []byte(got))); again != got {
			t.Errorf("%q becomes %q", got, again)
		}
	})
}
