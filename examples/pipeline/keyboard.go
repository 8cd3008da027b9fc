package main

import (
	"context"
	"io"
	"os"
	"strings"

	"golang.org/x/term"

	"github.com/codesuite-go/codesuite/examples/internal/command"
)

// maxLine bounds the lines of commands.
const maxLine = 64 << 10

// keyboard is standard input, of which one goroutine reads: a prompt that nobody
// answers loses no byte of what follows.
type keyboard struct {
	stdin io.Reader
	bytes chan byte
}

func newKeyboard(stdin io.Reader) *keyboard {
	k := &keyboard{stdin: stdin, bytes: make(chan byte)}
	go func() {
		defer close(k.bytes)
		var buffer [1024]byte
		for {
			n, err := stdin.Read(buffer[:])
			for _, b := range buffer[:n] {
				k.bytes <- b
			}
			if err != nil {
				return
			}
		}
	}()
	return k
}

// line returns the next line without its end. The error is [io.EOF] at the end of the
// input.
func (k *keyboard) line(ctx context.Context) (string, error) {
	var line strings.Builder
	for {
		select {
		case <-ctx.Done():
			return "", ctx.Err()
		case b, ok := <-k.bytes:
			switch {
			case !ok && line.Len() == 0:
				return "", io.EOF
			case !ok, b == '\n':
				return strings.TrimSuffix(line.String(), "\r"), nil
			case line.Len() >= maxLine:
				return "", &command.UsageError{Text: "a line of the commands is too long"}
			}
			line.WriteByte(b)
		}
	}
}

// raw lets the terminal hand over each key at once, until restore is called.
func (k *keyboard) raw() (restore func(), err error) {
	fd := int(k.stdin.(*os.File).Fd())
	state, err := term.MakeRaw(fd)
	if err != nil {
		return nil, err
	}
	return func() { term.Restore(fd, state) }, nil
}

// The keys that end a view in raw mode.
const (
	keyInterrupt = 3 // Ctrl-C
	keyEnd       = 4 // Ctrl-D
)
