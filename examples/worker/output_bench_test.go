//go:build unix

package main

import (
	"bytes"
	"io"
	"strings"
	"testing"
)

// BenchmarkOutputLog logs the output of a chatty build, as a pipe hands it over.
func BenchmarkOutputLog(b *testing.B) {
	secrets := []string{"a-secret-of-the-configuration", "AQoDYXdzEJr1K5FAKEsessionTOKENofTheWorker/with/some/length=="}
	line := func(text string) []byte { return bytes.Repeat([]byte(text+"\n"), (64<<10)/(len(text)+1)) }
	for _, test := range []struct {
		name    string
		chunk   []byte
		secrets []string
	}{
		{"plain", line("go: downloading github.com/example/module v1.22.333 from the proxy ..."), nil},
		{"plain with secrets", line("go: downloading github.com/example/module v1.22.333 from the proxy ..."), secrets},
		{"colors", line("\x1b[32mok\x1b[0m   github.com/example/module/internal/package    12.345s ......."), secrets},
		{"not ASCII", line("✓ überprüft: github.com/example/module/internal/package in 12.345s …"), secrets},
		{"one line", []byte(strings.Repeat(".", 64<<10)), secrets},
	} {
		b.Run(test.name, func(b *testing.B) {
			log := newOutputLog(&lineWriter{w: io.Discard}, "f47ac10b-58cc-4372-a567-0e02b2c3d479", test.secrets)
			b.SetBytes(int64(len(test.chunk)))
			for b.Loop() {
				log.Write(test.chunk)
			}
		})
	}
}
