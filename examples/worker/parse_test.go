//go:build unix

package main

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/codesuite-go/codesuite/internal/redact"
)

func TestOutputLog(t *testing.T) {
	t.Parallel()
	const secret = "correct-horse"
	long := strings.Repeat("0123456789", 10_000)
	for _, test := range []struct {
		name    string
		writes  []string
		secrets []string
		want    string // without the prefix
	}{
		{name: "lines", writes: []string{"a\nb", "c\n\nd"}, want: "a\nbc\n\nd\n"},
		{name: "control characters", writes: []string{"\x1b[1;31mred\x1b[0m\x00 \x1b]0;title\x07x\ty\n"}, want: "red x\ty\n"},
		{name: "progress", writes: []string{"10%\r20%\r", "done\r\n"}, want: "done\n"},
		{name: "not UTF-8", writes: []string{"a\xffb\n"}, want: "a\uFFFDb\n"},
		{name: "secret", writes: []string{"key corr", "ect-horse!\n"}, secrets: []string{secret}, want: "key [redacted]!\n"},
		{name: "secret of several lines", writes: []string{"first line\nlast line\n"}, secrets: []string{"first line\nlast line\n"}, want: "[redacted]\n[redacted]\n"},
		{name: "colored secret", writes: []string{"correct\x1b[1m-horse\n"}, secrets: []string{secret}, want: "[redacted]\n"},
		{name: "too short for a secret", writes: []string{"abc\n"}, secrets: []string{"abc", ""}, want: "abc\n"},
	} {
		var b bytes.Buffer
		log := newOutputLog(&lineWriter{w: &b}, "id", test.secrets)
		for _, text := range test.writes {
			if n, err := log.Write([]byte(text)); n != len(text) || err != nil {
				t.Fatalf("%s: Write = %d, %v", test.name, n, err)
			}
		}
		log.flush()
		var want strings.Builder
		for line := range strings.Lines(test.want) {
			want.WriteString("[id] " + line)
		}
		if diff := cmp.Diff(want.String(), b.String()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.name, diff)
		}
	}

	// Lines without end do not fill the memory, and secrets in them are found
	// wherever the lines are cut.
	for shift := range 2 * len(secret) {
		var b bytes.Buffer
		log := newOutputLog(&lineWriter{w: &b}, "id", []string{secret})
		text := long[:maxLine-shift] + secret + long
		for i := 0; i < len(text); i += 1000 {
			log.Write([]byte(text[i:min(len(text), i+1000)]))
			if len(log.pending) > 2*maxLine {
				t.Fatalf("%d bytes are kept", len(log.pending))
			}
		}
		log.flush()
		got := strings.ReplaceAll(strings.ReplaceAll(b.String(), "[id] ", ""), "\n", "")
		if want := strings.Replace(text, secret, redact.Mark, 1); got != want {
			t.Fatalf("shift %d: got %d bytes, want %d", shift, len(got), len(want))
		}
	}
}

// TestLongLines has binary output and text without end, in pieces as a pipe
// gives them.
func TestLongLines(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, unit string
		secrets    []string
		want       string // of a unit
	}{
		{"text", "x", nil, "x"},
		{"wide characters", "日本", nil, "日本"},
		{"zero bytes", "\x00", nil, ""},
		{"no UTF-8", "\x80", nil, "\uFFFD"},
		{"secret", "0123456789abcdef", []string{"9abc"}, "012345678" + redact.Mark + "def"},
		{"nothing but secrets", "secret", []string{"secret"}, redact.Mark},
	} {
		var b bytes.Buffer
		log := newOutputLog(&lineWriter{w: &b}, "id", test.secrets)
		n := 1 << 20 / len(test.unit)
		for data := []byte(strings.Repeat(test.unit, n)); len(data) > 0; {
			piece := data[:min(len(data), 32<<10)]
			log.Write(piece)
			data = data[len(piece):]
			if len(log.pending) > 4*maxLine {
				t.Fatalf("%s: %d bytes are kept", test.name, len(log.pending))
			}
		}
		log.flush()
		got := strings.ReplaceAll(strings.ReplaceAll(b.String(), "[id] ", ""), "\n", "")
		if test.want == "\uFFFD" { // one stands for all of a line
			if strings.Trim(got, test.want) != "" || got == "" {
				t.Errorf("%s: got %.100q", test.name, got)
			}
		} else if want := strings.Repeat(test.want, n); got != want {
			t.Errorf("%s: got %d bytes, want %d: %.100q", test.name, len(got), len(want), got)
		}
		for line := range strings.Lines(b.String()) {
			if len(line) > 2*maxLine {
				t.Errorf("%s: a line has %d bytes", test.name, len(line))
			}
		}
	}
}

func TestTail(t *testing.T) {
	t.Parallel()
	log := newOutputLog(&lineWriter{w: &bytes.Buffer{}}, "id", nil)
	for range 100 {
		log.Write([]byte(strings.Repeat("ü", 1000) + "\n"))
	}
	tail := log.tail()
	if len(tail) > tailBytes+len("…") || !strings.HasPrefix(tail, "…ü") || !strings.HasSuffix(tail, "ü") || strings.ContainsRune(tail, '\uFFFD') {
		t.Errorf("the tail has %d bytes: %.20q", len(tail), tail)
	}
}

func TestParseVariables(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		text string
		want map[string]string
		err  string
	}{
		{"", nil, ""},
		{"\n \n\r\n", nil, ""},
		{"A=1\nB=\nC==x y \nA=2", map[string]string{"A": "2", "B": "", "C": "=x y "}, ""},
		{"A=1\nB", nil, "line 2 is not of the form NAME=value"},
		{"=1", nil, "line 1 is not of the form NAME=value"},
	} {
		got, err := parseVariables([]byte(test.text))
		if diff := cmp.Diff(test.want, got); diff != "" || (err == nil) != (test.err == "") || err != nil && err.Error() != test.err {
			t.Errorf("%q: %v (-want +got):\n%s", test.text, err, diff)
		}
	}
}

func FuzzParseVariables(f *testing.F) {
	f.Add([]byte("A=1\r\nB=x=y\n"))
	f.Add([]byte("broken"))
	f.Fuzz(func(t *testing.T, data []byte) {
		variables, err := parseVariables(data)
		var again bytes.Buffer
		for name, value := range variables {
			if err != nil || name == "" || strings.ContainsAny(name, "=\n") || strings.Contains(value, "\n") {
				t.Fatalf("%q=%q, %v", name, value, err)
			}
			again.WriteString(name + "=" + value + "\r\n")
		}
		if got, _ := parseVariables(again.Bytes()); err == nil && strings.TrimSpace(again.String()) != "" {
			if diff := cmp.Diff(variables, got); diff != "" {
				t.Errorf("written and read again (-want +got):\n%s", diff)
			}
		}
	})
}

func FuzzParseDefinition(f *testing.F) {
	f.Add([]byte(`{"actionType": {"category": "Build", "provider": "Make", "version": "1"}, "command": "make", "timeout": "1h"}`))
	f.Add([]byte(`{"outputs": [{"files": ["["]}], "environment": {"": ""}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		d, err := parseDefinition(data)
		if (d == nil) == (err == nil) {
			t.Fatalf("got %v, %v", d, err)
		}
		if d != nil && (d.Concurrency < 1 || d.Timeout.Duration <= 0) {
			t.Errorf("got %+v", d)
		}
	})
}

func FuzzOutputLog(f *testing.F) {
	f.Add([]byte("a\r\x1b[0mb\nsec"), []byte("ret-word\n"))
	f.Fuzz(func(t *testing.T, first, second []byte) {
		var b bytes.Buffer
		log := newOutputLog(&lineWriter{w: &b}, "id", []string{"secret-word"})
		log.Write(first)
		log.Write(second)
		log.flush()
		if bytes.Contains(b.Bytes(), []byte("secret-word")) {
			t.Errorf("the secret is in %q", &b)
		}
		for line := range strings.Lines(b.String()) {
			if !strings.HasPrefix(line, "[id] ") || !strings.HasSuffix(line, "\n") {
				t.Errorf("line %q", line)
			}
		}
	})
}
