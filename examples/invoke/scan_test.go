package main

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
)

// Words that look like what is looked for.
const (
	fakeID  = "AKIA" + "QWERTYUIOP234567"
	fakeKey = "-----BEGIN " + "OPENSSH PRIVATE KEY-----"
)

// window is the size of windows in tests: small, so that there are many.
const window = 1024

// scanAll returns what scan finds in the data.
func scanAll(t testing.TB, data []byte) []string {
	t.Helper()
	var list []string
	err := scan(bytes.NewReader(data), make([]byte, window), func(line int, what string) {
		list = append(list, fmt.Sprintf("%d: %s", line, what))
	})
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func TestScan(t *testing.T) {
	t.Parallel()
	const id, key = "AWS access key ID", "private key"
	for _, test := range []struct {
		name, text string
		want       []string
	}{
		{"nothing", "", nil},
		{"ID", fakeID, []string{"1: " + id}},
		{"temporary ID", "x\n\"ASIA" + fakeID[4:] + "\"", []string{"2: " + id}},
		{"two in a line", fakeID + " " + fakeID, []string{"1: " + id, "1: " + id}},
		{"documentation", "AKIAIOSFODNN7EXAMPLE", nil},
		{"longer word", fakeID + "X", nil},
		{"part of a word", "X" + fakeID, nil},
		{"lower case", strings.ToLower(fakeID), nil},
		{"keys", "-----BEGIN " + "PRIVATE KEY-----\n" + fakeKey + "\n-----BEGIN " + "PGP PRIVATE KEY BLOCK-----\n-----BEGIN " + "ENCRYPTED PRIVATE KEY-----",
			[]string{"1: " + key, "2: " + key, "3: " + key, "4: " + key}},
		{"public key", "-----BEGIN PUBLIC KEY-----", nil},
	} {
		if diff := cmp.Diff(test.want, scanAll(t, []byte(test.text))); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.name, diff)
		}
	}
}

// TestScanWindows puts a word at each place around the ends of windows.
func TestScanWindows(t *testing.T) {
	t.Parallel()
	for _, word := range []string{fakeID, fakeKey} {
		for at := window - 2*scanMargin; at < window+scanMargin; at++ {
			data := bytes.Repeat([]byte("\n"), 2*window)
			copy(data[at:], word)
			copy(data[2*window-100:], word)
			got := scanAll(t, data)
			what := "private key"
			if word == fakeID {
				what = "AWS access key ID"
			}
			want := []string{fmt.Sprintf("%d: %s", at+1, what), fmt.Sprintf("%d: %s", 2*window-99-len(word), what)}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Fatalf("at %d (-want +got):\n%s", at, diff)
			}
		}
	}
	// A word that begins before the window begins is none.
	data := bytes.Repeat([]byte("X"), 2*window)
	copy(data[window-scanMargin:], fakeID)
	if got := scanAll(t, data); got != nil {
		t.Errorf("got %q", got)
	}
}

func TestScanError(t *testing.T) {
	t.Parallel()
	if err := scan(iotest.ErrReader(iotest.ErrTimeout), make([]byte, window), nil); err != iotest.ErrTimeout {
		t.Errorf("got %v", err)
	}
}

// FuzzScan compares with a search in the whole.
func FuzzScan(f *testing.F) {
	f.Add([]byte("a\n"+fakeID+"\n"), uint16(30))
	f.Add([]byte(fakeKey+fakeID), uint16(1))
	f.Fuzz(func(t *testing.T, data []byte, shift uint16) {
		data = append(bytes.Repeat([]byte(" "), int(shift)%window), data...)
		var want []string
		for _, m := range matches(data) {
			want = append(want, fmt.Sprintf("%d: %s", 1+bytes.Count(data[:m.at], []byte("\n")), m.what))
		}
		less := func(list []string) map[string]int {
			counts := make(map[string]int)
			for _, s := range list {
				counts[s]++
			}
			return counts
		}
		if diff := cmp.Diff(less(want), less(scanAll(t, data))); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	})
}

func FuzzRules(f *testing.F) {
	f.Add(`{"artifact": "A", "required": ["**/*"], "maxFileSize": 5, "secrets": false}`)
	f.Add(`{} x`)
	f.Fuzz(func(t *testing.T, text string) {
		if r, err := parseRules(text); (r == nil) == (err == nil) {
			t.Errorf("got %v, %v", r, err)
		}
	})
}

func BenchmarkScan(b *testing.B) {
	data := bytes.Repeat([]byte("func main() { fmt.Println(\"some line of a program\") }\n"), 1<<17)
	buffer := make([]byte, window)
	b.SetBytes(int64(len(data)))
	for b.Loop() {
		if err := scan(bytes.NewReader(data), buffer, func(int, string) {}); err != nil {
			b.Fatal(err)
		}
	}
}
